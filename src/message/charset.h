// Text in the charsets of mail, to UTF-8 (through ICU, with the names found in the wild).
//
// 1. Output is always valid UTF-8: an octet that means nothing becomes U+FFFD.
// 2. Shift_JIS means CP932, EUC-JP means CP51932, ISO-2022-JP takes the escapes of its relatives, ISO-8859-1 means
//    windows-1252: so people meant them.
// 3. A label that the octets refute is not believed: many programs wrote one charset and named another.
// 4. A converter belongs to one thread at a time; nothing is shared.
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

/// The whole text in UTF-8. The label is believed as far as it can have produced the octets. Otherwise, and without a
/// label, the charset is guessed: ISO-2022-JP if there are its escapes, UTF-8 if it is valid, EUC-JP or Shift_JIS if the
/// text makes sense in it, else windows-1252.
std::string to_utf8_guessing(std::string_view octets, std::string_view label = {});

/// to_utf8_guessing() for text that streams by: what is not in the charset of the label is guessed in pieces of 64 KiB.
class GuessingDecoder {
public:
    explicit GuessingDecoder(std::string_view label);

    /// Appends text, in whole characters, as soon as it is known which.
    void feed(std::string_view octets, std::string& utf8);
    /// Appends what is left. The decoder must not be used after.
    void finish(std::string& utf8);

private:
    void take(std::size_t bytes, bool last, std::string& utf8);

    std::string label_;
    std::optional<CharsetDecoder> believed_; ///< of the label, until it is refuted
    std::string gathered_;                   ///< octets that wait; bounded
};

} // namespace tegami::message
