#include "trust/tls_policy/mta_sts.h"
#include "trust/tls_policy/own_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace tegami::tls_policy {
namespace {

dns::Name host(std::string_view text) {
    return *dns::Name::parse(text);
}

// RFC 8461 §3.1.
TEST(MtaSts, Records) {
    struct Row {
        std::vector<std::string> texts;
        std::optional<std::string> id;
    };

    for (const Row& row : std::vector<Row>{
             {{"v=STSv1; id=7;"}, "7"},
             {{"v=STSv1;id=7"}, "7"},
             {{"v=STSv1 \t; id=a1B2 ; "}, "a1B2"},
             {{"v=STSv1; later=word; id=7;"}, "7"},
             {{"v=STSv1; id=7; id=8"}, "7"},
             {{"v=spf1 -all", "v=STSv1; id=7"}, "7"},
             {{"v=STSv10; id=6", "v=STSv1; id=7"}, "7"},
             {{}, {}},
             {{"v=STSv1; id=7", "v=STSv1; id=7"}, {}},
             {{"v=STSv1"}, {}},
             {{"v=STSv1;"}, {}},
             {{"v=stsv1; id=7"}, {}},
             {{"id=7; v=STSv1"}, {}},
             {{" v=STSv1; id=7"}, {}},
             {{"v=STSv1; id="}, {}},
             {{"v=STSv1; id=7-8"}, {}},
             {{"v=STSv1; id=" + std::string(32, 'a')}, std::string(32, 'a')},
             {{"v=STSv1; id=" + std::string(33, 'a')}, {}},
             {{"v=STSv1; id=7; nothing"}, {}},
             {{"v=STSv1; id=7;; later=word"}, {}},
             {{"v=STSv1; id=7; later=two words"}, {}},
             {{"v=STSv1; ID=7"}, {}},
             {{"v=STSv1; id=7; x=" + std::string(kStsRecordBytesMax, 'x')}, {}},
         })
        EXPECT_EQ(find_sts_id(row.texts), row.id) << ::testing::PrintToString(row.texts);
}

const std::string kHead = "version: STSv1\r\nmode: enforce\r\n";

TEST(MtaSts, APolicyWithAllItsKeys) {
    const auto policy =
        parse_sts_policy(kHead + "mx: mail.b.test\r\nmx:*.b.test \t\r\nlater: än word\r\nmax_age: 604800\r\n");
    ASSERT_TRUE(policy.has_value());
    EXPECT_EQ(policy->mode, StsMode::enforce);
    EXPECT_EQ(policy->max_age, std::chrono::seconds(604800));
    EXPECT_EQ(policy->mx, (std::vector<StsPattern>{{false, host("mail.b.test")}, {true, host("b.test")}}));
}

// RFC 8461 §3.2.
TEST(MtaSts, Policies) {
    struct Row {
        std::string octets;
        std::optional<StsPolicyError> error;
    };

    std::string many = kHead + "max_age: 1\n";
    for (std::size_t i = 0; i <= kStsPatternsMax; ++i)
        many += "mx: m.test\n";
    using enum StsPolicyError;
    for (const Row& row : std::vector<Row>{
             {kHead + "mx: m.test\nmax_age: 1", {}},
             {"mx: m.test\nmax_age: 1\nmode: testing\nversion: STSv1\n\n", {}},
             {"version: STSv1\nmode: none\nmax_age: 0\n", {}},
             {kHead + "mode: none\nversion: STSv2\nmx: m.test\nmax_age: 1\nmax_age: x\n", {}},
             {"", wrong_version},
             {"mode: enforce\nmx: m.test\nmax_age: 1\n", wrong_version},
             {"version: STSv2\nmode: enforce\nmx: m.test\nmax_age: 1\n", wrong_version},
             {"Version: STSv1\nmode: enforce\nmx: m.test\nmax_age: 1\n", wrong_version},
             {"version: STSv1\nmx: m.test\nmax_age: 1\n", wrong_mode},
             {"version: STSv1\nmode: Enforce\nmx: m.test\nmax_age: 1\n", wrong_mode},
             {kHead + "mx: m.test\n", wrong_max_age},
             {kHead + "mx: m.test\nmax_age: -1\n", wrong_max_age},
             {kHead + "mx: m.test\nmax_age: 12345678901\n", wrong_max_age},
             {kHead + "max_age: 1\n", wrong_mx},
             {kHead + "max_age: 1\nmx: *\n", wrong_mx},
             {kHead + "max_age: 1\nmx: *.*.test\n", wrong_mx},
             {kHead + "max_age: 1\nmx: m*.test\n", wrong_mx},
             {kHead + "max_age: 1\nmx: one.test, two.test\n", wrong_mx},
             {kHead + "max_age: 1\nmx: 日本.test\n", wrong_mx},
             {kHead + "max_age: 1\nmx: m..test\n", wrong_mx},
             {kHead + "max_age: 1\nmx:\n", malformed},
             {kHead + "max_age: 1\nmx: m.test\nwithout a colon\n", malformed},
             {kHead + "max_age: 1\nmx: m.test\n<html>: x\n", malformed},
             {kHead + "max_age: 1\nmx: m.\x01test\n", malformed},
             {kHead + "max_age: 1\nmx: m.test\n" + std::string(kStsPolicyBytesMax, '\n'), too_long},
             {many, too_long},
         }) {
        const auto policy = parse_sts_policy(row.octets);
        EXPECT_EQ(policy.has_value(), !row.error) << row.octets.substr(0, 200);
        if (!policy) EXPECT_EQ(policy.error(), row.error) << row.octets.substr(0, 200);
    }
}

TEST(MtaSts, AVeryLongTimeIsAYear) {
    EXPECT_EQ(parse_sts_policy(kHead + "mx: m.test\nmax_age: 9999999999\n").value().max_age, kStsMaxAgeMax);
}

// RFC 8461 §4.1.
TEST(MtaSts, HostsThatAPolicyAllows) {
    const StsPolicy policy = parse_sts_policy(kHead + "mx: mail.b.test\nmx: *.c.test\nmax_age: 1\n").value();
    for (const char* const good : {"mail.b.test", "MAIL.B.test", "one.c.test", "mail.b.test."})
        EXPECT_TRUE(policy.allows(host(good))) << good;
    for (const char* const bad : {"b.test", "x.mail.b.test", "mail.b.test.evil.test", "c.test", "one.two.c.test", "."})
        EXPECT_FALSE(policy.allows(host(bad))) << bad;
}

TEST(OwnPolicyTest, IsReadAsItIsMeant) {
    const dns::Name host = *dns::Name::parse("mail.a.test");
    std::set<std::string> ids;
    for (const StsMode mode : {StsMode::enforce, StsMode::testing, StsMode::none}) {
        const std::string octets = own_policy(mode, host);
        EXPECT_EQ(parse_sts_policy(octets).value(),
                  (StsPolicy{.mode = mode, .max_age = own_policy_age(mode), .mx = {{.name = host}}}));
        EXPECT_EQ(find_sts_mode(to_string(mode)), mode);
        EXPECT_EQ(find_sts_id({"v=STSv1; id=" + policy_id(octets)}), policy_id(octets));
        ids.insert(policy_id(octets));
    }
    EXPECT_EQ(ids.size(), 3U);
    EXPECT_EQ(policy_id("version: STSv1"), "2f0354d1a49d706e7728");
}

} // namespace
} // namespace tegami::tls_policy
