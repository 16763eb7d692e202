// RFC 1939, RFC 2449, RFC 2595, RFC 5034, RFC 3206, RFC 6856
#include "protocol/pop3/server_session.h"

#include "protocol/pop3/driver_twin_fixture.h"
#include "testing/splits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::pop3 {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::vector<std::string> kMaildrop{"Subject: 1\r\n\r\none\r\n", "Subject: 2\r\n\r\n.two\r\nmore\r\n",
                                         "Subject: 3\r\n\r\n"};

ServerOptions tls_active() {
    return {.host_name = "b.test", .implementation = "Tegami", .tls = TlsState::active, .auth_mechanisms = {"PLAIN"}};
}

ServerOptions starttls() {
    return {.host_name = "b.test", .implementation = "Tegami", .tls = TlsState::available};
}

/// Everything the server says to `client`, the same for every split of it.
std::string said(std::string_view client, const ServerOptions& options = tls_active(),
                 std::set<std::uint32_t> deleted = {}) {
    std::optional<std::string> result;
    testing::for_every_split(client, [&](const std::vector<std::string_view>& pieces) {
        DriverTwin driver(options, kMaildrop);
        for (const std::string_view piece : pieces)
            driver.feed(piece);
        if (!result) result = driver.output;
        EXPECT_EQ(driver.output, *result);
        EXPECT_EQ(driver.deleted, deleted);
    });
    const std::string greeting = "+OK b.test POP3 ready\r\n";
    EXPECT_THAT(*result, StartsWith(greeting));
    return result->substr(greeting.size());
}

/// As said(), after a login.
std::string after_login(const std::string& client, std::set<std::uint32_t> deleted = {}) {
    const std::string login = "+OK Now the password\r\n+OK Logged in\r\n";
    const std::string all = said("USER alice\r\nPASS secret\r\n" + client, tls_active(), std::move(deleted));
    EXPECT_THAT(all, StartsWith(login));
    return all.substr(login.size());
}

TEST(Pop3, TakesNoPasswordWhereNoMechanismShowsOne) {
    ServerOptions options = tls_active();
    options.auth_mechanisms = {"SCRAM-SHA-256"};
    DriverTwin driver(options);
    driver.feed("CAPA\r\nUSER bob\r\nPASS x\r\n");
    EXPECT_THAT(driver.output, Not(HasSubstr("\nUSER\r\n")));
    EXPECT_THAT(driver.output,
                HasSubstr("-ERR This server takes no password as it is; use AUTH\r\n-ERR Say USER first\r\n"));
}

TEST(Pop3, NoApopInTheGreeting) {
    DriverTwin driver(tls_active());
    EXPECT_THAT(driver.output, Not(HasSubstr("<")));
}

TEST(Pop3, StatAndList) {
    EXPECT_EQ(after_login("STAT\r\n"), "+OK 3 59\r\n");
    EXPECT_EQ(after_login("LIST\r\n"), "+OK Sizes follow\r\n1 19\r\n2 26\r\n3 14\r\n.\r\n");
    EXPECT_EQ(after_login("list 2\r\n"), "+OK 2 26\r\n");
    for (const std::string number : {"0", "4", "x", "-1", "99999999999", "1 2"})
        EXPECT_EQ(after_login("LIST " + number + "\r\n"), "-ERR No such message\r\n") << number;
}

TEST(Pop3, Uidl) {
    EXPECT_EQ(after_login("UIDL\r\n"), "+OK Unique ids follow\r\n1 7.1\r\n2 7.2\r\n3 7.3\r\n.\r\n");
    EXPECT_EQ(after_login("UIDL 3\r\n"), "+OK 3 7.3\r\n");
    EXPECT_EQ(after_login("DELE 3\r\nUIDL 3\r\nUIDL\r\n"),
              "+OK Deleted at QUIT\r\n-ERR No such message\r\n+OK Unique ids follow\r\n1 7.1\r\n2 7.2\r\n.\r\n");
}

TEST(Pop3, RetrAndTop) {
    EXPECT_EQ(after_login("RETR 2\r\n"), "+OK 26 octets\r\nSubject: 2\r\n\r\n..two\r\nmore\r\n.\r\n");
    EXPECT_EQ(after_login("TOP 2 1\r\n"), "+OK The beginning follows\r\nSubject: 2\r\n\r\n..two\r\n.\r\n");
    EXPECT_EQ(after_login("TOP 2 0\r\n"), "+OK The beginning follows\r\nSubject: 2\r\n\r\n.\r\n");
    EXPECT_EQ(after_login("TOP 2\r\n"), "-ERR Syntax: TOP message lines\r\n");
    EXPECT_EQ(after_login("TOP 2 -1\r\n"), "-ERR Syntax: TOP message lines\r\n");
    EXPECT_EQ(after_login("TOP 9 1\r\nRETR\r\n"), "-ERR No such message\r\n-ERR No such message\r\n");
}

TEST(Pop3, DeletionHappensAtQuitOnly) {
    EXPECT_EQ(
        after_login("DELE 1\r\nDELE 1\r\nRETR 1\r\nSTAT\r\nNOOP\r\n"),
        "+OK Deleted at QUIT\r\n-ERR No such message\r\n-ERR No such message\r\n+OK 2 40\r\n+OK Nothing done\r\n");
    EXPECT_EQ(after_login("DELE 1\r\nDELE 3\r\nQUIT\r\n", {1, 3}),
              "+OK Deleted at QUIT\r\n+OK Deleted at QUIT\r\n+OK Goodbye\r\n");
}

TEST(Pop3, RsetKeepsEverything) {
    EXPECT_EQ(after_login("DELE 1\r\nRSET\r\nSTAT\r\nQUIT\r\n"),
              "+OK Deleted at QUIT\r\n+OK Nothing is deleted\r\n+OK 3 59\r\n+OK Goodbye\r\n");
}

TEST(Pop3, NumbersStayAfterDeletion) {
    EXPECT_EQ(after_login("DELE 1\r\nLIST 2\r\nLIST\r\n"),
              "+OK Deleted at QUIT\r\n+OK 2 26\r\n+OK Sizes follow\r\n2 26\r\n3 14\r\n.\r\n");
}

TEST(Pop3, TimeOutAndShutDownDeleteNothing) {
    DriverTwin driver(tls_active(), kMaildrop);
    driver.feed("USER alice\r\nPASS secret\r\nDELE 1\r\n");
    const std::string before = driver.output;
    driver.perform(driver.session.timed_out());
    EXPECT_EQ(driver.output, before) << "RFC 1939 §3: without a response";
    EXPECT_TRUE(driver.closed);
    EXPECT_TRUE(driver.deleted.empty());

    DriverTwin other(tls_active(), kMaildrop);
    other.feed("USER alice\r\nPASS secret\r\nDELE 1\r\n");
    other.perform(other.session.end("[SYS/TEMP] Shutting down"));
    EXPECT_THAT(other.output, EndsWith("-ERR [SYS/TEMP] Shutting down\r\n"));
    EXPECT_TRUE(other.closed);
    EXPECT_TRUE(other.deleted.empty());
}

TEST(Pop3, CapabilitiesDependOnTheState) {
    EXPECT_EQ(said("CAPA\r\n", starttls()), "+OK Capabilities follow\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\n"
                                            "PIPELINING\r\nEXPIRE NEVER\r\nUTF8\r\nSTLS\r\n.\r\n");
    EXPECT_THAT(said("CAPA\r\n"), HasSubstr("USER\r\nSASL PLAIN\r\n.\r\n"));
    EXPECT_THAT(after_login("CAPA\r\n"), HasSubstr("IMPLEMENTATION Tegami\r\n.\r\n"));
    EXPECT_THAT(said("CAPA\r\n"), Not(HasSubstr("IMPLEMENTATION")));
}

TEST(Pop3, NoPasswordsWithoutTls) {
    EXPECT_EQ(said("USER alice\r\nPASS secret\r\nAUTH PLAIN\r\n", starttls()),
              "-ERR Say STLS first\r\n-ERR Say STLS first\r\n-ERR Say STLS first\r\n");
    ServerOptions loopback = starttls();
    loopback.auth_mechanisms = {"PLAIN"};
    loopback.auth_without_tls = true;
    EXPECT_EQ(said("USER alice\r\nPASS secret\r\n", loopback), "+OK Now the password\r\n+OK Logged in\r\n");
}

TEST(Pop3, PasswordsKeepTheirSpaces) {
    DriverTwin driver(tls_active());
    std::string password;
    for (const ServerAction& action : driver.session.feed("USER a\r\nPASS  two  spaces \r\n"))
        if (const auto* check = std::get_if<CheckPassword>(&action)) password = check->password;
    EXPECT_EQ(password, " two  spaces ");
}

TEST(Pop3, WrongPasswordsAreCounted) {
    const std::string wrong = "USER alice\r\nPASS wrong\r\n";
    EXPECT_EQ(said(wrong + wrong + wrong + "USER alice\r\nPASS secret\r\n"),
              "+OK Now the password\r\n-ERR [AUTH] Wrong user name or password\r\n"
              "+OK Now the password\r\n-ERR [AUTH] Wrong user name or password\r\n"
              "+OK Now the password\r\n-ERR [AUTH] Wrong user name or password\r\n");
    EXPECT_EQ(said("PASS secret\r\n"), "-ERR Say USER first\r\n");
    EXPECT_EQ(said("USER alice\r\nPASS wrong\r\nPASS secret\r\n"),
              "+OK Now the password\r\n-ERR [AUTH] Wrong user name or password\r\n-ERR Say USER first\r\n");
}

TEST(Pop3, AuthWithAndWithoutInitialResponse) {
    EXPECT_EQ(said("AUTH PLAIN c2VjcmV0\r\nSTAT\r\n"), "+OK Logged in\r\n+OK 3 59\r\n");
    EXPECT_EQ(said("AUTH plain\r\nbW9yZQ==\r\nc2VjcmV0\r\nSTAT\r\n"),
              "+ d2hvPw==\r\n+ Z28gb24=\r\n+OK Logged in\r\n+OK 3 59\r\n");
    EXPECT_EQ(said("AUTH PLAIN =\r\n"), "-ERR [AUTH] Wrong user name or password\r\n");
    EXPECT_EQ(said("AUTH PLAIN\r\n*\r\nAUTH PLAIN\r\n!\r\nAUTH PLAIN !\r\nAUTH X\r\nAUTH\r\n"),
              "+ d2hvPw==\r\n-ERR Authentication cancelled\r\n+ d2hvPw==\r\n-ERR The response is not base64\r\n"
              "-ERR The response is not base64\r\n-ERR This mechanism is not offered\r\n-ERR This mechanism is not "
              "offered\r\n");
}

TEST(Pop3, EndlessAuthExchangesEnd) {
    std::string client = "AUTH PLAIN\r\n";
    for (int step = 0; step < 10; ++step)
        client += "bW9yZQ==\r\n";
    EXPECT_THAT(said(client), HasSubstr("-ERR The exchange does not end\r\n"));
}

TEST(Pop3, StlsForgetsWhatWasSaidBefore) {
    DriverTwin driver(starttls(), kMaildrop);
    driver.mechanisms_after_tls = {"SCRAM-SHA-256-PLUS", "PLAIN"};
    driver.feed("UTF8\r\n");
    EXPECT_TRUE(driver.session.utf8());
    driver.feed("STLS\r\n");
    EXPECT_TRUE(driver.tls);
    EXPECT_FALSE(driver.session.utf8());
    driver.output.clear();
    driver.feed("CAPA\r\nSTLS\r\nUSER alice\r\nPASS secret\r\nSTLS\r\n");
    EXPECT_THAT(driver.output, HasSubstr("SASL SCRAM-SHA-256-PLUS PLAIN\r\n"));
    EXPECT_THAT(driver.output, Not(HasSubstr("STLS\r\n.")));
    EXPECT_THAT(driver.output, EndsWith("-ERR TLS is active already\r\n+OK Now the password\r\n+OK Logged in\r\n"
                                        "-ERR Command not recognised here\r\n"));
}

TEST(Pop3, NothingMayFollowStls) {
    DriverTwin together(starttls(), kMaildrop);
    together.feed("STLS\r\nUSER alice\r\n");
    EXPECT_TRUE(together.closed);
    EXPECT_FALSE(together.tls);

    ServerSession apart(starttls());
    apart.start();
    EXPECT_TRUE(std::holds_alternative<StartTls>(apart.feed("STLS\r\n").back()));
    EXPECT_TRUE(std::holds_alternative<Close>(apart.feed("USER alice\r\n").back()));
    EXPECT_TRUE(apart.tls_started({}).empty());
}

TEST(Pop3, CommandsOfAnotherState) {
    EXPECT_EQ(said("STAT\r\nRETR 1\r\n\r\nFROB\r\n"),
              "-ERR Command not recognised here\r\n-ERR Command not recognised here\r\n"
              "-ERR Command not recognised here\r\n-ERR Command not recognised here\r\n");
    EXPECT_EQ(after_login("USER bob\r\nUTF8\r\n"),
              "-ERR Command not recognised here\r\n-ERR Command not recognised here\r\n");
    EXPECT_EQ(said("QUIT\r\nUSER alice\r\n"), "+OK Goodbye\r\n");
}

TEST(Pop3, LongLinesAreSkippedWhole) {
    EXPECT_EQ(after_login("NOOP " + std::string(600, 'x') + "\r\nSTAT\r\n"), "-ERR Line too long\r\n+OK 3 59\r\n");
    EXPECT_EQ(said("AUTH PLAIN\r\n" + std::string(13000, 'A') + "\r\nQUIT\r\n").substr(12),
              "-ERR Line too long\r\n+OK Goodbye\r\n");
    EXPECT_EQ(said(std::string("US\0ER\r\n", 7)), "-ERR Control characters in a command\r\n");
}

TEST(Pop3, ALineWithoutEndEndsTheConnection) {
    for (const std::string& before :
         {"", "USER ", "USER a\r\nPASS ", "AUTH PLAIN\r\n", "AUTH PLAIN ", "USER a\r\nPASS b\r\nTOP "}) {
        DriverTwin driver(tls_active());
        driver.feed(before);
        for (int round = 0; round < 25 && !driver.closed; ++round)
            driver.feed(std::string(4096, 'A'));
        EXPECT_TRUE(driver.closed) << before;
        EXPECT_THAT(driver.output, EndsWith("-ERR Line too long\r\n")) << before;
    }
}

TEST(Pop3, ManyErrorsEndTheConnection) {
    DriverTwin driver(tls_active());
    for (int round = 0; round < 100; ++round)
        driver.feed("FROB\r\n");
    EXPECT_TRUE(driver.closed);
    EXPECT_THAT(driver.output, EndsWith("-ERR Too many errors\r\n"));

    DriverTwin idle(tls_active());
    for (int round = 0; round < 100; ++round)
        idle.feed("CAPA\r\n");
    EXPECT_TRUE(idle.closed);
}

TEST(Pop3, OctetsWhileWaitingAreBounded) {
    ServerSession session(tls_active());
    session.start();
    session.feed("USER a\r\nPASS b\r\n");
    EXPECT_FALSE(session.wants_input());
    const ServerActions actions = session.feed(std::string(70'000, 'x'));
    ASSERT_FALSE(actions.empty());
    EXPECT_TRUE(std::holds_alternative<Close>(actions.back()));
    EXPECT_TRUE(session.auth_succeeded("a").empty());
    EXPECT_TRUE(session.end("x").empty());
}

TEST(Pop3, BlanksAroundArgumentsMeanNothing) {
    EXPECT_EQ(after_login("LIST \r\nstat  \r\nLIST  2 \r\nUIDL   3\r\nTOP  3   0 \r\nNOOP x\r\nQUIT now\r\n"),
              "+OK Sizes follow\r\n1 19\r\n2 26\r\n3 14\r\n.\r\n+OK 3 59\r\n+OK 2 26\r\n+OK 3 7.3\r\n"
              "+OK The beginning follows\r\nSubject: 3\r\n\r\n.\r\n+OK Nothing done\r\n+OK Goodbye\r\n");
    EXPECT_EQ(said("USER  alice \nPASS secret\nSTAT\n"), "+OK Now the password\r\n+OK Logged in\r\n+OK 3 59\r\n");
}

TEST(Pop3, OneWrongNumberDeletesNothing) {
    EXPECT_EQ(after_login("DELE\r\nDELE 1 2\r\nDELE *\r\nRETR 1 2\r\nTOP\r\nTOP 1 x\r\nQUIT\r\n"),
              "-ERR No such message\r\n-ERR No such message\r\n-ERR No such message\r\n-ERR No such message\r\n"
              "-ERR Syntax: TOP message lines\r\n-ERR Syntax: TOP message lines\r\n+OK Goodbye\r\n");
}

// fetchmail asks for a whole message so, to leave it unread.
TEST(Pop3, TopOfMoreLinesThanThereAre) {
    for (const std::string lines : {"2", "99999999", "2147483647", "4294967295"})
        EXPECT_EQ(after_login("TOP 2 " + lines + "\r\n"),
                  "+OK The beginning follows\r\nSubject: 2\r\n\r\n..two\r\nmore\r\n.\r\n");
}

TEST(Pop3, ProbesForOldExtensionsDoNoHarm) {
    EXPECT_EQ(said("AUTH\r\nLANG\r\nAPOP alice 0123\r\nCAPA x\r\nUSER alice\r\nPASS secret\r\nXTND XLST\r\nLAST\r\n"
                   "AUTH\r\nSTAT\r\n"),
              "-ERR This mechanism is not offered\r\n-ERR Command not recognised here\r\n"
              "-ERR Command not recognised here\r\n+OK Capabilities follow\r\nTOP\r\nUIDL\r\nRESP-CODES\r\n"
              "AUTH-RESP-CODE\r\nPIPELINING\r\nEXPIRE NEVER\r\nUTF8\r\nUSER\r\nSASL PLAIN\r\n.\r\n"
              "+OK Now the password\r\n+OK Logged in\r\n-ERR Command not recognised here\r\n"
              "-ERR Command not recognised here\r\n-ERR Command not recognised here\r\n+OK 3 59\r\n");
    // Mail programs ask again after the login and keep what they hear then.
    for (const std::string capability : {"\r\nTOP\r\n", "\r\nUIDL\r\n", "\r\nPIPELINING\r\n"})
        EXPECT_THAT(after_login("CAPA\r\n"), HasSubstr(capability));
}

TEST(Pop3, AnEmptyMaildropIsListed) {
    DriverTwin driver(tls_active());
    driver.feed("USER alice\r\nPASS secret\r\n");
    driver.output.clear();
    driver.feed("STAT\r\nLIST\r\nUIDL\r\nLIST 1\r\nRETR 1\r\nRSET\r\nQUIT\r\n");
    EXPECT_EQ(driver.output,
              "+OK 0 0\r\n+OK Sizes follow\r\n.\r\n+OK Unique ids follow\r\n.\r\n-ERR No such message\r\n"
              "-ERR No such message\r\n+OK Nothing is deleted\r\n+OK Goodbye\r\n");
}

/// A maildrop whose messages are all marked lists nothing and counts nothing, and its numbers stay taken.
TEST(Pop3, AMaildropOfDeletedMessages) {
    EXPECT_EQ(after_login("DELE 1\r\nDELE 2\r\nDELE 3\r\nSTAT\r\nLIST\r\nUIDL\r\nTOP 1 0\r\n"),
              "+OK Deleted at QUIT\r\n+OK Deleted at QUIT\r\n+OK Deleted at QUIT\r\n+OK 0 0\r\n+OK Sizes follow\r\n"
              ".\r\n+OK Unique ids follow\r\n.\r\n-ERR No such message\r\n");
}

TEST(Pop3, PasswordsKeepOctetsBeyondAscii) {
    const std::string utf8 = "p\xc3\xa4ss w\xc3\xb6rd";
    for (const std::string& password : {utf8, std::string("p\xe4ss"), std::string(400, 'x'), std::string("a\"b\\c")}) {
        DriverTwin driver(tls_active());
        std::string seen;
        for (const ServerAction& action : driver.session.feed("USER alice\r\nPASS " + password + "\r\n"))
            if (const auto* check = std::get_if<CheckPassword>(&action)) seen = check->password;
        EXPECT_EQ(seen, password);
    }
}

/// Every question goes wrong in turn: the dialogue ends in replies and a close, and deletes nothing unless QUIT's
/// answer said so.
TEST(Pop3, EveryAnswerMayFail) {
    const std::string client = "STLS\r\n";
    const std::string rest =
        "AUTH PLAIN\r\nc2VjcmV0\r\nUSER alice\r\nPASS secret\r\nRETR 1\r\nTOP 2 1\r\nDELE 2\r\nQUIT\r\n";
    int failures = 0;
    for (int fail_at = 1;; ++fail_at) {
        DriverTwin driver(starttls(), kMaildrop, fail_at);
        driver.mechanisms_after_tls = {"PLAIN"};
        driver.feed(client);
        if (!driver.closed) driver.feed(rest);
        EXPECT_TRUE(driver.closed);
        if (driver.questions < fail_at) {
            EXPECT_EQ(driver.deleted, std::set<std::uint32_t>{2});
            break;
        }
        ++failures;
        if (!driver.output.ends_with("+OK Goodbye\r\n")) {
            EXPECT_TRUE(driver.deleted.empty());
        }
    }
    EXPECT_EQ(failures, 7);
}

} // namespace
} // namespace tegami::pop3
