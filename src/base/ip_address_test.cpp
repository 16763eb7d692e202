#include "base/ip_address.h"

#include <gtest/gtest.h>

namespace tegami {
namespace {

IpAddress ip(std::string_view text) {
    return IpAddress::parse(text).value();
}

TEST(IpAddress, ParsesAndPrints) {
    EXPECT_EQ(ip("192.0.2.1").to_string(), "192.0.2.1");
    EXPECT_EQ(ip("2001:DB8:0:0::1").to_string(), "2001:db8::1");
    EXPECT_EQ(ip("::ffff:192.0.2.1").to_string(), "::ffff:192.0.2.1");
    EXPECT_TRUE(ip("192.0.2.1").is_v4());
    EXPECT_TRUE(ip("::").is_v6());
    EXPECT_EQ(ip("1.2.3.4").octets(), std::string_view("\1\2\3\4"));
    EXPECT_EQ(ip("::").octets().size(), 16u);
}

TEST(IpAddress, PrintsIpv6InItsOneForm) {
    // RFC 5952 §4
    EXPECT_EQ(ip("2001:0db8::0001").to_string(), "2001:db8::1");
    EXPECT_EQ(ip("2001:db8:0:1:1:1:1:1").to_string(), "2001:db8:0:1:1:1:1:1");
    EXPECT_EQ(ip("2001:0:0:1:0:0:0:1").to_string(), "2001:0:0:1::1");
    EXPECT_EQ(ip("2001:db8:0:0:1:0:0:1").to_string(), "2001:db8::1:0:0:1");
    EXPECT_EQ(ip("::").to_string(), "::");
    EXPECT_EQ(ip("::1").to_string(), "::1");
    EXPECT_EQ(ip("1::").to_string(), "1::");
    EXPECT_EQ(ip("1:2:3:4:5:6:0:0").to_string(), "1:2:3:4:5:6::");
    EXPECT_EQ(ip("1:2:3:4:5:6:7::").to_string(), "1:2:3:4:5:6:7:0");
    EXPECT_EQ(ip("64:ff9b::192.0.2.33").to_string(), "64:ff9b::c000:221");
}

TEST(IpAddress, RefusesWhatIsNone) {
    for (const std::string_view text : {"",
                                        "1.2.3",
                                        "1.2.3.4.5",
                                        "1.2.3.256",
                                        "01.2.3.4",
                                        "a.b.c.d",
                                        "[::1]",
                                        "fe80::1%eth0",
                                        ":::",
                                        "1.2.3.4 ",
                                        " ::1",
                                        "12345::",
                                        "1:2:3:4:5:6:7",
                                        "1:2:3:4:5:6:7:8:9",
                                        "1:2:3:4:5:6:7:8::",
                                        "::1::",
                                        "1:",
                                        ":1",
                                        "::1.2.3",
                                        "1.2.3.4::",
                                        "1:2:3:4:5:6:7:1.2.3.4",
                                        "::g",
                                        "1.2.3.",
                                        ".1.2.3",
                                        "1..2.3",
                                        "+1.2.3.4"})
        EXPECT_FALSE(IpAddress::parse(text)) << text;
    EXPECT_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0", 8)));
    EXPECT_FALSE(IpAddress::parse(std::string(100, ':')));
}

TEST(IpAddress, KnowsLoopbackAndUnspecified) {
    EXPECT_TRUE(ip("127.0.0.1").is_loopback());
    EXPECT_TRUE(ip("127.255.0.9").is_loopback());
    EXPECT_TRUE(ip("::1").is_loopback());
    EXPECT_FALSE(ip("128.0.0.1").is_loopback());
    EXPECT_FALSE(ip("::2").is_loopback());
    EXPECT_TRUE(ip("::").is_unspecified());
    EXPECT_TRUE(IpAddress().is_unspecified());
    EXPECT_TRUE(ip("::ffff:127.0.0.1").unmapped().is_loopback());
}

TEST(IpAddress, AnIpv4AddressIsNotTheIpv6OneWithItsOctets) {
    EXPECT_NE(ip("0.0.0.0"), ip("::"));
}

TEST(IpNetwork, ContainsItsAddresses) {
    const IpNetwork odd = IpNetwork::parse("192.0.2.128/26").value();
    EXPECT_TRUE(odd.contains(ip("192.0.2.128")));
    EXPECT_TRUE(odd.contains(ip("192.0.2.191")));
    EXPECT_FALSE(odd.contains(ip("192.0.2.192")));
    EXPECT_TRUE(odd.contains(ip("::ffff:192.0.2.130")));
    EXPECT_FALSE(odd.contains(ip("::1")));
    EXPECT_TRUE(IpNetwork::parse("0.0.0.0/0")->contains(ip("9.9.9.9")));
    EXPECT_FALSE(IpNetwork::parse("0.0.0.0/0")->contains(ip("::1")));
    EXPECT_TRUE(IpNetwork::parse("2001:db8::/33")->contains(ip("2001:db8:7fff::1")));
    EXPECT_FALSE(IpNetwork::parse("2001:db8::/33")->contains(ip("2001:db8:8000::1")));
    EXPECT_TRUE(IpNetwork::parse("::1")->contains(ip("::1")));
    EXPECT_FALSE(IpNetwork::parse("::1")->contains(ip("::2")));
}

TEST(IpNetwork, RefusesWhatIsNone) {
    for (const std::string_view text :
         {"192.0.2.1/24", "192.0.2.0/33", "::/129", "192.0.2.0/", "192.0.2.0/x", "/8", "192.0.2.0/-1", "2001:db8::/16"})
        EXPECT_FALSE(IpNetwork::parse(text)) << text;
}

TEST(IpNetwork, PrintsWhatItParses) {
    for (const std::string_view text : {"192.0.2.0/24", "::/0", "2001:db8::/32", "127.0.0.1/32"})
        EXPECT_EQ(IpNetwork::parse(text)->to_string(), text);
}

} // namespace
} // namespace tegami
