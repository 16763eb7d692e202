// What is said of a domain whose records are as planned, missing, wrong, or others that do the job.
#include "dns_setup/check.h"
#include "dns_setup/setup_fixture.h"
#include "trust/zone_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>

namespace tegami::dns_setup {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string line_of(const PlannedRecord& record) {
    return record.name->to_string() + " " + dns::to_string(record.type) + " " + dns::to_string(*record.data);
}

/// All that is planned.
std::vector<std::string> as_planned(const Facts& facts) {
    std::vector<std::string> lines;
    for (const PlannedRecord& record : plan_records(facts))
        lines.push_back(line_of(record));
    return lines;
}

std::vector<Finding> check(const Facts& facts, trust::Zone zone) {
    return zone.ask([&](const trust::DnsAnswers& answers) { return check_records(facts, answers, Timestamp()); });
}

/// "right", "missing!": with a mark if mail suffers; then the words.
std::string said(const Finding& finding) {
    return std::string(to_string(finding.state)) + (finding.suffers ? "! " : " ") + finding.words;
}

struct Example {
    std::string start;                ///< of the planned lines that are not there
    std::vector<std::string> instead; ///< lines
    Purpose purpose;
    std::string words; ///< that are said of the first record with this purpose, best with this start; in part
};

void expect_said(const Facts& facts, const std::vector<Example>& examples) {
    for (const Example& example : examples) {
        std::vector<std::string> lines = as_planned(facts);
        std::erase_if(lines, [&](const std::string& line) { return line.starts_with(example.start); });
        lines.insert(lines.end(), example.instead.begin(), example.instead.end());
        const std::vector<Finding> findings = check(facts, trust::Zone(lines));
        const auto of_purpose = [&](const Finding& each) { return each.record.purpose == example.purpose; };
        auto found = std::ranges::find_if(findings, [&](const Finding& each) {
            return of_purpose(each) && line_of(each.record).starts_with(example.start);
        });
        if (found == findings.end()) found = std::ranges::find_if(findings, of_purpose);
        ASSERT_NE(found, findings.end());
        EXPECT_THAT(said(*found), HasSubstr(example.words)) << example.start << testing::PrintToString(example.instead);
    }
}

TEST(CheckTest, WhatIsPublishedAsPlannedIsRight) {
    for (const Finding& finding : check(some_facts(), trust::Zone(as_planned(some_facts())))) {
        EXPECT_EQ(finding.state, State::right) << line_of(finding.record) << finding.words;
        EXPECT_FALSE(finding.suffers);
        if (finding.record.purpose != Purpose::author_policy) EXPECT_EQ(finding.words, "");
    }
}

TEST(CheckTest, WhatIsNotThereIsMissingAndMailSuffersFromWhatIsNeeded) {
    for (const PlannedRecord& record : plan_records(some_facts())) {
        std::vector<std::string> lines = as_planned(some_facts());
        std::erase(lines, line_of(record));
        for (const Finding& finding : check(some_facts(), trust::Zone(lines))) {
            if (finding.record.name != record.name || finding.record.type != record.type) continue;
            EXPECT_EQ(finding.state, State::missing) << line_of(record);
            EXPECT_EQ(finding.suffers, record.needed) << line_of(record);
            EXPECT_NE(finding.words, "");
        }
    }
}

TEST(CheckTest, WhatIsNotAnsweredIsNotKnown) {
    for (const PlannedRecord& record : plan_records(some_facts())) {
        trust::Zone zone(as_planned(some_facts()));
        zone.break_name(record.name->to_string());
        for (const Finding& finding : check(some_facts(), zone)) {
            if (finding.record.name != record.name || finding.record.type != record.type) continue;
            EXPECT_EQ(finding.state, State::no_answer) << line_of(record);
            EXPECT_EQ(finding.suffers, record.needed) << line_of(record);
        }
    }
}

TEST(CheckTest, WhoTakesTheMail) {
    using enum Purpose;
    expect_said(
        some_facts(),
        {{"a.test MX", {"a.test MX 0 ."}, exchanger, "wrong! the domain says that it takes no mail"},
         {"a.test MX", {"a.test MX 5 mx.other.test"}, exchanger, "wrong! the domain's mail goes to mx.other.test,"},
         {"-", {"a.test MX 5 mx.other.test"}, exchanger, "right mail goes to mx.other.test first"},
         {"-", {"a.test MX 20 mx.other.test"}, exchanger, "right mx.other.test takes the domain's mail too"},
         {"a.test MX", {"a.test MX 5 mx.a.test", "mx.a.test A 192.0.2.1"}, exchanger, "right "},
         {"a.test MX", {"a.test MX 5 mx.a.test", "mx.a.test A 192.0.2.9"}, exchanger, "wrong! "},
         {"mail.a.test A ", {"mail.a.test A 192.0.2.9"}, address, "wrong! mail.a.test leads to 192.0.2.9, not to"},
         {"-", {"mail.a.test A 192.0.2.9"}, address, "right mail.a.test leads to 192.0.2.9 too"},
         {"mail.a.test A",
          {"mail.a.test CNAME b.test", "b.test A 192.0.2.1"},
          address,
          "right mail.a.test is an alias"}});
}

TEST(CheckTest, WhatLeadsBack) {
    using enum Purpose;
    expect_said(some_facts(), {{"1.2.0.192", {}, reverse, "missing! 192.0.2.1 has no name"},
                               {"1.2.0.192",
                                {"1.2.0.192.in-addr.arpa PTR host1.provider.test"},
                                reverse,
                                "wrong! 192.0.2.1 has the name host1.provider.test, which does not lead back"},
                               {"1.2.0.192",
                                {"1.2.0.192.in-addr.arpa PTR host1.provider.test", "host1.provider.test A 192.0.2.1"},
                                reverse,
                                "right host1.provider.test leads back"}});
}

TEST(CheckTest, SpfIsJudgedByWhatItSaysOfOurAddresses) {
    using enum Purpose;
    const auto spf = [](std::string record) {
        return std::vector<std::string>{"a.test TXT \"" + record + "\"", "a.test TXT \"something else\""};
    };
    expect_said(
        some_facts(),
        {{"a.test TXT", spf("v=spf1 ip4:192.0.2.0/24 a:mail.a.test include:news.test -all"), sender_policy, "right "},
         {"a.test TXT", spf("v=spf1 ip4:192.0.2.1 -all"), sender_policy,
          "wrong! it does not let this server's address 2001:db8::1 send (fail): add a:mail.a.test"},
         {"a.test TXT", spf("v=spf1 ip4:192.0.2.9 ?all"), sender_policy, "address 192.0.2.1 send (neutral)"},
         {"-", spf("v=spf1 mx -all"), sender_policy, "wrong! there are 2 SPF records"},
         {"a.test TXT", spf("v=spf1 mx everybody -all"), sender_policy,
          "wrong! receivers cannot read it (at \"everybody\""},
         {"a.test TXT", spf("v=spf1 include:none.test -all"), sender_policy, "include:none.test leads to a domain"},
         {"a.test TXT",
          {"a.test TXT \"v=spf1 include:two.test -all\"", "two.test TXT \"v=spf1 -all\"", "two.test TXT \"v=spf1 mx\""},
          sender_policy,
          "include:two.test leads to a domain with several"},
         {"a.test TXT", spf("v=spf1 +all"), sender_policy, "wrong it lets everybody send"},
         {"a.test TXT", {"a.test TXT \"v=spf2.0\""}, sender_policy, "missing! "},
         {"mail.a.test TXT", {"mail.a.test TXT \"v=spf1 -all\""}, host_policy, "wrong! it does not let"},
         {"mail.a.test TXT", {"mail.a.test TXT \"v=spf1 ?all\""}, host_policy, "wrong it does not let"}});
}

TEST(CheckTest, AKeyIsTheSameHoweverItIsWritten) {
    using enum Purpose;
    const std::string& record = some_record(dkim::KeyType::rsa);
    const std::string octets = record.substr(record.find("p=") + 2);
    const auto key = [](const std::string& text) {
        return std::vector<std::string>{"r1._domainkey.a.test TXT \"" + text.substr(0, 200) + "\" \"" +
                                        text.substr(std::min<std::size_t>(text.size(), 200)) + "\""};
    };
    std::vector<std::string> two = key(record);
    two.push_back("r1._domainkey.a.test TXT \"verified by somebody\"");
    expect_said(some_facts(),
                {{"r1._d", key("p=" + octets + "; n=of the mail server"), signing_key, "right "},
                 {"r1._d", key(record.substr(0, 250)), signing_key, "wrong! it is cut off"},
                 {"r1._d", key("v=DKIM1; p="), signing_key, "wrong! another key, or no key,"},
                 {"r1._d", key(some_record(dkim::KeyType::ed25519)), signing_key, "wrong! another key, or no key,"},
                 {"r1._d", two, signing_key, "wrong! there are other texts beside the key"}});
}

TEST(CheckTest, DmarcIsJudgedByWhatItSays) {
    using enum Purpose;
    const auto dmarc = [](const std::string& record) {
        return std::vector<std::string>{"_dmarc.a.test TXT \"" + record + "\""};
    };
    expect_said(
        some_facts(),
        {{"-", {}, author_policy, "right p=none only watches"},
         {"_dmarc", dmarc("v=DMARC1; p=reject; rua=mailto:reports@elsewhere.test"), author_policy, "right "},
         {"_dmarc", dmarc("v=DMARC1; p=reject"), author_policy, "right nobody gets reports"},
         {"_dmarc", dmarc("v=DMARC1; p=everything; rua=mailto:x@a.test"), author_policy, "wrong receivers cannot read"},
         {"_dmarc", dmarc("v=DMARC1"), author_policy, "wrong it neither says"},
         {"-", dmarc("v=DMARC1; p=reject"), author_policy, "wrong there are 2 DMARC records"},
         {"_dmarc", dmarc("v=DMARC2; p=reject"), author_policy, "missing publish it"},
         {"_dmarc", {"_dmarc.test TXT \"v=DMARC1; p=none\""}, author_policy, "right that of test counts"}});
}

TEST(CheckTest, WhatIsAdvised) {
    using enum Purpose;
    expect_said(
        some_facts(),
        {{"_25", {"_25._tcp.mail.a.test TLSA 3 1 1 aabb"}, tls_key, "wrong! it names another key"},
         {"_25", {"_25._tcp.mail.a.test TLSA 3 0 1 6363"}, tls_key, "right "},
         {"_25", {"_25._tcp.mail.a.test TLSA 2 1 1 aabb"}, tls_key, "right it is of a kind that is not compared"},
         {"-", {"_25._tcp.mail.a.test TLSA 3 1 1 aabb"}, tls_key, "right "}, // the next key
         {"_smtp", {"_smtp._tls.a.test TXT \"v=TLSRPTv1;rua=https://elsewhere.test/\""}, tls_reports, "right "},
         {"_smtp", {"_smtp._tls.a.test TXT \"v=TLSRPTv1\""}, tls_reports, "wrong it does not say where"},
         {"-", {"_smtp._tls.a.test TXT \"v=TLSRPTv1\""}, tls_reports, "wrong there are 2 TLS-RPT records"},
         {"_submissions", {"_submissions._tcp.a.test SRV 5 5 465 mail.a.test"}, client_service, "right "},
         {"_submissions",
          {"_submissions._tcp.a.test SRV 0 1 587 mail.a.test"},
          client_service,
          "wrong it leads mail programs elsewhere"},
         {"_submissions", {"_submissions._tcp.a.test SRV 0 0 0 ."}, client_service, "wrong it leads"},
         {"_imap._tcp",
          {"_imap._tcp.a.test SRV 0 1 143 mail.a.test"},
          client_service,
          "right it leads mail programs to a"},
         {"_imap._tcp",
          {"_imap._tcp.a.test SRV 0 1 143 mail.b.test"},
          client_service,
          "wrong it leads mail programs else"},
         {"autoconfig", {"autoconfig.a.test A 192.0.2.1"}, settings_host, "right "},
         {"autoconfig", {}, settings_host, "missing publish it: without it, their users type"},
         {"autoconfig", {"autoconfig.a.test A 192.0.2.9"}, settings_host, "wrong it leads to 192.0.2.9, not to this"}});
}

std::string served(std::string_view mode, std::string_view mx = "mail.a.test") {
    return fmt::format("version: STSv1\nmode: {}\nmx: {}\nmax_age: 86400\n", mode, mx);
}

TEST(CheckTest, ThePolicyIsAnnouncedWithTheIdOfNow) {
    using enum Purpose;
    const auto text = [](const std::string& record) {
        return std::vector<std::string>{"_mta-sts.a.test TXT \"" + record + "\""};
    };
    const std::string ours = plain_value(*policy_record(some_facts()).data);
    expect_said(some_facts(), {{"_mta", text(ours + ";"), policy, "right "},
                               {"_mta", {}, policy, "missing publish it: without it, somebody"},
                               {"_mta", text("v=STSv1; id=1"), policy, "wrong it has not the id of the policy of now"},
                               {"_mta", text("v=STSv1; id=?"), policy, "wrong other servers cannot read it"},
                               {"-", text("v=STSv1; id=1"), policy, "wrong there are 2 MTA-STS records"},
                               {"-", {"a.test MX 20 mx.other.test"}, policy, "look at it pass mx.other.test over"}});
}

TEST(CheckTest, APolicyThatAnotherServerServesIsItsBusiness) {
    Facts facts = some_facts();
    std::vector<std::string> lines = as_planned(facts);
    std::erase_if(lines, [](const std::string& line) { return line.contains("mta-sts"); });
    lines.emplace_back("_mta-sts.a.test TXT \"v=STSv1; id=1\"");
    lines.emplace_back("mta-sts.a.test A 192.0.2.9");
    for (const Finding& finding : check(facts, trust::Zone(lines)))
        if (finding.record.purpose == Purpose::policy)
            EXPECT_THAT(said(finding), HasSubstr("right another server serves this policy"));
}

TEST(CheckTest, ThePolicyIsWhereOtherServersLookForIt) {
    using enum Purpose;
    expect_said(some_facts(),
                {{"mta-sts", {"mta-sts.a.test A 192.0.2.1"}, policy_host, "right "},
                 {"mta-sts", {}, policy_host, "missing publish it: without it, they cannot fetch"},
                 {"mta-sts", {"mta-sts.a.test A 192.0.2.9"}, policy_host, "wrong it leads to 192.0.2.9, not to this"}});
    const auto said_of = [](FetchedPage fetched) {
        Facts facts = some_facts();
        facts.policy = std::move(fetched);
        const std::vector<Finding> findings = check(facts, trust::Zone(as_planned(facts)));
        return said(*std::ranges::find(findings, policy_host, [](const Finding& each) { return each.record.purpose; }));
    };
    EXPECT_EQ(said_of({.octets = served("testing"), .problem = {}}), "right ");
    EXPECT_EQ(said_of({.octets = served("testing", "*.a.test"), .problem = {}}), "right ");
    EXPECT_THAT(said_of({.octets = {}, .problem = "at 192.0.2.1:443: the certificate is for another name"}),
                HasSubstr("wrong other servers cannot fetch the policy (at 192.0.2.1:443: the certificate is for "
                          "another name): mta-sts.a.test must lead"));
    EXPECT_THAT(said_of({.octets = "<html>", .problem = {}}), HasSubstr("wrong what is served there is no policy"));
    EXPECT_THAT(said_of({.octets = served("enforce", "mx.b.test"), .problem = {}}),
                HasSubstr("wrong! the policy that is served there does not name mail.a.test"));
    EXPECT_THAT(said_of({.octets = served("testing", "mx.b.test"), .problem = {}}), HasSubstr("wrong the policy"));
    EXPECT_THAT(said_of({.octets = served("enforce"), .problem = {}}),
                HasSubstr("wrong the policy that is served there is in the mode enforce, and the domain's here is "
                          "testing"));
}

TEST(CheckTest, TheSettingsAreWhereMailProgramsLookForThem) {
    const auto said_of = [](FetchedPage fetched) {
        Facts facts = some_facts();
        facts.settings = std::move(fetched);
        std::string all;
        for (const Finding& finding : check(facts, trust::Zone(as_planned(facts))))
            if (finding.record.purpose == Purpose::settings_host) all += said(finding) + "\n";
        return all;
    };
    EXPECT_EQ(said_of({.octets = "<hostname>mail.a.test</hostname>", .problem = {}}), "right \nright \n");
    EXPECT_EQ(
        said_of({.octets = {}, .problem = "answered with status 404"}),
        "wrong mail programs cannot fetch their settings (answered with status 404): autoconfig.a.test must lead to "
        "this server's port 443, and its certificate must name it\nright \n");
    EXPECT_THAT(said_of({.octets = "<hostname>imap.elsewhere.test</hostname>", .problem = {}}),
                HasSubstr("wrong the settings that are served there do not lead to mail.a.test"));
}

TEST(CheckTest, TheRecordOfAPolicyThatHasEndedStaysForAWhile) {
    Facts facts = some_facts();
    const std::string before = line_of(policy_record(facts));
    facts.sts_mode = tls_policy::StsMode::none;
    const std::string after = line_of(policy_record(facts));
    const auto said_with = [&](const std::vector<std::string>& more) {
        std::vector<std::string> lines = as_planned(facts);
        lines.insert(lines.end(), more.begin(), more.end());
        std::string all;
        for (const Finding& finding : check(facts, trust::Zone(lines)))
            if (finding.record.purpose == Purpose::policy) all += said(finding);
        return all;
    };
    EXPECT_EQ(said_with({}), "");
    EXPECT_THAT(said_with({before}), HasSubstr("wrong it has not the id of the policy of now"));
    EXPECT_THAT(said_with({after}), HasSubstr("right it tells senders that there is no policy any more: leave it and "
                                              "mta-sts.a.test as they are for 14 days"));
}

TEST(CheckTest, TheNextKeyStandsBesideTheOneOfNow) {
    Facts facts = some_facts();
    facts.host.next_key_sha256 = "nn";
    const std::string now = "_25._tcp.mail.a.test TLSA 3 1 1 6b6b";
    using enum Purpose;
    expect_said(facts, {{"-", {}, next_tls_key, "right "},
                        {"_25", {now}, next_tls_key, "missing publish it beside what is there"},
                        {"_25", {}, next_tls_key, "missing if the zone is signed with DNSSEC"},
                        {now, {}, tls_key, "wrong! it names another key"},
                        {"-", {"_25._tcp.mail.a.test TLSA 3 1 1 aabb"}, tls_key, "right beside it stand keys that"}});
    facts.host.next_key_sha256 = facts.host.public_key_sha256;
    EXPECT_EQ(plan_records(facts).size(), plan_records(some_facts()).size());
}

TEST(CheckTest, AKeyThatDnssecDoesNotProveHarmsNobody) {
    Facts facts = some_facts();
    facts.host.has_trust_anchor = true;
    using enum Purpose;
    expect_said(facts, {{"_25", {"_25._tcp.mail.a.test TLSA 3 1 1 aabb"}, tls_key, "wrong it names another key"},
                        {"-", {}, tls_key, "right the zone is not signed with DNSSEC"}});
}

TEST(CheckTest, AddressesThatNobodyNamedComeFromTheDns) {
    const std::vector<std::string> lines = as_planned(some_facts());
    Facts facts = some_facts();
    facts.host.addresses.clear();
    for (const Finding& finding : check(facts, trust::Zone(lines)))
        EXPECT_EQ(finding.state, State::right) << finding.words;
    using enum Purpose;
    const auto without = [&](std::string_view start, std::vector<std::string> more) {
        std::vector<std::string> rest = lines;
        std::erase_if(rest, [&](const std::string& line) { return line.starts_with(start); });
        rest.insert(rest.end(), more.begin(), more.end());
        std::string all;
        for (const Finding& finding : check(facts, trust::Zone(rest)))
            if (finding.record.purpose == address || finding.record.purpose == reverse) all += said(finding) + "\n";
        return all;
    };
    EXPECT_THAT(without("mail.a.test A", {}), AllOf(HasSubstr("missing! mail.a.test has no address"),
                                                    HasSubstr("missing! the server has no address")));
    EXPECT_THAT(without("mail.a.test A", {"mail.a.test A 10.0.0.1"}),
                HasSubstr("wrong! nobody on the Internet reaches 10.0.0.1"));
}

} // namespace
} // namespace tegami::dns_setup
