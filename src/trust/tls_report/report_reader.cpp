#include "base/ascii.h"
#include "trust/tls_report/report.h"
#include "json/json.h"

#include <algorithm>
#include <array>
#include <limits>

namespace tegami::tls_report {

namespace {

const json::value* member(const json::object& object, std::string_view name) {
    return object.if_contains(name);
}

std::string text_in(const json::object& object, std::string_view name) {
    const json::value* const value = member(object, name);
    if (value == nullptr || !value->is_string()) return {};
    return std::string(std::string_view(value->get_string()).substr(0, kTlsReportTextMax));
}

std::uint64_t number_in(const json::object& object, std::string_view name) {
    const json::value* const value = member(object, name);
    if (value == nullptr) return 0;
    boost::system::error_code error;
    const auto number = value->to_number<std::uint64_t>(error);
    return error ? 0 : number;
}

/// Texts of an array. Interop: some reporters write a single text without the array.
std::vector<std::string> texts_in(const json::object& object, std::string_view name) {
    const json::value* const value = member(object, name);
    std::vector<std::string> texts;
    if (value != nullptr && value->is_string()) texts.push_back(text_in(object, name));
    if (value == nullptr || !value->is_array()) return texts;
    for (const json::value& each : value->get_array()) {
        if (texts.size() == kTlsReportFailuresMax) break;
        if (each.is_string()) texts.emplace_back(std::string_view(each.get_string()).substr(0, kTlsReportTextMax));
    }
    return texts;
}

std::optional<unsigned> digits(std::string_view text, std::size_t from, std::size_t count) {
    return text.size() < from + count ? std::nullopt : ascii::parse_number<unsigned>(text.substr(from, count));
}

/// "+hh:mm" or "Z" behind the seconds and their fraction; nothing for Z counts as none (Interop).
std::optional<std::chrono::minutes> zone_of(std::string_view text) {
    if (text.starts_with('.')) text.remove_prefix(std::min(text.find_first_not_of("0123456789", 1), text.size()));
    if (text.empty() || text == "Z" || text == "z") return std::chrono::minutes(0);
    const auto hours = digits(text, 1, 2);
    const auto minutes = digits(text, 4, 2);
    if (text.size() != 6 || text[3] != ':' || !hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    const std::chrono::minutes shift = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
    if (text.front() == '+') return shift;
    if (text.front() == '-') return -shift;
    return std::nullopt;
}

/// RFC 3339 §5.6.
std::optional<std::chrono::sys_seconds> time_of(std::string_view text) {
    const auto year = digits(text, 0, 4);
    const auto month = digits(text, 5, 2);
    const auto day = digits(text, 8, 2);
    const auto hour = digits(text, 11, 2);
    const auto minute = digits(text, 14, 2);
    const auto second = digits(text, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    if (text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':') return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                           std::chrono::day(*day)};
    const auto zone = zone_of(text.substr(19));
    if (!date.ok() || *hour > 24 || *minute > 59 || *second > 60 || !zone) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second) - *zone;
}

ResultType result_type_of(std::string_view text) {
    for (int each = 0; each <= static_cast<int>(kLastResultType); ++each)
        if (ascii::iequals(text, describe(static_cast<ResultType>(each)))) return static_cast<ResultType>(each);
    return ResultType::validation_failure;
}

PolicyType policy_type_of(std::string_view text) {
    for (const PolicyType each : {PolicyType::tlsa, PolicyType::sts})
        if (ascii::iequals(text, describe(each))) return each;
    return PolicyType::none;
}

FailureDetail read_failure(const json::object& in) {
    return {.type = result_type_of(text_in(in, "result-type")),
            .sending_address = text_in(in, "sending-mta-ip"),
            .receiving_host = text_in(in, "receiving-mx-hostname"),
            .receiving_helo = text_in(in, "receiving-mx-helo"),
            .receiving_address = text_in(in, "receiving-ip"),
            .reason = text_in(in, "failure-reason-code"),
            .sessions = number_in(in, "failed-session-count")};
}

std::optional<PolicyResult> read_policy(const json::value& value) {
    const json::object* const in = value.if_object();
    const json::value* const policy = in != nullptr ? member(*in, "policy") : nullptr;
    if (policy == nullptr || !policy->is_object()) return std::nullopt;
    const json::object& about = policy->get_object();
    PolicyResult result;
    result.policy = {.type = policy_type_of(text_in(about, "policy-type")),
                     .texts = texts_in(about, "policy-string"),
                     .domain = text_in(about, "policy-domain"),
                     .hosts = texts_in(about, "mx-host")};
    if (const json::value* const summary = member(*in, "summary"); summary != nullptr && summary->is_object()) {
        result.succeeded = number_in(summary->get_object(), "total-successful-session-count");
        result.failed = number_in(summary->get_object(), "total-failure-session-count");
    }
    const json::value* const failures = member(*in, "failure-details");
    if (failures == nullptr || !failures->is_array()) return result;
    for (const json::value& each : failures->get_array()) {
        if (result.failures.size() == kTlsReportFailuresMax) break;
        if (each.is_object()) result.failures.push_back(read_failure(each.get_object()));
    }
    return result;
}

} // namespace

bool may_be_report(std::string_view media_type, std::string_view file_name) {
    constexpr std::array<std::string_view, 2> kTypes{"application/tlsrpt+gzip", "application/tlsrpt+json"};
    constexpr std::array<std::string_view, 3> kEnds{".json", ".json.gz", ".json.zip"};
    const std::string name = ascii::lower(file_name);
    return std::ranges::any_of(kTypes, [&](std::string_view type) { return ascii::iequals(type, media_type); }) ||
           std::ranges::any_of(kEnds, [&](std::string_view end) { return name.ends_with(end); });
}

Result<TlsReport, TlsReportError> read_report(std::string_view octets) {
    if (octets.size() > kTlsReportBytesMax) return failure(TlsReportError::too_large);
    const auto value = read_json(octets, kTlsReportDepthMax);
    if (!value) return failure(TlsReportError::not_json);
    const json::object* const in = value->if_object();
    const json::value* const range = in != nullptr ? member(*in, "date-range") : nullptr;
    const json::value* const policies = in != nullptr ? member(*in, "policies") : nullptr;
    if (range == nullptr || !range->is_object() || policies == nullptr || !policies->is_array())
        return failure(TlsReportError::not_a_report);
    const auto begin = time_of(text_in(range->get_object(), "start-datetime"));
    const auto end = time_of(text_in(range->get_object(), "end-datetime"));
    if (!begin || !end) return failure(TlsReportError::not_a_report);
    TlsReport report{.organization = text_in(*in, "organization-name"),
                     .contact = text_in(*in, "contact-info"),
                     .id = text_in(*in, "report-id"),
                     .begin = *begin,
                     .end = *end};
    for (const json::value& each : policies->get_array()) {
        if (report.policies.size() == kTlsReportPoliciesMax) break;
        if (auto policy = read_policy(each)) report.policies.push_back(*std::move(policy));
    }
    return report;
}

} // namespace tegami::tls_report
