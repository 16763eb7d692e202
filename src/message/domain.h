// The domain of a mail address: a host name, kept as lower-case A-labels (RFC 5890 §2.3.2.1), or an address literal.
//
// 1. Two spellings of one domain (case, U-labels, final dot) give equal values, so a Domain is a key.
// 2. A Domain always holds something that may be written into an SMTP command.
#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::message {

/// Limit: octets of a domain in A-labels (RFC 5321 §4.5.3.1.2) and of one label (RFC 1035 §2.3.4).
inline constexpr std::size_t kDomainBytesMax = 255;
inline constexpr std::size_t kLabelBytesMax = 63;

class Domain {
public:
    /// A host name in A-labels or UTF-8 U-labels, or an address literal in brackets (RFC 5321 §4.1.3). A final dot is
    /// dropped. Underscores are let through: names with them exist and resolve.
    static std::optional<Domain> parse(std::string_view text);

    /// Lower-case A-labels, or the literal with its brackets: `xn--r8jz45g.jp`, `[127.0.0.1]`, `[ipv6:::1]`.
    const std::string& ascii() const { return ascii_; }

    /// U-labels in UTF-8, for people and for SMTPUTF8.
    std::string display() const;

    bool is_address_literal() const { return ascii_.starts_with('['); }

    /// The address in a literal without brackets and tag, such as `127.0.0.1` or `::1`; empty for host names.
    std::string_view literal_address() const;

    auto operator<=>(const Domain&) const = default;

private:
    explicit Domain(std::string ascii) : ascii_(std::move(ascii)) {}

    std::string ascii_;
};

} // namespace tegami::message
