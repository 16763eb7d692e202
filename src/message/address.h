// Mail addresses: what a header says (RFC 5322 §3.4, with everything broken that real mail contains) and what an
// envelope says (RFC 5321 §4.1.2, strict).
//
// 1. Header parsing never fails and takes linear time: what it cannot read as an address it keeps as a name.
// 2. Names stay as written (encoded words and raw octets included); decode them with encoded_word.h.
// 3. Dots may stand anywhere in a local part, as if it were quoted; printing quotes where RFC 5321 §4.1.2 asks for it,
//    which is the one spelling that servers must take, and those that gave such addresses out do.
// 4. Envelope parsing accepts UTF-8 (RFC 6531) and says whether there was any: the session decides if that is allowed.
#pragma once

#include "base/result.h"
#include "message/domain.h"

#include <cstdint>
#include <vector>

namespace tegami::message {

/// Limit: octets of a local part. RFC 5321 §4.5.3.1.1 asks for at least 64; VERP and SRS make longer ones.
inline constexpr std::size_t kLocalPartBytesMax = 256;
/// Limit: octets of a path with its brackets; source routes count.
inline constexpr std::size_t kPathBytesMax = 1024;
/// Limit: addresses and group marks taken from one header field.
inline constexpr std::size_t kHeaderAddressesMax = 10'000;

/// A mailbox with a domain, comparable and printable. The local part is kept unquoted and as written: only the host
/// of the mailbox may interpret it (RFC 5321 §2.3.11).
struct EmailAddress {
    std::string local_part;
    Domain domain;

    /// `local@a-label.domain`, the local part quoted where it must be.
    std::string to_string() const;
    /// As to_string, but with U-labels: for people and SMTPUTF8 peers.
    std::string display() const;

    /// True if the address can be given to a peer without SMTPUTF8.
    bool is_ascii() const;

    auto operator<=>(const EmailAddress&) const = default;
};

/// The local part as it is written in an address: a dot-atom as it is, anything else as a quoted string.
std::string quote_local_part(std::string_view local_part);

enum class AddressError : std::uint8_t {
    syntax,     ///< not of the form local-part "@" domain
    too_long,   ///< beyond a limit above
    bad_domain, ///< the domain is not a host name or address literal
    bad_utf8,   ///< octets above 0x7f that are not UTF-8
};

/// What an error means, as a phrase for a reply or a log line.
std::string_view describe(AddressError error);

/// The Mailbox of RFC 5321 §4.1.2 that is the whole text, without brackets; dots anywhere in its local part.
Result<EmailAddress, AddressError> parse_email_address(std::string_view text);

/// A path of MAIL or RCPT.
struct EnvelopePath {
    /// Nothing for `<>`, and for `<Postmaster>`, which alone may come without a domain (RFC 5321 §4.5.1).
    std::optional<EmailAddress> address;
    bool bare_postmaster = false;
    /// There were octets above 0x7f: legal only with SMTPUTF8 (RFC 6531 §3.3).
    bool has_utf8 = false;
    /// Octets of the input that belong to the path, closing bracket included; ESMTP parameters follow.
    std::size_t length = 0;
};

/// The path in angle brackets at the start of `text`. A source route is checked and dropped (RFC 5321 Appendix C).
Result<EnvelopePath, AddressError> parse_envelope_path(std::string_view text);

/// One entry of an address header, in the order of the field, as IMAP ENVELOPE wants it (RFC 9051 §7.5.2).
struct HeaderAddress {
    enum class Kind : std::uint8_t {
        mailbox,
        group_start, ///< `name` is the group's name; its members follow
        group_end,
    };

    Kind kind = Kind::mailbox;
    std::string name;       ///< display name as written, quotes and comments removed; may hold encoded words
    std::string route;      ///< the obsolete source route without the final colon, such as `@a,@b`
    std::string local_part; ///< unquoted
    std::string domain;     ///< as written; empty if the field gave none

    /// The address if it is one that could be used.
    std::optional<EmailAddress> email() const;

    bool operator==(const HeaderAddress&) const = default;
};

/// The addresses in the (raw or unfolded) value of From, To, Cc and their like.
std::vector<HeaderAddress> parse_address_list(std::string_view value);

/// The first mailbox of the value that has a usable address: the author, for From.
std::optional<EmailAddress> first_address(std::string_view value);

/// The list as a header value, without folding: `parse_address_list` gives the same list back. Names must be ASCII or
/// UTF-8 and are quoted where needed, not encoded: build.h does that.
std::string print_address_list(const std::vector<HeaderAddress>& addresses);

} // namespace tegami::message
