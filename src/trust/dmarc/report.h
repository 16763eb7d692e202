// Aggregate reports: what a receiver tells a domain about the letters that used its name (RFC 9990). The values, and
// their printed form.
//
// 1. Texts are those of whoever wrote the report: a stranger's, where it was read (report_reader.h). Domains in rows
//    stay as they were reported.
// 2. Printing makes every text visible (base/visible) and then escapes it, so what is printed is well-formed XML
//    whatever is in it; a report whose texts are visible already is read back as it was.
#pragma once

#include "base/ip_address.h"
#include "trust/dmarc/evaluate.h"

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::dmarc {

enum class DiscoveryMethod : std::uint8_t { public_suffix_list, tree_walk };

/// What was done with a letter.
enum class Disposition : std::uint8_t {
    none,
    pass, ///< nothing, because it passed and the policy would have asked for something
    quarantine,
    reject,
};

/// Why the receiver did something else than the policy says (RFC 9990 §3.1.6).
enum class OverrideType : std::uint8_t {
    other,
    local_policy,
    mailing_list,
    policy_test_mode,
    trusted_forwarder,
    forwarded,   ///< in reports of RFC 7489 only
    sampled_out, ///< in reports of RFC 7489 only
};

struct ReportMetadata {
    std::string organization;
    std::string email;
    std::string contact; ///< may be empty, as `error` and `generator`
    std::string report_id;
    std::chrono::sys_seconds begin{};
    std::chrono::sys_seconds end{};
    std::string error;
    std::string generator;

    bool operator==(const ReportMetadata&) const = default;
};

/// A record as its reader understood it: one report is about one of these (RFC 9990 §3.1).
struct PublishedPolicy {
    std::string domain;
    std::optional<DiscoveryMethod> discovery;
    Policy p = Policy::none;
    std::optional<Policy> sp;
    std::optional<Policy> np;
    AlignmentMode adkim = AlignmentMode::relaxed;
    AlignmentMode aspf = AlignmentMode::relaxed;
    std::string failure_options; ///< `fo`; may be empty
    bool testing = false;

    auto operator<=>(const PublishedPolicy&) const = default;
};

struct Override {
    OverrideType type = OverrideType::other;
    std::string comment; ///< may be empty

    auto operator<=>(const Override&) const = default;
};

struct DkimFinding {
    std::string domain;
    std::string selector;
    AuthResult result = AuthResult::none;
    std::string comment; ///< may be empty

    auto operator<=>(const DkimFinding&) const = default;
};

struct SpfFinding {
    std::string domain;
    AuthResult result = AuthResult::none;
    std::string comment; ///< may be empty

    auto operator<=>(const SpfFinding&) const = default;
};

/// All that a row says about the letters that it counts.
struct Observation {
    IpAddress source;
    Disposition disposition = Disposition::none;
    bool dkim_aligned = false; ///< an aligned domain passed
    bool spf_aligned = false;
    std::vector<Override> overrides;
    std::string header_from;
    std::optional<std::string> envelope_from; ///< empty for the null reverse path
    std::string envelope_to;                  ///< may be empty
    std::vector<DkimFinding> dkim;
    std::optional<SpfFinding> spf;

    auto operator<=>(const Observation&) const = default;
};

struct ReportRow {
    Observation seen;
    std::uint64_t count = 0;

    bool operator==(const ReportRow&) const = default;
};

struct AggregateReport {
    ReportMetadata metadata;
    PublishedPolicy policy;
    std::vector<ReportRow> rows;

    bool operator==(const AggregateReport&) const = default;
};

/// The XML document of RFC 9990 §A, in UTF-8.
std::string print_report(const AggregateReport& report);

/// The name of the attachment, `receiver!policy-domain!begin!end.xml.gz` (RFC 9990 §3.5.2), with a unique part if it is
/// not empty: letters and digits.
std::string report_file_name(const message::Domain& receiver, const message::Domain& policy_domain,
                             std::chrono::sys_seconds begin, std::chrono::sys_seconds end, std::string_view unique);

/// The Subject, without its name and without folding: `Report Domain: … Submitter: … Report-ID: <…>` (RFC 9990 §3.5.2).
std::string report_subject(const message::Domain& policy_domain, const message::Domain& receiver,
                           std::string_view report_id);

} // namespace tegami::dmarc
