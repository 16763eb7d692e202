#include "app/command_line/trace_words.h"

#include <gtest/gtest.h>

namespace tegami::app {
namespace {

TEST(TraceWordsTest, TellsAnEventInOneSentence) {
    const TraceEvent event{.kind = "relayed",
                           .fields = {{"to", "bob@b.test"}, {"server", "mx.b.test"}, {"reply", "250 2.0.0 ok"}}};
    EXPECT_EQ(describe(event, Language::english), "The server mx.b.test took the message for bob@b.test: 250 2.0.0 ok");
    EXPECT_EQ(describe(event, Language::japanese),
              "サーバー mx.b.test が bob@b.test 宛てのメールを受け取りました：250 2.0.0 ok");
}

TEST(TraceWordsTest, ChoosesTheSentenceByWhatIsKnown) {
    TraceEvent event{.kind = "received",
                     .fields = {{"from", "a@a.test"},
                                {"to", "b@b.test"},
                                {"to", "c@b.test"},
                                {"helo", "mx.a.test"},
                                {"client", "192.0.2.1"},
                                {"size", "1234"}}};
    EXPECT_EQ(
        describe(event, Language::english),
        "The server mx.a.test at 192.0.2.1 brought a message from a@a.test for b@b.test, c@b.test (1234 octets).");
    event.fields.emplace_back("subject", "日本語の件名");
    EXPECT_EQ(describe(event, Language::english),
              "The server mx.a.test at 192.0.2.1 brought a message “日本語の件名” from a@a.test for b@b.test, c@b.test "
              "(1234 octets).");
    EXPECT_EQ(describe({.kind = "refused", .fields = {{"to", "x@b.test"}, {"server", ""}, {"reply", "no"}}},
                       Language::english),
              "The message for x@b.test cannot be delivered and is given up: no");
}

TEST(TraceWordsTest, TellsWhatTheOperatorDid) {
    const TraceEvent removed{.kind = "removed", .fields = {{"id", "7"}, {"by", "local root"}}};
    EXPECT_EQ(describe(removed, Language::english),
              "It was removed from the queue by local root: it goes no further, and the sender is not told.");
    EXPECT_EQ(describe({.kind = "retried", .fields = {{"by", "local root"}}}, Language::english),
              "It is tried again at once, because local root asked for it.");
    EXPECT_EQ(describe({.kind = "retried", .fields = {{"by", "local root"}}}, Language::japanese),
              "local root の指示により、すぐにもう一度試します。");
}

TEST(TraceWordsTest, TellsOfALetterThatIsHeld) {
    TraceEvent event{.kind = "queued", .fields = {{"id", "7"}, {"recipients", "1"}}};
    EXPECT_EQ(describe(event, Language::english), "It waits in the queue (number 7, recipients: 1).");
    event.fields.emplace_back("until", "2026-12-01T09:00:00Z");
    EXPECT_EQ(describe(event, Language::english),
              "It is held until 2026-12-01T09:00:00Z, as the sender wishes (number 7, recipients: 1).");
    EXPECT_EQ(describe({.kind = "canceled", .fields = {{"by", "anna@b.test"}}}, Language::japanese),
              "anna@b.test が送信前に取り消しました。");
}

TEST(TraceWordsTest, SaysWhyNoServerWasFound) {
    TraceEvent event{.kind = "unroutable", .fields = {{"domain", "b.test"}}};
    EXPECT_EQ(describe(event, Language::english), "No mail server can be found for b.test.");
    event.fields.emplace_back("reason", "the name servers failed");
    EXPECT_EQ(describe(event, Language::english), "No mail server was found for b.test: the name servers failed");
}

TEST(TraceWordsTest, SaysWhatWasAskedOfAServersTls) {
    TraceEvent event{
        .kind = "dialogue",
        .fields = {{"server", "mx.b.test"}, {"address", "192.0.2.1:25"}, {"tls", "TLSv1.3"}, {"policy", ""}}};
    EXPECT_EQ(describe(event, Language::english), "Spoke with mx.b.test (192.0.2.1:25) under TLSv1.3.");
    event.fields.back().second = "DANE";
    EXPECT_EQ(describe(event, Language::english), "Spoke with mx.b.test (192.0.2.1:25) under TLSv1.3, as DANE asks.");
    event.fields.emplace_back("testing", "there is no TLS");
    EXPECT_EQ(describe(event, Language::english), "Spoke with mx.b.test (192.0.2.1:25). Its domain is testing a policy "
                                                  "(MTA-STS) that would forbid this: there is "
                                                  "no TLS");
    const TraceEvent over{.kind = "unreachable",
                          .fields = {{"server", "mx.b.test"}, {"policy", "DANE"}, {"reason", "no"}}};
    EXPECT_EQ(describe(over, Language::english),
              "The server mx.b.test was passed over, for it does not do what DANE asks: no");
    EXPECT_EQ(describe(over, Language::japanese),
              "DANE の求めを満たさないため、サーバー mx.b.test には送りませんでした：no");
}

TEST(TraceWordsTest, KeepsBracesOfOthersAsTheyAre) {
    EXPECT_EQ(describe({.kind = "rejected", .fields = {{"reply", "550 {to} {} %s"}}}, Language::english),
              "The message was turned away: 550 {to} {} %s");
}

TEST(TraceWordsTest, LeavesNothingOut) {
    EXPECT_EQ(describe({.kind = "teleported", .fields = {{"to", "x"}, {"via", "y"}}}, Language::japanese),
              "teleported: to=x via=y");
    EXPECT_EQ(describe({.kind = "unreachable"}, Language::english), "The server – could not be reached: –");
}

TEST(TraceWordsTest, TellsEachVerdictOfAnExamination) {
    const TraceEvent event{.kind = "checked",
                           .fields = {{"spf", "none"},
                                      {"spf.identity", "mailfrom"},
                                      {"spf.domain", "a.test"},
                                      {"spf.reason", "no-record"},
                                      {"dkim", "none"},
                                      {"vbr", "pass"}}};
    EXPECT_EQ(describe(event, Language::english), "It was checked who really sent it.");
    EXPECT_EQ(details(event, Language::english),
              (std::vector<std::string>{"SPF says nothing: a.test does not publish which servers send its mail.",
                                        "DKIM says nothing: the message carries no signature.", "vbr=pass:"}));
    EXPECT_TRUE(details({.kind = "received", .fields = {{"spf", "none"}}}, Language::english).empty());
}

TEST(TraceWordsTest, KeepsTheLinesOfTheWireApart) {
    const TraceEvent event{.kind = "dialogue", .fields = {{"server", "mx"}, {"line", "S: 220 x"}, {"line", "C: QUIT"}}};
    EXPECT_EQ(wire_lines(event), (std::vector<std::string>{"S: 220 x", "C: QUIT"}));
}

TEST(TraceWordsTest, KnowsLocales) {
    EXPECT_EQ(language_for("ja_JP.UTF-8"), Language::japanese);
    EXPECT_EQ(language_for("ja"), Language::japanese);
    EXPECT_EQ(language_for("C.UTF-8"), Language::english);
    EXPECT_EQ(language_for(""), Language::english);
}

} // namespace
} // namespace tegami::app
