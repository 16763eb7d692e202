#include "base/address_reach.h"
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

TEST(AddressReach, WhatIsNotOfTheInternetIsNeverTakenForIt) {
    for (const char* const text : {"0.0.0.0",
                                   "0.1.2.3",
                                   "10.0.0.1",
                                   "100.64.0.1",
                                   "100.127.255.255",
                                   "127.0.0.1",
                                   "127.9.9.9",
                                   "169.254.169.254",
                                   "172.16.0.1",
                                   "172.31.255.255",
                                   "192.0.0.8",
                                   "192.88.99.1",
                                   "192.168.1.1",
                                   "198.18.0.1",
                                   "198.19.255.255",
                                   "224.0.0.251",
                                   "239.255.255.250",
                                   "240.0.0.1",
                                   "255.255.255.255",
                                   "::",
                                   "::1",
                                   "::7f00:1",
                                   "::ffff:127.0.0.1",
                                   "::ffff:7f00:1",
                                   "::ffff:10.0.0.1",
                                   "64:ff9b::7f00:1",
                                   "64:ff9b::808:808",
                                   "64:ff9b:1::1",
                                   "100::1",
                                   "2001::1",
                                   "2001:20::1",
                                   "2002:7f00:1::1",
                                   "fc00::1",
                                   "fd12::1",
                                   "fe80::1",
                                   "fec0::1",
                                   "ff02::1",
                                   "5f00::1"})
        EXPECT_EQ(reach_of(ip(text)), Reach::inside) << text;
    for (const char* const text :
         {"192.0.2.1", "198.51.100.7", "203.0.113.255", "2001:db8::1", "3fff::1", "::ffff:192.0.2.1"})
        EXPECT_EQ(reach_of(ip(text)), Reach::example) << text;
    for (const char* const text : {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.0.0.1",
                                   "128.0.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1", "193.0.6.139", "198.20.0.0",
                                   "223.255.255.255", "::ffff:8.8.8.8", "2001:200::1", "2606:4700::1111", "2a00::1"})
        EXPECT_EQ(reach_of(ip(text)), Reach::internet) << text;
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
