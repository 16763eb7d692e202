// A report about TLS (RFC 8460 §4): what connections to a domain's mail servers came to in one day.
#pragma once

#include "base/result.h"
#include "message/domain.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::tls_report {

/// RFC 8460 §4.3. `validation_failure` stands for types that are not known, too.
enum class ResultType : std::uint8_t {
    starttls_not_supported,
    certificate_host_mismatch,
    certificate_expired,
    certificate_not_trusted,
    validation_failure,
    tlsa_invalid,
    dnssec_invalid,
    dane_required,
    sts_policy_fetch_error,
    sts_policy_invalid,
    sts_webpki_invalid,
};
inline constexpr ResultType kLastResultType = ResultType::sts_webpki_invalid;

/// "starttls-not-supported".
std::string_view describe(ResultType type);

enum class PolicyType : std::uint8_t { none, tlsa, sts };

/// "no-policy-found", "tlsa", "sts".
std::string_view describe(PolicyType type);

/// What a domain had published.
struct ReportedPolicy {
    PolicyType type = PolicyType::none;
    std::vector<std::string> texts; ///< lines of the policy, or TLSA records (RFC 8460 §4.5)
    std::string domain;             ///< in A-labels
    std::vector<std::string> hosts; ///< patterns of the policy, or the host of the records

    auto operator<=>(const ReportedPolicy&) const = default;
};

/// Sessions that failed in the same way.
struct FailureDetail {
    ResultType type = ResultType::validation_failure;
    std::string sending_address;
    std::string receiving_host;
    std::string receiving_helo;
    std::string receiving_address;
    std::string reason; ///< the failure's own code or words
    std::uint64_t sessions = 0;

    bool operator==(const FailureDetail&) const = default;
};

struct PolicyResult {
    ReportedPolicy policy;
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
    std::vector<FailureDetail> failures;

    bool operator==(const PolicyResult&) const = default;
};

struct TlsReport {
    std::string organization;
    std::string contact;
    std::string id;
    std::chrono::sys_seconds begin{};
    std::chrono::sys_seconds end{};
    std::vector<PolicyResult> policies;

    bool operator==(const TlsReport&) const = default;
};

/// The JSON text of RFC 8460 §4.4.
std::string print_report(const TlsReport& report);

/// `submitter!domain!begin!end!unique.json.gz` (RFC 8460 §5.1); `unique`: letters and digits.
std::string report_file_name(const message::Domain& submitter, const message::Domain& about, const TlsReport& report,
                             std::string_view unique);

/// Limit: octets of a report when it is unpacked, and how deep it nests; policies and failures that are looked at, and
/// octets of a text: what is beyond is left out.
inline constexpr std::size_t kTlsReportBytesMax = std::size_t{4} << 20;
inline constexpr std::size_t kTlsReportDepthMax = 12;
inline constexpr std::size_t kTlsReportPoliciesMax = 1000;
inline constexpr std::size_t kTlsReportFailuresMax = 1000;
inline constexpr std::size_t kTlsReportTextMax = 255;

enum class TlsReportError : std::uint8_t {
    too_large,    ///< beyond the limits
    not_json,     ///< or one that nests too deep
    not_a_report, ///< no range of dates, or no policies
};

/// Whether a part of a letter may be a report, by its media type and file name, which may be empty.
bool may_be_report(std::string_view media_type, std::string_view file_name);

/// The report in a file that came out of its archive: JSON. What is missing in it is empty or 0 (Interop: reporters leave
/// out what they do not know).
Result<TlsReport, TlsReportError> read_report(std::string_view octets);

} // namespace tegami::tls_report
