#include "app/command_line/verdict_words.h"

#include "base/visible.h"
#include "store/journey.h"
#include "trust/arc/verdict.h"
#include "trust/bimi/evaluate.h"
#include "trust/dkim/result.h"
#include "trust/dmarc/evaluate.h"
#include "trust/iprev.h"
#include "trust/spf/verdict.h"
#include "verification/verdicts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

namespace tegami::app {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::array kLanguages{Language::english, Language::japanese};

/// Every enumerator up to the last one.
template <class E>
std::vector<E> all_up_to(E last) {
    std::vector<E> all;
    for (int value = 0; value <= static_cast<int>(last); ++value)
        all.push_back(static_cast<E>(value));
    return all;
}

/// A sentence that was written for this, in the language, with everything it needs.
void expect_sentence(const VerdictGroup& group, Language language) {
    const std::string text = describe(group, language);
    SCOPED_TRACE(fmt::format("{} {} {}: {}", group.method, group.result, values_of(group.fields, "reason"), text));
    EXPECT_THAT(text, Not(HasSubstr("=" + group.result)));
    EXPECT_THAT(text, Not(HasSubstr("–")));
    EXPECT_THAT(text, Not(HasSubstr("{")));
    EXPECT_THAT(text, EndsWith(language == Language::japanese ? "。" : "."));
    EXPECT_EQ(visible(text), text);
    const bool has_kana = text.contains("は") || text.contains("に");
    EXPECT_EQ(has_kana, language == Language::japanese);
}

TEST(VerdictWordsTest, EveryReasonOfArcHasASentence) {
    for (const Language language : kLanguages) {
        for (const arc::Reason reason : all_up_to(arc::Reason::seal_failed)) {
            if (reason == arc::Reason::no_sets) continue; // nothing is told
            expect_sentence({.method = "arc",
                             .result = reason == arc::Reason::verified ? "pass" : "fail",
                             .fields = {{"reason", std::string(arc::to_string(reason))},
                                        {"instance", "2"},
                                        {"sealer", "lists.test"}}},
                            language);
        }
        expect_sentence({.method = "arc", .result = "fail", .fields = {{"reason", "message-signature-failed"}}},
                        language);
    }
}

TEST(VerdictWordsTest, EveryReasonOfSpfHasASentence) {
    for (const Language language : kLanguages) {
        for (const spf::Reason reason : all_up_to(spf::Reason::dns_failure)) {
            for (const spf::Outcome outcome : all_up_to(spf::Outcome::permerror)) {
                // Which outcomes a reason may have, spf/check_host says; only `matched` is bound to four.
                if (reason == spf::Reason::matched &&
                    (outcome == spf::Outcome::none || outcome == spf::Outcome::temperror ||
                     outcome == spf::Outcome::permerror))
                    continue;
                for (const spf::Identity identity : {spf::Identity::helo, spf::Identity::mail_from})
                    expect_sentence({.method = "spf",
                                     .result = std::string(spf::to_string(outcome)),
                                     .fields = {{"identity", std::string(spf::to_string(identity))},
                                                {"domain", "a.test"},
                                                {"client", "192.0.2.1"},
                                                {"reason", std::string(spf::to_string(reason))},
                                                {"through", "b.test"},
                                                {"subject", "c.test"}}},
                                    language);
            }
        }
    }
}

TEST(VerdictWordsTest, EveryReasonOfDkimHasASentence) {
    for (const Language language : kLanguages) {
        expect_sentence({.method = "dkim", .result = "none"}, language);
        for (const dkim::Reason reason : all_up_to(dkim::Reason::key_not_for_email)) {
            expect_sentence({.method = "dkim",
                             .result = std::string(dkim::to_string(dkim::verdict_of(reason))),
                             .fields = {{"domain", "a.test"},
                                        {"selector", "k1"},
                                        {"reason", std::string(dkim::to_string(reason))},
                                        {"tag", "p"},
                                        {"testing", "yes"},
                                        {"unsigned", "7"},
                                        {"more", "2"}}},
                            language);
        }
    }
}

TEST(VerdictWordsTest, EveryReasonOfDmarcHasASentence) {
    for (const Language language : kLanguages)
        for (const dmarc::Reason reason : all_up_to(dmarc::Reason::identifier_undecided))
            for (const dmarc::Outcome outcome : all_up_to(dmarc::Outcome::permerror))
                expect_sentence({.method = "dmarc",
                                 .result = std::string(dmarc::to_string(outcome)),
                                 .fields = {{"domain", "a.test"},
                                            {"reason", std::string(dmarc::to_string(reason))},
                                            {"record", "a.test"},
                                            {"policy", "none"}}},
                                language);
}

TEST(VerdictWordsTest, EveryReasonOfBimiHasASentence) {
    for (const Language language : kLanguages)
        for (const bimi::Reason reason : all_up_to(bimi::Reason::policy_not_enforced))
            expect_sentence({.method = "bimi",
                             .result = std::string(bimi::to_string(bimi::Verdict{.reason = reason}.result())),
                             .fields = {{"reason", std::string(bimi::to_string(reason))},
                                        {"domain", "a.test"},
                                        {"selector", "default"},
                                        {"location", "https://a.test/logo.svg"}}},
                            language);
}

TEST(VerdictWordsTest, EveryOutcomeOfIprevHasASentence) {
    for (const Language language : kLanguages)
        for (const trust::IprevOutcome outcome : all_up_to(trust::IprevOutcome::permerror))
            expect_sentence({.method = "iprev",
                             .result = std::string(trust::to_string(outcome)),
                             .fields = {{"client", "192.0.2.1"}, {"name", "mx.a.test"}}},
                            language);
}

TEST(VerdictWordsTest, SaysWhatHappenedAndWhoMustMendIt) {
    struct Row {
        VerdictGroup group;
        std::string english;
        std::string japanese;
    };

    const std::vector<Row> rows{
        {{.method = "spf",
          .result = "fail",
          .fields = {{"identity", "mailfrom"},
                     {"domain", "example.org"},
                     {"client", "192.0.2.1"},
                     {"reason", "matched"},
                     {"term", "-all"},
                     {"explanation", "ask {domain}"}}},
         "SPF failed: 192.0.2.1 is not in the list of mail servers that example.org publishes. The message may be "
         "forged, or "
         "somebody has forwarded it. If the server belongs to example.org, its administrators must add it to the list. "
         "example.org says: “ask {domain}”",
         "SPF 検査に合格しませんでした：192.0.2.1 は、example.org が公開している送信サーバーの一覧に載っていません。"
         "偽のメールか、転送されたメールかもしれません。example.org のサーバーであれば、example.org "
         "の管理者が一覧に加える必要があります。example.org の説明：「ask {domain}」"},
        {{.method = "spf",
          .result = "none",
          .fields = {{"identity", "helo"}, {"domain", "localhost"}, {"client", "192.0.2.1"}, {"reason", "bad-domain"}}},
         "SPF of the server's own name says nothing: “localhost” is no name under which a list of mail servers could "
         "be "
         "published.",
         "サーバー自身の名前の SPF "
         "検査では何も分かりません：「localhost」は、送信サーバーの一覧を公開できる名前ではありません。"},
        {{.method = "spf", .result = "none", .fields = {{"identity", "helo"}, {"reason", "bad-domain"}}},
         "SPF of the server's own name says nothing: the server gave no name.",
         "サーバー自身の名前の SPF 検査では何も分かりません：サーバーが名前を告げませんでした。"},
        {{.method = "spf",
          .result = "permerror",
          .fields = {{"identity", "mailfrom"},
                     {"domain", "a.test"},
                     {"reason", "syntax-error"},
                     {"through", "b.test"},
                     {"subject", "ip4:1"}}},
         "SPF could not be checked: the list of mail servers that b.test publishes has a mistake at “ip4:1”. Its "
         "administrators must mend it.",
         "SPF 検査はできませんでした：b.test "
         "が公開している送信サーバーの一覧は「ip4:1」のところが間違っています。b.test "
         "の管理者が直す必要があります。"},
        {{.method = "dkim",
          .result = "permerror",
          .fields = {{"domain", "a.test"}, {"selector", "k1"}, {"reason", "key-missing"}, {"testing", "yes"}}},
         "DKIM could not be checked: a.test does not publish the key “k1” that the message is signed with. Its "
         "administrators "
         "must publish it. a.test says that it is only trying out its signatures.",
         "DKIM 検査はできませんでした：a.test は、署名に使われた鍵「k1」を公開していません。a.test "
         "の管理者が公開する必要があります。a.test は、署名を試しているだけだと言っています。"},
        {{.method = "dkim", .result = "neutral", .fields = {{"reason", "signature-syntax"}}},
         "DKIM gives no verdict: the signature of the sender has a mistake. Whoever signed must mend that.",
         "DKIM 検査では判定できませんでした：差出人側の署名の書き方が間違っています。署名した側が直す必要があります。"},
        {{.method = "dmarc",
          .result = "pass",
          .fields = {{"domain", "a.test"}, {"reason", "aligned"}, {"policy", "reject"}, {"by", "spf"}, {"by", "dkim"}}},
         "DMARC passed: a.test, the domain of the author, stands behind the message. SPF and DKIM show it.",
         "DMARC 検査に合格しました：a.test（差出人のドメイン）から送られたことを確認しました。（SPF と DKIM "
         "による確認）"},
        {{.method = "dmarc",
          .result = "fail",
          .fields =
              {{"domain", "www.a.test"}, {"reason", "not-authenticated"}, {"record", "a.test"}, {"policy", "reject"}}},
         "DMARC failed: the message says that it is from www.a.test, but neither SPF nor DKIM shows that. If it is "
         "genuine, "
         "the administrators of www.a.test must list their servers (SPF) or sign their mail (DKIM). a.test asks that "
         "such "
         "messages be refused.",
         "DMARC 検査に合格しませんでした：差出人のドメインは www.a.test となっていますが、SPF でも DKIM "
         "でも確認できません。本物であれば、www.a.test "
         "の管理者が送信サーバーを公開する（SPF）か、メールに署名する（DKIM）必要があります。a.test "
         "は、そのようなメールを断るよう求めています。"},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(describe(row.group, Language::english), row.english);
        EXPECT_EQ(describe(row.group, Language::japanese), row.japanese);
    }
}

TEST(VerdictWordsTest, WhatIsNewIsToldByNameAndFields) {
    for (const Language language : kLanguages) {
        EXPECT_EQ(describe({.method = "vbr", .result = "pass", .fields = {{"domain", "a.test"}}}, language),
                  "vbr=pass: domain=a.test");
        EXPECT_EQ(
            describe({.method = "spf", .result = "fail", .fields = {{"reason", "full-moon"}, {"x", "y"}}}, language),
            "spf=fail: reason=full-moon x=y");
        EXPECT_EQ(describe({.method = "spf", .result = "perhaps", .fields = {{"reason", "matched"}}}, language),
                  "spf=perhaps: reason=matched");
    }
}

TEST(VerdictWordsTest, GroupsBeginWithAMethod) {
    const std::vector<VerdictGroup> groups = verdict_groups({{"spf", "fail"},
                                                             {"spf.domain", "a.test"},
                                                             {"spf", "pass"},
                                                             {"dkim.domain", "b.test"},
                                                             {"dkim.by", "x"},
                                                             {"dkim.by", "y"}});
    ASSERT_EQ(groups.size(), 3U);
    EXPECT_EQ(groups[0].result, "fail");
    EXPECT_EQ(values_of(groups[0].fields, "domain"), "a.test");
    EXPECT_TRUE(groups[1].fields.empty());
    EXPECT_EQ(groups[2].result, "");
    EXPECT_EQ(values_of(groups[2].fields, "by"), "x, y");
    EXPECT_TRUE(verdict_groups({}).empty());
}

/// A sender who has much examined cannot push a verdict out of the journey.
TEST(VerdictWordsTest, AllFactsFitIntoAJourney) {
    const auto domain = *message::Domain::parse("a.test");
    const verification::Subject subject{.client = IpAddress::parse("192.0.2.1"), .helo = "mx.a.test"};
    const spf::Verdict everything{.outcome = spf::Outcome::fail,
                                  .domain = "a.test",
                                  .reason = spf::Reason::matched,
                                  .path = {{.domain = "a.test", .term = "x"}, {.domain = "b.test", .term = "-all"}},
                                  .subject = "c.test",
                                  .explanation = "because"};
    const dkim::SignatureResult signature{.claims = {.domain = domain, .selector = "k1"},
                                          .fault = {.reason = dkim::Reason::key_syntax, .tag = "p"},
                                          .testing = true,
                                          .unsigned_octets = 3};
    verification::Verdicts verdicts{.iprev = trust::Iprev{.name = dns::Name::parse("mx.a.test")},
                                    .helo = everything,
                                    .mail_from = everything,
                                    .dkim = std::vector(10, signature)};
    verdicts.bimi = {.reason = bimi::Reason::found,
                     .domain = domain,
                     .selector = "default",
                     .record = {.location = "https://a.test/logo.svg"}};
    verdicts.dmarc.author = domain;
    verdicts.dmarc.record = dmarc::FoundRecord{.domain = domain, .record = {.testing = true}};
    verdicts.dmarc.spf_pass = verdicts.dmarc.dkim_pass = true;
    const auto facts = verification::facts(subject, verdicts);
    EXPECT_LE(facts.size(), store::kJourneyFieldsMax);
    std::vector<std::string> methods;
    for (const VerdictGroup& group : verdict_groups(facts))
        methods.push_back(group.method);
    EXPECT_THAT(methods, ElementsAre("iprev", "spf", "spf", "dkim", "dkim", "dkim", "dkim", "dkim", "dmarc", "bimi"));
    EXPECT_THAT(describe(verdict_groups(facts)[7], Language::english), EndsWith("not told of: 5."));
}

} // namespace
} // namespace tegami::app
