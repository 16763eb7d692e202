// Facts in, findings out.
#include "health/deliverability.h"
#include "health/machine.h"
#include "health/refusals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace tegami::health {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

PublicAddress named(std::string_view address, std::vector<std::string> names) {
    return {.address = *IpAddress::parse(address), .names = std::move(names)};
}

Machine good_machine() {
    return {.host_name = "mail.a.test",
            .ports = {{.service = "smtp", .number = 25}, {.service = "imaps", .number = 993, .ours = true}},
            .addresses = {named("192.0.2.1", {"mail.a.test"}), named("2001:db8::1", {"mail.a.test"})},
            .way_out = WayOut::open,
            .way_out_words = "mx.b.test answered",
            .clock = ClockState::synchronized,
            .resolver_validates = true,
            .resolver_proves = true,
            .memory_bytes = 2ULL << 30,
            .memory_budget = 512ULL << 20};
}

TEST(MachineTest, AGoodOneHasNothingToMend) {
    EXPECT_THAT(judge_machine(good_machine()), AllOf(SizeIs(8), Each(Field(&Finding::weight, Weight::good))));
}

TEST(MachineTest, WhatHurtsIsSaidInPlainWords) {
    struct Case {
        std::function<void(Machine&)> change;
        std::string about;
        Weight weight;
        std::string words;
    };

    const std::vector<Case> cases{
        {[](Machine& it) { it.ports[0].problem = "somebody else listens"; }, "port 25", Weight::suffers,
         "no mail from other servers can come in"},
        {[](Machine& it) { it.addresses[0].names.clear(); }, "192.0.2.1", Weight::suffers, "no PTR record"},
        {[](Machine& it) {
             it.addresses[0].names.clear();
             it.addresses[0].has_other_names = true;
         },
         "192.0.2.1", Weight::suffers, "does not lead back"},
        {[](Machine& it) { it.addresses[1].names = {"host-1.provider.test"}; }, "2001:db8::1", Weight::advice,
         "Set its reverse DNS to mail.a.test"},
        {[](Machine& it) { it.addresses[0].answered = false; }, "192.0.2.1", Weight::advice, "cannot be looked up"},
        {[](Machine& it) { it.addresses.clear(); }, "addresses", Weight::advice, "--address"},
        {[](Machine& it) { it.addresses.erase(it.addresses.begin()); }, "IPv4", Weight::suffers, "no IPv4 address"},
        {[](Machine& it) { it.addresses.pop_back(); }, "IPv6", Weight::good, "mail does without"},
        {[](Machine& it) { it.way_out = WayOut::closed; }, "outgoing port 25", Weight::suffers, "[smarthost]"},
        {[](Machine& it) {
             it.way_out = WayOut::closed;
             it.smarthost = "smtp.b.test";
         },
         "outgoing port 25", Weight::good, "through smtp.b.test"},
        {[](Machine& it) { it.way_out = WayOut::not_tried; }, "outgoing port 25", Weight::advice, "could not be tried"},
        {[](Machine& it) { it.way_out_v6 = WayOut::open; }, "outgoing port 25 over IPv6", Weight::good, "is open"},
        {[](Machine& it) { it.way_out_v6 = WayOut::closed; }, "outgoing port 25 over IPv6", Weight::advice,
         "goes out over IPv4"},
        {[](Machine& it) { it.clock = ClockState::free; }, "clock", Weight::advice, "chrony"},
        {[](Machine& it) { it.clock = ClockState::unknown; }, "clock", Weight::advice, "cannot be seen"},
        {[](Machine& it) { it.resolver_problem = "timed out"; }, "DNS", Weight::suffers, "(timed out)"},
        {[](Machine& it) { it.resolver_validates = false; }, "DNS", Weight::advice, "unproven"},
        {[](Machine& it) { it.resolver_proves = false; }, "DNS", Weight::advice, "\"recursive\""},
        {[](Machine& it) { it.memory_bytes = 600ULL << 20; }, "memory", Weight::suffers, "memory_budget is 512 MiB"},
        {[](Machine& it) { it.memory_bytes = 0; }, "memory", Weight::advice, "cannot be seen"},
        {[](Machine& it) { it.reads_pdf = false; }, "attached PDF files", Weight::advice, "Install poppler-utils"},
    };
    for (const Case& each : cases) {
        Machine machine = good_machine();
        each.change(machine);
        EXPECT_THAT(judge_machine(machine),
                    Contains(AllOf(Field(&Finding::about, each.about), Field(&Finding::weight, each.weight),
                                   Field(&Finding::words, HasSubstr(each.words)))));
    }
}

TEST(RefusalsTest, KnownAnswersSayWhyAndWhatToDo) {
    struct Case {
        std::string server;
        std::string reply;
        std::string about;
        Weight weight;
        std::string words;
    };

    const std::vector<Case> cases{
        {"hotmail-com.olc.protection.outlook.com",
         "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service "
         "provider since part of their network is on our block list (S3140).",
         "Microsoft", Weight::suffers, "Microsoft refuses mail because the network around this server's address"},
        {"hotmail-com.olc.protection.outlook.com", "550 5.7.1 on our block list (S3150)", "Microsoft", Weight::suffers,
         "olcsupport.office.com"},
        {"a-test.mail.protection.outlook.com", "550 5.7.606 Access denied, banned sending IP [192.0.2.1]", "Microsoft",
         Weight::suffers, "sender.office.com"},
        {"gmail-smtp-in.l.google.com", "550 5.7.26 Your email has been blocked because the sender is unauthenticated.",
         "Google", Weight::suffers, "neither SPF nor DKIM"},
        {"gmail-smtp-in.l.google.com", "421 4.7.0 likely unsolicited mail", "Google", Weight::suffers, "spam"},
        {"mta5.am0.yahoodns.net", "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred", "Yahoo",
         Weight::suffers, "senders.yahooinc.com"},
        {"mx.b.test", "554 5.7.1 Service unavailable; blocked using zen.spamhaus.org", "mx.b.test", Weight::suffers,
         "check.spamhaus.org"},
        {"mx.b.test", "450 4.2.0 Greylisted, please try again", "mx.b.test", Weight::good, "mx.b.test delays mail"},
        {"mx.b.test", "452 4.2.2 mailbox full", "mx.b.test", Weight::advice, "The last answer: 452 4.2.2 mailbox full"},
        {"", "4.4.1 mx.c.test did not answer at 192.0.2.3:25", "c.test", Weight::advice, "1 letter waits"},
    };
    for (const Case& each : cases) {
        const auto findings =
            judge_refusals(std::vector<Refusal>{{.destination = "c.test", .server = each.server, .reply = each.reply}});
        ASSERT_THAT(findings, SizeIs(1));
        EXPECT_EQ(findings[0].about, each.about);
        EXPECT_EQ(findings[0].weight, each.weight) << each.reply;
        EXPECT_THAT(findings[0].words, HasSubstr(each.words));
    }
}

TEST(RefusalsTest, OneSentenceForEachCauseTheFrequentFirst) {
    std::vector<Refusal> refusals{{"b.test", "mx.b.test", "452 full"},
                                  {"hotmail.com", "one.outlook.com", "550 (S3140)"},
                                  {"live.com", "two.outlook.com", "550 (S3140) \x1b[31m", true}};
    const auto findings = judge_refusals(refusals);
    ASSERT_THAT(findings, SizeIs(2));
    EXPECT_THAT(findings[0].words, HasSubstr("(1 letter waits, 1 letter was given up; the answer: "));
    EXPECT_EQ(findings[0].words.find('\x1b'), std::string::npos);
    for (int number = 0; number < 100; ++number)
        refusals.push_back({"x.test", "mx" + std::to_string(number) + ".test", "450 later"});
    EXPECT_THAT(judge_refusals(refusals), SizeIs(kCausesMax + 1));
    EXPECT_THAT(judge_refusals({}), IsEmpty());
    EXPECT_THAT(judge_refusals(std::vector<Refusal>{{"b.test", "mx.b.test", "550 5.1.1 no such user", true}}),
                IsEmpty());
}

TEST(DeliverabilityTest, CertificatesByTheDaysTheyHave) {
    const std::vector<std::tuple<Certificate, Weight, std::string>> cases{
        {{.name = "mail.a.test", .days_left = 60}, Weight::good, "good for 60 days"},
        {{.name = "mail.a.test", .days_left = 60, .problem = "no answer"}, Weight::advice, "could not be renewed"},
        {{.name = "mail.a.test", .days_left = 1, .renews_itself = true}, Weight::suffers, "ends in 1 day, and was not"},
        {{.name = "mail.a.test", .days_left = -1}, Weight::suffers, "it has ended"},
        {{.name = "mail.a.test"}, Weight::advice, "none from the authority yet"},
        {{.name = "mail.a.test", .problem = "refused"}, Weight::suffers, "The last attempt: refused"},
    };
    for (const auto& [certificate, weight, words] : cases) {
        const Finding finding = judge_certificate(certificate);
        EXPECT_EQ(finding.weight, weight);
        EXPECT_THAT(finding.words, HasSubstr(words));
    }
}

TEST(DeliverabilityTest, ReportsOfOthersTellOursFromForgers) {
    const std::set<std::string> ours{"192.0.2.1"};
    EXPECT_THAT(judge_dmarc("a.test", {}, ours), IsEmpty());
    EXPECT_EQ(judge_dmarc("a.test", {{"192.0.2.1", "", 5, 0}}, ours).front().weight, Weight::good);
    const auto both = judge_dmarc("a.test", {{"192.0.2.1", "", 5, 2}, {"192.0.2.9", "x.test", 7, 7}}, ours);
    ASSERT_THAT(both, SizeIs(2));
    EXPECT_EQ(both[0].weight, Weight::suffers);
    EXPECT_THAT(both[0].words, HasSubstr("letters from this server that failed (2)"));
    EXPECT_EQ(both[1].weight, Weight::advice);
    EXPECT_THAT(both[1].words, HasSubstr("most (7) from 192.0.2.9 (x.test)"));
    EXPECT_THAT(judge_tls("a.test", {}), IsEmpty());
    EXPECT_EQ(judge_tls("a.test", {.succeeded = 3}).front().weight, Weight::good);
    EXPECT_THAT(judge_tls("a.test", {.succeeded = 3, .failed = 1, .first_failure = "the certificate has expired"}),
                Contains(Field(&Finding::words, HasSubstr("as promised (1 of 4)"))));
}

TEST(DeliverabilityTest, AListThatRefusesToAnswerListsNobody) {
    const IpAddress address = *IpAddress::parse("192.0.2.1");
    const SenderList& spamhaus = sender_lists().front();
    const auto says = [&](std::string_view answer) {
        return judge_listing(address, spamhaus, {*IpAddress::parse(answer)});
    };
    EXPECT_FALSE(judge_listing(address, spamhaus, {}));
    EXPECT_FALSE(says("127.255.255.254"));
    EXPECT_FALSE(says("192.0.2.7")); // a resolver that answers every name with its own page
    EXPECT_THAT(says("127.0.0.2")->words, HasSubstr("on the list of Spamhaus:"));
    EXPECT_THAT(says("127.0.0.10")->words, HasSubstr("no mail servers are expected"));
}

} // namespace
} // namespace tegami::health
