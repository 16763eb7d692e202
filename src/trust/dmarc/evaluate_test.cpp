#include "trust/dmarc/evaluate.h"

#include "trust/zone_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::dmarc {
namespace {

using message::Domain;
using ::testing::ElementsAre;
using trust::DnsAnswers;
using trust::Zone;

Domain domain(std::string_view text) {
    return Domain::parse(text).value();
}

std::string dmarc_at(std::string_view name, std::string_view tags) {
    return "_dmarc." + std::string(name) + " TXT \"v=DMARC1; " + std::string(tags) + "\"";
}

std::string organization_of(Zone& zone, std::string_view name) {
    const auto found =
        zone.ask([&](const DnsAnswers& answers) { return organizational_domain(domain(name), answers); });
    return found ? found->ascii() : "unknown";
}

/// A letter; SPF and DKIM domains passed unless they are marked with what they had instead: `~b.test` is a temporary
/// error, `-b.test` a failure.
Input letter(std::vector<std::string> authors, std::string_view spf, std::vector<std::string> dkim) {
    const auto result_of = [](std::string_view& text) {
        const AuthResult result = text.starts_with('~')   ? AuthResult::temperror
                                  : text.starts_with('-') ? AuthResult::fail
                                                          : AuthResult::pass;
        if (result != AuthResult::pass) text.remove_prefix(1);
        return result;
    };
    Input input;
    for (const std::string& author : authors)
        input.authors.push_back(domain(author));
    if (!spf.empty()) {
        input.spf.result = result_of(spf);
        input.spf.domain = domain(spf);
    }
    for (std::string_view text : dkim) {
        const AuthResult result = result_of(text);
        input.dkim.push_back({.domain = domain(text), .selector = "s", .result = result});
    }
    return input;
}

Verdict judge(Zone& zone, const Input& input) {
    return zone.ask([&](const DnsAnswers& answers) { return evaluate(input, answers); });
}

// RFC 9989 §4.10.2
TEST(TreeWalk, FindsTheOrganization) {
    struct Case {
        std::vector<std::string> zone;
        std::string_view domain;
        std::string_view organization;
    };

    for (const Case& each : std::vector<Case>{
             // The three examples of the section.
             {{dmarc_at("mail.example.com", "p=none"), dmarc_at("example.com", "p=none")},
              "a.mail.example.com",
              "example.com"},
             {{dmarc_at("mail.example.com", "p=none; psd=n"), dmarc_at("example.com", "p=none")},
              "a.mail.example.com",
              "mail.example.com"},
             {{dmarc_at("com", "p=none; psd=y")}, "a.mail.example.com", "example.com"},
             // No record anywhere: the domain itself.
             {{}, "a.mail.example.com", "a.mail.example.com"},
             {{}, "com", "com"},
             // A public suffix is its own organization.
             {{dmarc_at("co.test", "p=none; psd=y")}, "co.test", "co.test"},
             {{dmarc_at("co.test", "p=none; psd=y"), dmarc_at("test", "p=none")}, "co.test", "co.test"},
             // The walk stops at the first flag.
             {{dmarc_at("b.co.test", "p=none; psd=n"), dmarc_at("co.test", "p=none; psd=y")},
              "a.b.co.test",
              "b.co.test"},
             {{dmarc_at("co.test", "p=none; psd=y"), dmarc_at("test", "p=none; psd=n")}, "a.b.co.test", "b.co.test"},
             // A suffix without its flag swallows what is below; RFC 9989 §11.8 tells the owner to say psd=n.
             {{dmarc_at("b.test", "p=none"), dmarc_at("test", "p=none")}, "b.test", "test"},
             {{dmarc_at("b.test", "p=none; psd=n"), dmarc_at("test", "p=none")}, "b.test", "b.test"},
             // Several records are none, others beside the one do not matter, nor does a record without a policy.
             {{dmarc_at("test", "p=none"), dmarc_at("test", "p=reject"), dmarc_at("b.test", "p=none")},
              "a.b.test",
              "b.test"},
             {{dmarc_at("b.test", "p=none"), "_dmarc.b.test TXT \"v=spf1 -all\"", "_dmarc.b.test TXT \"v=DMARC2\""},
              "a.b.test",
              "b.test"},
             {{dmarc_at("b.test", "psd=n"), dmarc_at("test", "p=none")}, "a.b.test", "b.test"},
             // Aliases are followed.
             {{"_dmarc.b.test CNAME _dmarc.c.example", dmarc_at("c.example", "p=none")}, "a.b.test", "b.test"},
             // RFC 9989 §5.1.8: a record in the gap of a long name is not found, one at its end is.
             {{dmarc_at("example.com", "p=none"), dmarc_at("b.c.d.e.f.g.example.com", "p=none; psd=n")},
              "mail.a.b.c.d.e.f.g.example.com",
              "example.com"},
             {{dmarc_at("b.c.d.e.f.g.example.com", "p=none; psd=n")},
              "b.c.d.e.f.g.example.com",
              "b.c.d.e.f.g.example.com"},
             // Below a suffix of seven labels the name taken was never asked about.
             {{dmarc_at("c.d.e.f.g.h.test", "p=none; psd=y")}, "x.a.b.c.d.e.f.g.h.test", "b.c.d.e.f.g.h.test"},
         }) {
        Zone zone(each.zone);
        EXPECT_EQ(organization_of(zone, each.domain), each.organization) << each.domain;
    }
}

// RFC 9989 §4.10
TEST(TreeWalk, AsksAtMostEightTimes) {
    const Domain start = domain("a.b.c.d.e.f.g.h.i.j.mail.example.com");
    const auto open = walk_tree(start, DnsAnswers());
    ASSERT_FALSE(open);
    std::vector<std::string> names;
    for (const trust::Question& question : open.error()) {
        EXPECT_EQ(question.type, dns::Type::txt);
        names.push_back(question.name.to_string());
    }
    EXPECT_THAT(names,
                ElementsAre("_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com", "_dmarc.g.h.i.j.mail.example.com",
                            "_dmarc.h.i.j.mail.example.com", "_dmarc.i.j.mail.example.com", "_dmarc.j.mail.example.com",
                            "_dmarc.mail.example.com", "_dmarc.example.com", "_dmarc.com"));
    for (const auto& [name, count] : std::vector<std::pair<std::string, std::size_t>>{
             {"com", 1}, {"b.com", 2}, {"1.2.3.4.5.6.b.com", 8}, {"1.2.3.4.5.6.7.b.com", 8}, {"[127.0.0.1]", 0}}) {
        Zone zone;
        organization_of(zone, name);
        EXPECT_EQ(zone.questions(), count) << name;
    }
}

TEST(TreeWalk, TakesNamesTooLongForThePrefix) {
    const std::string label(62, 'a');
    const std::string longest = label + "." + label + "." + label + "." + label.substr(0, 56) + ".test";
    Zone zone({dmarc_at(longest.substr(63), "p=none")});
    EXPECT_EQ(organization_of(zone, longest), longest.substr(63));
}

TEST(TreeWalk, KnowsNoOrganizationIfTheDnsFails) {
    Zone zone({dmarc_at("b.test", "p=none"), dmarc_at("c.test", "p=none; psd=n")});
    zone.break_name("_dmarc.test");
    EXPECT_EQ(organization_of(zone, "a.b.test"), "unknown");
    EXPECT_EQ(organization_of(zone, "a.c.test"), "c.test") << "what lies behind the end of the walk does not matter";
    zone.break_name("_dmarc.a.c.test");
    EXPECT_EQ(organization_of(zone, "a.c.test"), "unknown");
}

TEST(Dmarc, ComparesDomains) {
    EXPECT_TRUE(is_within(domain("a.b.test"), domain("b.test")));
    EXPECT_TRUE(is_within(domain("b.test"), domain("b.test")));
    EXPECT_FALSE(is_within(domain("ab.test"), domain("b.test")));
    EXPECT_FALSE(is_within(domain("test"), domain("b.test")));
}

// RFC 9989 §4.4, §B.1, §B.3.1, §B.4
TEST(Dmarc, AlignsAsInTheExamples) {
    const std::vector<std::string> simple{dmarc_at("example.com", "p=reject"), dmarc_at("example.net", "p=reject"),
                                          dmarc_at("signing.example.com", "p=none")};
    const std::vector<std::string> bank{dmarc_at("bank.example", "p=reject; psd=y"),
                                        dmarc_at("giant.bank.example", "p=quarantine")};

    struct Case {
        std::vector<std::string> zone;
        std::string author;
        std::string spf;
        std::string dkim;
        Alignment spf_aligned;
        Alignment dkim_aligned;
        std::string_view record;
    };

    for (const Case& each : std::vector<Case>{
             {simple, "news.example.com", "foo.example.com", "news.example.com", Alignment::relaxed, Alignment::strict,
              "example.com"},
             {simple, "news.example.com", "foo.example.net", "foo.example.net", Alignment::none, Alignment::none,
              "example.com"},
             {simple, "example.com", "example.com", "example.com", Alignment::strict, Alignment::strict, "example.com"},
             {simple, "example.com", "child.example.com", "example.com", Alignment::relaxed, Alignment::strict,
              "example.com"},
             {simple, "child.example.com", "example.net", "example.com", Alignment::none, Alignment::relaxed,
              "example.com"},
             {simple, "child.example.com", "example.net", "example.net", Alignment::none, Alignment::none,
              "example.com"},
             {simple, "example.com", "mail.example.com", "example.com", Alignment::relaxed, Alignment::strict,
              "example.com"},
             {simple, "example.com", "example.com", "signing.example.com", Alignment::strict, Alignment::relaxed,
              "example.com"},
             {simple, "a.b.c.d.e.f.g.h.i.j.k.example.com", "example.com", "signing.example.com", Alignment::relaxed,
              Alignment::relaxed, "example.com"},
             {bank, "giant.bank.example", "mail.giant.bank.example", "mail.mega.bank.example", Alignment::relaxed,
              Alignment::none, "giant.bank.example"},
         }) {
        Zone zone(each.zone);
        const Verdict verdict = judge(zone, letter({each.author}, each.spf, {each.dkim}));
        EXPECT_EQ(verdict.spf, each.spf_aligned) << each.author << ' ' << each.spf;
        EXPECT_THAT(verdict.dkim, ElementsAre(each.dkim_aligned)) << each.author << ' ' << each.dkim;
        EXPECT_EQ(verdict.spf_pass, each.spf_aligned != Alignment::none);
        EXPECT_EQ(verdict.dkim_pass, each.dkim_aligned != Alignment::none);
        EXPECT_EQ(verdict.result, verdict.spf_pass || verdict.dkim_pass ? Outcome::pass : Outcome::fail);
        ASSERT_TRUE(verdict.record);
        EXPECT_EQ(verdict.record->domain.ascii(), each.record);
    }
}

TEST(Dmarc, ObeysTheModes) {
    for (const bool strict : {false, true}) {
        const std::string tags = strict ? "p=reject; adkim=s; aspf=s" : "p=reject; adkim=r; aspf=r";
        Zone zone({dmarc_at("b.test", tags)});
        const auto result = [&](std::string_view spf, std::vector<std::string> dkim) {
            return judge(zone, letter({"b.test"}, spf, std::move(dkim))).result;
        };
        const Outcome loose = strict ? Outcome::fail : Outcome::pass;
        EXPECT_EQ(result("b.test", {}), Outcome::pass);
        EXPECT_EQ(result("a.b.test", {}), loose);
        EXPECT_EQ(result("", {"B.Test"}), Outcome::pass);
        EXPECT_EQ(result("", {"a.b.test"}), loose);
        EXPECT_EQ(result("", {"other.example", "a.b.test", "b.test"}), Outcome::pass) << "one of several suffices";
        EXPECT_EQ(result("-b.test", {"-b.test"}), Outcome::fail);
        EXPECT_EQ(result("", {}), Outcome::fail);
    }
}

TEST(Dmarc, SaysWhyALetterFails) {
    Zone zone({dmarc_at("b.test", "p=reject")});
    EXPECT_EQ(judge(zone, letter({"b.test"}, "", {})).reason, Reason::not_authenticated);
    EXPECT_EQ(judge(zone, letter({"b.test"}, "-b.test", {"-b.test"})).reason, Reason::not_authenticated);
    EXPECT_EQ(judge(zone, letter({"b.test"}, "evil.example", {})).reason, Reason::not_aligned);
    EXPECT_EQ(judge(zone, letter({"b.test"}, "b.test", {})).reason, Reason::aligned);
}

// RFC 9989 §4.10.1 and the tags p, sp, np, t of §4.7
TEST(Dmarc, ChoosesThePolicy) {
    struct Case {
        std::vector<std::string> zone;
        std::string author;
        std::string_view record; ///< empty if there is none
        RecordPlace place;
        Tag tag;
        Policy policy;
    };

    const std::string all = dmarc_at("b.test", "p=none; sp=quarantine; np=reject");
    for (const Case& each : std::vector<Case>{
             {{all}, "b.test", "b.test", RecordPlace::author, Tag::p, Policy::none},
             {{all, "a.b.test A 192.0.2.1"},
              "a.b.test",
              "b.test",
              RecordPlace::organization,
              Tag::sp,
              Policy::quarantine},
             {{all}, "a.b.test", "b.test", RecordPlace::organization, Tag::np, Policy::reject},
             {{all, "x.a.b.test TXT \"x\""},
              "a.b.test",
              "b.test",
              RecordPlace::organization,
              Tag::sp,
              Policy::quarantine},
             {{dmarc_at("b.test", "p=reject; sp=none")},
              "a.b.test",
              "b.test",
              RecordPlace::organization,
              Tag::sp,
              Policy::none},
             {{dmarc_at("b.test", "p=reject")},
              "a.b.test",
              "b.test",
              RecordPlace::organization,
              Tag::p,
              Policy::reject},
             {{dmarc_at("b.test", "p=none; np=reject"), "a.b.test MX 1 b.test."},
              "a.b.test",
              "b.test",
              RecordPlace::organization,
              Tag::p,
              Policy::none},
             // The author's own record comes first, wherever the organization is; its sp and np are not for it.
             {{all, dmarc_at("a.b.test", "p=quarantine; sp=none; np=none")},
              "a.b.test",
              "a.b.test",
              RecordPlace::author,
              Tag::p,
              Policy::quarantine},
             // Between the author and the organization nothing counts.
             {{dmarc_at("b.test", "p=reject"), dmarc_at("a.b.test", "p=none")},
              "x.a.b.test",
              "b.test",
              RecordPlace::organization,
              Tag::p,
              Policy::reject},
             // The public suffix is the last resort.
             {{dmarc_at("test", "p=none; np=reject; psd=y")},
              "b.test",
              "test",
              RecordPlace::public_suffix,
              Tag::np,
              Policy::reject},
             {{dmarc_at("test", "p=quarantine; psd=y"), dmarc_at("a.b.test", "p=none")},
              "x.a.b.test",
              "test",
              RecordPlace::public_suffix,
              Tag::p,
              Policy::quarantine},
             {{dmarc_at("test", "p=reject; psd=y"), dmarc_at("b.test", "p=none")},
              "a.b.test",
              "b.test",
              RecordPlace::organization,
              Tag::p,
              Policy::none},
             {{dmarc_at("test", "p=reject; sp=none; psd=y")},
              "test",
              "test",
              RecordPlace::author,
              Tag::p,
              Policy::reject},
             {{}, "b.test", "", RecordPlace::author, Tag::p, Policy::none},
         }) {
        Zone zone(each.zone);
        const Verdict verdict = judge(zone, letter({each.author}, "", {}));
        ASSERT_EQ(verdict.record.has_value(), !each.record.empty());
        EXPECT_EQ(verdict.result, each.record.empty() ? Outcome::none : Outcome::fail) << each.author;
        if (verdict.record) EXPECT_EQ(verdict.record->domain.ascii(), each.record) << each.author;
        EXPECT_EQ(verdict.place, each.place) << each.author;
        EXPECT_EQ(verdict.policy_tag, each.tag) << each.author;
        EXPECT_EQ(verdict.published_policy, each.policy) << each.author;
        EXPECT_EQ(verdict.policy, each.policy) << each.author;
    }
}

TEST(Dmarc, LowersThePolicyInTestMode) {
    for (const auto& [tags, published, policy] : std::vector<std::tuple<std::string_view, Policy, Policy>>{
             {"p=reject; t=y", Policy::reject, Policy::quarantine},
             {"p=quarantine; t=y", Policy::quarantine, Policy::none},
             {"p=none; t=y", Policy::none, Policy::none},
             {"p=reject; t=n", Policy::reject, Policy::reject}}) {
        Zone zone({dmarc_at("b.test", tags)});
        const Verdict verdict = judge(zone, letter({"b.test"}, "", {}));
        EXPECT_EQ(verdict.published_policy, published) << tags;
        EXPECT_EQ(verdict.policy, policy) << tags;
    }
}

TEST(Dmarc, DoesNotApplyARecordThatSaysNothing) {
    Zone zone({dmarc_at("b.test", "adkim=s"), dmarc_at("c.test", "rua=mailto:a@c.test")});
    const Verdict nothing = judge(zone, letter({"b.test"}, "b.test", {}));
    EXPECT_EQ(nothing.result, Outcome::permerror);
    EXPECT_EQ(nothing.reason, Reason::record_says_nothing);
    EXPECT_EQ(judge(zone, letter({"c.test"}, "c.test", {})).result, Outcome::pass);
}

// RFC 9989 §5.3.6
TEST(Dmarc, CannotJudgeWithoutAnswers) {
    struct Case {
        std::string_view broken;
        std::string author;
        std::string spf;
        std::vector<std::string> dkim;
        Outcome result;
        Reason reason;
    };

    for (const Case& each : std::vector<Case>{
             {"_dmarc.b.test", "b.test", "b.test", {"b.test"}, Outcome::temperror, Reason::dns_failure},
             {"_dmarc.b.test", "a.b.test", "a.b.test", {}, Outcome::temperror, Reason::dns_failure},
             {"_dmarc.none.test", "none.test", "", {}, Outcome::temperror, Reason::dns_failure},
             // With the author's own record at hand, only relaxed alignment needs the rest of the walk.
             {"_dmarc.test", "b.test", "b.test", {}, Outcome::pass, Reason::aligned},
             {"_dmarc.test", "b.test", "a.b.test", {}, Outcome::temperror, Reason::dns_failure},
             {"_dmarc.test", "b.test", "a.b.test", {"b.test"}, Outcome::pass, Reason::aligned},
             {"_dmarc.test", "b.test", "-b.test", {}, Outcome::fail, Reason::not_authenticated},
             {"_dmarc.a.b.test", "b.test", "a.b.test", {}, Outcome::temperror, Reason::dns_failure},
             {"_dmarc.a.b.test", "b.test", "a.b.test", {"c.b.test"}, Outcome::pass, Reason::aligned},
             {"_dmarc.a.other.example", "b.test", "a.other.example", {}, Outcome::fail, Reason::not_aligned},
             // np cannot be told from sp.
             {"a.b.test", "a.b.test", "", {}, Outcome::temperror, Reason::dns_failure},
             {"a.b.test", "a.b.test", "b.test", {}, Outcome::pass, Reason::aligned},
             // SPF or DKIM might have passed.
             {"nothing", "b.test", "~b.test", {}, Outcome::temperror, Reason::identifier_undecided},
             {"nothing", "b.test", "", {"~a.b.test"}, Outcome::temperror, Reason::identifier_undecided},
             {"nothing", "b.test", "~b.test", {"b.test"}, Outcome::pass, Reason::aligned},
             {"nothing", "b.test", "~evil.example", {"~other.example"}, Outcome::fail, Reason::not_authenticated},
         }) {
        Zone zone({dmarc_at("b.test", "p=quarantine; np=reject")});
        zone.break_name(each.broken);
        const Verdict verdict = judge(zone, letter({each.author}, each.spf, each.dkim));
        EXPECT_EQ(verdict.result, each.result) << each.broken << ' ' << each.author << ' ' << each.spf;
        EXPECT_EQ(verdict.reason, each.reason) << each.broken << ' ' << each.author << ' ' << each.spf;
    }
}

// RFC 9989 §5.3.1, §11.5
TEST(Dmarc, JudgesLettersWithoutExactlyOneAuthor) {
    Zone zone({dmarc_at("good.test", "p=reject"), dmarc_at("reject.test", "p=reject"),
               dmarc_at("quarantine.test", "p=quarantine"), dmarc_at("watch.test", "p=none")});
    const auto judged = [&](std::vector<std::string> authors) {
        const Verdict verdict = judge(zone, letter(std::move(authors), "good.test", {}));
        return std::string(to_string(verdict.result)) + " " + (verdict.author ? verdict.author->ascii() : "-");
    };
    EXPECT_EQ(judged({}), "permerror -");
    EXPECT_EQ(judged({"[127.0.0.1]"}), "permerror -");
    EXPECT_EQ(judged({"good.test", "good.test"}), "pass good.test");
    EXPECT_EQ(judged({"good.test", "reject.test"}), "fail reject.test");
    EXPECT_EQ(judged({"quarantine.test", "reject.test", "watch.test"}), "fail reject.test");
    EXPECT_EQ(judged({"watch.test", "quarantine.test", "good.test"}), "fail quarantine.test");
    EXPECT_EQ(judged({"good.test", "watch.test"}), "fail watch.test");
    EXPECT_EQ(judged({"good.test", "nothing.test"}), "none nothing.test");
    EXPECT_EQ(judged({"good.test", "[127.0.0.1]"}), "pass good.test");
    EXPECT_EQ(judged({"1.test", "2.test", "3.test", "4.test", "5.test"}), "permerror -");
    zone.break_name("_dmarc.broken.test");
    EXPECT_EQ(judged({"good.test", "watch.test", "broken.test"}), "temperror broken.test");
    EXPECT_EQ(judge(zone, letter({}, "", {})).reason, Reason::no_author);
    EXPECT_EQ(judge(zone, letter({"1.test", "2.test", "3.test", "4.test", "5.test"}, "", {})).reason,
              Reason::too_many_authors);
}

TEST(Dmarc, AsksOnlyWhatItNeeds) {
    Zone zone({dmarc_at("b.test", "p=reject; np=reject")});
    judge(zone, letter({"b.test"}, "b.test", {"b.test", "evil.example", "a.b.c.evil.example"}));
    EXPECT_EQ(zone.questions(), 2u) << "the author's own walk";

    // However many identifiers a stranger puts below his own domain.
    std::vector<std::string> many;
    for (int number = 0; number < 200; ++number)
        many.push_back("1.2.3.4.5.6.7.8.x" + std::to_string(number) + ".b.test");
    Zone other({dmarc_at("b.test", "p=reject; np=reject")});
    judge(other, letter({"a.b.test"}, "", many));
    EXPECT_LE(other.questions(), kWalkNamesMax * (1 + kAlignmentWalksMax) + 1);
}

} // namespace
} // namespace tegami::dmarc
