#include "trust/spf/record.h"

#include <gtest/gtest.h>

namespace tegami::spf {
namespace {

TEST(SpfRecord, IsOneIfItsVersionIs) {
    for (const char* good : {"v=spf1", "v=spf1 ", "V=SPF1 -all", "v=spf1 \xff"})
        EXPECT_TRUE(is_record(good)) << good;
    for (const char* bad : {"", "v=spf", "v=spf10 -all", "v=spf1\t-all", " v=spf1", "v=spf1-all", "v=spf2.0/pra"})
        EXPECT_FALSE(is_record(bad)) << bad;
}

TEST(SpfRecord, Terms) {
    const auto record = parse_record("v=spf1  +a/24 -MX:a.test//64 ~ip4:192.0.2.9/30 ?IP6:2001:db8::/32 "
                                     "mx:%{d}/24//48 ptr include:_x.a.test exists:%{i}.a.test a "
                                     "exp=why.a.test Redirect=b.test moo=%{c} moo= all");
    ASSERT_TRUE(record) << record.error().term;

    struct Row {
        Outcome qualifier;
        Mechanism mechanism;
        bool has_target;
        unsigned v4_bits;
        unsigned v6_bits;
        const char* text;
    };

    const std::vector<Row> rows{
        {Outcome::pass, Mechanism::a, false, 24, 128, "+a/24"},
        {Outcome::fail, Mechanism::mx, true, 32, 64, "-MX:a.test//64"},
        {Outcome::softfail, Mechanism::ip4, false, 30, 128, "~ip4:192.0.2.9/30"},
        {Outcome::neutral, Mechanism::ip6, false, 32, 32, "?IP6:2001:db8::/32"},
        {Outcome::pass, Mechanism::mx, true, 24, 48, "mx:%{d}/24//48"},
        {Outcome::pass, Mechanism::ptr, false, 32, 128, "ptr"},
        {Outcome::pass, Mechanism::include, true, 32, 128, "include:_x.a.test"},
        {Outcome::pass, Mechanism::exists, true, 32, 128, "exists:%{i}.a.test"},
        {Outcome::pass, Mechanism::a, false, 32, 128, "a"},
        {Outcome::pass, Mechanism::all, false, 32, 128, "all"},
    };
    ASSERT_EQ(record->directives.size(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Directive& directive = record->directives[i];
        EXPECT_EQ(directive.text, rows[i].text);
        EXPECT_EQ(directive.qualifier, rows[i].qualifier) << directive.text;
        EXPECT_EQ(directive.mechanism, rows[i].mechanism) << directive.text;
        EXPECT_EQ(directive.target.has_value(), rows[i].has_target) << directive.text;
        EXPECT_EQ(directive.v4_bits, rows[i].v4_bits) << directive.text;
        EXPECT_EQ(directive.v6_bits, rows[i].v6_bits) << directive.text;
    }
    EXPECT_EQ(record->redirect->text, "Redirect=b.test");
    EXPECT_EQ(record->explanation->text, "exp=why.a.test");
}

TEST(SpfRecord, OneErrorAnywhereIsAnError) {
    for (const std::string term : {"al",
                                   "-",
                                   "+",
                                   "--all",
                                   "all.",
                                   "all:a.test",
                                   "all/8",
                                   "include",
                                   "include:",
                                   "include/24",
                                   "include:a",
                                   "include:a.test/24",
                                   "exists",
                                   "exists:",
                                   "exists:a.test//64",
                                   "ptr:",
                                   "ptr/24",
                                   "ptr:a.test/24",
                                   "a:",
                                   "a/",
                                   "a//",
                                   "a/33",
                                   "a/024",
                                   "a//129",
                                   "a/24/64",
                                   "a///64",
                                   "a:a.test/",
                                   "a:a.test/-1",
                                   "a/99999999999999",
                                   "mx:9",
                                   "mx//064",
                                   "ip4",
                                   "ip4:",
                                   "ip4:1.2.3",
                                   "ip4:1.2.3.4/33",
                                   "ip4:1.2.3.4/",
                                   "ip4:1.2.3.4//8",
                                   "ip4:2001::1",
                                   "ip4:1.2.3.4:25",
                                   "ip4:01.2.3.4",
                                   "ip6:1.2.3.4",
                                   "ip6:::1/129",
                                   "ip6:[::1]",
                                   "ip6",
                                   "=a",
                                   "1=a",
                                   "-exp=a.test",
                                   "exp=",
                                   "exp=%{r}.a.test",
                                   "redirect=",
                                   "redirect=a",
                                   "redirect:a.test",
                                   "x=%",
                                   "x=%{z}",
                                   "a\tb",
                                   "\xc3\xa9",
                                   "x=\xc3\xa9",
                                   "%{d}",
                                   "v=spf1\x01",
                                   "a:a.test\r"}) {
        const std::string text = "v=spf1 all " + term + " ip4:192.0.2.1";
        const auto record = parse_record(text);
        ASSERT_FALSE(record) << term;
        EXPECT_EQ(record.error(), (RecordError{.reason = Reason::syntax_error, .term = term}));
    }
}

TEST(SpfRecord, ModifiersThatMayStandOnce) {
    for (const std::string name : {"redirect", "exp"}) {
        const std::string term = name + "=b.test";
        const auto record = parse_record(std::string("v=spf1 ").append(name).append("=a.test all ").append(term));
        ASSERT_FALSE(record);
        EXPECT_EQ(record.error(), (RecordError{.reason = Reason::repeated_modifier, .term = term}));
    }
}

TEST(SpfRecord, HasALimit) {
    std::string text = "v=spf1";
    text.resize(kRecordBytesMax, ' ');
    EXPECT_TRUE(parse_record(text));
    EXPECT_EQ(parse_record(text + ' ').error(), (RecordError{.reason = Reason::record_too_long, .term = {}}));
}

TEST(SpfRecord, IsParsedOnceForAMessage) {
    ParsedRecords parsed;
    const std::string good = "v=spf1 -all";
    const auto& first = parsed.parse(good);
    EXPECT_EQ(first->directives.size(), 1U);
    EXPECT_EQ(parsed.parse("v=spf1 nonsense").error().reason, Reason::syntax_error);
    EXPECT_EQ(&parsed.parse(good), &first);
}

} // namespace
} // namespace tegami::spf
