// Base64 of RFC 4648 §4 and §5 for short values: SASL exchanges, keys, tokens. Message bodies are decoded by message/,
// which is tolerant and streams.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tegami::base64 {

/// The padded encoding, without line ends.
std::string encode(std::string_view octets);

/// The octets, or nothing unless `text` is canonical padded base64 and nothing else.
std::optional<std::string> decode(std::string_view text);

/// The alphabet for addresses and file names (§5), without padding.
std::string encode_url(std::string_view octets);
/// The octets, or nothing unless the text is canonical.
std::optional<std::string> decode_url(std::string_view text);
/// Whether the text is not empty and of this alphabet.
bool is_url_text(std::string_view text);

} // namespace tegami::base64
