#include "trust/spf/macro.h"

#include <gtest/gtest.h>

namespace tegami::spf {
namespace {

constexpr std::size_t kPlenty = 10'000;

MacroValues values() {
    return {.local_part = "tea.room-key",
            .sender_domain = "kyoto.a.test",
            .domain = "spf.kyoto.a.test",
            .client = *IpAddress::parse("198.51.100.7"),
            .client_name = "out.a.test",
            .helo = "helo.a.test",
            .receiver = "mx.b.test",
            .time = Timestamp(std::chrono::seconds(1'700'000'000))};
}

TEST(Macro, Expands) {
    struct Row {
        const char* text;
        const char* expanded;
    };

    for (const Row& row : std::initializer_list<Row>{
             {"", ""},
             {"plain words", "plain words"},
             {"%%%_%-", "% %20"},
             {"%{s}|%{l}|%{o}|%{d}", "tea.room-key@kyoto.a.test|tea.room-key|kyoto.a.test|spf.kyoto.a.test"},
             {"%{i}.%{v} %{c}", "198.51.100.7.in-addr 198.51.100.7"},
             {"%{p} %{h} %{r} %{t}", "out.a.test helo.a.test mx.b.test 1700000000"},
             {"%{ir}", "7.100.51.198"},
             {"%{d2} %{d1r} %{d99} %{d3r}", "a.test spf spf.kyoto.a.test a.kyoto.spf"},
             {"%{dR}", "test.a.kyoto.spf"},
             {"%{d99999999999999999999999}", "spf.kyoto.a.test"},
             {"%{l-}", "tea.room.key"}, // splits at "-" only, joins with dots
             {"%{lr-}", "key.tea.room"},
             {"%{l1r-}", "tea.room"},
             {"%{l.-}", "tea.room.key"},
             {"%{l1r.-}", "tea"},
             {"%{S}", "tea.room-key%40kyoto.a.test"},
             {"%{O1}", "test"},
             {"%{l+}", "tea.room-key"},
         }) {
        const auto parsed = MacroString::parse_explanation(row.text);
        ASSERT_TRUE(parsed) << row.text;
        EXPECT_EQ(expand(*parsed, values(), kPlenty), row.expanded) << row.text;
    }
}

TEST(Macro, PartsBetweenDelimitersMayBeEmpty) {
    MacroValues odd = values();
    for (const auto& [local_part, expanded] : std::initializer_list<std::pair<const char*, const char*>>{
             {"-a--b", "b..a."}, {"-", "."}, {"", ""}, {"a", "a"}}) {
        odd.local_part = local_part;
        EXPECT_EQ(expand(*MacroString::parse("%{lr-}"), odd, kPlenty), expanded) << local_part;
    }
}

TEST(Macro, AnAddressOfIpv6HasSixteenths) {
    MacroValues six = values();
    six.client = *IpAddress::parse("2001:db8::4a");
    EXPECT_EQ(expand(*MacroString::parse_explanation("%{v} %{c} %{i}"), six, kPlenty),
              "ip6 2001:db8::4a 2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.4.a");
}

TEST(Macro, ExpansionEndsWhenThereIsEnough) {
    std::string many;
    for (int i = 0; i < 100; ++i)
        many += "%{l}";
    const std::string end = expand(*MacroString::parse(many + "x"), values(), 20);
    EXPECT_GT(end.size(), 20);
    EXPECT_LT(end.size(), 40);
    EXPECT_TRUE(end.ends_with("tea.room-keyx"));
}

TEST(Macro, SyntaxOfExplanations) {
    for (const char* bad : {"%", "%a", "%(d)", "%{", "%{d", "%{}", "%{x}", "%{d0}", "%{d0r}", "%{rd}", "%{d2r.r}",
                            "%{d.2}", "%{d:}", "%{ d}", "tab\t", "caf\xc3\xa9", "\x7f", "%{%{d}}"})
        EXPECT_FALSE(MacroString::parse_explanation(bad)) << bad;
    EXPECT_FALSE(MacroString::parse("two words"));
    EXPECT_TRUE(MacroString::parse("%{c}%{r}%{t}"));
}

TEST(Macro, SyntaxOfDomains) {
    for (const char* good : {"a.test", "a.test.", "_spf.a.test", "a.x-y", "a.1b", "a.xn--4a", "%{d}", "x%{d1r-}", "%%",
                             "a%_", "a.%-", "%{d}.test", "%{i}.a/b:c@d=e.test", "!.test", "..test", "}.test"})
        EXPECT_TRUE(MacroString::parse_domain(good)) << good;
    for (const char* bad :
         {"",       ".",     "test",     "test.",    "a.",         "a..",    "a.9", "a.12",        "a.-b",
          "a.b-",   "a.b_c", "a.b/24",   "%{d}.",    "%{d}test",   "%{d}.9", "%%.", "%{c}.a.test", "%{r}",
          "a.%{t}", "%{C}",  "a b.test", "a.te\tst", "a.t\xc3\xa9"})
        EXPECT_FALSE(MacroString::parse_domain(bad)) << bad;
}

} // namespace
} // namespace tegami::spf
