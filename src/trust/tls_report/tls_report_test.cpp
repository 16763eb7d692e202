// RFC 8460 §3 and §4.
#include "trust/tls_report/record.h"
#include "trust/tls_report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::tls_report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string words(const std::vector<std::string>& texts) {
    std::string all;
    for (const ReportAddress& each : find_report_addresses(texts)) {
        const auto* web = std::get_if<WebAddress>(&each);
        all += (all.empty() ? "" : " ") +
               (web != nullptr ? web->to_string() : std::get<message::EmailAddress>(each).to_string());
    }
    return all;
}

TEST(TlsReportRecord, SaysWhereReportsGo) {
    const std::pair<std::vector<std::string>, std::string_view> cases[] = {
        {{"v=TLSRPTv1;rua=mailto:reports@example.com"}, "reports@example.com"},
        {{"v=TLSRPTv1; rua=https://r.example.com/v1/tlsrpt;"}, "https://r.example.com/v1/tlsrpt"},
        {{"v=TLSRPTv1;rua=mailto:a%21b@example.com , HTTPS://R.example.com:8443?x=1#y"},
         "a!b@example.com https://r.example.com:8443/?x=1"},
        {{"v=TLSRPTv1;x=y;rua=mailto:a@b.test,mailto:a@b.test,ftp://b.test/"}, "a@b.test"},
        {{"other", "v=TLSRPTv1; rua=mailto:a@b.test", "v=TLSRPTv2;rua=mailto:c@b.test"}, "a@b.test"},
        {{"v=TLSRPTv1;rua=mailto:a@b.test", "v=TLSRPTv1;rua=mailto:a@b.test"}, ""},
        {{"v=TLSRPTv1"}, ""},
        {{"v=tlsrptv1;rua=mailto:a@b.test"}, ""},
        {{"v=TLSRPTv1;rua=mailto:a@b.test;=x"}, ""},
        {{"v=TLSRPTv1;rua=https://user@b.test/,https://192.0.2.1/x,https:///x,https://b.test:0/,mailto:x"}, ""},
        {{}, ""},
    };
    for (const auto& [texts, expected] : cases)
        EXPECT_EQ(words(texts), expected) << (texts.empty() ? "" : texts.front());
    std::string many = "v=TLSRPTv1;rua=mailto:a0@b.test";
    for (int i = 1; i < 30; ++i)
        many += ",mailto:a" + std::to_string(i) + "@b.test";
    EXPECT_THAT(find_report_addresses({many}), SizeIs(kTlsReportUrisMax));
    EXPECT_EQ(words({many + std::string(kTlsReportRecordBytesMax, 'x')}), "");
}

/// The example of RFC 8460 §B, shortened.
constexpr std::string_view kExample = R"({
 "organization-name": "Company-X",
 "date-range": {"start-datetime": "2016-04-01T00:00:00Z", "end-datetime": "2016-04-01T23:59:59Z"},
 "contact-info": "sts-reporting@company-x.example",
 "report-id": "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
 "policies": [{
  "policy": {"policy-type": "sts",
    "policy-string": ["version: STSv1", "mode: testing", "mx: *.mail.company-y.example", "max_age: 86400"],
    "policy-domain": "company-y.example", "mx-host": "*.mail.company-y.example"},
  "summary": {"total-successful-session-count": 5326, "total-failure-session-count": 303},
  "failure-details": [
   {"result-type": "certificate-expired", "sending-mta-ip": "2001:db8:abcd:0012::1",
    "receiving-mx-hostname": "mx1.mail.company-y.example", "failed-session-count": 100},
   {"result-type": "new-kind", "receiving-ip": "203.0.113.58", "failed-session-count": 3,
    "failure-reason-code": "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED"}]}]})";

TEST(TlsReport, OfOthersIsReadAndPrintsTheSame) {
    const auto report = read_report(kExample);
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->organization, "Company-X");
    EXPECT_EQ(report->begin, std::chrono::sys_days(std::chrono::year(2016) / 4 / 1));
    EXPECT_EQ(report->end - report->begin, std::chrono::seconds(86399));
    ASSERT_THAT(report->policies, SizeIs(1));
    const PolicyResult& policy = report->policies.front();
    EXPECT_EQ(policy.policy.type, PolicyType::sts);
    EXPECT_EQ(policy.policy.domain, "company-y.example");
    EXPECT_THAT(policy.policy.hosts, ElementsAre("*.mail.company-y.example"));
    EXPECT_EQ(policy.succeeded, 5326u);
    EXPECT_EQ(policy.failed, 303u);
    ASSERT_THAT(policy.failures, SizeIs(2));
    EXPECT_EQ(policy.failures[0].type, ResultType::certificate_expired);
    EXPECT_EQ(policy.failures[1].type, ResultType::validation_failure);
    EXPECT_EQ(policy.failures[1].sessions, 3u);
    EXPECT_EQ(read_report(print_report(*report)), *report);
    EXPECT_THAT(print_report(*report), HasSubstr(R"("mx-host":["*.mail.company-y.example"])"));
}

TEST(TlsReport, WhatIsNoneIsAnErrorAndWhatIsTooMuchIsLeftOut) {
    const auto with = [](std::string_view begin, std::string_view policies) {
        return R"({"date-range":{"start-datetime":")" + std::string(begin) +
               R"(","end-datetime":"2016-04-01T23:59:59.25+01:00"},"policies":)" + std::string(policies) + "}";
    };
    const std::pair<std::string, TlsReportError> cases[] = {
        {"", TlsReportError::not_json},
        {"<feedback/>", TlsReportError::not_json},
        {"[]", TlsReportError::not_a_report},
        {with("2016-04-31T00:00:00Z", "[]"), TlsReportError::not_a_report},
        {with("2016-04-01", "[]"), TlsReportError::not_a_report},
        {with("2016-04-01T00:00:00Z", "{}"), TlsReportError::not_a_report},
        {with("2016-04-01T00:00:00Z", std::string(20, '[') + std::string(20, ']')), TlsReportError::not_json},
        {std::string(kTlsReportBytesMax + 1, ' '), TlsReportError::too_large},
    };
    for (const auto& [octets, error] : cases)
        EXPECT_EQ(read_report(octets), failure(error)) << octets.substr(0, 100);
    const auto odd = read_report(with("2016-04-01T00:00:00", R"([1,{"policy":{}},{"policy":{"policy-string":[1,"x"]},
        "summary":{"total-successful-session-count":-1},"failure-details":[7]}])"));
    ASSERT_TRUE(odd.has_value());
    EXPECT_EQ(odd->end.time_since_epoch(), std::chrono::seconds(1459551599));
    ASSERT_THAT(odd->policies, SizeIs(2));
    EXPECT_THAT(odd->policies[1].policy.texts, ElementsAre("x"));
    EXPECT_EQ(odd->policies[1].succeeded, 0u);
    std::string many = "[";
    for (std::size_t i = 0; i < kTlsReportPoliciesMax + 5; ++i)
        many += R"({"policy":{}},)";
    EXPECT_THAT(read_report(with("2016-04-01T00:00:00Z", many + "1]"))->policies, SizeIs(kTlsReportPoliciesMax));
}

TEST(TlsReport, FilesOfReportsAreKnownByTypeOrName) {
    EXPECT_TRUE(may_be_report("application/tlsrpt+gzip", ""));
    EXPECT_TRUE(may_be_report("application/octet-stream", "a!b!1!2!x.JSON.gz"));
    EXPECT_FALSE(may_be_report("text/plain", "a.txt"));
    const auto host = [](std::string_view text) { return message::Domain::parse(text).value(); };
    TlsReport report;
    report.end += std::chrono::seconds(86399);
    EXPECT_EQ(report_file_name(host("mail.a.test"), host("b.test"), report, "1f"),
              "mail.a.test!b.test!0!86399!1f.json.gz");
}

} // namespace
} // namespace tegami::tls_report
