// What is to be published, for which facts.
#include "dns_setup/plan.h"
#include "dns_setup/setup_fixture.h"
#include "dns_setup/zone.h"
#include "trust/tls_policy/own_policy.h"

#include <fmt/format.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::dns_setup {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// "needed NAME TYPE VALUE".
std::vector<std::string> listed(const Facts& facts) {
    std::vector<std::string> lines;
    for (const PlannedRecord& record : plan_records(facts))
        lines.push_back((record.needed ? "needed " : "advised ") + (record.name ? record.name->to_string() : "?") +
                        " " + dns::to_string(record.type) + " " + (record.data ? plain_value(*record.data) : "?"));
    return lines;
}

std::string policy_id(std::string_view mode, std::string_view max_age) {
    return tls_policy::policy_id(
        fmt::format("version: STSv1\r\nmode: {}\r\nmx: mail.a.test\r\nmax_age: {}\r\n", mode, max_age));
}

TEST(PlanTest, EverythingThatADomainNeeds) {
    EXPECT_THAT(
        listed(some_facts()),
        ElementsAre(
            "needed a.test MX 10 mail.a.test", "needed mail.a.test A 192.0.2.1", "needed mail.a.test AAAA 2001:db8::1",
            "needed 1.2.0.192.in-addr.arpa PTR mail.a.test",
            "needed 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR "
            "mail.a.test",
            "needed a.test TXT v=spf1 mx ~all", "needed r1._domainkey.a.test TXT " + some_record(dkim::KeyType::rsa),
            "advised mail.a.test TXT v=spf1 a -all",
            "advised e1._domainkey.a.test TXT " + some_record(dkim::KeyType::ed25519),
            "advised _dmarc.a.test TXT v=DMARC1; p=none; rua=mailto:dmarc-reports@a.test",
            "advised _smtp._tls.a.test TXT v=TLSRPTv1; rua=mailto:tls-reports@a.test",
            "advised _mta-sts.a.test TXT v=STSv1; id=" + policy_id("testing", "86400"),
            "advised mta-sts.a.test CNAME mail.a.test", "advised _25._tcp.mail.a.test TLSA 3 1 1 6b6b",
            "advised autoconfig.a.test CNAME mail.a.test", "advised autodiscover.a.test CNAME mail.a.test",
            "advised _autodiscover._tcp.a.test SRV 0 1 443 mail.a.test",
            "advised _submissions._tcp.a.test SRV 0 1 465 mail.a.test", "advised _submission._tcp.a.test SRV 0 0 0 .",
            "advised _imaps._tcp.a.test SRV 0 0 0 .", "advised _imap._tcp.a.test SRV 0 0 0 .",
            "advised _pop3s._tcp.a.test SRV 10 1 995 mail.a.test", "advised _pop3._tcp.a.test SRV 0 0 0 ."));
    EXPECT_THAT(plan_records(some_facts()),
                Each(AllOf(Field(&PlannedRecord::what_for, Not("")), Field(&PlannedRecord::without, Not("")))));
}

TEST(PlanTest, WhatIsNotThereIsNotPublished) {
    Facts facts = some_facts();
    facts.host.name = *dns::Name::parse("a.test"); // one name cannot have two SPF records
    facts.host.public_key_sha256.clear();
    facts.host.addresses.clear();
    facts.host.services.clear();
    facts.host.has_https = false;
    facts.keys.clear();
    EXPECT_THAT(listed(facts),
                ElementsAre("needed a.test MX 10 a.test", "needed a.test A ?", "needed ? PTR a.test",
                            "needed a.test TXT v=spf1 mx ~all",
                            "advised _dmarc.a.test TXT v=DMARC1; p=none; rua=mailto:dmarc-reports@a.test",
                            "advised _smtp._tls.a.test TXT v=TLSRPTv1; rua=mailto:tls-reports@a.test"));
}

TEST(PlanTest, APolicyIsAnnouncedUnlessItsModeIsNone) {
    Facts facts = some_facts();
    facts.sts_mode = tls_policy::StsMode::enforce;
    EXPECT_THAT(listed(facts), Contains("advised _mta-sts.a.test TXT v=STSv1; id=" + policy_id("enforce", "1209600")));
    facts.host.name = *dns::Name::parse("mta-sts.a.test"); // its addresses stand there
    EXPECT_THAT(listed(facts), Not(Contains(StartsWith("advised mta-sts.a.test CNAME"))));
    facts.sts_mode = tls_policy::StsMode::none;
    EXPECT_THAT(listed(facts), Not(Contains(HasSubstr("STSv1"))));
}

TEST(PlanTest, AKeyIsNeededIfOtherwiseMailWouldGoUnsigned) {
    struct Example {
        std::vector<KeyState> rsa_keys;
        std::vector<bool> needed;
    };
    using enum KeyState;
    for (const auto& [states, needed] :
         {Example{{announced}, {true}}, Example{{signing}, {true}}, Example{{signing, announced}, {true, false}},
          Example{{retired, signing}, {false, true}}, Example{{retired, announced}, {false, true}}}) {
        Facts facts = some_facts();
        facts.keys.clear();
        for (const KeyState state : states)
            facts.keys.push_back(some_key("k" + std::to_string(facts.keys.size()), dkim::KeyType::rsa, state));
        std::map<std::string, bool> planned;
        for (const PlannedRecord& record : plan_records(facts))
            if (record.purpose == Purpose::signing_key) planned[record.name->labels().front()] = record.needed;
        for (std::size_t at = 0; at < needed.size(); ++at)
            EXPECT_EQ(planned.at("k" + std::to_string(at)), needed[at]);
    }
}

TEST(PlanTest, AZoneFileHasLastDotsAndShortStrings) {
    Facts facts = some_facts();
    facts.keys.front().record = "v=DKIM1; p=" + std::string(300, 'A');
    const std::vector<std::string> lines = zone_lines(plan_records(facts), facts.domain);
    EXPECT_THAT(lines,
                AllOf(Contains("a.test. 3600 IN MX 10 mail.a.test."), Contains("mail.a.test. 3600 IN A 192.0.2.1"),
                      Contains("; in another zone: 1.2.0.192.in-addr.arpa. 3600 IN PTR mail.a.test."),
                      Contains("_submissions._tcp.a.test. 3600 IN SRV 0 1 465 mail.a.test."),
                      Contains("_imap._tcp.a.test. 3600 IN SRV 0 0 0 ."),
                      Contains("r1._domainkey.a.test. 3600 IN TXT \"v=DKIM1; p=" + std::string(244, 'A') + "\" \"" +
                               std::string(56, 'A') + "\"")));
}

TEST(PlanTest, AZoneFileHasCommentsForWhatIsNotInItsZone) {
    Facts facts = some_facts();
    facts.host.name = *dns::Name::parse("mail.elsewhere.test");
    facts.host.addresses.clear();
    for (const std::string& line : zone_lines(plan_records(facts), facts.domain)) {
        if (line.contains("mail.elsewhere.test. 3600") || line.contains("IN PTR") || line.contains("IN A")) {
            EXPECT_THAT(line, StartsWith("; "));
        }
    }
}

TEST(PlanTest, AddressesThatNobodyReaches) {
    for (const char* const text : {"127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.1.1", "100.64.0.1",
                                   "0.0.0.0", "::1", "::", "fd00::1", "fe80::1", "::ffff:10.1.2.3"})
        EXPECT_FALSE(is_public(*IpAddress::parse(text))) << text;
    for (const char* const text : {"192.0.2.1", "172.32.0.1", "2001:db8::1", "::ffff:192.0.2.1"})
        EXPECT_TRUE(is_public(*IpAddress::parse(text))) << text;
}

} // namespace
} // namespace tegami::dns_setup
