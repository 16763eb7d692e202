// What a domain publishes about letters in its name: the DMARC policy record (RFC 9989 §4.7).
//
// 1. A text is a record if its first tag is `v=DMARC1`; anything else is ignored whole. After that nothing makes it
//    invalid: unknown tags are ignored, and a tag with a value that breaks its syntax counts as not written
//    (RFC 9989 §4.8). `pct`, `rf`, `ri` and the size limits of report addresses are gone (RFC 9989 §C.5.2, §C.4).
// 2. Reading takes linear time.
#pragma once

#include "message/address.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::dmarc {

/// Limit: addresses taken from one list of report addresses. The RFC leaves the number to us (RFC 9990 §3.5); each may
/// cost a walk through the DNS.
inline constexpr std::size_t kReportUrisMax = 8;
/// Limit: octets of one report address.
inline constexpr std::size_t kReportUriBytesMax = 1024;

/// What should become of a letter that fails; the strictest is the greatest.
enum class Policy : std::uint8_t { none, quarantine, reject };

/// How like the author's domain an authenticated one must be (RFC 9989 §3.2.10).
enum class AlignmentMode : std::uint8_t { relaxed, strict };

/// Whether the domain is one below which strangers register theirs.
enum class PublicSuffix : std::uint8_t { unknown, yes, no };

enum class Tag : std::uint8_t { p, sp, np, adkim, aspf, psd, t, fo, rua, ruf };

/// Where reports may go: a URI of any scheme.
struct Uri {
    std::string text;                             ///< as published, without an obsolete size limit
    std::optional<message::EmailAddress> mailbox; ///< for `mailto:`, the only scheme that we can serve

    bool operator==(const Uri&) const = default;
};

/// On which letters the domain wants failure reports (RFC 9989 §4.7, `fo`).
struct FailureOptions {
    bool all_fail = true;    ///< 0: nothing aligned passed
    bool any_fails = false;  ///< 1
    bool dkim_fails = false; ///< d
    bool spf_fails = false;  ///< s

    auto operator<=>(const FailureOptions&) const = default;
};

struct Record {
    /// False if the record neither says what to do nor whom to tell: then DMARC is not applied (RFC 9989 §4.10.1). Its
    /// `psd` counts all the same.
    bool applicable = true;
    Policy p = Policy::none;
    std::optional<Policy> sp; ///< for subdomains
    std::optional<Policy> np; ///< for subdomains that do not exist
    AlignmentMode adkim = AlignmentMode::relaxed;
    AlignmentMode aspf = AlignmentMode::relaxed;
    PublicSuffix psd = PublicSuffix::unknown;
    bool testing = false; ///< t=y
    /// An obsolete `pct` below 100 (RFC 7489 §6.3): nothing to DMARC (RFC 9989 §C.5.2), but BIMI goes by it.
    bool sampled = false;
    FailureOptions fo;
    std::vector<Uri> rua;
    std::vector<Uri> ruf;
    /// Tags that were left out because of their syntax or because they came twice, in the order found; each once.
    std::vector<Tag> faulty;

    bool operator==(const Record&) const = default;
};

/// The record in the joined strings of a TXT record; nothing if it is none of DMARC's.
std::optional<Record> parse_record(std::string_view text);

std::string_view to_string(Policy policy);
std::string_view to_string(Tag tag);
/// As published: `0`, `1:d:s`.
std::string to_string(const FailureOptions& options);

} // namespace tegami::dmarc
