// Text in the charsets of mail, to UTF-8 (through ICU, with the names found in the wild).
//
// 1. Output is always valid UTF-8: an octet that means nothing becomes U+FFFD.
// 2. Shift_JIS means CP932, EUC-JP means CP51932, ISO-2022-JP takes the escapes of its relatives, ISO-8859-1 means
//    windows-1252: so people meant them.
// 3. A converter belongs to one thread at a time; nothing is shared.
#pragma once

#include "message/utf8.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::message {

/// Streams octets of one charset to UTF-8.
class CharsetDecoder {
public:
    /// Nothing if no such charset is known. Case, and space around the name, do not matter.
    static std::optional<CharsetDecoder> open(std::string_view charset);

    CharsetDecoder(CharsetDecoder&&) noexcept;
    CharsetDecoder& operator=(CharsetDecoder&&) noexcept;
    ~CharsetDecoder();

    /// Appends the text of `octets` to `utf8`; an unfinished character waits for the next call.
    void feed(std::string_view octets, std::string& utf8);
    /// Appends what is left (an unfinished character as U+FFFD) and is ready for another text.
    void finish(std::string& utf8);

private:
    struct Implementation;
    explicit CharsetDecoder(std::unique_ptr<Implementation> implementation);
    std::unique_ptr<Implementation> implementation_;
};

/// True if the name is one that CharsetDecoder::open takes.
bool is_known_charset(std::string_view charset);

/// The whole text in UTF-8, or nothing if the charset is not known.
std::optional<std::string> to_utf8(std::string_view octets, std::string_view charset);

/// The whole text in UTF-8. An unknown or missing charset is guessed: ISO-2022-JP if it has its escapes, UTF-8 if it
/// is valid, else windows-1252.
std::string to_utf8_guessing(std::string_view octets, std::string_view charset = {});

} // namespace tegami::message
