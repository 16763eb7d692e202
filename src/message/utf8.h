// Well-formed UTF-8 (RFC 3629 §4): checking and repairing, streaming too. Malformed octets become U+FFFD, one for each
// longest beginning of a character (Unicode 15 §3.9, the substitution every browser does).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tegami::message {

/// U+FFFD in UTF-8.
inline constexpr std::string_view kReplacement = "\xef\xbf\xbd";

/// True if the octets are well-formed UTF-8.
bool is_utf8(std::string_view octets);

/// The octets with every malformed sequence replaced by U+FFFD.
std::string repair_utf8(std::string_view octets);

/// The longest prefix of well-formed `utf8` that has at most `bytes_max` octets and does not split a character.
std::string_view utf8_prefix(std::string_view utf8, std::size_t bytes_max);

/// The number of code points in well-formed UTF-8.
std::size_t utf8_length(std::string_view utf8);

/// Appends the character U+`code_point`, or U+FFFD for what is none.
void append_utf8(std::string& out, char32_t code_point);

/// Repairs a stream; at most three octets wait between calls.
class Utf8Repair {
public:
    void feed(std::string_view octets, std::string& utf8);
    void finish(std::string& utf8);

private:
    std::string pending_;
};

} // namespace tegami::message
