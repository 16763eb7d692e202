#include "message/address.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace tegami::message {
namespace {

using namespace std::string_view_literals;

/// The list as one line: `name <route:local@domain>`, groups as `name{` and `}`.
std::string shown(std::string_view value) {
    std::string out;
    for (const HeaderAddress& entry : parse_address_list(value)) {
        if (!out.empty()) out += " | ";
        if (entry.kind == HeaderAddress::Kind::group_start) {
            out += entry.name + "{";
        } else if (entry.kind == HeaderAddress::Kind::group_end) {
            out += "}";
        } else {
            if (!entry.name.empty()) out += "[" + entry.name + "]";
            if (!entry.route.empty()) out += entry.route + ":";
            out += entry.local_part + "@" + entry.domain;
        }
    }
    return out;
}

// RFC 5322 Appendix A.1
TEST(AddressList, ReadsTheExamplesOfTheStandard) {
    EXPECT_EQ(shown("John Doe <jdoe@machine.example>"), "[John Doe]jdoe@machine.example");
    EXPECT_EQ(shown("\"Joe Q. Public\" <john.q.public@example.com>"), "[Joe Q. Public]john.q.public@example.com");
    EXPECT_EQ(shown("Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>"),
              "[Mary Smith]mary@x.test | jdoe@example.org | [Who?]one@y.test");
    EXPECT_EQ(shown("<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>"),
              "boss@nil.test | [Giant; \"Big\" Box]sysservices@example.net");
    EXPECT_EQ(shown("A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;"),
              "A Group{ | [Ed Jones]c@a.test | joe@where.test | [John]jdoe@one.test | }");
    EXPECT_EQ(shown("Undisclosed recipients:;"), "Undisclosed recipients{ | }");
    EXPECT_EQ(shown("(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;"), "Hidden recipients{ | }");
    EXPECT_EQ(shown("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>"), "[Pete]pete@silly.test");
    EXPECT_EQ(shown("A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n"
                    "         joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end of the group)"),
              "A Group{ | [Chris Jones]c@public.example | joe@example.org | [John]jdoe@one.test | }");
    EXPECT_EQ(shown("Joe Q. Public <john.q.public@example.com>"), "[Joe Q. Public]john.q.public@example.com");
    EXPECT_EQ(shown("Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example"),
              "[Mary Smith]@node.test:mary@example.net | jdoe@test.example");
    EXPECT_EQ(shown("<@a.test,@b.test:c@d.test>"), "@a.test,@b.test:c@d.test");
}

TEST(AddressList, TakesTheNameFromAComment) {
    EXPECT_EQ(shown("jdoe@example.org (John Doe)"), "[John Doe]jdoe@example.org");
    EXPECT_EQ(shown("<jdoe@example.org> (John Doe)"), "[John Doe]jdoe@example.org");
    EXPECT_EQ(shown("\"J\" <jdoe@example.org> (John Doe)"), "[J]jdoe@example.org");
}

TEST(AddressList, KeepsRawAndEncodedNamesAsWritten) {
    EXPECT_EQ(shown("山田太郎 <taro@example.jp>"), "[山田太郎]taro@example.jp");
    EXPECT_EQ(shown("山田@例え.jp"), "山田@例え.jp");
    EXPECT_EQ(shown("=?ISO-2022-JP?B?GyRCOzNFRBsoQg==?= <taro@example.jp>"),
              "[=?ISO-2022-JP?B?GyRCOzNFRBsoQg==?=]taro@example.jp");
    EXPECT_EQ(shown("=?utf-8?Q?Doe,_John_<J.>?= <j@x.test>, b@x.test"),
              "[=?utf-8?Q?Doe,_John_<J.>?=]j@x.test | b@x.test");
    EXPECT_EQ(shown("\xbb\xb3\xc5\xc4 <taro@example.jp>"), "[\xbb\xb3\xc5\xc4]taro@example.jp");
}

TEST(AddressList, KeepsWordsWholeThatHoldQuestionMarks) {
    EXPECT_EQ(shown("=?utf-8?Q?Who,_me?\?= <j@x.test>, b@x.test"), "[=?utf-8?Q?Who,_me?\?=]j@x.test | b@x.test");
    EXPECT_EQ(shown("=?utf-8?Q?\?= =?utf-8?Q?a?= <j@x.test>"), "[=?utf-8?Q?\?= =?utf-8?Q?a?=]j@x.test");
    EXPECT_EQ(shown("=?iso-8859-1?Q?L=F6s=2C_F?=\r\n \t<f@x.test>"), "[=?iso-8859-1?Q?L=F6s=2C_F?=]f@x.test");
}

TEST(AddressList, MakesTheBestOfBrokenForms) {
    EXPECT_EQ(shown("a@b.test; c@d.test;"), "a@b.test | c@d.test");
    EXPECT_EQ(shown("Doe, John <j@x.test>"), "Doe@ | [John]j@x.test");
    EXPECT_EQ(shown("a@b.test <a@b.test>"), "[a@b.test]a@b.test");
    EXPECT_EQ(shown("Name <<a@b.test>>"), "[Name]a@b.test");
    EXPECT_EQ(shown("Name <a@b.test"), "[Name]a@b.test");
    EXPECT_EQ(shown("Name <a@b.test, c@d.test"), "[Name]a@b.test | c@d.test");
    EXPECT_EQ(shown("A <a@b.test> B <c@d.test>"), "[A]a@b.test | [B]c@d.test");
    EXPECT_EQ(shown("\"No end <a@b.test>"), "[\"No end]a@b.test");
    EXPECT_EQ(shown("Name (no end <a@b.test>"), "[Name (no end]a@b.test");
    EXPECT_EQ(shown("=?\?"), "=?\?@");
    EXPECT_EQ(shown("=?x?q?"), "=?x?q?@");
    EXPECT_EQ(shown("root"), "root@");
    EXPECT_EQ(shown("Cron Daemon"), "[Cron Daemon]@");
    EXPECT_EQ(shown("Name <>"), "[Name]@");
    EXPECT_EQ(shown("<>"), "");
    EXPECT_EQ(shown(""), "");
    EXPECT_EQ(shown(" , ,, ;"), "");
    EXPECT_EQ(shown("\"a b\"@c.test"), "a b@c.test");
    EXPECT_EQ(shown("a@b@c.test"), "a@b@c.test");
    EXPECT_EQ(shown("user@[192.0.2.1]"), "user@[192.0.2.1]");
    EXPECT_EQ(shown("a@b.test and more"), "a@b.test");
    EXPECT_EQ(shown("a\0b@c.test"sv), "a b@c.test");
    EXPECT_EQ(shown("Group: a@b.test, c@d.test"), "Group{ | a@b.test | c@d.test | }");
    EXPECT_EQ(shown("<mailto:a@b.test>"), "mailto:a@b.test");
}

TEST(AddressList, GivesUsableAddresses) {
    EXPECT_EQ(first_address("Nobody, X <x@EXAMPLE.org>")->to_string(), "x@example.org");
    EXPECT_EQ(first_address("a@例え.jp")->to_string(), "a@xn--r8jz45g.jp");
    EXPECT_EQ(first_address("no address here"), std::nullopt);
    EXPECT_EQ(first_address("a@b..c"), std::nullopt);
    EXPECT_EQ(first_address("\"a\r\nb\"@c.test")->to_string(), "ab@c.test");
}

TEST(AddressList, PrintsWhatItReadsBack) {
    const std::string_view values[] = {"John Doe <jdoe@machine.example>",
                                       "\"Joe Q. \\\"X\\\" \\\\ Public\" <john.q.public@example.com>",
                                       "A Group: Ed <c@a.test>, joe@where.test; , x@y.test",
                                       "Mary <@a.test,@b.test:mary@example.net>",
                                       "root",
                                       "Cron Daemon",
                                       "\"a b\"@c.test",
                                       "山田 <taro@example.jp>",
                                       ":;",
                                       "\"\"@c.test"};
    for (const std::string_view value : values) {
        const auto list = parse_address_list(value);
        EXPECT_EQ(parse_address_list(print_address_list(list)), list) << value << " -> " << print_address_list(list);
    }
}

TEST(AddressList, ReadsBackWhatItPrintsForAnyNames) {
    SeededRandom random(7);
    const std::string_view pieces[] = {"a", "Z", "9", " ", ".",  ",",  "\"", "\\", "(", ")", "<", ">",
                                       "@", ":", ";", "é", "日", "=?", "?=", "[",  "]", "-", "_", "'"};
    const auto text = [&](std::size_t pieces_max) {
        std::string out;
        for (auto left = random.below(pieces_max); left > 0; --left)
            out += pieces[random.below(std::size(pieces))];
        return out;
    };
    for (int round = 0; round < 20'000; ++round) {
        std::vector<HeaderAddress> list;
        for (auto left = 1 + random.below(4); left > 0; --left) {
            HeaderAddress entry{.name = text(8), .local_part = "l" + text(6), .domain = "example.org"};
            list.push_back(std::move(entry));
        }
        const std::string printed = print_address_list(list);
        ASSERT_EQ(parse_address_list(printed), list) << printed;
    }
}

TEST(AddressList, TakesLinearTimeAndBoundedEntries) {
    for (const std::string_view piece : {"("sv, "\""sv, "<"sv, "=?a?q?"sv, "=?"sv, "["sv, "a,"sv, "\\"sv, ":"sv, ";"sv,
                                         "a:b;"sv, "@"sv, "("sv, "()"sv, "\"\""sv, "a "sv, "<@"sv}) {
        std::string value;
        while (value.size() < 64 * 1024)
            value += piece;
        EXPECT_LE(parse_address_list(value).size(), kHeaderAddressesMax) << piece;
    }
}

TEST(EnvelopePath, ReadsPaths) {
    const auto path = parse_envelope_path("<Fred.Smith@Example.ORG> SIZE=1000");
    ASSERT_TRUE(path);
    EXPECT_EQ(path->address->local_part, "Fred.Smith");
    EXPECT_EQ(path->address->domain.ascii(), "example.org");
    EXPECT_EQ(path->length, "<Fred.Smith@Example.ORG>"sv.size());
    EXPECT_FALSE(path->has_utf8);

    const auto empty = parse_envelope_path("<> BODY=8BITMIME");
    ASSERT_TRUE(empty);
    EXPECT_FALSE(empty->address);
    EXPECT_FALSE(empty->bare_postmaster);
    EXPECT_EQ(empty->length, 2U);

    const auto postmaster = parse_envelope_path("<PostMaster>");
    ASSERT_TRUE(postmaster);
    EXPECT_TRUE(postmaster->bare_postmaster);
    EXPECT_EQ(postmaster->length, 12U);
}

TEST(EnvelopePath, IgnoresSourceRoutes) {
    const auto path = parse_envelope_path("<@one.test,@two.test:joe@three.test>");
    ASSERT_TRUE(path);
    EXPECT_EQ(path->address->to_string(), "joe@three.test");
    for (const auto* bad : {"<@one.test>", "<@one.test,:a@b.test>", "<@:a@b.test>", "<@one test:a@b.test>"})
        EXPECT_FALSE(parse_envelope_path(bad)) << bad;
}

TEST(EnvelopePath, ReadsQuotedAndInternationalLocalParts) {
    EXPECT_EQ(parse_envelope_path("<\"a b\\\"c\"@x.test>")->address->local_part, "a b\"c");
    EXPECT_EQ(parse_envelope_path("<\"abc\"@x.test>")->address, parse_envelope_path("<abc@x.test>")->address);
    EXPECT_EQ(parse_envelope_path("<\">@\"@x.test> X=1")->length, "<\">@\"@x.test>"sv.size());
    const auto japanese = parse_envelope_path("<太郎@例え.jp>");
    ASSERT_TRUE(japanese);
    EXPECT_TRUE(japanese->has_utf8);
    EXPECT_FALSE(japanese->address->is_ascii());
    EXPECT_EQ(japanese->address->to_string(), "太郎@xn--r8jz45g.jp");
    EXPECT_EQ(japanese->address->display(), "太郎@例え.jp");
    const auto domain_only = parse_envelope_path("<taro@例え.jp>");
    EXPECT_TRUE(domain_only->has_utf8);
    EXPECT_TRUE(domain_only->address->is_ascii());
    EXPECT_EQ(parse_envelope_path("<a@[IPv6:::1]>")->address->to_string(), "a@[ipv6:::1]");
}

TEST(EnvelopePath, RefusesEverythingElse) {
    for (const std::string_view bad : {""sv,
                                       "a@b.test"sv,
                                       "<a@b.test"sv,
                                       "<a>"sv,
                                       "<@b.test>"sv,
                                       "<a@>"sv,
                                       "<a b@c.test>"sv,
                                       "<a@b..c>"sv,
                                       "<a@-b.test>"sv,
                                       "<a@b.test >"sv,
                                       "< a@b.test>"sv,
                                       "<\"a@b.test>"sv,
                                       "<\"a\rb\"@c.test>"sv,
                                       "<a@b.test\r\n>"sv,
                                       "<a\0@b.test>"sv,
                                       "<a@[1.2.3]>"sv,
                                       "<a@b@c.test>"sv,
                                       "<a,b@c.test>"sv,
                                       "<(c)a@b.test>"sv,
                                       "<\"a\\"sv})
        EXPECT_FALSE(parse_envelope_path(bad)) << bad;
    EXPECT_EQ(parse_envelope_path("<\xff@b.test>").error(), AddressError::bad_utf8);
    EXPECT_EQ(parse_envelope_path("<a@b_.-.test>").error(), AddressError::bad_domain);
    EXPECT_EQ(parse_envelope_path("<" + std::string(kLocalPartBytesMax + 1, 'a') + "@b.test>").error(),
              AddressError::too_long);
    EXPECT_TRUE(parse_envelope_path("<" + std::string(kLocalPartBytesMax, 'a') + "@b.test>"));
    EXPECT_EQ(parse_envelope_path("<@" + std::string(2'000, 'a') + "@b.test>").error(), AddressError::too_long);
}

/// Carriers gave such addresses out.
TEST(EmailAddress, DotsMayStandAnywhereAsIfQuoted) {
    for (const std::string local : {"taro.", "a..b", ".x", ".", "..", "a...b.", "\u592a\u90ce."}) {
        const std::string quoted = '"' + local + "\"@carrier.test";
        const auto address = parse_email_address(local + "@carrier.test");
        ASSERT_TRUE(address) << local;
        EXPECT_EQ(address->local_part, local);
        EXPECT_EQ(address->to_string(), quoted);
        EXPECT_EQ(address, parse_email_address(quoted));
        EXPECT_EQ(parse_envelope_path("<" + local + "@carrier.test> SIZE=1")->address, *address);
        EXPECT_EQ(parse_envelope_path("<" + quoted + ">")->address, *address);
        for (const std::string& field :
             {local + "@carrier.test", "Taro <" + local + "@carrier.test>", "<" + quoted + ">"})
            EXPECT_EQ(first_address(field), *address) << field;
    }
    EXPECT_EQ(parse_email_address("a.b@carrier.test")->to_string(), "a.b@carrier.test");
    EXPECT_EQ(parse_email_address("@carrier.test").error(), AddressError::syntax);
}

TEST(EmailAddress, PrintsWhatItReadsBack) {
    SeededRandom random(11);
    const std::string_view pieces[] = {"a", "Z", ".", " ", "\"", "\\", "@", ">",
                                       "<", "(", ",", "é", "日", "+",  "=", ";"};
    for (int round = 0; round < 20'000; ++round) {
        EmailAddress address{"", *Domain::parse("example.org")};
        for (auto left = 1 + random.below(8); left > 0; --left)
            address.local_part += pieces[random.below(std::size(pieces))];
        ASSERT_EQ(parse_email_address(address.to_string()), address) << address.to_string();
        const auto path = parse_envelope_path("<" + address.to_string() + "> NEXT");
        ASSERT_TRUE(path);
        ASSERT_EQ(path->address, address);
    }
}

} // namespace
} // namespace tegami::message
