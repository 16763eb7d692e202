// RFC 8601 §3: iprev.
#include "trust/iprev.h"

#include "trust/zone_fixture.h"

#include <gtest/gtest.h>

namespace tegami::trust {
namespace {

TEST(Iprev, ANameMustLeadBackToTheAddress) {
    Zone zone({"1.2.0.192.in-addr.arpa PTR mail.a.test", "mail.a.test A 192.0.2.1",
               "2.2.0.192.in-addr.arpa PTR mail.a.test", "3.2.0.192.in-addr.arpa PTR broken.test",
               "4.2.0.192.in-addr.arpa PTR nowhere.test", "4.2.0.192.in-addr.arpa PTR four.test",
               "four.test A 192.0.2.9", "four.test A 192.0.2.4", "5.2.0.192.in-addr.arpa PTR nowhere.test",
               "1.2.0.198.in-addr.arpa TXT \"x\"", "8.b.d.0.1.0.0.2.ip6.arpa TXT \"x\"",
               "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR six.a.test",
               "six.a.test AAAA 2001:db8::1"});
    zone.break_name("broken.test");
    zone.break_name("6.2.0.192.in-addr.arpa");

    struct Row {
        const char* client;
        IprevOutcome outcome;
        const char* name;
    };

    for (const Row& row :
         {Row{"192.0.2.1", IprevOutcome::pass, "mail.a.test"},
          Row{"::ffff:192.0.2.1", IprevOutcome::pass, "mail.a.test"},
          Row{"192.0.2.2", IprevOutcome::fail, "mail.a.test"}, Row{"192.0.2.3", IprevOutcome::temperror, "broken.test"},
          Row{"192.0.2.4", IprevOutcome::pass, "four.test"}, Row{"192.0.2.5", IprevOutcome::fail, "nowhere.test"},
          Row{"192.0.2.6", IprevOutcome::temperror, nullptr}, Row{"198.0.2.1", IprevOutcome::permerror, nullptr},
          Row{"203.0.113.1", IprevOutcome::permerror, nullptr}, Row{"2001:db8::1", IprevOutcome::pass, "six.a.test"},
          Row{"2001:db8::2", IprevOutcome::permerror, nullptr}}) {
        const Iprev result =
            zone.ask([&](const DnsAnswers& answers) { return check_iprev(*IpAddress::parse(row.client), answers); });
        EXPECT_EQ(to_string(result.outcome), to_string(row.outcome)) << row.client;
        EXPECT_EQ(result.name ? result.name->to_string() : "", row.name ? row.name : "") << row.client;
    }
}

TEST(Iprev, ManyNamesAreNotAllLookedAt) {
    Zone zone;
    for (int i = 0; i < 100; ++i)
        zone.add("1.2.0.192.in-addr.arpa PTR n" + std::to_string(i) + ".test");
    zone.ask([&](const DnsAnswers& answers) { return check_iprev(*IpAddress::parse("192.0.2.1"), answers); });
    EXPECT_EQ(zone.questions(), 1 + kReverseNamesMax);
}

} // namespace
} // namespace tegami::trust
