// RFC 5321: the order of commands, replies, envelopes, limits. TLS and AUTH are in server_security_test.cpp, the text
// of DATA in server_data_test.cpp.
#include "protocol/smtp/server_session.h"

#include "protocol/smtp/server_driver_twin_fixture.h"
#include "testing/splits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::smtp {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

ServerOptions mx() {
    return {.host_name = "mx.b.test", .postmaster_domain = message::Domain::parse("b.test")};
}

/// What the server says to `client` after its greeting, the same for every split.
std::string said(std::string_view client, const ServerOptions& options = mx()) {
    std::optional<std::string> result;
    testing::for_every_split(client, [&](const std::vector<std::string_view>& pieces) {
        ServerDriverTwin driver(options);
        driver.output.clear();
        for (const std::string_view piece : pieces)
            driver.feed(piece);
        if (!result) result = driver.output;
        EXPECT_EQ(driver.output, *result);
    });
    return *result;
}

/// As said(), after EHLO; without the reply to it.
std::string after_ehlo(const std::string& client, const ServerOptions& options = mx()) {
    const std::string all = said("EHLO a.test\r\n" + client, options);
    const std::size_t last = all.find("250 ");
    return all.substr(all.find("\r\n", last) + 2);
}

const std::string kMail = "MAIL FROM:<alice@a.test>\r\n";
const std::string kRcpt = "RCPT TO:<bob@b.test>\r\n";
const std::string kSenderOk = "250 2.1.0 Sender accepted\r\n";
const std::string kRecipientOk = "250 2.1.5 Recipient accepted\r\n";
const std::string kSendIt = "354 Send the message, end it with a line of one dot\r\n";

TEST(SmtpServer, GreetsAndListsItsExtensions) {
    ServerDriverTwin driver(mx());
    EXPECT_EQ(driver.output, "220 mx.b.test ESMTP Tegami\r\n");
    EXPECT_EQ(said("EHLO a.test\r\n"), "250-mx.b.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
                                       "250-ENHANCEDSTATUSCODES\r\n250 SIZE 52428800\r\n");
    EXPECT_EQ(said("HELO a.test\r\n"), "250 mx.b.test\r\n");
}

/// AspEmail and others take the first octets that come for the whole of an answer.
TEST(SmtpServer, GreetingAndOffersAreOneSendEach) {
    ServerSession session(mx());
    for (const ServerActions& actions : {session.start({}), session.feed("EHLO a.test\r\n")}) {
        ASSERT_EQ(actions.size(), 1U);
        EXPECT_THAT(std::get<Send>(actions.front()).bytes, EndsWith("\r\n"));
    }
}

TEST(SmtpServer, RefusalAtTheGreeting) {
    ServerSession session(mx());
    const ServerActions actions = session.start(failure(make_reply(554, "5.7.1", "Go away")));
    ASSERT_EQ(actions.size(), 2U);
    EXPECT_EQ(std::get<Send>(actions[0]).bytes, "554 5.7.1 Go away\r\n");
    EXPECT_TRUE(session.closed());
    EXPECT_TRUE(session.feed("EHLO x\r\n").empty());
}

TEST(SmtpServer, OneMessage) {
    const std::string client = kMail + kRcpt + "DATA\r\nSubject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n";
    EXPECT_EQ(after_ehlo(client), kSenderOk + kRecipientOk + kSendIt +
                                      "250 2.0.0 Accepted\r\n221 2.0.0 mx.b.test closes the connection\r\n");
    ServerDriverTwin driver(mx());
    driver.feed("EHLO a.test\r\n" + client);
    ASSERT_EQ(driver.accepted.size(), 1U);
    const ReceivedMessage& message = driver.accepted[0];
    EXPECT_EQ(message.bytes, "Subject: x\r\n\r\n.dot\r\n");
    EXPECT_EQ(message.envelope.reverse_path->to_string(), "alice@a.test");
    ASSERT_EQ(message.envelope.recipients.size(), 1U);
    EXPECT_EQ(message.envelope.recipients[0].address.to_string(), "bob@b.test");
    EXPECT_EQ(message.transmission_type, "ESMTP");
    EXPECT_EQ(driver.session.helo_name(), "a.test");
}

TEST(SmtpServer, RepliesOfAGroupComeTogether) {
    ServerSession session(mx());
    session.start();
    const ServerActions actions = session.feed("EHLO a.test\r\nNOOP\r\nRSET\r\nVRFY bob\r\n");
    ASSERT_EQ(actions.size(), 1U);
    EXPECT_THAT(std::get<Send>(actions[0]).bytes, EndsWith("250 2.0.0 OK\r\n250 2.0.0 Forgotten\r\n"
                                                           "252 2.5.0 Cannot say; send the message and see\r\n"));
}

TEST(SmtpServer, WaitsForTheDriverBeforeReadingOn) {
    ServerSession session(mx());
    session.start();
    ServerActions actions = session.feed("EHLO a.test\r\n" + kMail + kRcpt + "QUIT\r\n");
    EXPECT_TRUE(std::holds_alternative<CheckSender>(actions.back()));
    EXPECT_FALSE(session.wants_input());
    EXPECT_TRUE(session.feed("NOOP\r\n").empty());
    actions = session.sender_checked({});
    ASSERT_EQ(actions.size(), 2U);
    EXPECT_EQ(std::get<Send>(actions[0]).bytes, kSenderOk);
    EXPECT_TRUE(std::holds_alternative<CheckRecipient>(actions[1]));
    actions = session.recipient_checked({});
    EXPECT_TRUE(std::holds_alternative<Close>(actions.back()));
    EXPECT_TRUE(session.closed());
}

TEST(SmtpServer, NullSenderAndPostmaster) {
    ServerDriverTwin driver(mx());
    driver.feed("EHLO a.test\r\nMAIL FROM:<>\r\nRCPT TO:<Postmaster>\r\nDATA\r\nx\r\n.\r\n");
    ASSERT_EQ(driver.accepted.size(), 1U);
    EXPECT_FALSE(driver.accepted[0].envelope.reverse_path);
    EXPECT_EQ(driver.accepted[0].envelope.recipients[0].address.to_string(), "postmaster@b.test");
    ServerOptions nowhere = mx();
    nowhere.postmaster_domain.reset();
    EXPECT_EQ(after_ehlo(kMail + "RCPT TO:<postmaster>\r\n", nowhere),
              kSenderOk + "550 5.1.1 There is no postmaster without a domain here\r\n");
}

TEST(SmtpServer, OrderOfCommands) {
    EXPECT_EQ(said(kMail), "503 5.5.1 Say EHLO first\r\n");
    EXPECT_EQ(after_ehlo(kRcpt), "503 5.5.1 Say MAIL first\r\n");
    EXPECT_EQ(after_ehlo("DATA\r\n"), "503 5.5.1 Say MAIL first\r\n");
    EXPECT_EQ(after_ehlo(kMail + "DATA\r\n"), kSenderOk + "554 5.5.1 No valid recipients\r\n");
    EXPECT_EQ(after_ehlo(kMail + kMail), kSenderOk + "503 5.5.1 A message is under way; RSET ends it\r\n");
    EXPECT_EQ(after_ehlo(kMail + "RSET\r\n" + kRcpt + kMail),
              kSenderOk + "250 2.0.0 Forgotten\r\n503 5.5.1 Say MAIL first\r\n" + kSenderOk);
    EXPECT_THAT(after_ehlo(kMail + kRcpt + "HELO again\r\nDATA\r\n"), EndsWith("503 5.5.1 Say MAIL first\r\n"));
}

TEST(SmtpServer, RefusedSendersAndRecipients) {
    EXPECT_EQ(after_ehlo("MAIL FROM:<spam@a.test>\r\n" + kRcpt),
              "550 5.7.1 Not from you\r\n503 5.5.1 Say MAIL first; the answer before was: 550 5.7.1 Not from you\r\n");
    ServerDriverTwin driver(mx());
    driver.feed("EHLO a.test\r\n" + kMail + "RCPT TO:<nobody@b.test>\r\n" + kRcpt + "DATA\r\nx\r\n.\r\n");
    ASSERT_EQ(driver.accepted.size(), 1U);
    EXPECT_EQ(driver.accepted[0].envelope.recipients.size(), 1U);
    EXPECT_EQ(after_ehlo(kMail + "RCPT TO:<nobody@b.test>\r\nDATA\r\n"),
              kSenderOk + "550 5.1.1 No such user\r\n554 5.5.1 No valid recipients; the answer before was: 550 5.1.1 "
                          "No such user\r\n");
}

TEST(SmtpServer, ParametersOfMail) {
    ServerDriverTwin driver(mx());
    driver.feed("EHLO a.test\r\nMAIL FROM:<a@a.test> SIZE=12 body=8bitmime SMTPUTF8 AUTH=e+3Dmc2@a.test\r\n" + kRcpt +
                "DATA\r\nx\r\n.\r\n");
    ASSERT_EQ(driver.accepted.size(), 1U);
    const Envelope& envelope = driver.accepted[0].envelope;
    EXPECT_EQ(envelope.declared_size, 12U);
    EXPECT_EQ(envelope.body, BodyType::eight_bit_mime);
    EXPECT_TRUE(envelope.smtputf8);
    EXPECT_EQ(envelope.auth_parameter, "e=mc2@a.test");
    EXPECT_EQ(driver.accepted[0].transmission_type, "UTF8SMTP");
    EXPECT_EQ(after_ehlo("MAIL FROM:<a@a.test> SIZE=52428801\r\nMAIL FROM:<a@a.test> SIZE=99999999999999999999\r\n"),
              "552 5.3.4 The message is too big\r\n552 5.3.4 The message is too big\r\n");
    EXPECT_EQ(said("HELO a.test\r\nMAIL FROM:<a@a.test> SIZE=1\r\n"),
              "250 mx.b.test\r\n555 5.5.4 Parameters need EHLO\r\n");
}

TEST(SmtpServer, SmtpUtf8Addresses) {
    EXPECT_EQ(after_ehlo("MAIL FROM:<\u65e5\u672c@a.test>\r\n"), "550 5.6.7 Addresses beyond ASCII need SMTPUTF8\r\n");
    EXPECT_EQ(after_ehlo(kMail + "RCPT TO:<\u65e5\u672c@b.test>\r\n"),
              kSenderOk + "553 5.6.7 Addresses beyond ASCII need SMTPUTF8\r\n");
    EXPECT_EQ(after_ehlo("MAIL FROM:<\u65e5\u672c@a.test> SMTPUTF8\r\nRCPT TO:<\u65e5\u672c@b.test>\r\n"),
              kSenderOk + kRecipientOk);
    EXPECT_EQ(after_ehlo("MAIL FROM:<\xff@a.test> SMTPUTF8\r\n"), "501 5.1.7 The address is not valid UTF-8\r\n");
}

/// What follows a refusal says again why: mail programs show the last answer alone.
TEST(SmtpServer, AnswersThatFollowFromARefusalRepeatIt) {
    struct Case {
        std::string client;
        std::string last; ///< line of the answer
    };

    const std::string data = "DATA\r\n";
    const std::string spam = "MAIL FROM:<spam@a.test>\r\n";
    const std::string nobody = "RCPT TO:<nobody@b.test>\r\n";
    const std::string why = "; the answer before was: ";
    const std::vector<Case> cases{
        {kRcpt, "503 5.5.1 Say MAIL first"},
        {data, "503 5.5.1 Say MAIL first"},
        {spam + kRcpt, "503 5.5.1 Say MAIL first" + why + "550 5.7.1 Not from you"},
        {spam + kRcpt + data, "503 5.5.1 Say MAIL first" + why + "550 5.7.1 Not from you"},
        {spam + kRcpt + kRcpt + data, "503 5.5.1 Say MAIL first" + why + "550 5.7.1 Not from you"},
        {"MAIL FROM:<x>\r\n" + kRcpt, "503 5.5.1 Say MAIL first" + why + "501 5.1.7 The address is not a mail address"},
        {"MAIL FROM:<a@a.test> RET=FULL\r\n" + data,
         "503 5.5.1 Say MAIL first" + why + "555 5.5.4 Parameter not known"},
        {"MAIL FROM:<a@a.test> SIZE=99999999999\r\n" + kRcpt,
         "503 5.5.1 Say MAIL first" + why + "552 5.3.4 The message is too big"},
        {kMail + nobody + data, "554 5.5.1 No valid recipients" + why + "550 5.1.1 No such user"},
        {kMail + "RCPT TO:<x>\r\n" + data,
         "554 5.5.1 No valid recipients" + why + "501 5.1.3 The address is not a mail address"},
        {kMail + data, "554 5.5.1 No valid recipients"},
        {spam + kMail + data, "554 5.5.1 No valid recipients"},
        {spam + "RSET\r\n" + kRcpt, "503 5.5.1 Say MAIL first"},
        {spam + "EHLO b.test\r\n" + kRcpt, "503 5.5.1 Say MAIL first"},
        {spam + "FROB\r\n" + kRcpt, "503 5.5.1 Say MAIL first" + why + "550 5.7.1 Not from you"},
        {kMail + kMail + data, "554 5.5.1 No valid recipients"},
    };
    for (const Case& each : cases)
        EXPECT_THAT(after_ehlo(each.client), EndsWith(each.last + "\r\n")) << each.client;
}

TEST(SmtpServer, UnknownAndForbiddenCommands) {
    EXPECT_EQ(after_ehlo("FROB\r\n\r\nEXPN list\r\nVRFY\r\nDATA x\r\nNO\x01OP\r\n"),
              "500 5.5.2 Command not recognised\r\n500 5.5.2 Command not recognised\r\n"
              "502 5.5.1 Lists are not shown\r\n501 5.5.4 An argument must follow\r\n"
              "501 5.5.4 This command takes no argument\r\n500 5.5.2 Control characters in a command\r\n");
}

TEST(SmtpServer, LongLinesAreSkippedWhole) {
    EXPECT_EQ(after_ehlo("NOOP " + std::string(3000, 'x') + "\r\nNOOP\r\n"),
              "500 5.5.2 Line too long\r\n250 2.0.0 OK\r\n");
    ServerDriverTwin driver(mx());
    driver.output.clear();
    for (int round = 0; round < 60; ++round)
        driver.feed(std::string(1000, 'x'));
    EXPECT_EQ(driver.output, "") << "no line has ended yet";
    driver.feed("\r\nNOOP\r\n");
    EXPECT_EQ(driver.output, "500 5.5.2 Line too long\r\n250 2.0.0 OK\r\n");
}

TEST(SmtpServer, ALineWithoutEndEndsTheConnection) {
    for (const std::string& before :
         {"", "EHLO a.test\r\n", "EHLO a.test\r\nMAIL FROM:<a@a.test>\r\n", "AUTH ", "EHLO "}) {
        ServerDriverTwin driver(mx());
        std::size_t swallowed = 0;
        driver.feed(before);
        while (!driver.closed && swallowed < 1'000'000) {
            driver.feed(std::string(4096, 'x'));
            swallowed += 4096;
        }
        EXPECT_LE(swallowed, 100'000U) << before;
        EXPECT_THAT(driver.output, EndsWith("500 5.5.2 Line too long\r\n")) << before;
    }
}

TEST(SmtpServer, BareLineFeedsEndNoCommand) {
    EXPECT_EQ(after_ehlo("NOOP\nNOOP\r\n"), "500 5.5.2 Lines must end in CR LF\r\n250 2.0.0 OK\r\n");
    EXPECT_EQ(after_ehlo("NOOP\nNOOP\nNOOP\nNOOP\r\n"),
              "500 5.5.2 Lines must end in CR LF\r\n500 5.5.2 Lines must end in CR LF\r\n"
              "421 4.7.0 Lines must end in CR LF\r\n");
}

TEST(SmtpServer, OtherProtocolsAreCutOff) {
    for (const std::string& hello : {std::string("GET / HTTP/1.1\r\nHost: b.test\r\n\r\nEHLO x\r\n"),
                                     std::string("POST / HTTP/1.1\r\n"), std::string("\x16\x03\x01\x02\x00\x01", 6)}) {
        ServerDriverTwin driver(mx());
        driver.output.clear();
        driver.feed(hello);
        EXPECT_TRUE(driver.closed);
        EXPECT_EQ(driver.output, "");
    }
}

TEST(SmtpServer, ManyErrorsEndTheConnection) {
    ServerDriverTwin driver(mx());
    for (int round = 0; round < 50 && !driver.closed; ++round)
        driver.feed("FROB\r\n");
    EXPECT_TRUE(driver.closed);
    EXPECT_THAT(driver.output, EndsWith("421 4.7.0 Too many errors\r\n"));
}

TEST(SmtpServer, CommandsThatLeadNowhereEndTheConnection) {
    ServerDriverTwin driver(mx());
    int rounds = 0;
    for (; rounds < 1000 && !driver.closed; ++rounds)
        driver.feed("NOOP\r\n");
    EXPECT_EQ(rounds, 101);
    EXPECT_THAT(driver.output, EndsWith("421 4.7.0 Too many commands that lead nowhere\r\n"));
}

TEST(SmtpServer, RecipientLimits) {
    ServerOptions options = mx();
    options.limits.recipients = 2;
    EXPECT_EQ(after_ehlo(kMail + kRcpt + kRcpt + kRcpt, options),
              kSenderOk + kRecipientOk + kRecipientOk + "452 4.5.3 Too many recipients for one message\r\n");
    options.limits.refused_recipients = 2;
    EXPECT_EQ(after_ehlo(kMail + "RCPT TO:<nobody@b.test>\r\nRCPT TO:<nobody@b.test>\r\n" + kRcpt, options),
              kSenderOk + "550 5.1.1 No such user\r\n421 4.7.0 Too many unknown recipients\r\n");
}

TEST(SmtpServer, TransactionLimit) {
    ServerOptions options = mx();
    options.limits.transactions = 2;
    const std::string message = kMail + kRcpt + "DATA\r\nx\r\n.\r\n";
    ServerDriverTwin driver(options);
    driver.feed("EHLO a.test\r\n" + message + message + message);
    EXPECT_EQ(driver.accepted.size(), 2U);
    EXPECT_TRUE(driver.closed);
    EXPECT_THAT(driver.output, EndsWith("421 4.7.0 Enough messages for one connection\r\n"));
}

TEST(SmtpServer, OctetsWhileWaitingAreBounded) {
    ServerSession session(mx());
    session.start();
    session.feed("EHLO a.test\r\n" + kMail);
    EXPECT_TRUE(session.feed(std::string(60'000, 'x')).empty());
    EXPECT_TRUE(std::holds_alternative<Close>(session.feed(std::string(10'000, 'x')).back()));
    EXPECT_TRUE(session.sender_checked({}).empty());
    EXPECT_TRUE(session.timed_out().empty());
}

TEST(SmtpServer, TimeOutAndShutDown) {
    ServerDriverTwin driver(mx());
    driver.feed("EHLO a.test\r\n" + kMail + kRcpt + "DATA\r\nhalf");
    driver.perform(driver.session.timed_out());
    EXPECT_TRUE(driver.closed);
    EXPECT_THAT(driver.output, EndsWith("421 4.4.2 mx.b.test This took too long\r\n"));
    EXPECT_TRUE(driver.accepted.empty());
    ServerDriverTwin other(mx());
    other.perform(other.session.end(make_reply(421, "4.3.2", "Shutting down")));
    EXPECT_THAT(other.output, EndsWith("421 4.3.2 Shutting down\r\n"));
}

/// Every question goes wrong in turn: the dialogue ends with a reply to QUIT or a close, and a message is accepted
/// exactly as often as the client was told so.
TEST(SmtpServer, EveryAnswerMayFail) {
    ServerOptions options = mx();
    options.tls = TlsState::available;
    const std::string message =
        kMail + kRcpt + "RCPT TO:<nobody@b.test>\r\nRCPT TO:<carol@b.test>\r\nDATA\r\nx\r\n.\r\n";
    int failures = 0;
    for (int fail_at = 1;; ++fail_at) {
        ServerDriverTwin driver(options, fail_at);
        driver.mechanisms_after_tls = {"PLAIN"};
        driver.feed("EHLO a.test\r\nSTARTTLS\r\n");
        if (!driver.closed) driver.feed("EHLO a.test\r\nAUTH PLAIN\r\nbW9yZQ==\r\nc2VjcmV0\r\n");
        std::size_t told = 0;
        // A client waits for the reply to DATA.
        for (int round = 0; round < 2 && !driver.closed; ++round) {
            driver.output.clear();
            driver.feed(message.substr(0, message.find("x\r\n.\r\n")));
            if (driver.output.ends_with(kSendIt)) driver.feed("x\r\n.\r\n");
            if (driver.output.ends_with("250 2.0.0 Accepted\r\n")) ++told;
            EXPECT_EQ(driver.accepted.size(), told);
            driver.feed("RSET\r\n");
        }
        if (!driver.closed) driver.feed("QUIT\r\n");
        EXPECT_TRUE(driver.closed);
        if (driver.questions < fail_at) {
            EXPECT_EQ(driver.accepted.size(), 2U);
            break;
        }
        EXPECT_LE(driver.accepted.size(), 2U);
        ++failures;
    }
    EXPECT_EQ(failures, 16);
}

} // namespace
} // namespace tegami::smtp
