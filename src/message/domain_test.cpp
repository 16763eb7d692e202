#include "message/domain.h"

#include <gtest/gtest.h>

namespace tegami::message {
namespace {

std::string spelled(std::string_view text) {
    const auto domain = Domain::parse(text);
    return domain ? domain->ascii() : "refused";
}

TEST(Domain, ShowsALabelsThatStandForNoTextAsTheyAre) {
    for (const char* text : {"xn--hfq", "xn--8bi4f4k", "a.xn--hfq.test"}) {
        const auto domain = Domain::parse(text);
        if (domain) EXPECT_EQ(Domain::parse(domain->display()), domain) << text;
    }
    EXPECT_EQ(Domain::parse("xn--hfq").value().display(), "xn--hfq");
}

TEST(Domain, KeepsOneSpelling) {
    EXPECT_EQ(spelled("Example.ORG"), "example.org");
    EXPECT_EQ(spelled("example.org."), "example.org");
    EXPECT_EQ(spelled("_dmarc.example.org"), "_dmarc.example.org");
    EXPECT_EQ(Domain::parse("EXAMPLE.org"), Domain::parse("example.ORG."));
}

TEST(Domain, ConvertsUnicodeLabels) {
    EXPECT_EQ(spelled("例え.jp"), "xn--r8jz45g.jp");
    EXPECT_EQ(spelled("BÜCHER.example"), "xn--bcher-kva.example");
    EXPECT_EQ(spelled("straße.de"), "xn--strae-oqa.de");
    EXPECT_EQ(Domain::parse("xn--r8jz45g.jp")->display(), "例え.jp");
    EXPECT_EQ(Domain::parse("例え。jp")->ascii(), "xn--r8jz45g.jp");
    EXPECT_EQ(Domain::parse("example.org")->display(), "example.org");
}

TEST(Domain, ReadsAddressLiterals) {
    const auto four = Domain::parse("[192.0.2.1]");
    ASSERT_TRUE(four);
    EXPECT_TRUE(four->is_address_literal());
    EXPECT_EQ(four->literal_address(), "192.0.2.1");
    const auto six = Domain::parse("[IPv6:2001:DB8:0::1]");
    ASSERT_TRUE(six);
    EXPECT_EQ(six->ascii(), "[ipv6:2001:db8::1]");
    EXPECT_EQ(six->literal_address(), "2001:db8::1");
    EXPECT_EQ(Domain::parse("example.org")->literal_address(), "");
}

TEST(Domain, SpellsEachIpv6AddressInOneWay) {
    const std::pair<const char*, const char*> spellings[] = {
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"0:0:0:0:0:0:0:0", "::"},
        {"2001:0DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"1:0:0:2:0:0:0:3", "1:0:0:2::3"},
        {"::ffff:192.0.2.1", "::ffff:c000:201"},
        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
        {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
    };
    for (const auto& [given, canonical] : spellings)
        EXPECT_EQ(spelled("[IPv6:" + std::string(given) + "]"), "[ipv6:" + std::string(canonical) + "]");
    for (const auto* bad : {"", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3",
                            "1:2:3:4:5:6:7:8::", "12345::", "g::", "1.2.3.4::", "::1.2.3", "::1.2.3.4:5", "::256.1.1.1",
                            "::01.2.3.4", ":1::", "1:", "fe80::1%eth0"})
        EXPECT_EQ(spelled("[IPv6:" + std::string(bad) + "]"), "refused") << bad;
}

TEST(Domain, RefusesWhatIsNoHost) {
    using namespace std::string_view_literals;
    for (const std::string_view text :
         {""sv, "."sv, "a..b"sv, ".a"sv, "-a.b"sv, "a-.b"sv, "a b"sv, "a@b"sv, "[1.2.3]"sv, "[1.2.3.4"sv, "[]"sv,
          "[IPv6:1.2.3.4]"sv, "[::1]"sv, "a\0b"sv, "[1.2.3.4\0]"sv, "\xff\xfe.jp"sv, "a/b"sv, "a..sv."sv})
        EXPECT_EQ(spelled(text), "refused") << text;
    EXPECT_EQ(spelled(std::string(64, 'a') + ".org"), "refused");
    EXPECT_EQ(spelled(std::string(63, 'a') + ".org"), std::string(63, 'a') + ".org");
    std::string name;
    while (name.size() < 256)
        name += "abcdefg.";
    EXPECT_EQ(spelled(name + "x"), "refused");
}

} // namespace
} // namespace tegami::message
