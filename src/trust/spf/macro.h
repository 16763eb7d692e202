// Macros of SPF records (RFC 7208 §7): texts with holes for what is known about a message.
//
// 1. Parsing is strict; what has been parsed can always be expanded.
// 2. Expansion is bounded: it stops when it has more octets than the caller can use.
#pragma once

#include "base/clock.h"
#include "base/ip_address.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tegami::spf {

struct MacroPart {
    std::string literal;     ///< of a part that is none, which has no letter
    char letter = '\0';      ///< in lower case
    bool url_escape = false; ///< it was in upper case (RFC 7208 §7.3)
    bool split = false;      ///< there are transformers or delimiters
    bool reverse = false;
    std::size_t keep = 0;   ///< of the parts at the right; 0: all
    std::string delimiters; ///< none: "."

    bool operator==(const MacroPart&) const = default;
};

class MacroString {
public:
    /// A domain-spec (RFC 7208 §7.1): ends with a top-level domain or a macro, and has none of the letters c, r, t.
    static std::optional<MacroString> parse_domain(std::string_view text);
    /// An explain-string: with spaces, and all letters.
    static std::optional<MacroString> parse_explanation(std::string_view text);
    /// A macro-string, the value of an unknown modifier.
    static std::optional<MacroString> parse(std::string_view text);

    /// Whether one of these letters is expanded.
    bool uses(std::string_view letters) const;

    const std::vector<MacroPart>& parts() const { return parts_; }

private:
    explicit MacroString(std::vector<MacroPart> parts) : parts_(std::move(parts)) {}

    std::vector<MacroPart> parts_;
};

/// What the letters stand for (RFC 7208 §7.2).
struct MacroValues {
    std::string local_part;              ///< l
    std::string sender_domain;           ///< o; s is both
    std::string domain;                  ///< d
    IpAddress client;                    ///< i, c and v; unmapped
    std::string client_name = "unknown"; ///< p
    std::string helo;                    ///< h
    std::string receiver = "unknown";    ///< r
    Timestamp time;                      ///< t
};

/// The end of the expanded text: all of it, or more than `bytes_max` octets of it.
std::string expand(const MacroString& text, const MacroValues& values, std::size_t bytes_max);

} // namespace tegami::spf
