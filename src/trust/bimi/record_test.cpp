// draft-brand-indicators-for-message-identification §4.3, §5.1
#include "trust/bimi/record.h"

#include <gtest/gtest.h>

namespace tegami::bimi {
namespace {

const std::string kLogo = "https://a.test/logo.svg";

TEST(BimiRecord, ReadsWhatADomainPublishes) {
    struct Row {
        std::string text;
        Record record;
    };

    const std::vector<Row> rows{
        {"v=BIMI1; l=https://a.test/logo.svg", {.location = kLogo}},
        {"v = BIMI1 ;l= https://a.test/logo.svg ; a=;", {.location = kLogo}},
        {"v=BIMI1; a=https://c.test:8443/a.pem; l=https://a.test/logo.svg; x=y",
         {.location = kLogo, .authority = "https://c.test:8443/a.pem"}},
        {"v=BIMI1; l=HTTPS://cdn.a.test/x?i=logo.png; avp=personal",
         {.location = "HTTPS://cdn.a.test/x?i=logo.png", .avatar = Avatar::personal}},
        {"v=BIMI1; l=https://a.test/logo.svg; avp=Brand; lps=TRUE", {.location = kLogo}},
        {"v=BIMI1; l=; a=; lps=true;", {.by_local_part = true}},
        {"v=BIMI1; l=;", {}},
    };
    for (const Row& row : rows) {
        ASSERT_TRUE(is_record(row.text)) << row.text;
        const auto record = parse_record(row.text);
        ASSERT_TRUE(record) << row.text;
        EXPECT_EQ(*record, row.record) << row.text;
    }
    EXPECT_TRUE(Record().declines());
    for (const char* const text :
         {"", "v=BIMI2; l=", "v=bimi1; l=", "V=BIMI1; l=", "l=; v=BIMI1", "BIMI1", "v=spf1 -all"})
        EXPECT_FALSE(is_record(text)) << text;
}

TEST(BimiRecord, MendsNothing) {
    struct Row {
        std::string text;
        RecordFault fault;
    };

    const std::vector<Row> rows{
        {"v=BIMI1", RecordFault::location_missing},
        {"v=BIMI1; L=https://a.test/logo.svg", RecordFault::location_missing},
        {"v=BIMI1; l=; a=https://a.test/a.pem", RecordFault::location_missing},
        {"v=BIMI1; l=; l=", RecordFault::syntax},
        {"v=BIMI1; l", RecordFault::syntax},
        {"v=BIMI1; l=" + kLogo + std::string(kRecordBytesMax, ' '), RecordFault::syntax},
        {"v=BIMI1; l=http://a.test/logo.svg", RecordFault::location_unusable},
        {"v=BIMI1; l=a.test/logo.svg", RecordFault::location_unusable},
        {"v=BIMI1; l=https://a.test/logo.png", RecordFault::location_unusable},
        {"v=BIMI1; l=https://a.test/logo.JPEG?x", RecordFault::location_unusable},
        {"v=BIMI1; l=https://localhost/logo.svg", RecordFault::location_unusable},
        {"v=BIMI1; l=https://localhost./logo.svg", RecordFault::location_unusable},
        {"v=BIMI1; l=https://192.0.2.1/logo.svg", RecordFault::location_unusable},
        {"v=BIMI1; l=https://[::1]/logo.svg", RecordFault::location_unusable},
        {"v=BIMI1; l=https://user@a.test/logo.svg", RecordFault::location_unusable},
        {"v=BIMI1; l=https://a.test:x/logo.svg", RecordFault::location_unusable},
        {"v=BIMI1; l=https://a.test/a.svg,https://a.test/b.svg", RecordFault::location_unusable},
        {"v=BIMI1; l=https://a.test/a b.svg", RecordFault::location_unusable},
        {"v=BIMI1; l=https://a.test/\xc3\xa9.svg", RecordFault::location_unusable},
        {"v=BIMI1; l=https:///logo.svg", RecordFault::location_unusable},
        {"v=BIMI1; l=https://a.test/" + std::string(kUrlBytesMax, 'a'), RecordFault::location_unusable},
        {"v=BIMI1; l=" + kLogo + "; a=self", RecordFault::authority_unusable},
    };
    for (const Row& row : rows) {
        const auto record = parse_record(row.text);
        ASSERT_FALSE(record) << row.text;
        EXPECT_EQ(record.error(), row.fault) << row.text;
    }
}

TEST(BimiRecord, ALetterNamesASelector) {
    EXPECT_EQ(parse_selector(" v=BIMI1; s=Brand"), "brand");
    EXPECT_EQ(parse_selector("v=BIMI1;\r\n\ts=winter.brand;"), "winter.brand");
    for (const std::string value : {"s=brand", "v=BIMI1", "v=BIMI1; s=", "v=BIMI1; s=a..b", "v=BIMI1; s=-a",
                                    "v=BIMI1; s=a_b", "v=BIMI2; s=a", "v=BIMI1; s=a b"})
        EXPECT_EQ(parse_selector(value), std::nullopt) << value;
    EXPECT_EQ(parse_selector("v=BIMI1; s=" + std::string(64, 'a')), std::nullopt);
}

TEST(BimiRecord, ALocalPartStandsForASelector) {
    EXPECT_EQ(selector_of("News"), "news");
    EXPECT_EQ(selector_of("_big..news_.letter-+2026"), "big-news-letter");
    for (const std::string local_part : {"", "+x", "._-", "a b", "m\u00fcller", "a=b"})
        EXPECT_EQ(selector_of(local_part), std::nullopt) << local_part;
    EXPECT_EQ(selector_of(std::string(64, 'a')), std::nullopt);
}

} // namespace
} // namespace tegami::bimi
