// All methods together, over one message and one zone.
#include "verification/verdicts.h"

#include "trust/arc/sealer.h"
#include "trust/dkim/signer.h"
#include "trust/zone_fixture.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::verification {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

const Timestamp kNow{std::chrono::seconds(1'790'000'000)};

class VerdictsTest : public ::testing::Test {
protected:
    VerdictsTest() {
        zone_.add(R"(a.test TXT "v=spf1 ip4:192.0.2.1 -all")");
        zone_.add(R"(mail.a.test TXT "v=spf1 a -all")");
        zone_.add("mail.a.test A 192.0.2.1");
        zone_.add("1.2.0.192.in-addr.arpa PTR mail.a.test");
        zone_.add(R"(_dmarc.a.test TXT "v=DMARC1; p=reject")");
        zone_.add_text("k1._domainkey.a.test", key_.record());
    }

    /// The letter with a signature of a.test in front.
    std::string signed_letter(const std::string& letter) const {
        dkim::Signer signer;
        signer.feed(letter);
        signer.finish();
        const dkim::SigningKey key{
            .domain = *message::Domain::parse("a.test"), .selector = *message::Domain::parse("k1"), .key = &key_};
        return signer.sign("", message::Header(letter), {key}, kNow).value() + letter;
    }

    Subject subject(std::string_view client, std::string_view reverse_path) const {
        Subject subject{.client = IpAddress::parse(client),
                        .helo = "mail.a.test",
                        .reverse_path = {},
                        .host_name = "mail.b.test",
                        .time = kNow};
        if (!reverse_path.empty()) subject.reverse_path = *message::parse_email_address(reverse_path);
        return subject;
    }

    Verdicts judge(const Subject& subject, const std::string& letter) {
        dkim::Verifier verifier;
        verifier.feed(letter);
        verifier.finish();
        arc::Validator validator;
        validator.feed(letter);
        validator.finish();
        const message::Header header(letter);
        Judge judge(subject, {.signatures = verifier, .chain = validator}, header);
        return zone_.ask([&](const trust::DnsAnswers& answers) { return judge.evaluate(answers); });
    }

    dkim::PrivateKey key_ = dkim::PrivateKey::generate(dkim::KeyType::ed25519);
    trust::Zone zone_;
    const std::string letter_ = "From: Anna <anna@a.test>\r\nSubject: x\r\n\r\nHello\r\n";
};

TEST_F(VerdictsTest, AGenuineLetterPassesEverything) {
    const Subject who = subject("192.0.2.1", "anna@a.test");
    const Verdicts verdicts = judge(who, signed_letter(letter_));
    EXPECT_EQ(verdicts.iprev->outcome, trust::IprevOutcome::pass);
    EXPECT_EQ(verdicts.helo->outcome, spf::Outcome::pass);
    EXPECT_EQ(verdicts.mail_from->outcome, spf::Outcome::pass);
    ASSERT_EQ(verdicts.dkim.size(), 1U);
    EXPECT_EQ(verdicts.dkim[0].verdict(), dkim::Verdict::pass);
    EXPECT_EQ(verdicts.dmarc.result, dmarc::Outcome::pass);

    const std::string field = trust::authentication_results_field(authentication_results(who, verdicts));
    EXPECT_THAT(field,
                AllOf(HasSubstr("mail.b.test;"), HasSubstr("dkim=pass header.d=a.test header.s=k1"),
                      HasSubstr("spf=pass smtp.mailfrom=anna@a.test"), HasSubstr("spf=pass smtp.helo=mail.a.test"),
                      HasSubstr("dmarc=pass (p=reject) header.from=a.test"),
                      HasSubstr("iprev=pass policy.iprev=192.0.2.1")));
    EXPECT_THAT(facts(who, verdicts),
                AllOf(Contains(Pair("spf", "pass")), Contains(Pair("spf.reason", "matched")),
                      Contains(Pair("spf.term", "ip4:192.0.2.1")), Contains(Pair("dkim.domain", "a.test")),
                      Contains(Pair("dmarc.by", "spf")), Contains(Pair("dmarc.by", "dkim"))));
}

TEST_F(VerdictsTest, DmarcJudgesByTheFinalVerdictsOfTheOthers) {
    struct Row {
        const char* what;
        const char* client;
        const char* reverse_path;
        bool is_signed;
        dmarc::Outcome result;
    };

    for (const Row& row :
         {Row{"forged", "203.0.113.9", "anna@a.test", false, dmarc::Outcome::fail},
          Row{"forwarded with its signature", "203.0.113.9", "list@c.test", true, dmarc::Outcome::pass},
          Row{"unsigned from the right address", "192.0.2.1", "bounces@a.test", false, dmarc::Outcome::pass},
          Row{"a report, by its HELO name", "192.0.2.1", "", false, dmarc::Outcome::pass},
          Row{"a forged report", "203.0.113.9", "", false, dmarc::Outcome::fail}}) {
        const Verdicts verdicts =
            judge(subject(row.client, row.reverse_path), row.is_signed ? signed_letter(letter_) : letter_);
        EXPECT_EQ(verdicts.dmarc.result, row.result) << row.what;
        EXPECT_EQ(verdicts.mail_from.has_value(), *row.reverse_path != '\0') << row.what;
    }
}

TEST_F(VerdictsTest, AChainOfThoseWhoPassedItOnIsValidated) {
    // As c.test passed it on, with a line of its own that breaks the author's signature.
    const std::string changed = signed_letter(letter_) + "-- \r\nThe list\r\n";
    arc::Sealer sealer;
    sealer.feed(changed);
    sealer.finish();
    const trust::AuthenticationResults found{
        .server = "mail.c.test",
        .results = {{.method = "dmarc", .result = "pass", .reason = {}, .comment = {}, .properties = {}}}};
    const dkim::SigningKey key{
        .domain = *message::Domain::parse("c.test"), .selector = *message::Domain::parse("k1"), .key = &key_};
    const std::string letter =
        sealer.seal("", message::Header(changed), arc::Status::none, found, key, kNow).value() + changed;
    zone_.add_text("k1._domainkey.c.test", key_.record());
    const Subject who = subject("203.0.113.9", "list@c.test");
    const Verdicts verdicts = judge(who, letter);
    EXPECT_EQ(verdicts.dmarc.result, dmarc::Outcome::fail);
    EXPECT_EQ(verdicts.arc.status, arc::Status::pass);
    EXPECT_THAT(trust::to_string(authentication_results(who, verdicts)), HasSubstr("arc=pass (i=1) header.d=c.test"));
    EXPECT_THAT(facts(who, verdicts), AllOf(Contains(Pair("arc", "pass")), Contains(Pair("arc.sealer", "c.test"))));
    const std::set<message::Domain> trusted{*message::Domain::parse("c.test")};
    ASSERT_NE(arc::trusted_set(verdicts.arc, trusted), nullptr);
    EXPECT_EQ(judge(who, letter + "x\r\n").arc.status, arc::Status::fail);
}

/// draft-brand-indicators-for-message-identification §5.5, §7.1
TEST_F(VerdictsTest, ALogoIsLookedForOnlyIfDmarcPassed) {
    zone_.add(R"(default._bimi.a.test TXT "v=BIMI1; l=https://a.test/logo.svg")");
    zone_.add(R"(winter._bimi.a.test TXT "v=BIMI1; l=https://a.test/winter.svg")");
    const Subject genuine = subject("192.0.2.1", "anna@a.test");
    const std::string chosen = "BIMI-Selector: v=BIMI1; s=winter\r\n";

    struct Row {
        const char* what;
        std::string letter;
        const char* location;
    };

    const std::vector<Row> rows{
        {"plain", letter_, "https://a.test/logo.svg"},
        {"chosen and signed", signed_letter(chosen + letter_), "https://a.test/winter.svg"},
        {"chosen, but not signed", chosen + signed_letter(letter_), "https://a.test/logo.svg"},
        {"chosen once more", chosen + signed_letter(chosen + letter_), "https://a.test/logo.svg"},
        {"two authors", "From: anna@a.test, otto@a.test\r\n\r\n", ""},
        {"two fields", "From: anna@a.test\r\n" + letter_, ""},
    };
    for (const Row& row : rows)
        EXPECT_EQ(judge(genuine, row.letter).bimi.record.location, row.location) << row.what;

    const Verdicts verdicts = judge(genuine, letter_);
    EXPECT_THAT(trust::to_string(authentication_results(genuine, verdicts)),
                HasSubstr("bimi=pass header.d=a.test header.selector=default"));
    EXPECT_THAT(facts(genuine, verdicts),
                AllOf(Contains(Pair("bimi", "pass")), Contains(Pair("bimi.location", "https://a.test/logo.svg"))));

    const Subject forger = subject("203.0.113.9", "anna@a.test");
    const std::size_t before = zone_.questions();
    const Verdicts forged = judge(forger, letter_);
    const std::size_t asked = zone_.questions() - before;
    EXPECT_THAT(trust::to_string(authentication_results(forger, forged)),
                HasSubstr("bimi=skipped (not-authenticated)"));
    judge(genuine, letter_);
    EXPECT_EQ(zone_.questions() - before - asked, asked + 1);
}

TEST_F(VerdictsTest, AClientThatIsNotKnownIsNotJudged) {
    Subject who = subject("192.0.2.1", "anna@a.test");
    who.client.reset();
    const Verdicts verdicts = judge(who, signed_letter(letter_));
    EXPECT_FALSE(verdicts.iprev || verdicts.helo || verdicts.mail_from || verdicts.spf());
    EXPECT_EQ(verdicts.dmarc.result, dmarc::Outcome::pass);
    EXPECT_THAT(facts(who, verdicts), Not(Contains(Pair(::testing::AnyOf("spf", "iprev"), ::testing::_))));
    EXPECT_THAT(trust::authentication_results_field(authentication_results(who, verdicts)),
                AllOf(HasSubstr("dkim=pass"), Not(HasSubstr("spf=")), Not(HasSubstr("iprev="))));
}

TEST_F(VerdictsTest, AHeloNameIsToldOfIfItSaysAnythingOrIsAllThereIs) {
    struct Row {
        const char* helo;
        const char* reverse_path;
        std::vector<std::string> identities;
    };

    for (const Row& row : {Row{"mail.a.test", "anna@a.test", {"mailfrom", "helo"}},
                           Row{"other.a.test", "anna@a.test", {"mailfrom"}}, Row{"other.a.test", "", {"helo"}}}) {
        Subject who = subject("192.0.2.1", row.reverse_path);
        who.helo = row.helo;
        std::vector<std::string> identities;
        for (const auto& [name, value] : facts(who, judge(who, letter_)))
            if (name == "spf.identity") identities.push_back(value);
        EXPECT_EQ(identities, row.identities) << row.helo;
    }
}

TEST_F(VerdictsTest, HowManySignaturesAreNotToldOfIsTold) {
    std::string letter = letter_;
    for (std::size_t count = 0; count < dkim::kSignaturesMax + 3; ++count)
        letter = signed_letter(letter);
    const Subject who = subject("192.0.2.1", "anna@a.test");
    const auto told = facts(who, judge(who, letter));
    EXPECT_EQ(std::ranges::count(told, std::string("dkim"), &std::pair<std::string, std::string>::first), 5);
    EXPECT_THAT(told, Contains(Pair("dkim.more", "8")));
}

TEST_F(VerdictsTest, AuthorsWithoutEndCostNoMoreThanSome) {
    std::string many = "From: anna@a.test";
    for (int count = 0; count < 20'000; ++count)
        many += ", anna@a.test";
    EXPECT_EQ(judge(subject("192.0.2.1", "anna@a.test"), many + ", eve@e.test\r\n\r\n").dmarc.result,
              dmarc::Outcome::pass);
    std::string different = "From: anna@a.test";
    for (int count = 0; count < 10; ++count)
        different += fmt::format(", anna@a{}.test", count);
    const Verdicts verdicts = judge(subject("192.0.2.1", "anna@a.test"), different + "\r\n\r\n");
    EXPECT_EQ(verdicts.dmarc.reason, dmarc::Reason::too_many_authors);
}

TEST_F(VerdictsTest, NameServersThatDoNotAnswerMakeNoLetterFail) {
    for (const char* const name : {"a.test", "_dmarc.a.test", "k1._domainkey.a.test"})
        zone_.break_name(name);
    const Verdicts verdicts = judge(subject("192.0.2.1", "anna@a.test"), signed_letter(letter_));
    EXPECT_EQ(verdicts.mail_from->outcome, spf::Outcome::temperror);
    EXPECT_EQ(verdicts.dkim.at(0).verdict(), dkim::Verdict::temperror);
    EXPECT_EQ(verdicts.dmarc.result, dmarc::Outcome::temperror);
}

TEST_F(VerdictsTest, WhatStrangersSayOfThemselvesIsNoPartOfTheField) {
    Subject who = subject("192.0.2.1", "\"a;b\"@a.test");
    for (const std::string helo : {"x; dmarc=pass", "\xff\xfe", "a\r\nEvil: yes", "m\u00fcller", "", "[192.0.2.1]"}) {
        who.helo = helo;
        const std::string field = trust::authentication_results_field(authentication_results(who, judge(who, letter_)));
        EXPECT_THAT(field, Not(HasSubstr("\xff")));
        EXPECT_THAT(field, Not(HasSubstr("\r\nEvil")));
        const auto read = trust::parse_authentication_results(field.substr(field.find(':') + 1));
        ASSERT_TRUE(read) << field;
        EXPECT_EQ(std::ranges::count(read->results, "dmarc", &trust::MethodResult::method), 1) << field;
    }
}

} // namespace
} // namespace tegami::verification
