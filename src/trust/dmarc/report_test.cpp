#include "trust/dmarc/report_reader.h"
#include "trust/dmarc/report_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::dmarc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

message::Domain host(std::string_view text) {
    return message::Domain::parse(text).value();
}

std::chrono::sys_seconds at_second(std::int64_t seconds) {
    return std::chrono::sys_seconds(std::chrono::seconds(seconds));
}

IpAddress address(std::string_view text) {
    return IpAddress::parse(text).value();
}

AggregateReport full_report() {
    return {.metadata = {.organization = "Tegami & <friends>",
                         .email = "postmaster@mx.example",
                         .contact = "https://mx.example/?a=1&b=2",
                         .report_id = "1721054318-b.test@mx.example",
                         .begin = at_second(1'000'000'000),
                         .end = at_second(1'000'086'399),
                         .error = "sp: \"x\" ]]>",
                         .generator = "Tegami"},
            .policy = {.domain = "b.test",
                       .discovery = DiscoveryMethod::tree_walk,
                       .p = Policy::reject,
                       .sp = Policy::quarantine,
                       .np = Policy::none,
                       .adkim = AlignmentMode::strict,
                       .aspf = AlignmentMode::relaxed,
                       .failure_options = "1:d",
                       .testing = true},
            .rows = {{.seen = {.source = address("2001:db8::1"),
                               .disposition = Disposition::quarantine,
                               .dkim_aligned = false,
                               .spf_aligned = true,
                               .overrides = {{.type = OverrideType::mailing_list, .comment = "手紙の会"},
                                             {.type = OverrideType::local_policy}},
                               .header_from = "a.b.test",
                               .envelope_from = "",
                               .envelope_to = "mx.example",
                               .dkim = {{.domain = "b.test",
                                         .selector = "2026",
                                         .result = AuthResult::permerror,
                                         .comment = "no key"},
                                        {.domain = "c.test", .selector = "s", .result = AuthResult::pass}},
                               .spf = SpfFinding{.domain = "b.test", .result = AuthResult::softfail, .comment = "?"}},
                      .count = 3},
                     {.seen = {.source = address("192.0.2.1"), .header_from = "b.test"}, .count = 18'000'000'000}}};
}

TEST(AggregateReport, IsReadAsItWasPrinted) {
    const AggregateReport report = full_report();
    const std::string xml = print_report(report);
    EXPECT_THAT(xml, HasSubstr("<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">\n  <version>1.0</version>"));
    EXPECT_EQ(read_report(xml), report);
}

TEST(AggregateReport, PrintsWhatStrangersWroteVisibly) {
    AggregateReport report = full_report();
    report.rows[0].seen.dkim[0].selector = "a\x01\xff\n\xe2\x80\xae<";
    const auto read = read_report(print_report(report));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->rows[0].seen.dkim[0].selector, "a\\x01\\xff\\x0a\\u{202e}<");
}

TEST(AggregateReport, HasNamesOfTheStandard) {
    const auto begin = at_second(1'013'662'812);
    const auto end = at_second(1'013'749'130);
    EXPECT_EQ(report_file_name(host("mail.receiver.example"), host("example.com"), begin, end, ""),
              "mail.receiver.example!example.com!1013662812!1013749130.xml.gz");
    EXPECT_EQ(report_file_name(host("mail.receiver.example"), host("example.com"), begin, end, "7f"),
              "mail.receiver.example!example.com!1013662812!1013749130!7f.xml.gz");
    EXPECT_EQ(report_subject(host("example.com"), host("mail.receiver.example"), "sample-ridtxt@example.com"),
              "Report Domain: example.com Submitter: mail.receiver.example Report-ID: <sample-ridtxt@example.com>");
}

// The order of the elements in RFC 9990 §B differs from that in its tables.
TEST(AggregateReportReader, ReadsReportsOfTheStandard) {
    const auto report = read_report(R"(<?xml version="1.0"?>
<d:feedback xmlns:d="urn:ietf:params:xml:ns:dmarc-2.0" xmlns:ext="https://ext.example/">
 <d:version>1.0</d:version>
 <d:report_metadata>
  <d:org_name lang="en"> Receiver </d:org_name><d:email>a@r.example</d:email><d:report_id>17</d:report_id>
  <d:date_range><d:end>302918399</d:end><d:begin>302832000</d:begin></d:date_range>
 </d:report_metadata>
 <d:policy_published>
  <d:domain>b.test</d:domain><d:p>quarantine</d:p><d:np>none</d:np><d:testing>n</d:testing>
  <d:discovery_method>treewalk</d:discovery_method>
 </d:policy_published>
 <d:extension><ext:domain>evil.example</ext:domain></d:extension>
 <d:record>
  <d:row>
   <d:source_ip>192.0.2.123</d:source_ip><d:count>123</d:count>
   <d:policy_evaluated><d:disposition>pass</d:disposition><d:dkim>pass</d:dkim><d:spf>fail</d:spf></d:policy_evaluated>
  </d:row>
  <d:identifiers><d:envelope_from/><d:header_from>b.test</d:header_from></d:identifiers>
  <d:auth_results>
   <d:dkim><d:domain>b.test</d:domain><d:result>pass</d:result><d:selector>abc</d:selector></d:dkim>
   <d:spf><d:domain>b.test</d:domain><d:result>fail</d:result></d:spf>
  </d:auth_results>
  <ext:identifiers><d:header_from>evil.example</d:header_from></ext:identifiers>
 </d:record>
</d:feedback>)");
    ASSERT_TRUE(report);
    EXPECT_EQ(*report,
              (AggregateReport{
                  .metadata = {.organization = "Receiver",
                               .email = "a@r.example",
                               .report_id = "17",
                               .begin = at_second(302'832'000),
                               .end = at_second(302'918'399)},
                  .policy = {.domain = "b.test",
                             .discovery = DiscoveryMethod::tree_walk,
                             .p = Policy::quarantine,
                             .np = Policy::none},
                  .rows = {{.seen = {.source = address("192.0.2.123"),
                                     .disposition = Disposition::pass,
                                     .dkim_aligned = true,
                                     .header_from = "b.test",
                                     .envelope_from = "",
                                     .dkim = {{.domain = "b.test", .selector = "abc", .result = AuthResult::pass}},
                                     .spf = SpfFinding{.domain = "b.test", .result = AuthResult::fail}},
                            .count = 123}}}));
}

// RFC 7489 §C, and what its writers make of it.
TEST(AggregateReportReader, ReadsReportsOfTheOldStandard) {
    const auto report = read_report(R"(<?xml version="1.0" encoding="ISO-8859-1"?>
<feedback xmlns="http://dmarc.org/dmarc-xml/0.1">
 <report_metadata><org_name>)"
                                    "Fran\xe7ois"
                                    R"(</org_name><email/><report_id>x</report_id>
  <date_range><begin>1</begin><end>2</end></date_range><error>one</error></report_metadata>
 <policy_published><domain>B.Test</domain><adkim>R</adkim><aspf></aspf><p>reject</p><sp></sp><pct>100</pct><fo>0</fo>
 </policy_published>
 <record>
  <row><source_ip>192.0.2.1</source_ip><count>1</count>
   <policy_evaluated><disposition>none</disposition><dkim>Fail</dkim><spf>neutral</spf>
    <reason><type>forwarded</type><comment></comment></reason><reason><type>arc</type><comment>seal</comment></reason>
   </policy_evaluated></row>
  <identifiers><header_from>b.test</header_from></identifiers>
  <auth_results>
   <dkim><domain></domain><result>none</result></dkim>
   <dkim><domain>c.test</domain><result>HardFail</result><human_result>body hash</human_result></dkim>
   <spf><domain>helo.test</domain><scope>helo</scope><result>pass</result></spf>
   <spf><domain>b.test</domain><scope>mfrom</scope><result>unknown</result></spf>
   <spf><domain>d.test</domain><scope>mfrom</scope><result>pass</result></spf>
  </auth_results>
 </record>
</feedback>)");
    ASSERT_TRUE(report);
    EXPECT_EQ(*report,
              (AggregateReport{
                  .metadata = {.organization = "Fran\xc3\xa7ois",
                               .report_id = "x",
                               .begin = at_second(1),
                               .end = at_second(2),
                               .error = "one"},
                  .policy = {.domain = "B.Test", .p = Policy::reject, .failure_options = "0"},
                  .rows = {{.seen = {.source = address("192.0.2.1"),
                                     .overrides = {{.type = OverrideType::forwarded},
                                                   {.type = OverrideType::other, .comment = "seal"}},
                                     .header_from = "b.test",
                                     .dkim = {{.domain = "c.test", .result = AuthResult::fail, .comment = "body hash"}},
                                     .spf = SpfFinding{.domain = "b.test", .result = AuthResult::temperror}},
                            .count = 1}}}));
    // A byte order mark and no declaration.
    EXPECT_TRUE(read_report("\xef\xbb\xbf" + print_report(full_report())));
}

TEST(AggregateReportReader, CutsLongTextsAtACharacter) {
    AggregateReport report = full_report();
    report.metadata.error.clear();
    while (report.metadata.error.size() < 2 * kReportTextBytesMax)
        report.metadata.error += "手";
    const auto read = read_report(print_report(report));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->metadata.error, report.metadata.error.substr(0, kReportTextBytesMax / 3 * 3));
    report.metadata.error.assign(kReportTextBytesMax, 'a');
    EXPECT_EQ(read_report(print_report(report)), report);
}

TEST(AggregateReportReader, TakesNoIncompleteReport) {
    const std::string xml = print_report(full_report());
    ASSERT_TRUE(read_report(xml));
    for (const auto& [cut, with] : std::vector<std::pair<std::string, std::string>>{
             {"1721054318-b.test@mx.example", " "},
             {"<begin>1000000000</begin>", ""},
             {"<begin>1000000000</begin>", "<begin>1000086400</begin>"},
             {"<end>1000086399</end>", "<end>-1</end>"},
             {"<end>1000086399</end>", "<end>999999999999</end>"},
             {"<domain>b.test</domain>", ""},
             {"<source_ip>192.0.2.1</source_ip>", "<source_ip>192.0.2</source_ip>"},
             {"<source_ip>192.0.2.1</source_ip>", ""},
             {"<count>3</count>", "<count>many</count>"},
             {"<count>3</count>", "<count>0</count>"},
             {"<header_from>b.test</header_from>", ""},
         }) {
        std::string changed = xml;
        const std::size_t at = changed.find(cut);
        ASSERT_NE(at, std::string::npos) << cut;
        EXPECT_EQ(read_report(changed.replace(at, cut.size(), with)), failure(ReportError::not_a_report)) << cut;
    }
    AggregateReport empty = full_report();
    empty.rows.clear();
    EXPECT_EQ(read_report(print_report(empty)), failure(ReportError::not_a_report));
}

TEST(AggregateReportReader, KnowsAttachments) {
    for (const auto& [type, name] :
         std::vector<std::pair<std::string_view, std::string_view>>{{"application/gzip", ""},
                                                                    {"Application/ZIP", "report"},
                                                                    {"application/x-zip-compressed", ""},
                                                                    {"text/xml", ""},
                                                                    {"application/octet-stream", "a!b!1!2.XML.GZ"},
                                                                    {"application/octet-stream", "a!b!1!2.zip"},
                                                                    {"", "a.xml"}})
        EXPECT_TRUE(may_be_report(type, name)) << type << ' ' << name;
    for (const auto& [type, name] : std::vector<std::pair<std::string_view, std::string_view>>{
             {"text/plain", ""}, {"application/octet-stream", ""}, {"text/html", "xml"}, {"image/png", "a.png"}})
        EXPECT_FALSE(may_be_report(type, name)) << type << ' ' << name;
}

TEST(ReportRows, CountEqualLettersTogether) {
    const Verdict passed{.result = Outcome::pass,
                         .author = host("b.test"),
                         .record = FoundRecord{.domain = host("b.test"), .record = {.p = Policy::reject}},
                         .published_policy = Policy::reject,
                         .policy = Policy::reject,
                         .spf = Alignment::strict,
                         .spf_pass = true};
    Verdict failed = passed;
    failed.result = Outcome::fail;
    failed.spf_pass = false;
    const Input input{.spf = {.domain = host("b.test"), .result = AuthResult::pass}};
    const auto letter_from = [&](const Verdict& verdict, std::string_view source, Policy action) {
        return observe(input, verdict, {.source = address(source), .reverse_path = host("b.test"), .action = action});
    };
    ReportRows rows;
    EXPECT_TRUE(rows.empty());
    for (int count = 0; count < 3; ++count)
        EXPECT_TRUE(rows.add(letter_from(passed, "192.0.2.2", Policy::none)));
    EXPECT_TRUE(rows.add(letter_from(failed, "192.0.2.1", Policy::reject)));
    EXPECT_TRUE(rows.add(letter_from(failed, "::ffff:192.0.2.1", Policy::reject)));
    EXPECT_TRUE(rows.add(letter_from(failed, "192.0.2.1", Policy::none)));
    const std::vector<ReportRow> listed = rows.rows();
    ASSERT_THAT(listed, SizeIs(3));
    EXPECT_EQ(listed[0].count, 1u);
    EXPECT_EQ(listed[0].seen.disposition, Disposition::none);
    EXPECT_THAT(listed[0].seen.overrides, ElementsAre(Override{.type = OverrideType::local_policy}));
    EXPECT_EQ(listed[1].count, 2u);
    EXPECT_EQ(listed[1].seen.disposition, Disposition::reject);
    EXPECT_THAT(listed[1].seen.overrides, IsEmpty());
    EXPECT_EQ(listed[2].count, 3u);
    EXPECT_EQ(listed[2].seen.disposition, Disposition::pass);
    EXPECT_TRUE(listed[2].seen.spf_aligned);
    EXPECT_EQ(listed[2].seen.envelope_from, "b.test");

    const AggregateReport report{
        .metadata = full_report().metadata, .policy = published_policy(passed), .rows = listed};
    EXPECT_EQ(read_report(print_report(report)), report);
}

// RFC 9990 §3.1.1.9, §3.1.6
TEST(ReportRows, SayWhyThePolicyWasNotApplied) {
    struct Case {
        Outcome result;
        Policy published;
        Policy policy;
        Policy action;
        std::vector<Override> given;
        std::vector<Override> expected;
        Disposition disposition;
    };

    const Override list{.type = OverrideType::mailing_list, .comment = "a"};
    const Override local{.type = OverrideType::local_policy};
    const Override test{.type = OverrideType::policy_test_mode};
    for (const Case& each : std::vector<Case>{
             {Outcome::fail, Policy::reject, Policy::reject, Policy::reject, {}, {}, Disposition::reject},
             {Outcome::fail, Policy::reject, Policy::reject, Policy::quarantine, {}, {local}, Disposition::quarantine},
             {Outcome::fail, Policy::reject, Policy::reject, Policy::none, {list}, {list}, Disposition::none},
             {Outcome::fail, Policy::none, Policy::none, Policy::reject, {}, {local}, Disposition::reject},
             {Outcome::fail, Policy::none, Policy::none, Policy::none, {}, {}, Disposition::none},
             {Outcome::fail,
              Policy::reject,
              Policy::quarantine,
              Policy::quarantine,
              {},
              {test},
              Disposition::quarantine},
             {Outcome::fail, Policy::quarantine, Policy::none, Policy::none, {}, {test}, Disposition::none},
             {Outcome::fail, Policy::quarantine, Policy::none, Policy::none, {test}, {test}, Disposition::none},
             {Outcome::fail, Policy::reject, Policy::quarantine, Policy::none, {}, {local}, Disposition::none},
             {Outcome::pass, Policy::reject, Policy::reject, Policy::none, {}, {}, Disposition::pass},
             {Outcome::pass, Policy::none, Policy::none, Policy::none, {}, {}, Disposition::none},
             {Outcome::pass, Policy::none, Policy::none, Policy::quarantine, {}, {}, Disposition::quarantine},
         }) {
        const Verdict verdict{
            .result = each.result, .author = host("b.test"), .published_policy = each.published, .policy = each.policy};
        const Observation seen = observe({}, verdict, {.action = each.action, .overrides = each.given});
        EXPECT_EQ(seen.overrides, each.expected);
        EXPECT_EQ(seen.disposition, each.disposition);
        EXPECT_EQ(seen.envelope_from, "");
    }
}

// RFC 9990 §3.1.3
TEST(ReportRows, PreferSignaturesThatMatter) {
    Input input;
    Verdict verdict{.author = host("b.test")};
    const auto sign = [&](std::string_view domain, AuthResult result, Alignment alignment) {
        input.dkim.push_back({.domain = host(domain), .selector = "s", .result = result});
        verdict.dkim.push_back(alignment);
    };
    for (std::size_t number = 0; number < kRowSignaturesMax; ++number)
        sign("f" + std::to_string(number) + ".test", AuthResult::fail, Alignment::none);
    sign("other.test", AuthResult::pass, Alignment::none);
    sign("a.b.test", AuthResult::pass, Alignment::relaxed);
    sign("b.test", AuthResult::pass, Alignment::strict);
    const std::vector<DkimFinding> found = observe(input, verdict, {}).dkim;
    ASSERT_THAT(found, SizeIs(kRowSignaturesMax));
    EXPECT_EQ(found[0].domain, "b.test");
    EXPECT_EQ(found[1].domain, "a.b.test");
    EXPECT_EQ(found[2].domain, "other.test");
    EXPECT_EQ(found[3].domain, "f0.test");
}

TEST(ReportRows, AreBounded) {
    ReportRows rows;
    Observation seen;
    for (std::size_t number = 0; number < kReportRowsMax + 5; ++number) {
        seen.header_from = std::to_string(number) + ".test";
        EXPECT_EQ(rows.add(seen), number < kReportRowsMax);
    }
    EXPECT_THAT(rows.rows(), SizeIs(kReportRowsMax));
    EXPECT_EQ(rows.left_out(), 5u);
    seen.header_from = "0.test";
    EXPECT_TRUE(rows.add(seen)) << "a row that is there goes on counting";
}

} // namespace
} // namespace tegami::dmarc
