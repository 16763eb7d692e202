// Envelope paths: the addresses of MAIL FROM and RCPT TO (RFC 5321 §4.1.2, RFC 6531 §3.3). Strict where header
// addresses are tolerant: no comments, no folding, no display names. The local part is kept decoded (without quotes
// and backslashes), so two spellings of one mailbox compare equal.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tegami::smtp {

/// Limit: RFC 5321 §4.5.3.1.1 says 64; real senders (VERP, SRS) need more, and we must take what they sent.
inline constexpr std::size_t kLocalPartBytesMax = 255;
/// Limit: RFC 5321 §4.5.3.1.2.
inline constexpr std::size_t kDomainBytesMax = 255;
/// Limit: RFC 1035 §2.3.4; U-labels are longer in UTF-8 than the A-labels they stand for.
inline constexpr std::size_t kLabelBytesMax = 63;
inline constexpr std::size_t kUnicodeLabelBytesMax = 252;

/// A mailbox as the envelope names it. Both empty: the null reverse-path "<>". Only the domain empty: "<Postmaster>".
struct EnvelopePath {
    /// Octets without quoting; case kept.
    std::string local_part;
    /// As sent: a domain name (A-labels, or U-labels with SMTPUTF8) or an address literal with its brackets.
    std::string domain;

    bool is_null() const { return local_part.empty() && domain.empty(); }

    bool is_literal() const { return domain.starts_with('['); }

    /// Octets outside ASCII: needs SMTPUTF8 to travel on (RFC 6531 §3.2).
    bool needs_smtputf8() const;

    bool operator==(const EnvelopePath&) const = default;
};

/// local@domain with quotes where the local part needs them, without angle brackets; empty for the null path.
std::string to_string(const EnvelopePath& path);

enum class PathError : std::uint8_t {
    syntax,
    too_long,
    not_ascii,    ///< UTF-8 without SMTPUTF8
    invalid_utf8, ///< neither ASCII nor UTF-8
};

enum class PathKind : std::uint8_t {
    reverse, ///< MAIL FROM: "<>" allowed
    forward, ///< RCPT TO: "<Postmaster>" allowed
};

/// The path with its angle brackets, at the front of `rest`, which moves behind it. A source route is dropped
/// (RFC 5321 §4.1.2: "SHOULD be ignored").
Result<EnvelopePath, PathError> parse_path(std::string_view& rest, PathKind kind, bool smtputf8);

/// local@domain that is the whole text, without brackets, by the same rules.
Result<EnvelopePath, PathError> parse_mailbox(std::string_view text, bool smtputf8);

/// A domain name or address literal as EHLO names the client (RFC 5321 §4.1.3). Interop: underscores are let through
/// because clients greet with their machine's name.
bool is_helo_name(std::string_view text);

} // namespace tegami::smtp
