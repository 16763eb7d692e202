#include "trust/spf/check_host.h"
#include "trust/zone_fixture.h"

#include <gtest/gtest.h>

namespace tegami::spf {
namespace {

constexpr const char* kClient = "192.0.2.1";

Input input(const char* client = kClient, std::string domain = "a.test", std::string local_part = "hana") {
    return {.client = *IpAddress::parse(client),
            .helo = "helo.test",
            .mail_from = Sender{.local_part = std::move(local_part), .domain = std::move(domain)},
            .receiver = "mx.b.test",
            .time = {}};
}

Verdict judge(trust::Zone& zone, const Input& of = input(), Identity identity = Identity::mail_from) {
    return zone.ask([&](const trust::DnsAnswers& answers) { return check_host(of, identity, answers); });
}

std::string txt(std::string_view name, std::string_view text) {
    return std::string(name) + " TXT \"" + std::string(text) + "\"";
}

/// One record of a.test in a world where the client is out.a.test, in a.test's MX, and in c.test's networks.
Verdict judge_record(const std::string& record, const Input& of = input()) {
    trust::Zone zone({txt("a.test", record), "a.test A 203.0.113.1", "a.test MX 5 mx1.a.test", "a.test MX 6 out.a.test",
                      "mx1.a.test A 203.0.113.2", "out.a.test A 192.0.2.1", "out.a.test AAAA 2001:db8::1",
                      "1.2.0.192.in-addr.arpa PTR out.a.test", txt("c.test", "v=spf1 ip4:192.0.2.0/28 ~all"),
                      txt("soft.test", "v=spf1 ~all"), txt("neutral.test", "v=spf1"), txt("fail.test", "v=spf1 -all"),
                      txt("none.test", "no record"), txt("bad.test", "v=spf1 wrong"), txt("two.test", "v=spf1"),
                      txt("to-none.test", "v=spf1 redirect=none.test"), txt("two.test", "v=spf1 a"),
                      "hana.users.test A 127.0.0.2"});
    zone.break_name("broken.test");
    return judge(zone, of);
}

TEST(CheckHost, OutcomeAndReasonOfARecord) {
    using enum Outcome;

    struct Row {
        const char* record;
        Outcome outcome;
        Reason reason;
        const char* subject;
    };

    for (const Row& row : std::initializer_list<Row>{
             {"v=spf1", neutral, Reason::nothing_matched, ""},
             {"v=spf1 -all", fail, Reason::matched, ""},
             {"v=spf1 ?all", neutral, Reason::matched, ""},
             {"v=spf1 ip4:192.0.2.3/30 -all", pass, Reason::matched, ""},
             {"v=spf1 ip4:192.0.2.3/31 -all", fail, Reason::matched, ""},
             {"v=spf1 ip4:255.0.0.0/0 -all", pass, Reason::matched, ""},
             {"v=spf1 ip6:::/0 -all", fail, Reason::matched, ""},
             {"v=spf1 ip6:::ffff:192.0.2.1 -all", fail, Reason::matched, ""},
             {"v=spf1 a:out.a.test -all", pass, Reason::matched, ""},
             {"v=spf1 a -all", fail, Reason::matched, ""},
             {"v=spf1 a/0 -all", pass, Reason::matched, ""},
             {"v=spf1 mx -all", pass, Reason::matched, ""},
             {"v=spf1 ptr -all", pass, Reason::matched, ""},
             {"v=spf1 ptr:test -all", permerror, Reason::syntax_error, "ptr:test"},
             {"v=spf1 ptr:b.test -all", fail, Reason::matched, ""},
             {"v=spf1 exists:%{l}.users.test -all", pass, Reason::matched, ""},
             {"v=spf1 exists:%{p}.%{v}.test -exists:%{p1}.a.test", neutral, Reason::nothing_matched, ""},
             {"v=spf1 include:c.test -all", pass, Reason::matched, ""},
             {"v=spf1 -include:c.test all", fail, Reason::matched, ""},
             {"v=spf1 include:soft.test include:neutral.test include:fail.test -all", fail, Reason::matched, ""},
             {"v=spf1 include:none.test -all", permerror, Reason::no_record, ""},
             {"v=spf1 include:nowhere.test -all", permerror, Reason::no_such_domain, ""},
             {"v=spf1 include:%{d1} -all", permerror, Reason::bad_domain, ""},
             {"v=spf1 include:to-none.test all", permerror, Reason::no_record, ""},
             {"v=spf1 include:bad.test all", permerror, Reason::syntax_error, "wrong"},
             {"v=spf1 include:two.test all", permerror, Reason::several_records, ""},
             {"v=spf1 include:broken.test all", temperror, Reason::dns_failure, "broken.test"},
             {"v=spf1 redirect=c.test", pass, Reason::matched, ""},
             {"v=spf1 redirect=none.test", permerror, Reason::no_record, ""},
             {"v=spf1 ?all redirect=c.test", neutral, Reason::matched, ""},
             {"v=spf1 redirect=c.test ?all", neutral, Reason::matched, ""},
             {"v=spf1 a:broken.test all", temperror, Reason::dns_failure, "broken.test"},
             {"v=spf1 mx:broken.test all", temperror, Reason::dns_failure, "broken.test"},
             {"v=spf1 exists:broken.test all", temperror, Reason::dns_failure, "broken.test"},
             {"v=spf1 all a:broken.test", pass, Reason::matched, ""},
             {"v=spf1 a:x.test a:y.test all", pass, Reason::matched, ""},
             {"v=spf1 a:x.test exists:y.test mx:z.test all", permerror, Reason::too_many_void_lookups, "z.test"},
             {"v=spf1 mx:x.test exists:y.test ptr all", pass, Reason::matched, ""},
             {"v=spf1 mx/99 all", permerror, Reason::syntax_error, "mx/99"},
             {"v=spf1 exp=a.test all exp=b.test", permerror, Reason::repeated_modifier, "exp=b.test"},
         }) {
        const Verdict verdict = judge_record(row.record);
        EXPECT_EQ(verdict.outcome, row.outcome) << row.record;
        EXPECT_EQ(verdict.reason, row.reason) << row.record << " " << to_string(verdict.reason);
        EXPECT_EQ(verdict.subject, row.subject) << row.record;
        EXPECT_EQ(verdict.domain, "a.test");
        EXPECT_EQ(verdict.explanation, std::nullopt);
    }
}

TEST(CheckHost, AClientWithoutNameCountsAsVoid) {
    trust::Zone zone({txt("a.test", "v=spf1 a:x.test a:y.test ptr all")});
    const Verdict verdict = judge(zone);
    EXPECT_EQ(verdict.reason, Reason::too_many_void_lookups);
    EXPECT_EQ(verdict.subject, "1.2.0.192.in-addr.arpa");
}

TEST(CheckHost, ThePathLeadsToTheDecision) {
    trust::Zone zone({txt("a.test", "v=spf1 include:soft.test include:b.test -all"), txt("soft.test", "v=spf1 ~all"),
                      txt("b.test", "v=spf1 a:none.b.test redirect=c.test"), txt("c.test", "v=spf1 ip4:192.0.2.1"),
                      txt("d.test", "v=spf1 redirect=neutral.test"), txt("neutral.test", "v=spf1 ip4:203.0.113.9")});

    struct Row {
        const char* domain;
        const char* client;
        std::vector<Place> path;
    };

    for (const Row& row : std::initializer_list<Row>{
             {"a.test",
              kClient,
              {{"a.test", "include:b.test"}, {"b.test", "redirect=c.test"}, {"c.test", "ip4:192.0.2.1"}}},
             {"a.test", "192.0.2.2", {{"a.test", "-all"}}},
             {"d.test", kClient, {{"d.test", "redirect=neutral.test"}, {"neutral.test", ""}}},
             {"x.test", kClient, {{"x.test", ""}}}}) {
        EXPECT_EQ(judge(zone, input(row.client, row.domain)).path, row.path) << row.domain;
    }
}

TEST(CheckHost, DomainsThatCanHaveNoRecord) {
    for (const std::string domain : {"", "test", "a..test", ".a.test", "[192.0.2.1]", "[ipv6:::1]", "a b.test",
                                     "a.test..", "-a.test", "\xff.test"}) {
        trust::Zone zone;
        const Verdict verdict = judge(zone, input(kClient, domain));
        EXPECT_EQ(verdict.outcome, Outcome::none) << domain;
        EXPECT_EQ(verdict.reason, Reason::bad_domain) << domain;
        EXPECT_EQ(verdict.domain, domain);
        EXPECT_EQ(verdict.path, (std::vector<Place>{{domain, ""}}));
        EXPECT_EQ(zone.questions(), 0);
    }
}

TEST(CheckHost, TheHeloNameIsCheckedItselfAndForAnEmptySender) {
    trust::Zone zone({txt("a.test", "v=spf1 -all"), txt("helo.test", "v=spf1 exists:%{l}.%{o} -all exp=why.helo.test"),
                      txt("why.helo.test", "%{s} %{h}")});
    Input of = input();
    EXPECT_EQ(judge(zone, of).domain, "a.test");
    const Verdict helo = judge(zone, of, Identity::helo);
    EXPECT_EQ(helo.domain, "helo.test");
    EXPECT_EQ(helo.identity, Identity::helo);
    EXPECT_EQ(helo.explanation, "postmaster@helo.test helo.test");
    of.mail_from.reset();
    Verdict empty_sender = judge(zone, of);
    EXPECT_EQ(empty_sender.identity, Identity::mail_from);
    empty_sender.identity = Identity::helo;
    EXPECT_EQ(empty_sender, helo);
}

TEST(CheckHost, AddressesOfBothFamilies) {
    for (const auto& [client, outcome] :
         std::initializer_list<std::pair<const char*, Outcome>>{{"2001:db8::1", Outcome::pass},
                                                                {"2001:db8::ffff:1", Outcome::pass},
                                                                {"2001:db8:1::1", Outcome::fail},
                                                                {"::ffff:192.0.2.1", Outcome::pass},
                                                                {"::ffff:192.0.2.2", Outcome::fail}})
        EXPECT_EQ(judge_record("v=spf1 a:out.a.test//64 -all", input(client)).outcome, outcome) << client;
}

TEST(CheckHost, InternationalNames) {
    trust::Zone zone({txt("xn--r8jz45g.test", "v=spf1 exists:%{o}.ok.test -all exp=why.test"),
                      txt("plain.test", "v=spf1 -exists:%{l}.users.test -include:%{S}.test exists:%{o}.ok.test"),
                      txt("to.test", "v=spf1 redirect=%{l}.users.test"), txt("why.test", "%{o}"),
                      txt("whose.test", "v=spf1 -all exp=why2.test"), txt("why2.test", "%{s}"),
                      "xn--r8jz45g.test.ok.test A 127.0.0.2", "plain.test.ok.test A 127.0.0.2",
                      R"(\232\138\177.users.test A 127.0.0.2)"});
    const Verdict verdict = judge(zone, input(kClient, "例え.test"));
    EXPECT_EQ(verdict.domain, "xn--r8jz45g.test");
    EXPECT_EQ(verdict.outcome, Outcome::pass);
    EXPECT_EQ(judge(zone, input(kClient, "plain.test", "花")).outcome, Outcome::pass);
    EXPECT_EQ(judge(zone, input(kClient, "to.test", "花")).reason, Reason::nothing_matched);
    EXPECT_EQ(judge(zone, input(kClient, "whose.test", "花")).explanation, std::nullopt);
    EXPECT_EQ(judge(zone, input(kClient, "whose.test", "hana")).explanation, "hana@whose.test");
}

TEST(CheckHost, AnExplanationComesFromTheRecordThatDecides) {
    trust::Zone zone({txt("a.test", "v=spf1 include:inner.test -all exp=why.a.test"),
                      txt("inner.test", "v=spf1 -all exp=why.inner.test"),
                      txt("deaf.test", "v=spf1 include:inner.test -all"), txt("why.a.test", "%{i} is not of %{d}"),
                      txt("why.inner.test", "inner"), txt("to.test", "v=spf1 redirect=inner.test exp=why.a.test"),
                      txt("soft.test", "v=spf1 ~all exp=why.a.test"), txt("two.test", "v=spf1 -all exp=why2.test"),
                      txt("why2.test", "one"), txt("why2.test", "two"), txt("out.test", "v=spf1 -all exp=broken.test"),
                      txt("nothing.test", "v=spf1 -all exp=x.test"), txt("odd.test", "v=spf1 -all exp=%{h}"),
                      txt("wrong.test", "v=spf1 -all exp=why3.test"), txt("why3.test", "%{"),
                      txt("long.test", "v=spf1 -all exp=why4.test")});
    zone.add_text("why4.test", std::string(kExplanationBytesMax + 1, 'x'));
    zone.break_name("broken.test");
    for (const auto& [domain, explanation] :
         std::initializer_list<std::pair<const char*, const char*>>{{"a.test", "192.0.2.1 is not of a.test"},
                                                                    {"deaf.test", ""},
                                                                    {"to.test", "inner"},
                                                                    {"soft.test", ""},
                                                                    {"two.test", ""},
                                                                    {"out.test", ""},
                                                                    {"nothing.test", ""},
                                                                    {"odd.test", ""},
                                                                    {"wrong.test", ""},
                                                                    {"long.test", ""}}) {
        Input of = input(kClient, domain);
        of.helo = "not..a name";
        EXPECT_EQ(judge(zone, of).explanation.value_or(""), explanation) << domain;
    }
}

TEST(CheckHost, TermsThatAskAreCountedEverywhereTogether) {
    const auto verdict_on = [](int terms, const char* last) {
        std::string record = "v=spf1 include:five.test";
        for (int i = 0; i < terms; ++i)
            record += " a:there.test";
        trust::Zone zone({txt("a.test", record + " " + last), "there.test A 203.0.113.1",
                          txt("all.test", "v=spf1 +all"),
                          txt("five.test", "v=spf1 a:there.test a:there.test mx:m.test ptr:x.test -exists:there.%{o1}"),
                          "m.test MX 1 there.test"});
        return judge(zone);
    };
    // The include and %{o1}'s exists are the sixth and the fifth; the client has no PTR and "there.test" is there.
    EXPECT_EQ(verdict_on(0, "all").reason, Reason::matched);
    EXPECT_EQ(verdict_on(4, "all").reason, Reason::matched);
    EXPECT_EQ(verdict_on(3, "redirect=all.test").outcome, Outcome::pass);
    for (const Verdict& verdict :
         {verdict_on(5, "all"), verdict_on(4, "redirect=all.test"), verdict_on(3, "a:%{p}.test")}) {
        EXPECT_EQ(verdict.outcome, Outcome::permerror);
        EXPECT_EQ(verdict.reason, Reason::too_many_lookups);
    }
}

TEST(CheckHost, LoopsEnd) {
    for (const char* record : {"v=spf1 include:a.test", "v=spf1 redirect=a.test", "v=spf1 include:b.test -all"}) {
        trust::Zone zone({txt("a.test", record), txt("b.test", "v=spf1 redirect=a.test")});
        const Verdict verdict = judge(zone);
        EXPECT_EQ(verdict.reason, Reason::too_many_lookups) << record;
        EXPECT_EQ(verdict.path.size(), kLookupTermsMax + 1) << record;
        EXPECT_LE(zone.questions(), 2) << record;
    }
}

trust::Zone zone_of_hosts(std::size_t count, const char* record) {
    trust::Zone zone({txt("a.test", record)});
    for (std::size_t i = 0; i < count; ++i) {
        const std::string host = "h" + std::to_string(i) + ".a.test";
        zone.add("a.test MX 1 " + host);
        zone.add("1.2.0.192.in-addr.arpa PTR " + host);
        zone.add(host + " A " + (i + 1 < count ? "203.0.113.1" : "192.0.2.1"));
    }
    return zone;
}

TEST(CheckHost, TooManyHostsAreTheDomainsErrorAndTooManyNamesNobodys) {
    trust::Zone ten = zone_of_hosts(10, "v=spf1 mx -all");
    EXPECT_EQ(judge(ten).outcome, Outcome::pass);
    trust::Zone eleven = zone_of_hosts(11, "v=spf1 mx -all");
    EXPECT_EQ(judge(eleven).reason, Reason::too_many_exchanges);
    EXPECT_EQ(eleven.questions(), 2);
    trust::Zone ten_names = zone_of_hosts(10, "v=spf1 ptr -all");
    EXPECT_EQ(judge(ten_names).outcome, Outcome::pass);
    trust::Zone eleven_names = zone_of_hosts(11, "v=spf1 ptr -all");
    EXPECT_EQ(judge(eleven_names).outcome, Outcome::fail);
    EXPECT_EQ(eleven_names.questions(), 12);
}

TEST(CheckHost, HostsAreAskedForTogether) {
    const trust::Zone zone = zone_of_hosts(10, "v=spf1 mx -all");
    trust::DnsAnswers answers;
    std::vector<std::size_t> rounds;
    for (;;) {
        const auto verdict = check_host(input(), Identity::mail_from, answers);
        if (verdict) break;
        rounds.push_back(verdict.error().size());
        for (const trust::Question& question : verdict.error())
            answers.add(question, zone.answer(question));
    }
    EXPECT_EQ(rounds, (std::vector<std::size_t>{1, 1, 10}));
}

TEST(CheckHost, OneHostOfManyIsEnough) {
    for (const auto& [broken, outcome] : std::initializer_list<std::pair<const char*, Outcome>>{
             {"h0.a.test", Outcome::pass}, {"h2.a.test", Outcome::temperror}}) {
        trust::Zone zone = zone_of_hosts(3, "v=spf1 mx -all");
        zone.break_name(broken);
        EXPECT_EQ(judge(zone).outcome, outcome) << broken;
    }
    // RFC 7208 §5.5: with names of the client, what fails is left out.
    for (const auto& [broken, outcome] : std::initializer_list<std::pair<const char*, Outcome>>{
             {"h0.a.test", Outcome::pass}, {"h2.a.test", Outcome::fail}, {"1.2.0.192.in-addr.arpa", Outcome::fail}}) {
        trust::Zone zone = zone_of_hosts(3, "v=spf1 ptr -all");
        zone.break_name(broken);
        EXPECT_EQ(judge(zone).outcome, outcome) << broken;
    }
}

TEST(CheckHost, HostsWithoutAddressesOfTheFamilyCountOnce) {
    trust::Zone zone = zone_of_hosts(5, "v=spf1 mx ip6:2001:db8::/32 -all");
    EXPECT_EQ(judge(zone, input("2001:db8::1")).outcome, Outcome::pass);
    trust::Zone null({txt("a.test", "v=spf1 mx mx mx mx -all"), "a.test MX 0 ."});
    EXPECT_EQ(judge(null).outcome, Outcome::fail);
    EXPECT_EQ(null.questions(), 2);
}

/// The name that is asked for by an exists of a.test's record; nothing if there is none.
std::string name_asked_by(const std::string& target) {
    trust::Zone zone;
    zone.add_text("a.test", "v=spf1 exists:" + target + " -all");
    trust::DnsAnswers answers;
    for (;;) {
        const auto verdict = check_host(input(), Identity::mail_from, answers);
        if (verdict) return "";
        if (!answers.find(*dns::Name::parse("a.test"), dns::Type::txt))
            answers.add(verdict.error()[0], zone.answer(verdict.error()[0]));
        else
            return verdict.error()[0].name.to_string();
    }
}

TEST(CheckHost, LongNamesLoseLabelsOnTheLeft) {
    const std::string label(60, 'x');
    const std::string tail = label + "." + label + "." + label + "." + label; // 243 characters
    for (const auto& [prefix, asked] : std::initializer_list<std::pair<const char*, const char*>>{
             {"abc.12.ab", "abc.12.ab"},
             {"abcd.12.ab", "12.ab"},
             {"q.w.e.r.t.y.abcd.12.ab", "12.ab"},
             {"1%{l}%{l}", "1hanahana"},
             {"12%{l}%{l}", ""},
             {"%{l}%{l}%{d1r}%{l}", ""},
             {"1.%{l}%{l}", "hanahana"},
             {"%{o}.%{l}", "test.hana"},
         }) {
        const std::string name = (*asked == '\0' ? "" : asked + std::string(".")) + tail;
        for (const char* end : {"", "."})
            EXPECT_EQ(name_asked_by(prefix + ("." + tail) + end), name) << prefix;
    }
    for (const std::string& none : std::vector<std::string>{"a..b.test", ".a.test", std::string(64, 'x') + ".test"})
        EXPECT_EQ(name_asked_by(none), "") << none;
}

TEST(CheckHost, TheNameOfTheClientIsTheDomainsOwnIfItHasOne) {
    struct Row {
        std::vector<const char*> names;
        const char* chosen;
    };

    for (const Row& row : std::initializer_list<Row>{{{}, "unknown"},
                                                     {{"forged.test"}, "unknown"},
                                                     {{"x.test", "y.test"}, "x.test"},
                                                     {{"forged.test", "y.test"}, "y.test"},
                                                     {{"x.test", "out.a.test"}, "out.a.test"},
                                                     {{"x.test", "out.a.test", "A.test"}, "A.test"}}) {
        trust::Zone zone({txt("a.test", "v=spf1 -all exp=why.test"), txt("why.test", "%{p}"), "a.test A 192.0.2.1",
                          "out.a.test A 192.0.2.1", "x.test A 192.0.2.1", "y.test A 192.0.2.1",
                          "forged.test A 203.0.113.1"});
        for (const char* name : row.names)
            zone.add(std::string("1.2.0.192.in-addr.arpa PTR ") + name);
        EXPECT_EQ(judge(zone).explanation, row.chosen);
    }
}

} // namespace
} // namespace tegami::spf
