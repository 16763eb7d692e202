// Files that look like reports and are meant to harm: each ends in an error, soon.
#include "base/bytes.h"
#include "trust/dmarc/report_reader.h"
#include "trust/unpack/unpack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <zlib.h>

#include <algorithm>

namespace tegami::dmarc {
namespace {

using trust::gzip;
using trust::kUnpackedBytesFree;

std::string small_report() {
    return "<feedback><report_metadata><report_id>1</report_id><date_range><begin>1</begin><end>2</end></date_range>"
           "</report_metadata><policy_published><domain>b.test</domain></policy_published><record><row>"
           "<source_ip>192.0.2.1</source_ip><count>1</count></row><identifiers><header_from>b.test</header_from>"
           "</identifiers></record></feedback>";
}

/// Raw deflate (RFC 1951).
std::string deflated(std::string_view octets) {
    // A gzip file without its ten octets of header and eight of trailer.
    const std::string packed = gzip(octets);
    return packed.substr(10, packed.size() - 18);
}

/// A zip archive built by hand, so that it can lie.
class ZipWriter {
public:
    struct Entry {
        std::string name = "report.xml";
        std::string content = small_report();
        bool deflate = true;
        std::uint16_t method = 8;
        std::uint16_t flags = 0;
        std::uint32_t checksum_change = 0;
        std::int32_t size_change = 0;
    };

    void add(const Entry& entry) {
        const std::string data = entry.deflate ? deflated(entry.content) : entry.content;
        std::string about;
        number16(about, 20);
        number16(about, entry.flags);
        number16(about, entry.method);
        number32(about, 0x00210000); // 1 January 1980, as a DOS time
        const auto* octets = reinterpret_cast<const unsigned char*>(entry.content.data());
        number32(about, static_cast<std::uint32_t>(crc32(0, octets, static_cast<uInt>(entry.content.size()))) ^
                            entry.checksum_change);
        number32(about, static_cast<std::uint32_t>(data.size()));
        number32(about,
                 static_cast<std::uint32_t>(static_cast<std::int64_t>(entry.content.size()) + entry.size_change));
        number16(about, static_cast<std::uint16_t>(entry.name.size()));
        number16(about, 0);
        directory_ += "PK\x01\x02";
        number16(directory_, 20);
        directory_ += about;
        number16(directory_, 0);
        number16(directory_, 0);
        number16(directory_, 0);
        number32(directory_, 0);
        number32(directory_, static_cast<std::uint32_t>(files_.size()));
        directory_ += entry.name;
        files_ += "PK\x03\x04" + about + entry.name + data;
        ++count_;
    }

    std::string file() const {
        std::string end = "PK\x05\x06";
        number32(end, 0);
        number16(end, count_);
        number16(end, count_);
        number32(end, static_cast<std::uint32_t>(directory_.size()));
        number32(end, static_cast<std::uint32_t>(files_.size()));
        number16(end, 0);
        return files_ + directory_ + end;
    }

private:
    static void number16(std::string& out, std::uint16_t value) {
        out += static_cast<char>(value & 0xff);
        out += static_cast<char>(value >> 8);
    }

    static void number32(std::string& out, std::uint32_t value) {
        number16(out, static_cast<std::uint16_t>(value & 0xffff));
        number16(out, static_cast<std::uint16_t>(value >> 16));
    }

    std::string files_;
    std::string directory_;
    std::uint16_t count_ = 0;
};

std::string zip_of(const ZipWriter::Entry& entry) {
    ZipWriter zip;
    zip.add(entry);
    return zip.file();
}

std::optional<ReportError> error_of(std::string_view octets) {
    const auto report = read_report(octets);
    if (report) return std::nullopt;
    return report.error();
}

TEST(HostileReport, ArchivesAreReadFirstOfAll) {
    EXPECT_EQ(error_of(small_report()), std::nullopt);
    EXPECT_EQ(error_of(zip_of({})), std::nullopt);
    EXPECT_EQ(error_of(zip_of({.deflate = false, .method = 0})), std::nullopt);
    EXPECT_EQ(error_of(zip_of({.name = "../../etc/passwd"})), std::nullopt) << "no name is used";
    EXPECT_EQ(error_of(gzip(small_report())), std::nullopt);
    EXPECT_EQ(error_of(gzip(small_report()) + std::string(512, '\0')), std::nullopt);
    const std::string report = small_report();
    EXPECT_EQ(error_of(gzip(report.substr(0, 50)) + gzip(report.substr(50))), std::nullopt) << "two members";
}

TEST(HostileReport, DamagedArchives) {
    const std::string packed = gzip(small_report());
    for (std::size_t size = 2; size < packed.size(); ++size)
        EXPECT_EQ(error_of(packed.substr(0, size)), ReportError::damaged) << size;
    std::string changed = packed;
    changed[changed.size() - 8] ^= 1;
    EXPECT_EQ(error_of(changed), ReportError::damaged) << "checksum";
    changed = packed;
    changed.back() ^= 1;
    EXPECT_EQ(error_of(changed), ReportError::damaged) << "size";

    const std::string zip = zip_of({});
    for (std::size_t size = 4; size < zip.size(); ++size)
        EXPECT_EQ(error_of(zip.substr(0, size)), ReportError::damaged) << size;
    EXPECT_EQ(error_of(zip_of({.checksum_change = 1})), ReportError::damaged);
    EXPECT_EQ(error_of(zip_of({.content = "not deflated", .deflate = false})), ReportError::damaged);
    EXPECT_EQ(error_of(zip_of({.flags = 1})), ReportError::unsupported) << "encrypted";
    EXPECT_EQ(error_of(zip_of({.method = 12})), ReportError::unsupported);
    ZipWriter two;
    two.add({});
    two.add({.name = "second.xml"});
    EXPECT_EQ(error_of(two.file()), ReportError::several_files);
    EXPECT_EQ(error_of(ZipWriter().file()), ReportError::several_files);
}

TEST(HostileReport, ArchivesInArchivesStayOne) {
    EXPECT_EQ(error_of(gzip(gzip(small_report()))), ReportError::not_xml);
    EXPECT_EQ(error_of(zip_of({.content = zip_of({})})), ReportError::not_xml);
}

TEST(HostileReport, Bombs) {
    const std::string start = "<feedback><report_metadata>";
    // Well below the limit of octets, but 1000 times as large as the file.
    const std::string spaces = start + std::string(kUnpackedBytesFree * 3, ' ');
    EXPECT_EQ(error_of(gzip(spaces)), ReportError::too_large);
    EXPECT_EQ(error_of(zip_of({.content = spaces})), ReportError::too_large);
    EXPECT_EQ(error_of(zip_of({.content = spaces, .size_change = -static_cast<std::int32_t>(spaces.size()) + 100})),
              ReportError::too_large)
        << "what the archive says about its size is not believed";
    // As many octets as nothing compresses.
    EXPECT_EQ(error_of(std::string(std::size_t{100} << 20, 'x')), ReportError::too_large);
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
