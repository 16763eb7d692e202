#include "message/date.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace tegami::message {
namespace {

using namespace std::chrono;

/// The date as it is printed, or "refused".
std::string read(std::string_view value) {
    const auto date = parse_date(value);
    return date ? print_date(*date) : "refused";
}

// RFC 5322 §3.3 and Appendix A
TEST(Date, ReadsTheExamplesOfTheStandard) {
    EXPECT_EQ(read("Fri, 21 Nov 1997 09:55:06 -0600"), "Fri, 21 Nov 1997 09:55:06 -0600");
    EXPECT_EQ(parse_date("Fri, 21 Nov 1997 09:55:06 -0600")->utc, sys_days(1997y / November / 21) + 15h + 55min + 6s);
    EXPECT_EQ(read("Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 "
                   "(Newfoundland Time)"),
              "Thu, 13 Feb 1969 23:32:00 -0330");
    EXPECT_EQ(read("21 Nov 97 09:55:06 GMT"), "Fri, 21 Nov 1997 09:55:06 +0000");
    EXPECT_EQ(read("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600"), "Fri, 21 Nov 1997 09:55:06 -0600");
}

TEST(Date, ReadsObsoleteZonesAndYears) {
    EXPECT_EQ(read("1 Jan 03 00:00 EST"), "Wed, 1 Jan 2003 00:00:00 -0500");
    EXPECT_EQ(read("1 Jan 103 00:00 PDT"), "Wed, 1 Jan 2003 00:00:00 -0700");
    EXPECT_EQ(read("1 Jan 70 00:00:00 UT"), "Thu, 1 Jan 1970 00:00:00 +0000");
    EXPECT_TRUE(parse_date("1 Jan 2003 00:00 A")->zone_unknown);
    EXPECT_TRUE(parse_date("1 Jan 2003 00:00 -0000")->zone_unknown);
    EXPECT_TRUE(parse_date("1 Jan 2003 00:00")->zone_unknown);
    EXPECT_FALSE(parse_date("1 Jan 2003 00:00 +0000")->zone_unknown);
    EXPECT_EQ(read("1 Jan 2003 00:00 -0000"), "Wed, 1 Jan 2003 00:00:00 -0000");
}

TEST(Date, ReadsWhatRealMailHas) {
    EXPECT_EQ(read("Sun, 22 Nov 2026 20:54:16 +0900 (JST)"), "Sun, 22 Nov 2026 20:54:16 +0900");
    EXPECT_EQ(read("Sun, 22 Nov 2026 20:54:16 JST"), "Sun, 22 Nov 2026 20:54:16 +0900");
    EXPECT_EQ(read("Sun Nov 22 20:54:16 2026"), "Sun, 22 Nov 2026 20:54:16 -0000");
    EXPECT_EQ(read("Sun Nov 22 20:54:16 EST 2026"), "Sun, 22 Nov 2026 20:54:16 -0500");
    EXPECT_EQ(read("sunday, 22-November-2026 20:54:16 gmt"), "Sun, 22 Nov 2026 20:54:16 +0000");
    EXPECT_EQ(read("2026-11-22 20:54:16 +0900"), "Sun, 22 Nov 2026 20:54:16 +0900");
    EXPECT_EQ(read("2026-11-22T20:54:16Z"), "Sun, 22 Nov 2026 20:54:16 +0000");
    EXPECT_EQ(read("2026-11-22T20:54:16.123+09:00"), "Sun, 22 Nov 2026 20:54:16 +0900");
    EXPECT_EQ(read("Sun, 22 Nov 2026 8:54:16 PM +0900"), "Sun, 22 Nov 2026 20:54:16 +0900");
    EXPECT_EQ(read("Sun, 22 Nov 2026"), "Sun, 22 Nov 2026 00:00:00 -0000");
    EXPECT_EQ(read("Sun, 22 Nov 2026 20:54:16 +0900 JST"), "Sun, 22 Nov 2026 20:54:16 +0900");
    EXPECT_EQ(read("Sat, 31 Dec 2016 23:59:60 +0000"), "Sat, 31 Dec 2016 23:59:59 +0000");
    EXPECT_EQ(read("Sun, 22 Nov 2026 20:54:16 +9999"), "Sun, 22 Nov 2026 20:54:16 -0000");
}

TEST(Date, IsNotSpoiltByOneOddWord) {
    struct Case {
        std::string_view value, date;
    };

    for (const Case& each : {
             Case{"Do, 26 Nov 2026 10:00:00 +0100", "Thu, 26 Nov 2026 10:00:00 +0100"},
             Case{"木, 26 Nov 2026 10:00:00 +0900", "Thu, 26 Nov 2026 10:00:00 +0900"},
             Case{"\x96\xd8, 26 Nov 2026 10:00:00 +0900", "Thu, 26 Nov 2026 10:00:00 +0900"},
             Case{"Di., 1 März 2022 08:00 +0100", "Tue, 1 Mar 2022 08:00:00 +0100"},
             Case{"Sa, 31 Okt 2026 10:00:00 MEZ", "Sat, 31 Oct 2026 10:00:00 -0000"},
             Case{"Mittwoch, 2. Dezember 2026 10:00:00 Uhr +0100", "Wed, 2 Dec 2026 10:00:00 +0100"},
             Case{"Mi, 6 Mai 2026 10:00:00 +0200", "Wed, 6 May 2026 10:00:00 +0200"},
             Case{"mar., 24 nov. 2026 10:00:00 +0100", "Tue, 24 Nov 2026 10:00:00 +0100"},
             Case{"jeu., 6 août 2026 10:00:00 +0200", "Thu, 6 Aug 2026 10:00:00 +0200"},
             Case{"lun., 1 juin 2026 10:00:00 +0200", "Mon, 1 Jun 2026 10:00:00 +0200"},
             Case{"mer., 1 juil. 2026 10:00:00 +0200", "Wed, 1 Jul 2026 10:00:00 +0200"},
             Case{"vie, 4 dic 2026 10:00:00 +0100", "Fri, 4 Dec 2026 10:00:00 +0100"},
             Case{"2026年11月26日(木) 10:00:00 +0900", "Thu, 26 Nov 2026 10:00:00 +0900"},
             Case{"26 11月 2026 10:00:00 +0800", "Thu, 26 Nov 2026 10:00:00 +0800"},
             Case{"Thu Mar 5 10:00:00 2026", "Thu, 5 Mar 2026 10:00:00 -0000"},
             Case{"22 Nov 2026 20:54 \xff", "Sun, 22 Nov 2026 20:54:00 -0000"},
         })
        EXPECT_EQ(read(each.value), each.date) << each.value;
    EXPECT_EQ(read("26 Nov 2026 10:00 a b c d e f g h"), "refused");
}

TEST(Date, ReadsZonesAsProgramsWriteThem) {
    struct Case {
        std::string_view value, date;
    };

    for (const Case& each : {
             Case{"Wed, 2 Sep 2020 11:16:21 GMT+0900", "Wed, 2 Sep 2020 11:16:21 +0900"},
             Case{"Wed, 2 Sep 2020 11:16:21 GMT+09:00", "Wed, 2 Sep 2020 11:16:21 +0900"},
             Case{"Wed, 2 Sep 2020 11:16:21 GMT-0300 (-03)", "Wed, 2 Sep 2020 11:16:21 -0300"},
             Case{"Wed, 2 Sep 2020 11:16:21 UTC+9", "Wed, 2 Sep 2020 11:16:21 +0900"},
             Case{"Wed, 2 Sep 2020 11:16:21 GMT +0900", "Wed, 2 Sep 2020 11:16:21 +0000"},
             Case{"Wed, 2 Sep 2020 11:16:21 GMT-", "Wed, 2 Sep 2020 11:16:21 +0000"},
             Case{"Wed, 2 Sep 2020 11:16:21 +0200 (GMT+02:00)", "Wed, 2 Sep 2020 11:16:21 +0200"},
             Case{"Wed, 2 Sep 2020 11:16:21 +0200 (Mitteleurop\xe4ische Sommerzeit)", "Wed, 2 Sep 2020 11:16:21 +0200"},
             Case{"Wed, 2 Sep 2020 11:16:21 --0400", "Wed, 2 Sep 2020 11:16:21 -0400"},
             Case{"Wed, 2 Sep 2020 11:16:21 +-0400", "Wed, 2 Sep 2020 11:16:21 -0400"},
             Case{"Wed, 2 Sep 2020 11:16:21 + 0530", "Wed, 2 Sep 2020 11:16:21 +0530"},
             Case{"Wed,2 Sep 2020 11.16.21 +0200", "Wed, 2 Sep 2020 11:16:21 +0200"},
             Case{"Wed, Sep 02 2020 1:6:2 -0700", "Wed, 2 Sep 2020 01:06:02 -0700"},
         })
        EXPECT_EQ(read(each.value), each.date) << each.value;
    EXPECT_EQ(read("2 Sep 2020 11:16:21 " + std::string(500, '-') + "0400"), "Wed, 2 Sep 2020 11:16:21 -0400");
    EXPECT_EQ(read("2 Sep 2020 11:16:21 +"), "Wed, 2 Sep 2020 11:16:21 -0000");
}

TEST(Date, RefusesNonsense) {
    for (const auto* bad :
         {"", "x", "Sun", "22", "22 Nov", "Nov 2026", "32 Nov 2026 00:00", "31 Nov 2026 00:00", "22 Nov 2026 25:00",
          "22 Nov 2026 20:60", "22 Nov 2026 20:00:61", "0 Nov 2026 00:00", "29 Feb 2025 00:00", "22 Nov 99999 00:00",
          "22 Nov 0 00:00:00", "22 13 2026 00:00", "99999999999999999999 Nov 2026", "22 Nov 2026 1:2:3:4"})
        EXPECT_EQ(read(bad), "refused") << bad;
}

TEST(Date, KnowsTheDayOfTheWriter) {
    EXPECT_EQ(parse_date("1 Jan 2026 01:00 +0900")->local_day(), sys_days(2026y / January / 1));
    EXPECT_EQ(parse_date("31 Dec 2025 20:00 -0800")->local_day(), sys_days(2025y / December / 31));
}

TEST(Date, ReadsBackEveryDateItPrints) {
    SeededRandom random(3);
    for (int round = 0; round < 20'000; ++round) {
        DateTime date;
        const auto span = static_cast<std::uint64_t>((sys_days(9999y / 12 / 30) - sys_days(1y / 1 / 2)) / seconds(1));
        date.utc = sys_days(1y / 1 / 2) + seconds(random.below(span));
        date.offset = minutes(static_cast<int>(random.below(2 * 1439 + 1)) - 1439);
        date.zone_unknown = date.offset == minutes(0) && random.below(2) == 0;
        ASSERT_EQ(parse_date(print_date(date)), date) << print_date(date);
    }
}

} // namespace
} // namespace tegami::message
