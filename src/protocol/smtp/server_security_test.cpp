// RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 6409 (submission), RFC 3848 (names for Received)
#include "protocol/smtp/server_driver_twin_fixture.h"
#include "testing/splits.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::smtp {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

ServerOptions submission(TlsState tls) {
    return {.role = ServerRole::submission,
            .host_name = "mail.a.test",
            .tls = tls,
            .auth_mechanisms = tls == TlsState::active ? std::vector<std::string>{"SCRAM-SHA-256", "PLAIN"}
                                                       : std::vector<std::string>{"PLAIN"}};
}

/// What the server says after its reply to EHLO, the same for every split.
std::string after_ehlo_of(const std::string& client, const ServerOptions& options) {
    std::optional<std::string> result;
    testing::for_every_split(client, [&](const std::vector<std::string_view>& pieces) {
        ServerDriverTwin driver(options);
        driver.feed("EHLO laptop\r\n");
        driver.output.clear();
        for (const std::string_view piece : pieces)
            driver.feed(piece);
        if (!result) result = driver.output;
        EXPECT_EQ(driver.output, *result);
    });
    return *result;
}

const std::string kMessage = "MAIL FROM:<alice@a.test>\r\nRCPT TO:<bob@b.test>\r\nDATA\r\nx\r\n.\r\n";

TEST(SmtpSubmission, NothingWithoutLogin) {
    EXPECT_EQ(after_ehlo_of("MAIL FROM:<alice@a.test>\r\n", submission(TlsState::active)),
              "530 5.7.0 Log in first (AUTH)\r\n");
    EXPECT_EQ(after_ehlo_of("MAIL FROM:<alice@a.test>\r\n", submission(TlsState::available)),
              "530 5.7.0 Say STARTTLS first, then log in (AUTH)\r\n");
}

TEST(SmtpSubmission, AuthIsOfferedUnderTlsOnly) {
    ServerDriverTwin plain(submission(TlsState::available));
    plain.feed("EHLO laptop\r\n");
    EXPECT_THAT(plain.output, HasSubstr("STARTTLS"));
    EXPECT_THAT(plain.output, Not(HasSubstr("AUTH")));
    plain.output.clear();
    plain.feed("AUTH PLAIN c2VjcmV0\r\n");
    EXPECT_EQ(plain.output, "530 5.7.0 Say STARTTLS first\r\n");

    ServerDriverTwin under_tls(submission(TlsState::active));
    under_tls.feed("EHLO laptop\r\n");
    EXPECT_THAT(under_tls.output, HasSubstr("AUTH SCRAM-SHA-256 PLAIN\r\n"));
    EXPECT_THAT(under_tls.output, Not(HasSubstr("STARTTLS")));

    ServerOptions loopback = submission(TlsState::available);
    loopback.auth_without_tls = true;
    EXPECT_EQ(after_ehlo_of("AUTH PLAIN c2VjcmV0\r\n", loopback), "235 2.7.0 Logged in\r\n");
}

TEST(SmtpSubmission, LoginWithAndWithoutInitialResponse) {
    const ServerOptions options = submission(TlsState::active);
    EXPECT_EQ(after_ehlo_of("AUTH PLAIN c2VjcmV0\r\n", options), "235 2.7.0 Logged in\r\n");
    EXPECT_EQ(after_ehlo_of("auth plain\r\nbW9yZQ==\r\nc2VjcmV0\r\n", options),
              "334 d2hvPw==\r\n334 Z28gb24=\r\n235 2.7.0 Logged in\r\n");
    EXPECT_EQ(after_ehlo_of("AUTH PLAIN =\r\n", options), "535 5.7.8 Wrong user name or password\r\n");
    EXPECT_EQ(after_ehlo_of("AUTH PLAIN\r\n\r\n", options),
              "334 d2hvPw==\r\n535 5.7.8 Wrong user name or password\r\n");
}

/// MailKit and others look at the offers once more when they have logged in (EHLO is a RSET, not the end of a login).
TEST(SmtpSubmission, ALoginOutlivesTheNextEhlo) {
    for (const std::string again : {"EHLO laptop\r\n", "HELO laptop\r\n", "RSET\r\n"})
        EXPECT_THAT(
            after_ehlo_of(fmt::format("AUTH PLAIN c2VjcmV0\r\n{}{}", again, kMessage), submission(TlsState::active)),
            HasSubstr("250 2.1.0 Sender accepted\r\n250 2.1.5 Recipient accepted\r\n354 "))
            << again;
}

/// Scripts log in at port 25, where nobody can.
TEST(SmtpSubmission, WhoLogsInAtTheWrongPortIsToldTheRightOnes) {
    EXPECT_EQ(after_ehlo_of("AUTH LOGIN\r\n", {.host_name = "mx.b.test"}),
              "502 5.5.1 Nobody logs in where servers bring mail: mail programs use port 465 or 587\r\n");
    EXPECT_EQ(after_ehlo_of("AUTH LOGIN\r\n", {.role = ServerRole::submission, .host_name = "mx.b.test"}),
              "502 5.5.1 AUTH is not offered here\r\n");
}

TEST(SmtpSubmission, LongChallengesAreNotCut) {
    ServerSession session(submission(TlsState::active));
    session.start();
    session.feed("EHLO laptop\r\nAUTH PLAIN\r\n");
    const ServerActions actions = session.auth_challenge(std::string(3000, 'x'));
    EXPECT_EQ(std::get<Send>(actions[0]).bytes.size(), 4 + 4000 + 2);
}

TEST(SmtpSubmission, BrokenExchanges) {
    const ServerOptions options = submission(TlsState::active);
    EXPECT_EQ(after_ehlo_of("AUTH PLAIN\r\n*\r\nNOOP\r\n", options),
              "334 d2hvPw==\r\n501 5.7.0 Authentication cancelled\r\n250 2.0.0 OK\r\n");
    EXPECT_EQ(after_ehlo_of("AUTH PLAIN\r\n???\r\nAUTH PLAIN !\r\nAUTH PLAIN \r\n", options),
              "334 d2hvPw==\r\n501 5.5.2 The response is not base64\r\n501 5.5.2 The response is not base64\r\n"
              "334 d2hvPw==\r\n");
    EXPECT_EQ(after_ehlo_of("AUTH PLAIN\r\nc2VjcmV0\nNOOP\r\n", options),
              "334 d2hvPw==\r\n500 5.5.2 Lines must end in CR LF\r\n250 2.0.0 OK\r\n");
    EXPECT_EQ(after_ehlo_of("AUTH CRAM-MD5\r\nAUTH\r\nAUTH 1?\r\n", options),
              "504 5.5.4 This mechanism is not offered\r\n501 5.5.4 Syntax: AUTH mechanism [initial response]\r\n"
              "501 5.5.4 Syntax: AUTH mechanism [initial response]\r\n");
}

TEST(SmtpSubmission, AnAuthLineWithoutEndEndsTheConnection) {
    for (const std::string& before : {"AUTH PLAIN\r\n", "AUTH PLAIN "}) {
        ServerDriverTwin driver(submission(TlsState::active));
        driver.feed("EHLO laptop\r\n" + before);
        for (int round = 0; round < 25 && !driver.closed; ++round)
            driver.feed(std::string(4096, 'A'));
        EXPECT_TRUE(driver.closed);
        EXPECT_TRUE(driver.output.ends_with("500 5.5.2 Line too long\r\n"));
    }
}

TEST(SmtpSubmission, LongAuthLines) {
    const ServerOptions options = submission(TlsState::active);
    EXPECT_EQ(after_ehlo_of("AUTH PLAIN " + std::string(8000, 'A') + "\r\n", options),
              "535 5.7.8 Wrong user name or password\r\n");
    ServerDriverTwin driver(options);
    driver.feed("EHLO laptop\r\n");
    driver.output.clear();
    driver.feed("AUTH PLAIN\r\n" + std::string(13'000, 'A') + "\r\nNOOP\r\n");
    EXPECT_EQ(driver.output, "334 d2hvPw==\r\n500 5.5.6 Line too long\r\n250 2.0.0 OK\r\n");
}

TEST(SmtpSubmission, EndlessExchangesEnd) {
    std::string client = "AUTH PLAIN\r\n";
    for (int step = 0; step < 8; ++step)
        client += "bW9yZQ==\r\n";
    EXPECT_THAT(after_ehlo_of(client, submission(TlsState::active)),
                EndsWith("501 5.5.2 The exchange does not end\r\n"));
}

TEST(SmtpSubmission, WrongPasswordsAreCounted) {
    const std::string wrong = "AUTH PLAIN d3Jvbmc=\r\n";
    EXPECT_EQ(after_ehlo_of(wrong + wrong + wrong + "AUTH PLAIN c2VjcmV0\r\n", submission(TlsState::active)),
              "535 5.7.8 Wrong user name or password\r\n535 5.7.8 Wrong user name or password\r\n"
              "421 4.7.0 Too many failed logins\r\n");
}

TEST(SmtpSubmission, WhenAuthIsNotAllowed) {
    const ServerOptions options = submission(TlsState::active);
    EXPECT_EQ(after_ehlo_of("AUTH PLAIN c2VjcmV0\r\nAUTH PLAIN c2VjcmV0\r\n", options),
              "235 2.7.0 Logged in\r\n503 5.5.1 Already logged in\r\n");
    EXPECT_THAT(after_ehlo_of("HELO laptop\r\nAUTH PLAIN c2VjcmV0\r\n", options),
                EndsWith("503 5.5.1 Say EHLO first\r\n"));
    ServerOptions mx = options;
    mx.role = ServerRole::mx;
    EXPECT_THAT(after_ehlo_of("MAIL FROM:<a@a.test>\r\nAUTH PLAIN c2VjcmV0\r\n", mx),
                EndsWith("503 5.5.1 A message is under way\r\n"));
}

TEST(SmtpSubmission, StartTlsForgetsEverything) {
    ServerDriverTwin driver(submission(TlsState::available));
    driver.mechanisms_after_tls = {"SCRAM-SHA-256-PLUS", "PLAIN"};
    driver.feed("EHLO before\r\nSTARTTLS\r\n");
    EXPECT_TRUE(driver.tls);
    EXPECT_THAT(driver.output, EndsWith("220 2.0.0 Begin TLS\r\n"));
    EXPECT_EQ(driver.session.helo_name(), "");
    driver.output.clear();
    driver.feed("AUTH PLAIN c2VjcmV0\r\nEHLO after\r\nSTARTTLS\r\nAUTH PLAIN c2VjcmV0\r\n" + kMessage);
    EXPECT_THAT(driver.output, HasSubstr("503 5.5.1 Say EHLO first\r\n250-mail.a.test\r\n"));
    EXPECT_THAT(driver.output,
                HasSubstr("250 AUTH SCRAM-SHA-256-PLUS PLAIN\r\n503 5.5.1 TLS is active already\r\n235 "));
    ASSERT_EQ(driver.accepted.size(), 1U);
    EXPECT_EQ(driver.accepted[0].transmission_type, "ESMTPSA");
}

TEST(SmtpSubmission, CommandsInjectedBeforeTlsEndTheConnection) {
    ServerDriverTwin together(submission(TlsState::available));
    together.feed("EHLO x\r\nSTARTTLS\r\nEHLO evil\r\nAUTH PLAIN c2VjcmV0\r\n");
    EXPECT_TRUE(together.closed);
    EXPECT_FALSE(together.tls);
    EXPECT_THAT(together.output, EndsWith("554 5.5.1 Nothing may follow STARTTLS before TLS\r\n"));

    ServerSession apart(submission(TlsState::available));
    apart.start();
    EXPECT_TRUE(std::holds_alternative<StartTls>(apart.feed("STARTTLS\r\n").back()));
    EXPECT_FALSE(apart.wants_input());
    EXPECT_TRUE(std::holds_alternative<Close>(apart.feed("N").back()));
    EXPECT_TRUE(apart.tls_started({}).empty());
}

TEST(SmtpSubmission, StartTlsWhenThereIsNone) {
    EXPECT_EQ(after_ehlo_of("STARTTLS\r\nSTARTTLS x\r\n", submission(TlsState::unavailable)),
              "502 5.5.1 TLS is not offered here\r\n501 5.5.4 This command takes no argument\r\n");
}

TEST(SmtpReceived, TransmissionTypes) {
    const auto type = [](const ServerOptions& options, const std::string& client) {
        ServerDriverTwin driver(options);
        driver.feed(client + kMessage);
        return driver.accepted.empty() ? "" : driver.accepted[0].transmission_type;
    };
    ServerOptions options{.host_name = "x", .auth_mechanisms = {"PLAIN"}, .auth_without_tls = true};
    EXPECT_EQ(type(options, "HELO a\r\n"), "SMTP");
    EXPECT_EQ(type(options, "EHLO a\r\n"), "ESMTP");
    EXPECT_EQ(type(options, "EHLO a\r\nAUTH PLAIN c2VjcmV0\r\n"), "ESMTPA");
    options.tls = TlsState::active;
    EXPECT_EQ(type(options, "EHLO a\r\n"), "ESMTPS");
    EXPECT_EQ(type(options, "EHLO a\r\nAUTH PLAIN c2VjcmV0\r\n"), "ESMTPSA");
}

} // namespace
} // namespace tegami::smtp
