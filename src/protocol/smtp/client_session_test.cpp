// RFC 5321 from the client's side, RFC 2920, RFC 3207, RFC 4954, RFC 1870, RFC 6152, RFC 6531.
// Dialogues are text: "S:" the server says, "C:" the client must have said, other words are what the driver does.
#include "protocol/smtp/client_play_fixture.h"
#include "protocol/smtp/server_driver_twin_fixture.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::smtp {
namespace {

using ::testing::HasSubstr;

const std::string kOpening = "S: 220 mx.b.test ESMTP\nC: EHLO a.test\nS: 250 mx.b.test\n";
const std::string kPipelining =
    "S: 220 mx.b.test ESMTP\nC: EHLO a.test\nS: 250-mx.b.test\nS: 250-SIZE 1000\nS: 250 PIPELINING\n";
const std::string kBody = "C: Subject: x\nC: \nC: ..dot\nC: .\n";

TEST(SmtpClient, OneMessageStepByStep) {
    EXPECT_EQ(play(kOpening +
                   "send\nC: MAIL FROM:<alice@a.test>\nS: 250 ok\nC: RCPT TO:<bob@b.test>\nS: 250 ok\n"
                   "C: DATA\nS: 354 go\ntext\n" +
                   kBody + "S: 250 2.0.0 queued as 1\nquit\nC: QUIT\nS: 221 bye\n"),
              "ready body finished ready close delivered at the end of the message 2.0.0 (250)");
}

TEST(SmtpClient, PipelinedGroup) {
    EXPECT_EQ(play(kPipelining +
                   "send\nC: MAIL FROM:<alice@a.test> SIZE=20\nC: RCPT TO:<bob@b.test>\nC: DATA\n"
                   "S: 250 ok\nS: 250 ok\nS: 354 go\ntext\n" +
                   kBody + "S: 250 ok\n"),
              "ready body finished ready delivered at the end of the message 2.0.0 (250)");
}

TEST(SmtpClient, SeveralMessagesOnOneConnection) {
    const std::string one = "send\nC: MAIL FROM:<alice@a.test> SIZE=20\nC: RCPT TO:<bob@b.test>\nC: DATA\n"
                            "S: 250 ok\nS: 250 ok\nS: 354 go\ntext\n" +
                            kBody + "S: 250 ok\n";
    EXPECT_EQ(play(kPipelining + one + one),
              "ready body finished ready body finished ready delivered at the end of the message 2.0.0 (250)");
}

TEST(SmtpClient, NullSender) {
    Outgoing bounce = to_bob();
    bounce.reverse_path.reset();
    EXPECT_THAT(
        play(kOpening + "send\nC: MAIL FROM:<>\nS: 550 5.7.1 no bounces\nC: RSET\nS: 250 ok\n", plain(), bounce),
        HasSubstr("permanent at MAIL FROM 5.7.1 (550)"));
}

TEST(SmtpClient, PartOfTheRecipients) {
    const std::string answers =
        "S: 250 ok\nS: 550 5.1.1 who\nS: 451 4.2.1 later\nS: 354 go\ntext\n" + kBody + "S: 250 ok\n";
    Outgoing message = to_three();
    EXPECT_EQ(play(kPipelining +
                       "send\nC: MAIL FROM:<alice@a.test> SIZE=20\nC: RCPT TO:<bob@b.test>\nC: RCPT TO:<carol@b.test>\n"
                       "C: RCPT TO:<dave@b.test>\nC: DATA\nS: 250 ok\n" +
                       answers,
                   plain(), message),
              "ready body finished ready delivered at the end of the message 2.0.0 (250); "
              "permanent at RCPT TO 5.1.1 (550); temporary at RCPT TO 4.2.1 (451)");
}

TEST(SmtpClient, TooManyRecipientsIsTemporary) {
    EXPECT_EQ(play(kOpening + "send\nC: MAIL FROM:<alice@a.test>\nS: 250 ok\nC: RCPT TO:<bob@b.test>\n"
                              "S: 552 5.5.3 too many\nC: RSET\nS: 250 ok\n"),
              "ready finished ready temporary at RCPT TO 4.5.3 (552)");
}

TEST(SmtpClient, DataAnsweredAlthoughNobodyIsLeft) {
    const std::string group = "send\nC: MAIL FROM:<alice@a.test> SIZE=20\nC: RCPT TO:<bob@b.test>\nC: DATA\n"
                              "S: 250 ok\nS: 550 5.1.1 who\n";
    EXPECT_EQ(play(kPipelining + group + "S: 354 go\nC: .\nS: 554 no recipients\n"),
              "ready finished ready permanent at RCPT TO 5.1.1 (550)");
    EXPECT_EQ(play(kPipelining + group + "S: 354 go\nC: .\nS: 250 thanks for nothing\n"),
              "ready finished ready permanent at RCPT TO 5.1.1 (550)");
    EXPECT_EQ(play(kPipelining + group + "S: 503 no recipients\nC: RSET\nS: 250 ok\n"),
              "ready finished ready permanent at RCPT TO 5.1.1 (550)");
}

TEST(SmtpClient, SenderRefusedInAGroup) {
    const std::string group = "send\nC: MAIL FROM:<alice@a.test> SIZE=20\nC: RCPT TO:<bob@b.test>\nC: DATA\n";
    EXPECT_EQ(play(kPipelining + group + "S: 452 4.3.1 full\nS: 503 no\nS: 503 no\nC: RSET\nS: 250 ok\n"),
              "ready finished ready temporary at MAIL FROM 4.3.1 (452)");
    EXPECT_EQ(play(kPipelining + group + "S: 550 no\nS: 250 ok\nS: 354 go\nC: .\nS: 250 odd\n"),
              "ready finished ready permanent at MAIL FROM 5.0.0 (550)");
}

TEST(SmtpClient, RefusedAtDataAndAtTheEnd) {
    const std::string start =
        "send\nC: MAIL FROM:<alice@a.test>\nS: 250 ok\nC: RCPT TO:<bob@b.test>\nS: 250 ok\nC: DATA\n";
    EXPECT_EQ(play(kOpening + start + "S: 451 later\nC: RSET\nS: 250 ok\n"),
              "ready finished ready temporary at DATA 4.0.0 (451)");
    EXPECT_EQ(play(kOpening + start + "S: 354 go\ntext\n" + kBody + "S: 552 5.2.2 full\n"),
              "ready body finished ready permanent at the end of the message 5.2.2 (552)");
}

TEST(SmtpClient, ManyRecipientsGoInWindows) {
    Outgoing message = to_bob();
    message.recipients.assign(250, address("bob@b.test"));
    Play play(plain());
    play.message = message;
    for (const std::string_view line : ascii::split(kPipelining, '\n'))
        if (!line.empty()) play.step(line);
    play.step("send");
    const auto count = [&] {
        std::size_t found = 0;
        for (std::size_t at = play.sent.find("RCPT"); at != std::string::npos; at = play.sent.find("RCPT", at + 1))
            ++found;
        return found;
    };
    EXPECT_EQ(count(), 100U);
    play.say("250 ok\r\n");
    for (int answers = 0; answers < 50; ++answers)
        play.say("250 ok\r\n");
    EXPECT_EQ(count(), 150U);
    for (int answers = 0; answers < 200; ++answers)
        play.say("250 ok\r\n");
    EXPECT_EQ(count(), 250U);
    EXPECT_TRUE(play.sent.ends_with("DATA\r\n"));
    play.say("354 go\r\n");
    play.step("text");
    play.say("250 ok\r\n");
    EXPECT_EQ(play.results.size(), 250U);
    EXPECT_EQ(play.results.back().outcome, Outcome::delivered);
}

TEST(SmtpClient, ManyRecipientsAndARefusedSender) {
    Play play(plain());
    play.message.recipients.assign(250, address("bob@b.test"));
    for (const std::string_view line : ascii::split(kPipelining, '\n'))
        if (!line.empty()) play.step(line);
    play.step("send");
    play.sent.clear();
    for (int answers = 0; answers < 101; ++answers)
        play.say("550 5.7.1 no\r\n");
    EXPECT_EQ(play.sent, "RSET\r\n");
    EXPECT_EQ(play.results.size(), 250U);
    EXPECT_EQ(play.results.back().stage, Stage::mail);
}

TEST(SmtpClient, OldServersKnowOnlyHelo) {
    EXPECT_EQ(
        play("S: 220 old\nC: EHLO a.test\nS: 502 what\nC: HELO a.test\nS: 250 hi\nsend\n"
             "C: MAIL FROM:<alice@a.test>\nS: 250 ok\nC: RCPT TO:<bob@b.test>\nS: 250 ok\nC: DATA\nS: 354 go\ntext\n" +
             kBody + "S: 250 ok\n"),
        "ready body finished ready delivered at the end of the message 2.0.0 (250)");
}

/// A whole message over a server that greets and introduces itself so.
std::string delivered_after(const std::string& opening, const ClientOptions& options = plain()) {
    return play(
        opening +
            "send\nC: MAIL FROM:<alice@a.test>\nS: 250 ok\nC: RCPT TO:<bob@b.test>\nS: 251 he has moved\nC: DATA\n"
            "S: 354 go\ntext\n" +
            kBody + "S: 250 ok\n",
        options);
}

/// Openings that other programs have stumbled over.
TEST(SmtpClient, OpeningsOfAllKinds) {
    const std::string sent = "ready body finished ready delivered at the end of the message 2.0.0 (250)";
    const std::string hello = "C: EHLO a.test\n";
    for (const std::string& opening :
         {"S: 220-b.test\nS: 220-* no bulk mail *\nS: 220-\nS: 220\n" + hello + "S: 250 b.test\n",
          "S: 220\n" + hello + "S: 250\n", "S: \nS: 220 x\nS: \n" + hello + "S: 250-x\nS: \nS: 250 ETRN\nS: \n",
          "S: 220 ************\n" + hello + "S: 250-b.test\nS: 250 XXXXXXXA\n",
          "S: 220 b.test\n" + hello + "S: 250-a.test hello a.test\nS: 250 ETRN\n", // DavMail: our name, not its own
          "S: 220 not-a.test\n" + hello + "S: 250-\nS: 250-AUTH=LOGIN\nS: 250 HELP\n"})
        EXPECT_EQ(delivered_after(opening), sent) << opening;
    for (const std::string size : {"SIZE", "SIZE 0", "size=0", "SIZE 99999999999999999999999", "SIZE unlimited"}) {
        const std::string offers = fmt::format("S: 220 x\n{}S: 250-x\nS: 250 {}\n", hello, size);
        EXPECT_EQ(play(offers + "send\nC: MAIL FROM:<alice@a.test> SIZE=20\n"), "ready ") << size;
    }
    const std::string again = "S: 220 x\n" + hello + "S: 250-x\nS: 250 STARTTLS\n";
    EXPECT_EQ(delivered_after(again + "C: STARTTLS\nS: 220 go\ntls\n" + hello + "S: 250-x\nS: 250 STARTTLS\n",
                              {.host_name = "a.test"}),
              "starttls " + sent)
        << "offered again under TLS";
}

/// MX localhost, a port forwarded back, a second name: nothing of it goes round in a circle.
TEST(SmtpClient, AServerThatIsOurselves) {
    for (const std::string greeting : {"S: 220 a.test ESMTP", "S: 220-A.TEST\nS: 220 x", "S: 220 a.test"})
        EXPECT_EQ(play(greeting + "\n"), "unusable close permanent at the greeting 5.4.6") << greeting;
    EXPECT_EQ(play("S: 220 a.test.b.test\nC: EHLO a.test\n"), "");
}

/// The second answer to one message is of nothing that was asked: the message is delivered, the connection ends.
TEST(SmtpClient, AnAnswerTooMany) {
    Play play(plain());
    for (const std::string_view line : ascii::split(kOpening + "send\nS: 250 ok\nS: 250 ok\nS: 354 go\ntext", '\n'))
        if (!line.empty()) play.step(line);
    play.say("250\r\n250 ok 4711\r\n");
    EXPECT_EQ(play.finished, 1);
    EXPECT_EQ(play.events, "ready body finished unusable close ");
}

TEST(SmtpClient, ARefusedRsetChangesNothing) {
    Play play(plain());
    for (const std::string_view line :
         ascii::split(kOpening + "send\nC: MAIL FROM:<alice@a.test>\nS: 250 ok\nS: 550 5.1.1 no", '\n'))
        if (!line.empty()) play.step(line);
    EXPECT_EQ(summary(play.results), "permanent at RCPT TO 5.1.1 (550)");
    play.step("S: 502 5.5.1 what is RSET?");
    EXPECT_EQ(play.finished, 1);
    EXPECT_EQ(play.events, "ready finished unusable close ");
}

TEST(SmtpClient, RefusedBeforeAnyMessage) {
    EXPECT_EQ(play("S: 554 5.7.1 no SMTP here\n"), "unusable close permanent at the greeting 5.7.1 (554)");
    EXPECT_EQ(play("S: 421 4.3.2 busy\n"), "unusable close temporary at the greeting 4.3.2 (421)");
    EXPECT_EQ(play("S: 220 x\nC: EHLO a.test\nS: 450 later\n"), "unusable close temporary at EHLO 4.0.0 (450)");
    EXPECT_EQ(play("S: 250 x\n"), "unusable close temporary at the greeting 4.5.0 (250)");
    EXPECT_EQ(play("S: 220-mx.b.test ESMTP\nS: 521 5.7.1 you are on a list\n"),
              "unusable close permanent at the greeting 5.7.1 (521)");
    EXPECT_EQ(play("S: SSH-2.0-OpenSSH\n"), "unusable close temporary at the greeting 4.5.0");
    EXPECT_EQ(play("gone\n"), "unusable close temporary at the greeting 4.4.2");
    EXPECT_EQ(play("silence\n"), "unusable close temporary at the greeting 4.4.2");
}

const std::string kOffersTls = "S: 220 x\nC: EHLO a.test\nS: 250-x\nS: 250 STARTTLS\n";

TEST(SmtpClient, StartTls) {
    ClientOptions options{.host_name = "a.test"};
    const std::string under_tls = "C: STARTTLS\nS: 220 go\ntls\nC: EHLO a.test\nS: 250 x\n";
    EXPECT_EQ(play(kOffersTls + under_tls, options), "starttls ready ");
    options.tls = TlsPolicy::required;
    EXPECT_EQ(play(kOffersTls + under_tls, options), "starttls ready ");
    options.tls = TlsPolicy::none;
    EXPECT_EQ(play(kOffersTls, options), "ready ");
}

TEST(SmtpClient, StartTlsNotPossible) {
    const ClientOptions opportunistic{.host_name = "a.test"};
    EXPECT_EQ(play(kOpening, opportunistic), "ready ");
    EXPECT_EQ(play(kOffersTls + "C: STARTTLS\nS: 454 later\n", opportunistic), "ready ");
    EXPECT_EQ(play(kOffersTls + "C: STARTTLS\nS: 220 go\nno tls\n", opportunistic),
              "starttls unusable close temporary at STARTTLS 4.7.0");
    const ClientOptions required{.host_name = "a.test", .tls = TlsPolicy::required};
    // A server that says nothing under TLS has not taken the handshake; one that has said something has.
    const std::string begun = kOffersTls + "C: STARTTLS\nS: 220 go\ntls\nC: EHLO a.test\n";
    EXPECT_EQ(play(begun + "gone\n", opportunistic), "starttls unusable close temporary at STARTTLS 4.4.2");
    EXPECT_EQ(play(begun + "silence\n", opportunistic), "starttls unusable close temporary at STARTTLS 4.4.2");
    EXPECT_EQ(play(begun + "S: HTTP/1.1 400\n", opportunistic), "starttls unusable close temporary at STARTTLS 4.5.0");
    EXPECT_EQ(play(begun + "S: 421 no\n", opportunistic), "starttls unusable close temporary at EHLO 4.0.0 (421)");
    EXPECT_EQ(play(begun + "S: 250 x\nsend\nC: MAIL FROM:<alice@a.test>\ngone\n", opportunistic),
              "starttls ready finished close temporary at MAIL FROM 4.4.2");
    EXPECT_EQ(play(kOpening, required), "unusable close temporary at STARTTLS 4.7.10");
    EXPECT_EQ(play(kOffersTls + "C: STARTTLS\nS: 501 no\n", required),
              "unusable close temporary at STARTTLS 4.7.10 (501)");
    // What is said in the clear may be a stranger's word: it makes nobody give up.
    EXPECT_EQ(play("S: 220 x\nC: EHLO a.test\nS: 502 what\n", required),
              "unusable close temporary at EHLO 4.0.0 (502)");
    EXPECT_EQ(play("S: 554 no mail here\n", required), "unusable close temporary at the greeting 4.0.0 (554)");
    EXPECT_EQ(play(kOffersTls + "C: STARTTLS\nS: 220 go\ntls\nC: EHLO a.test\nS: 502 what\n", required),
              "starttls unusable close permanent at EHLO 5.0.0 (502)");
}

// RFC 3207 §4.2: what was injected in plain text must not count under TLS.
TEST(SmtpClient, RepliesInjectedBeforeTls) {
    for (const std::string injected : {"220 go\r\n250 evil\r\n", "220 go\r\n2"}) {
        Play play({.host_name = "a.test"});
        for (const std::string_view line : ascii::split(kOffersTls, '\n'))
            if (!line.empty()) play.step(line);
        play.say(injected);
        EXPECT_THAT(play.events, HasSubstr("unusable close"));
        EXPECT_TRUE(play.session.tls_started().empty());
    }
    Play later({.host_name = "a.test"});
    for (const std::string_view line : ascii::split(kOffersTls + "C: STARTTLS\nS: 220 go\nS: 250 evil", '\n'))
        later.step(line);
    EXPECT_THAT(later.events, HasSubstr("unusable close"));
}

ClientOptions smarthost() {
    return {.host_name = "a.test", .tls = TlsPolicy::active, .credentials = ClientCredentials{"me", "pw"}};
}

TEST(SmtpClient, LogsInAtASmarthost) {
    const std::string hello = "S: 220 x\nC: EHLO a.test\nS: 250-x\n";
    EXPECT_EQ(play(hello + "S: 250 AUTH LOGIN PLAIN\nC: AUTH PLAIN AG1lAHB3\nS: 235 ok\n", smarthost()), "ready ");
    EXPECT_EQ(play(hello + "S: 250 AUTH=LOGIN\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: bWU=\nS: 334 UGFzc3dvcmQ6\nC: "
                           "cHc=\nS: 235 ok\n",
                   smarthost()),
              "ready ");
    EXPECT_EQ(play(hello + "S: 250 AUTH PLAIN\nC: AUTH PLAIN AG1lAHB3\nS: 535 5.7.8 no\n", smarthost()),
              "unusable close temporary at AUTH 4.7.8 (535)");
    EXPECT_EQ(play(hello + "S: 250 AUTH PLAIN\nC: AUTH PLAIN AG1lAHB3\nS: 334 more\n", smarthost()),
              "unusable close temporary at AUTH 4.5.0 (334)");
    EXPECT_EQ(play(hello + "S: 250 AUTH GSSAPI\n", smarthost()), "unusable close temporary at AUTH 4.7.0");
    ClientOptions without_tls = smarthost();
    without_tls.tls = TlsPolicy::opportunistic;
    EXPECT_EQ(play(hello + "S: 250 AUTH PLAIN\n", without_tls), "unusable close temporary at AUTH 4.7.10");
}

TEST(SmtpClient, ParametersFollowTheOffers) {
    const std::string offers =
        "S: 220 x\nC: EHLO a.test\nS: 250-x\nS: 250-8BITMIME\nS: 250-smtputf8\nS: 250 SIZE\nsend\n";
    Outgoing message = to_bob();
    message.eight_bit = true;
    const std::string refused = "S: 550 no\nC: RSET\nS: 250 ok\n";
    play(offers + "C: MAIL FROM:<alice@a.test> SIZE=20 BODY=8BITMIME\n" + refused, plain(), message);
    message = to_bob();
    play(offers + "C: MAIL FROM:<alice@a.test> SIZE=20\n" + refused, plain(), message);
    message.reverse_path = address("\u65e5\u672c@a.test");
    play(offers + "C: MAIL FROM:<\u65e5\u672c@a.test> SIZE=20 SMTPUTF8\n" + refused, plain(), message);
    message = to_bob();
    message.recipients = {address("bob@\u65e5\u672c.test")}; // its A-label is ASCII
    play(offers + "C: MAIL FROM:<alice@a.test> SIZE=20\n" + refused, plain(), message);
    message = to_bob();
    message.recipients.push_back(address("\u65e5\u672c@b.test"));
    play(offers + "C: MAIL FROM:<alice@a.test> SIZE=20 SMTPUTF8\n" + refused, plain(), message);
    message = to_bob();
    message.size = 0; // not known
    play(offers + "C: MAIL FROM:<alice@a.test>\n" + refused, plain(), message);
    message = to_bob();
    message.eight_bit = true;
    play(kOpening + "send\nC: MAIL FROM:<alice@a.test>\n" + refused, plain(), message);
}

TEST(SmtpClient, WhatTheOffersRuleOut) {
    Outgoing message = to_bob();
    message.reverse_path = address("\u65e5\u672c@a.test");
    EXPECT_EQ(play(kOpening + "send\n", plain(), message), "ready finished ready permanent at MAIL FROM 5.6.7");
    message = to_bob();
    message.size = 1001;
    EXPECT_EQ(play(kPipelining + "send\n", plain(), message), "ready finished ready permanent at MAIL FROM 5.3.4");
    message = to_bob();
    message.recipients.insert(message.recipients.begin(), address("\u65e5\u672c@b.test"));
    EXPECT_EQ(play(kOpening + "send\nC: MAIL FROM:<alice@a.test>\nS: 250 ok\nC: RCPT TO:<bob@b.test>\nS: 550 5.1.1 "
                              "no\nC: RSET\nS: 250 ok\n",
                   plain(), message),
              "ready finished ready permanent at MAIL FROM 5.6.7; permanent at RCPT TO 5.1.1 (550)");
}

/// RFC 5321 §4.1.2: the spelling that every server must take.
TEST(SmtpClient, LocalPartsWithOddDotsGoOutQuoted) {
    Outgoing message = to_bob();
    message.reverse_path = address("a..b@a.test");
    message.recipients[0] = address("taro.@carrier.test");
    play(kOpening + "send\nC: MAIL FROM:<\"a..b\"@a.test>\nS: 250 ok\nC: RCPT TO:<\"taro.\"@carrier.test>\nS: 250 "
                    "ok\nC: DATA\n",
         plain(), message);
}

TEST(SmtpClient, AddressesCannotBreakOutOfACommand) {
    Outgoing message = to_bob();
    message.recipients[0].local_part = "bob>\r\nRSET\r\nMAIL FROM:<x";
    EXPECT_EQ(play(kOpening + "send\n", plain(), message), "ready finished ready permanent at MAIL FROM 5.1.3");
}

/// After each step of the opening the connection breaks, in each way: exactly one Finished once a message was given.
TEST(SmtpClient, EveryStepMayBeTheLast) {
    const std::vector<std::string> steps{"S: 220 x",  "S: 250-x",        "S: 250 PIPELINING", "send",      "S: 250 ok",
                                         "S: 250 ok", "S: 550 5.1.1 no", "S: 250 ok",         "S: 354 go", "half",
                                         "text",      "S: 250 ok"};
    for (std::size_t cut = 0; cut < steps.size(); ++cut) {
        for (const std::string fate : {"gone", "silence", "S: 421 4.3.2 shutting down", "S: junk"}) {
            Play play(plain());
            play.message = to_three();
            for (std::size_t step = 0; step < cut; ++step)
                play.step(steps[step]);
            const bool given = cut > 3;
            EXPECT_EQ(play.finished, 0);
            play.step(fate);
            EXPECT_TRUE(play.session.closed()) << cut << ' ' << fate;
            EXPECT_EQ(play.finished, given ? 1 : 0) << cut << ' ' << fate;
            EXPECT_TRUE(play.events.ends_with("close ")) << play.events;
            if (!given) continue;
            ASSERT_EQ(play.results.size(), 3U);
            const bool refused = cut >= 7;
            EXPECT_EQ(play.results[0].outcome, Outcome::temporary);
            EXPECT_EQ(play.results[1].outcome, refused ? Outcome::permanent : Outcome::temporary);
            EXPECT_EQ(play.results[0].uncertain, cut == 11 && fate != "S: 421 4.3.2 shutting down")
                << cut << ' ' << fate;
            EXPECT_FALSE(play.results[1].uncertain && refused);
        }
    }
}

TEST(SmtpClient, ServersThatAnswerBeforeTheEnd) {
    const std::string start =
        kOpening + "send\nC: MAIL FROM:<alice@a.test>\nS: 250 ok\nC: RCPT TO:<bob@b.test>\nS: 250 ok\nC: DATA\n"
                   "S: 354 go\nhalf\nC: Subject: x\n";
    EXPECT_EQ(play(start + "S: 552 5.3.4 too big\nhalf\ntext\n"),
              "ready body finished close permanent at the end of the message 5.3.4 (552)");
    EXPECT_EQ(play(start + "S: 250 fine\n"),
              "ready body finished close temporary at the end of the message 4.5.0 (250)");
    EXPECT_EQ(play(start + "unreadable\n"), "ready body finished close temporary at the end of the message 4.3.0");
    EXPECT_EQ(play(start + "lost\n"), "ready body finished close permanent at the end of the message 5.3.0");
}

TEST(SmtpClient, UnaskedReplies) {
    EXPECT_EQ(play(kOpening + "S: 250 hello?\n"), "ready unusable close temporary at MAIL FROM 4.5.0 (250)");
    EXPECT_EQ(play(kOpening + "S: 421 idle\n"), "ready unusable close temporary at MAIL FROM 4.0.0 (421)");
    EXPECT_EQ(play(kOpening + "quit\nC: QUIT\nS: 421 idle\n"), "ready close ");
    EXPECT_EQ(play(kOpening + "quit\nC: QUIT\ngone\n"), "ready close ");
}

/// Ready and the end of the connection in one read: the driver is never asked to begin what cannot go on.
TEST(SmtpClient, NothingBeginsOnABrokenConnection) {
    Play play(plain());
    play.say("220 x\r\n");
    play.say("250 x\r\n421 idle\r\n");
    EXPECT_EQ(play.events, "unusable close ");
    play.step("send");
    EXPECT_EQ(play.finished, 1);
    EXPECT_EQ(summary(play.results), "temporary at QUIT 4.4.2");

    Play in_data(plain());
    for (const std::string_view line : ascii::split(kOpening + "send\nS: 250 ok\nS: 250 ok", '\n'))
        if (!line.empty()) in_data.step(line);
    in_data.say("354 go\r\n552 no\r\n");
    EXPECT_EQ(in_data.events, "ready finished close ");
    EXPECT_EQ(summary(in_data.results), "permanent at the end of the message 5.0.0 (552)");
}

TEST(SmtpClient, TheRemotesWordsAreKept) {
    Play play(plain());
    for (const std::string_view line : ascii::split(
             kOpening + "send\nC: MAIL FROM:<alice@a.test>\nS: 550-5.7.1 Your address\nS: 550 5.7.1 is on a list",
             '\n'))
        if (!line.empty()) play.step(line);
    ASSERT_EQ(play.results.size(), 1U);
    EXPECT_EQ(one_line(*play.results[0].reply), "550 5.7.1 Your address / is on a list");
    EXPECT_EQ(play.results[0].text, "refused at MAIL FROM");
}

/// Our client and our server, joined: what goes in comes out, for every way of cutting the message.
TEST(SmtpClient, AgainstOurServer) {
    const std::string message = "Subject: x\r\n\r\n.\r\n..\r\nline\r\n.dot\r\n\r\n";
    for (std::size_t piece = 1; piece <= message.size(); ++piece) {
        ServerDriverTwin server({.host_name = "mx.b.test"});
        Play client(plain());
        client.message = to_three();
        client.message.recipients[1] = address("nobody@b.test");
        const auto exchange = [&] {
            while (!client.sent.empty() || !server.output.empty()) {
                const std::string to_client = std::exchange(server.output, {});
                if (!to_client.empty()) client.say(to_client);
                const std::string to_server = std::exchange(client.sent, {});
                if (!to_server.empty()) server.feed(to_server);
            }
        };
        exchange();
        client.step("send");
        exchange();
        for (std::size_t at = 0; at < message.size(); at += piece)
            client.perform(client.session.body(std::string_view(message).substr(at, piece)));
        client.perform(client.session.body_end());
        exchange();
        ASSERT_EQ(server.accepted.size(), 1U);
        EXPECT_EQ(server.accepted[0].bytes, message);
        EXPECT_EQ(server.accepted[0].envelope.recipients.size(), 2U);
        EXPECT_EQ(summary(client.results),
                  "delivered at the end of the message 2.0.0 (250); permanent at RCPT TO 5.1.1 (550); "
                  "delivered at the end of the message 2.0.0 (250)");
        client.step("quit");
        exchange();
        EXPECT_TRUE(server.closed);
        EXPECT_TRUE(client.session.closed());
    }
}

} // namespace
} // namespace tegami::smtp
