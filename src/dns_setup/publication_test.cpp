// What is changed in the DNS and what is left to people.
#include "dns_setup/publication.h"
#include "dns_setup/setup_fixture.h"
#include "trust/zone_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace tegami::dns_setup {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string line_for(const PlannedRecord& record) {
    return record.name->to_string() + " " + dns::to_string(record.type) + " " + dns::to_string(*record.data);
}

std::vector<std::string> planned_lines(const Facts& facts) {
    std::vector<std::string> lines;
    for (const PlannedRecord& record : plan_records(facts))
        lines.push_back(line_for(record));
    return lines;
}

Publication plan(const Facts& facts, trust::Zone zone) {
    return zone.ask([&](const trust::DnsAnswers& answers) -> trust::Evaluation<Publication> {
        const auto findings = check_records(facts, answers, Timestamp());
        if (!findings) return failure(findings.error());
        return plan_publication(*findings, answers);
    });
}

/// A zone as planned, but for the lines that begin so, with these instead.
trust::Zone zone_with(const Facts& facts, std::string_view without, const std::vector<std::string>& instead = {}) {
    std::vector<std::string> lines = planned_lines(facts);
    std::erase_if(lines, [&](const std::string& line) { return line.starts_with(without); });
    lines.insert(lines.end(), instead.begin(), instead.end());
    return trust::Zone(lines);
}

TEST(PublicationTest, NothingIsDoneToWhatIsRight) {
    const Publication done = plan(some_facts(), zone_with(some_facts(), "-"));
    EXPECT_THAT(done.changes, IsEmpty());
    for (const PublicationStep& step : done.steps)
        EXPECT_EQ(step.deed, Deed::nothing) << line_for(step.record);
}

TEST(PublicationTest, AllThatIsMissingIsAddedWhereNothingIs) {
    const Publication plan_of_all = plan(some_facts(), trust::Zone());
    std::size_t added = 0;
    for (const SetChange& change : plan_of_all.changes) {
        EXPECT_EQ(change.update.expected, std::vector<dns::Data>());
        EXPECT_FALSE(change.update.removes_others);
        EXPECT_EQ(change.update.ttl_seconds, 3600U);
        EXPECT_EQ(change.steps.size(), change.update.added.size());
        for (const std::size_t step : change.steps)
            EXPECT_EQ(plan_of_all.steps[step].record.name, change.update.name);
        added += change.update.added.size();
    }
    EXPECT_EQ(added, plan_records(some_facts()).size());
    EXPECT_EQ(plan_of_all.changes[0].update.type, dns::Type::a) << "an MX needs it";
    EXPECT_EQ(plan_of_all.changes[1].update.type, dns::Type::aaaa);
}

TEST(PublicationTest, OtherTextsOfTheNameStay) {
    const Publication one = plan(some_facts(), zone_with(some_facts(), "a.test TXT", {"a.test TXT \"proof=1\""}));
    ASSERT_THAT(one.changes, SizeIs(1));
    const dns::SetUpdate& update = one.changes[0].update;
    EXPECT_FALSE(update.removes_others);
    ASSERT_THAT(update.expected, ::testing::Optional(SizeIs(1)));
    EXPECT_EQ(dns::to_string(update.expected->front()), "\"proof=1\"");
    EXPECT_EQ(dns::to_string(update.added.front()), "\"v=spf1 mx ~all\"");
}

struct Case {
    std::string without;
    std::vector<std::string> instead;
    Deed deed;
    std::string words; ///< in part
};

TEST(PublicationTest, WhatPeopleWroteIsLeftAndWhatIsOursIsMended) {
    const Case cases[] = {
        {"a.test MX", {"a.test MX 5 mx.b.test"}, Deed::leave, "the domain's mail goes to mx.b.test"},
        {"a.test MX", {"a.test MX 0 ."}, Deed::leave, "takes no mail"},
        {"a.test TXT", {"a.test TXT \"v=spf1 -all\""}, Deed::leave, "not ours to change: it does not let"},
        {"_dmarc", {"_dmarc.a.test TXT \"v=DMARC1; p=non\""}, Deed::leave, "not ours to change"},
        {"mail.a.test A ", {"mail.a.test A 192.0.2.9"}, Deed::leave, "leads to 192.0.2.9"},
        {"_smtp._tls", {"_smtp._tls.a.test TXT \"v=TLSRPTv1\""}, Deed::replace, "add rua="},
        {"r1._domainkey", {"r1._domainkey.a.test TXT \"v=DKIM1; p=\""}, Deed::replace, "another key"},
        {"_25", {"_25._tcp.mail.a.test TLSA 3 1 1 00"}, Deed::replace, "names another key"},
        {"_pop3s", {"_pop3s._tcp.a.test SRV 0 1 995 mail.b.test"}, Deed::replace, "leads mail programs elsewhere"},
        {"e1._domainkey", {"e1._domainkey.a.test CNAME e1.b.test"}, Deed::leave, "alias (CNAME)"},
    };
    for (const Case& each : cases) {
        const Publication plan_of_one = plan(some_facts(), zone_with(some_facts(), each.without, each.instead));
        const auto step = std::ranges::find_if(plan_of_one.steps,
                                               [](const PublicationStep& one) { return one.deed != Deed::nothing; });
        ASSERT_NE(step, plan_of_one.steps.end()) << each.without;
        EXPECT_EQ(step->deed, each.deed) << each.without;
        EXPECT_THAT(step->words, HasSubstr(each.words));
        if (each.deed == Deed::leave) {
            EXPECT_THAT(plan_of_one.changes, IsEmpty()) << each.without;
            continue;
        }
        ASSERT_THAT(plan_of_one.changes, SizeIs(1)) << each.without;
        EXPECT_TRUE(plan_of_one.changes[0].update.removes_others);
        EXPECT_THAT(plan_of_one.changes[0].update.expected, ::testing::Optional(SizeIs(1)));
        EXPECT_THAT(plan_of_one.changes[0].update.added, SizeIs(1));
    }
}

TEST(PublicationTest, WhatIsNotKnownIsNotTouched) {
    trust::Zone broken = zone_with(some_facts(), "-");
    broken.break_name("_smtp._tls.a.test");
    Facts without_address = some_facts();
    without_address.host.addresses.clear();
    for (const auto& [facts, zone, deed] :
         {std::tuple(some_facts(), broken, Deed::unknown),
          std::tuple(without_address, zone_with(some_facts(), "mail.a.test A"), Deed::leave)}) {
        const Publication plan_of_it = plan(facts, zone);
        EXPECT_TRUE(
            std::ranges::any_of(plan_of_it.steps, [&](const PublicationStep& step) { return step.deed == deed; }));
        for (const PublicationStep& step : plan_of_it.steps)
            EXPECT_NE(step.deed, Deed::replace);
    }
}

} // namespace
} // namespace tegami::dns_setup
