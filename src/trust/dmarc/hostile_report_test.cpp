// Files that look like reports and are meant to harm: each ends in an error, soon.
#include "trust/dmarc/report_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace tegami::dmarc {
namespace {

std::string small_report() {
    return "<feedback><report_metadata><report_id>1</report_id><date_range><begin>1</begin><end>2</end></date_range>"
           "</report_metadata><policy_published><domain>b.test</domain></policy_published><record><row>"
           "<source_ip>192.0.2.1</source_ip><count>1</count></row><identifiers><header_from>b.test</header_from>"
           "</identifiers></record></feedback>";
}

std::optional<ReportError> error_of(std::string_view octets) {
    const auto report = read_report(octets);
    if (report) return std::nullopt;
    return report.error();
}

TEST(HostileReport, ArchivesAreNotUndoneHere) {
    EXPECT_EQ(error_of(small_report()), std::nullopt);
    EXPECT_EQ(error_of("\x1f\x8b\x08" + small_report()), ReportError::not_xml);
    EXPECT_EQ(error_of(small_report() + std::string(kReportBytesMax, ' ')), ReportError::too_large);
}

TEST(HostileReport, Entities) {
    const std::string laughs = R"(<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;">]><feedback>&d;</feedback>)";
    for (const std::string& text : {
             laughs,
             std::string("<!DOCTYPE feedback SYSTEM \"http://127.0.0.1/feedback.dtd\"><feedback/>"),
             std::string("<!DOCTYPE feedback [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><feedback>&e;</feedback>"),
             std::string("<!DOCTYPE feedback [<!ENTITY % p SYSTEM \"file:///etc/passwd\"> %p;]><feedback/>"),
             "<!DOCTYPE feedback>" + small_report(),
         })
        EXPECT_EQ(error_of(text), ReportError::document_type) << text;
    EXPECT_EQ(error_of("<feedback>&e;</feedback>"), ReportError::not_xml);
}

TEST(HostileReport, Xml) {
    const std::string report = small_report();
    for (std::size_t size = 0; size < report.size(); ++size)
        EXPECT_EQ(error_of(std::string_view(report).substr(0, size)), ReportError::not_xml) << size;
    for (const std::string_view text :
         {"", "hello", "{\"feedback\":{}}", "<feedback>", "<feedback></feedbac>", "<feedback/><feedback/>",
          "<feedback>\xff</feedback>", "<x:feedback/>", "<feedback a='1' a='2'/>", "<feedback>\x01</feedback>",
          "<?xml version='1.0' encoding='EBCDIC'?><feedback/>"})
        EXPECT_EQ(error_of(text), ReportError::not_xml) << text;
    for (const std::string_view text : {"<html/>", "<feedback/>", "<record/>", "<Feedback/>"})
        EXPECT_EQ(error_of(text), ReportError::not_a_report) << text;

    std::string deep = "<feedback>";
    for (std::size_t depth = 0; depth < 100'000; ++depth)
        deep += "<a>";
    EXPECT_EQ(error_of(deep), ReportError::too_large);
    // Tokens that do not end.
    const std::string endless(std::size_t{4} << 20, 'a');
    for (const std::string_view begin : {"<feedback><!--", "<feedback ", "<feedback a='", "<feedback><?a ", "<"})
        EXPECT_EQ(error_of(std::string(begin) + endless), ReportError::too_large) << begin;
    // Text is no token: it is passed over however long it is.
    std::string wordy = report;
    wordy.insert(wordy.find("</report_metadata>"), "<error>" + endless + "</error><!-- x -->");
    const auto read = read_report(wordy);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->metadata.error.size(), kReportTextBytesMax);
}

TEST(HostileReport, Multitudes) {
    std::string report = small_report();
    std::string signatures;
    for (int count = 0; count < 5000; ++count)
        signatures += "<dkim><domain>b.test</domain></dkim>";
    report.insert(report.find("</record>"), "<auth_results>" + signatures + "</auth_results>");
    const auto read = read_report(report);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->rows[0].seen.dkim.size(), kReadFindingsMax);

    std::string records = small_report();
    const std::string record = "<record/>";
    std::string many;
    for (std::size_t count = 0; count < kReadRowsMax; ++count)
        many += record;
    records.insert(records.find("<record>"), many);
    EXPECT_EQ(error_of(records), ReportError::too_large);
}

} // namespace
} // namespace tegami::dmarc
