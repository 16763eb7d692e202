#include "trust/dmarc/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::dmarc {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> texts_of(const std::vector<Uri>& uris) {
    std::vector<std::string> texts;
    for (const Uri& uri : uris)
        texts.push_back(uri.text);
    return texts;
}

TEST(DmarcRecord, IsWhatBeginsWithTheVersion) {
    for (const std::string_view text : {"v=DMARC1", "v=DMARC1;", "v = DMARC1 ; p=none", "V=DMARC1;p=none",
                                        "v=DMARC1\t;\tp\t=\tnone\t;\t", "v=DMARC1;;p=none"})
        EXPECT_TRUE(parse_record(text)) << text;
    for (const std::string_view text : {"", " ", "v", "v=", "v=dmarc1; p=none", "v=DMARC2; p=none", "v=DMARC1 p=none",
                                        "v=DMARC1, p=none", "v=DMARC10", "p=none; v=DMARC1", " v=DMARC1; p=none",
                                        "v=spf1 -all", "v=DMARC1\n; p=none", ";v=DMARC1", "\"v=DMARC1\""})
        EXPECT_FALSE(parse_record(text)) << text;
}

TEST(DmarcRecord, HasEveryTag) {
    const auto record =
        parse_record("v=DMARC1; p=reject; sp=quarantine; np=none; adkim=s; aspf=S; psd=n; t=y; fo=1:d:s; "
                     "rua=mailto:a@b.example; ruf=mailto:c@d.example");
    ASSERT_TRUE(record);
    EXPECT_TRUE(record->applicable);
    EXPECT_EQ(record->p, Policy::reject);
    EXPECT_EQ(record->sp, Policy::quarantine);
    EXPECT_EQ(record->np, Policy::none);
    EXPECT_EQ(record->adkim, AlignmentMode::strict);
    EXPECT_EQ(record->aspf, AlignmentMode::strict);
    EXPECT_EQ(record->psd, PublicSuffix::no);
    EXPECT_TRUE(record->testing);
    EXPECT_EQ(to_string(record->fo), "1:d:s");
    EXPECT_THAT(texts_of(record->rua), ElementsAre("mailto:a@b.example"));
    EXPECT_THAT(texts_of(record->ruf), ElementsAre("mailto:c@d.example"));
    EXPECT_THAT(record->faulty, IsEmpty());
}

TEST(DmarcRecord, HasDefaults) {
    const auto record = parse_record("v=DMARC1; p=QUARANTINE");
    ASSERT_TRUE(record);
    EXPECT_EQ(*record, (Record{.p = Policy::quarantine}));
    EXPECT_EQ(to_string(record->fo), "0");
    EXPECT_EQ(to_string(record->p), "quarantine");
}

TEST(DmarcRecord, IgnoresWhatItDoesNotKnow) {
    const auto record =
        parse_record("v=DMARC1; pct=20; rf=afrf; ri=3600; x=\xff\x01; nonsense; =; p=reject; v=DMARC1; pp=none");
    ASSERT_TRUE(record);
    EXPECT_EQ(*record, (Record{.p = Policy::reject, .sampled = true}));
    EXPECT_FALSE(parse_record("v=DMARC1; p=reject; pct=100")->sampled);
}

// RFC 9989 §4.8: a syntax error loses its tag only.
TEST(DmarcRecord, LosesOnlyTheFaultyTag) {
    const auto record =
        parse_record("v=DMARC1; p=reject; adkim=strict; aspf=; psd=maybe; t=1; fo=0:1; ruf=mailto:a@b.test");
    ASSERT_TRUE(record);
    EXPECT_EQ(record->p, Policy::reject);
    EXPECT_EQ(record->adkim, AlignmentMode::relaxed);
    EXPECT_EQ(record->fo, FailureOptions{});
    EXPECT_THAT(record->faulty, ElementsAre(Tag::adkim, Tag::aspf, Tag::psd, Tag::t, Tag::fo));
    EXPECT_EQ(to_string(record->faulty.front()), "adkim");
}

TEST(DmarcRecord, TakesTheFirstOfTwo) {
    const auto record = parse_record("v=DMARC1; p=reject; sp=none; p=none; sp=reject; p=x");
    ASSERT_TRUE(record);
    EXPECT_EQ(record->p, Policy::reject);
    EXPECT_EQ(record->sp, Policy::none);
    EXPECT_THAT(record->faulty, ElementsAre(Tag::p, Tag::sp));
}

// RFC 9989 §4.10.1: no readable p, or an sp or np that is not readable.
TEST(DmarcRecord, WithoutPolicyOnlyAsksForReports) {
    struct Case {
        std::string_view text;
        bool applicable;
        Policy p;
    };

    for (const Case& each : std::vector<Case>{
             {"v=DMARC1", false, Policy::none},
             {"v=DMARC1; p=", false, Policy::none},
             {"v=DMARC1; p=rejct", false, Policy::none},
             {"v=DMARC1; rua=mailto:a@b.test", true, Policy::none},
             {"v=DMARC1; p=rejct; rua=mailto:a@b.test", true, Policy::none},
             {"v=DMARC1; p=reject; sp=x; rua=mailto:a@b.test", true, Policy::none},
             {"v=DMARC1; p=reject; np=x; rua=mailto:a@b.test", true, Policy::none},
             {"v=DMARC1; p=reject; np=x; rua=https://b.test/report", true, Policy::none},
             {"v=DMARC1; p=reject; np=x; rua=b.test", false, Policy::none},
             {"v=DMARC1; p=reject; sp=x; ruf=mailto:a@b.test", false, Policy::none},
             {"v=DMARC1; p=reject; adkim=x", true, Policy::reject},
         }) {
        const auto record = parse_record(each.text);
        ASSERT_TRUE(record) << each.text;
        EXPECT_EQ(record->applicable, each.applicable) << each.text;
        EXPECT_EQ(record->p, each.p) << each.text;
        if (each.p == Policy::none) EXPECT_FALSE(record->sp || record->np) << each.text;
    }
}

TEST(DmarcRecord, ReadsFailureOptions) {
    const auto options = [](std::string_view value) {
        const auto record = parse_record("v=DMARC1; p=none; ruf=mailto:a@b.test; fo=" + std::string(value));
        return to_string(record->fo) + (record->faulty.empty() ? "" : " faulty");
    };
    EXPECT_EQ(options("0"), "0");
    EXPECT_EQ(options("1"), "1");
    EXPECT_EQ(options("d"), "d");
    EXPECT_EQ(options("s:D"), "d:s");
    EXPECT_EQ(options("d:0:s"), "0:d:s");
    for (const std::string_view bad : {"", "0:1", "d:d", "2", "0:", ":", "ds", "0:d:s:d"})
        EXPECT_EQ(options(bad), "0 faulty") << bad;
    // It says nothing where nobody wants failure reports.
    EXPECT_EQ(parse_record("v=DMARC1; p=none; fo=1")->fo, FailureOptions{});
}

TEST(DmarcRecord, ReadsReportAddresses) {
    const auto rua = [](std::string_view value) {
        return texts_of(parse_record("v=DMARC1; p=none; rua=" + std::string(value))->rua);
    };
    EXPECT_THAT(rua("mailto:a@b.test"), ElementsAre("mailto:a@b.test"));
    EXPECT_THAT(rua("mailto:a@b.test , MAILTO:c@d.test"), ElementsAre("mailto:a@b.test", "MAILTO:c@d.test"));
    EXPECT_THAT(rua("mailto:a@b.test,mailto:a@b.test"), ElementsAre("mailto:a@b.test"));
    // RFC 9989 §4.8: the obsolete limits are ignored.
    EXPECT_THAT(rua("mailto:a@b.test!10m,mailto:c@d.test!5,mailto:e@f.test!1T"),
                ElementsAre("mailto:a@b.test", "mailto:c@d.test", "mailto:e@f.test"));
    for (const std::string_view bad : {"", ",", "a@b.test", "mailto:", "mailto:a", "mailto:a@", "mailto:a@b.test!x",
                                       "mailto:a@b.test!10mm", "mailto:a@b .test", "mailto:a%4@b.test", ":a@b.test",
                                       "1x:y", "mailto:\xe3\x81\x82@b.test", "mailto:a@b.test!", "ht_tp:a"})
        EXPECT_THAT(rua(bad), IsEmpty()) << bad;
    EXPECT_THAT(rua("nobody,mailto:a@b.test"), ElementsAre("mailto:a@b.test"));
    EXPECT_THAT(parse_record("v=DMARC1; p=none; rua=nobody,mailto:a@b.test")->faulty, ElementsAre(Tag::rua));

    // RFC 9989 §4.8: commas and exclamation points come encoded. The mailbox is the one meant; headers are not wanted.
    const auto uris =
        parse_record("v=DMARC1; p=none; rua=mailto:%22a%21b%2Cc%22@D.test?subject=x, https://b.test/r")->rua;
    ASSERT_EQ(uris.size(), 2u);
    EXPECT_EQ(uris[0].mailbox->to_string(), "\"a!b,c\"@d.test");
    EXPECT_FALSE(uris[1].mailbox);

    std::string many;
    for (int number = 0; number < 100; ++number)
        many += "mailto:a" + std::to_string(number) + "@b.test,";
    EXPECT_EQ(rua(many).size(), kReportUrisMax);
    EXPECT_THAT(rua("mailto:" + std::string(kReportUriBytesMax, 'a') + "@b.test"), IsEmpty());
}

} // namespace
} // namespace tegami::dmarc
