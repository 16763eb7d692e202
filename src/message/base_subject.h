// The base subject of a message (RFC 5256 §2.1): what is left of it without "Re:", "[list]", "(fwd)" and their like, by
// which messages are sorted and threads joined.
//
// 1. Any octets: never a failure, linear time.
// 2. It is exactly the RFC's: prefixes of other languages stay, since clients compute the same without us.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tegami::message {

/// Limit: octets of a Subject field that are looked at; what is behind them is left off.
inline constexpr std::size_t kBaseSubjectBytesMax = 16 * 1024;

struct BaseSubject {
    std::string text; ///< UTF-8, as written otherwise; may be empty
    /// Something was taken away that a reply or a forwarded message has (RFC 5256 §3, REFERENCES).
    bool is_reply = false;

    bool operator==(const BaseSubject&) const = default;
};

/// Of the unfolded value of a Subject field, with its encoded words.
BaseSubject base_subject(std::string_view value);

} // namespace tegami::message
