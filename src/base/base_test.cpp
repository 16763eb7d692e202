#include "base/ascii.h"
#include "base/base64.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/counter.h"
#include "base/random.h"
#include "base/result.h"
#include "base/words.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace tegami {
namespace {

TEST(Counters, WordsThatNobodyKnowsCountUnderTheLast) {
    WordCounters<3> counters{{"one", "two", "other"}};
    for (const char* const word : {"one", "two", "two", "three", ""})
        counters.add(word);
    EXPECT_EQ(counters.value("one"), 1U);
    EXPECT_EQ(counters.value("two"), 2U);
    EXPECT_EQ(counters.value("other"), 2U);
    EXPECT_EQ(counters.value("three"), 0U);
}

TEST(Counters, ADurationIsInTheFirstBucketThatItFitsInto) {
    DurationHistogram histogram;
    for (const int microseconds : {0, 1'000, 1'001, 10'000'000, 10'000'001})
        histogram.add(Duration(microseconds));
    EXPECT_EQ(histogram.in_bucket(0), 2U);
    EXPECT_EQ(histogram.in_bucket(1), 1U);
    EXPECT_EQ(histogram.in_bucket(DurationHistogram::kBounds.size() - 1), 1U);
    EXPECT_EQ(histogram.in_bucket(DurationHistogram::kBounds.size()), 1U);
    EXPECT_EQ(histogram.sum(), std::chrono::microseconds(20'002'002));
}

TEST(Words, AreCompleteWithTheSamePlacesInBothLanguages) {
    EXPECT_TRUE(same_places({"{} of {}, {{", "{0} / {1}"}));
    EXPECT_TRUE(same_places({"{} of {}", "{1} のうち {0}"}));
    for (const Words& words : {Words{"{} of {}", "{}"}, Words{"{}", "{} {}"}, Words{"a", ""}, Words{"", "a"},
                               Words{"{", "{"}, Words{"{}", "{1}"}, Words{"}", "a"}, Words{"{9}", "{9}"}})
        EXPECT_FALSE(same_places(words)) << words.english;
    EXPECT_EQ(Words("a", "b").in(Language::japanese), "b");
}

// RFC 4648 §10
TEST(Base64, EncodesTheVectorsOfTheStandard) {
    const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [octets, text] : vectors) {
        EXPECT_EQ(base64::encode(octets), text);
        EXPECT_EQ(base64::decode(text), octets);
    }
}

TEST(Base64, RefusesWhatIsNotCanonical) {
    for (const char* text : {"Zg=", "Zg", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm 9", "Zm9v\n"})
        EXPECT_EQ(base64::decode(text), std::nullopt) << text;
}

TEST(Base64, GivesBackEveryOctet) {
    std::string octets;
    for (int octet = 0; octet < 256; ++octet) {
        octets += static_cast<char>(octet);
        EXPECT_EQ(base64::decode(base64::encode(octets)), octets);
    }
}

TEST(Base64, HasAnAlphabetForAddresses) {
    // RFC 7515 §2 and appendix C.
    EXPECT_EQ(base64::encode_url("\x03\xec\xff\xe0\xc1"), "A-z_4ME");
    EXPECT_EQ(base64::decode_url("A-z_4ME"), "\x03\xec\xff\xe0\xc1");
    for (const char* const wrong : {"", "A", "A-z_4MF", "A+z/4ME", "A-z_4ME="})
        EXPECT_FALSE(base64::decode_url(wrong)) << wrong;
}

TEST(Bytes, ReadsBackWhatWasWritten) {
    std::string out;
    bytes::append_big_endian(out, std::uint32_t{0x01020304});
    bytes::append_varint(out, 300);
    bytes::append_varint(out, ~std::uint64_t{0});
    bytes::append_string(out, "letter");
    bytes::Reader reader(out);
    EXPECT_EQ(reader.big_endian<std::uint32_t>(), 0x01020304U);
    EXPECT_EQ(reader.varint(), 300U);
    EXPECT_EQ(reader.varint(), ~std::uint64_t{0});
    EXPECT_EQ(reader.string(), "letter");
    EXPECT_TRUE(reader.complete());
}

TEST(Bytes, EveryShortRecordFailsAndNeverReadsPastTheEnd) {
    std::string out;
    bytes::append_big_endian(out, std::uint64_t{7});
    bytes::append_string(out, "letter");
    for (std::size_t cut = 0; cut < out.size(); ++cut) {
        bytes::Reader reader(std::string_view(out).substr(0, cut));
        reader.big_endian<std::uint64_t>();
        reader.string();
        EXPECT_FALSE(reader.complete()) << cut;
    }
}

// RFC 3720 §B.4
TEST(Bytes, Crc32cGivesTheVectorsOfTheStandard) {
    EXPECT_EQ(bytes::crc32c(std::string(32, '\0')), 0x8a9136aaU);
    EXPECT_EQ(bytes::crc32c(std::string(32, '\xff')), 0x62a8ab43U);
    const std::string letters = "a letter, in two parts";
    EXPECT_EQ(bytes::crc32c(letters.substr(9), bytes::crc32c(letters.substr(0, 9))), bytes::crc32c(letters));
}

TEST(Ascii, ParsesWholeNumbersOnly) {
    EXPECT_EQ(ascii::parse_number<std::uint32_t>("4294967295"), 4294967295U);
    for (const char* text : {"", "4294967296", "-1", "+1", " 1", "1 ", "0x1", "1a"})
        EXPECT_EQ(ascii::parse_number<std::uint32_t>(text), std::nullopt) << text;
}

TEST(Ascii, ComparesWithoutCase) {
    EXPECT_TRUE(ascii::iequals("INBOX", "inBox"));
    EXPECT_FALSE(ascii::iequals("INBOX", "INBOXES"));
    EXPECT_FALSE(ascii::iequals("@", "`"));
}

TEST(Ascii, PrintableHidesControlsAndCuts) {
    EXPECT_EQ(ascii::printable("a\r\nb\xff"), "a\\x0d\\x0ab\\xff");
    EXPECT_EQ(ascii::printable("abcdef", 3), "abc…");
}

TEST(Random, TheSameSeedGivesTheSameNumbers) {
    SeededRandom one(7), same(7), other(8);
    const std::string token = one.token(24);
    EXPECT_EQ(token, same.token(24));
    EXPECT_NE(token, other.token(24));
}

TEST(SystemClock, KnowsTheZoneOfTheMachine) {
    using namespace std::chrono;
    const Timestamp winter = sys_days(2026y / January / 15);
    const Timestamp summer = sys_days(2026y / July / 15);

    struct Case {
        const char* zone;
        minutes winter, summer;
    };

    for (const Case& each : {Case{"JST-9", 540min, 540min}, Case{"CET-1CEST,M3.5.0,M10.5.0/3", 60min, 120min},
                             Case{"<-0330>3:30", -210min, -210min}, Case{"UTC0", 0min, 0min}}) {
        setenv("TZ", each.zone, 1);
        tzset();
        EXPECT_EQ(SystemClock().zone(winter), each.winter) << each.zone;
        EXPECT_EQ(SystemClock().zone(summer), each.summer) << each.zone;
    }
    unsetenv("TZ");
    tzset();
}

Result<int, std::string> half(int number) {
    if (number % 2 != 0) return failure(std::string("odd"));
    return number / 2;
}

Result<int, std::string> quarter(int number) {
    TRY(const int once, half(number));
    TRY(const int twice, half(once));
    return twice;
}

TEST(Result, TryReturnsTheFirstError) {
    EXPECT_EQ(quarter(8), 2);
    EXPECT_EQ(quarter(6).error(), "odd");
}

} // namespace
} // namespace tegami
