#include "trust/tls_report/report.h"

#include "json/json.h"

#include <fmt/format.h>

#include <utility>

namespace tegami::tls_report {

namespace {

json::array texts_json(const std::vector<std::string>& texts) {
    json::array all;
    for (const std::string& text : texts)
        all.emplace_back(text);
    return all;
}

/// RFC 3339 §5.6.
std::string date_time(std::chrono::sys_seconds time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count());
}

json::object failure_json(const FailureDetail& failure) {
    json::object out{{"result-type", describe(failure.type)}};
    const auto put = [&out](std::string_view name, const std::string& text) {
        if (!text.empty()) out[name] = text;
    };
    put("sending-mta-ip", failure.sending_address);
    put("receiving-mx-hostname", failure.receiving_host);
    put("receiving-mx-helo", failure.receiving_helo);
    put("receiving-ip", failure.receiving_address);
    out["failed-session-count"] = failure.sessions;
    put("failure-reason-code", failure.reason);
    return out;
}

json::object policy_json(const PolicyResult& result) {
    json::object policy{{"policy-type", describe(result.policy.type)}};
    if (!result.policy.texts.empty()) policy["policy-string"] = texts_json(result.policy.texts);
    policy["policy-domain"] = result.policy.domain;
    if (!result.policy.hosts.empty()) policy["mx-host"] = texts_json(result.policy.hosts);
    json::object out{
        {"policy", std::move(policy)},
        {"summary",
         {{"total-successful-session-count", result.succeeded}, {"total-failure-session-count", result.failed}}}};
    json::array failures;
    for (const FailureDetail& failure : result.failures)
        failures.push_back(failure_json(failure));
    if (!failures.empty()) out["failure-details"] = std::move(failures);
    return out;
}

} // namespace

std::string_view describe(ResultType type) {
    switch (type) {
    case ResultType::starttls_not_supported: return "starttls-not-supported";
    case ResultType::certificate_host_mismatch: return "certificate-host-mismatch";
    case ResultType::certificate_expired: return "certificate-expired";
    case ResultType::certificate_not_trusted: return "certificate-not-trusted";
    case ResultType::validation_failure: return "validation-failure";
    case ResultType::tlsa_invalid: return "tlsa-invalid";
    case ResultType::dnssec_invalid: return "dnssec-invalid";
    case ResultType::dane_required: return "dane-required";
    case ResultType::sts_policy_fetch_error: return "sts-policy-fetch-error";
    case ResultType::sts_policy_invalid: return "sts-policy-invalid";
    case ResultType::sts_webpki_invalid: return "sts-webpki-invalid";
    }
    std::unreachable();
}

std::string_view describe(PolicyType type) {
    switch (type) {
    case PolicyType::none: return "no-policy-found";
    case PolicyType::tlsa: return "tlsa";
    case PolicyType::sts: return "sts";
    }
    std::unreachable();
}

std::string print_report(const TlsReport& report) {
    json::array policies;
    for (const PolicyResult& each : report.policies)
        policies.push_back(policy_json(each));
    const json::object out{
        {"organization-name", report.organization},
        {"date-range", {{"start-datetime", date_time(report.begin)}, {"end-datetime", date_time(report.end)}}},
        {"contact-info", report.contact},
        {"report-id", report.id},
        {"policies", std::move(policies)}};
    return write_json(out);
}

std::string report_file_name(const message::Domain& submitter, const message::Domain& about, const TlsReport& report,
                             std::string_view unique) {
    return fmt::format("{}!{}!{}!{}!{}.json.gz", submitter.ascii(), about.ascii(),
                       report.begin.time_since_epoch().count(), report.end.time_since_epoch().count(), unique);
}

} // namespace tegami::tls_report
