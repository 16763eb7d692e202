// Encoded words in headers (RFC 2047) and extended parameter values (RFC 2231), both ways.
//
// 1. Decoding never fails, takes linear time and always gives valid UTF-8.
// 2. Interop: neighbouring words of one charset are joined before conversion (mailers split characters between
//    words); base64 padding may be missing; words inside quoted strings and without space around them are taken;
//    raw octets are UTF-8 if they can be, else guessed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::message {

/// Limit: octets of an encoded word with its delimiters (RFC 2047 §2).
inline constexpr std::size_t kEncodedWordBytesMax = 75;

/// The text a person should see for an unfolded or raw header value. `charset_hint` is what raw 8-bit octets that are
/// not UTF-8 are taken for (the charset of the body is a good guess).
std::string decode_encoded_words(std::string_view value, std::string_view charset_hint = {});

/// Octets of the encoded word at the front of the text; 0 if there is none.
std::size_t encoded_word_length(std::string_view text);

/// UTF-8 text as unstructured header value: itself if it is printable ASCII that cannot be mistaken, else encoded
/// words (B or Q, whichever is shorter) of at most 75 octets separated by single spaces, no character split.
/// `column`: octets that stand before it in its line; the first word is shorter by as many.
std::string encode_words(std::string_view utf8, std::size_t column = 0);

/// UTF-8 text as a phrase (display name): an atom sequence, a quoted string, or encoded words.
std::string encode_phrase(std::string_view utf8);

struct Parameter {
    std::string name;  ///< lower case, as written: with `*0`, `*` marks
    std::string value; ///< unquoted, not decoded

    bool operator==(const Parameter&) const = default;
};

/// The decoded value of a parameter: continuations joined, percent signs and charset resolved (RFC 2231 §3, §4), and,
/// Interop: encoded words and raw octets as mail programs put them there. Nothing if it is absent.
std::optional<std::string> decode_parameter(const std::vector<Parameter>& parameters, std::string_view name);

/// The parameter as `name=value` pieces, each for a line of its own (to be joined with ";" and folding): a token or
/// quoted string if it is ASCII and short, else RFC 2231 with charset and continuations.
std::vector<std::string> encode_parameter(std::string_view name, std::string_view utf8);

} // namespace tegami::message
