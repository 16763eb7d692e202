// RFC 5321 §4.1.1, §4.1.2; RFC 1870; RFC 4954 §5
#include "protocol/smtp/command_parser.h"

#include <gtest/gtest.h>

namespace tegami::smtp {
namespace {

template <class T>
T parsed(std::string_view line, const ParseContext& context = {.extended = true}) {
    const auto command = parse_command(line, context);
    EXPECT_TRUE(command) << line << ": " << (command ? "" : one_line(command.error()));
    const T* which = command ? std::get_if<T>(&*command) : nullptr;
    EXPECT_NE(which, nullptr) << line;
    return which ? *which : T{};
}

int refused(std::string_view line, const ParseContext& context = {.extended = true}) {
    const auto command = parse_command(line, context);
    return command ? 0 : command.error().code;
}

TEST(CommandParser, VerbsInAnyCase) {
    EXPECT_EQ(parsed<HelloCommand>("eHlO a.test").name, "a.test");
    parsed<QuitCommand>("quit");
    parsed<QuitCommand>("QUIT   ");
    parsed<NoopCommand>("noop anything at all");
    parsed<HelpCommand>("HELP mail");
    EXPECT_EQ(refused("QUITX"), 500);
    EXPECT_EQ(refused(" QUIT"), 500);
    EXPECT_EQ(refused(""), 500);
}

TEST(CommandParser, NamesInEhlo) {
    for (const std::string_view name : {"a.test", "[127.0.0.1]", "[IPv6:::1]", "WIN_PC", "localhost", "x-1"})
        EXPECT_EQ(parsed<HelloCommand>("EHLO " + std::string(name)).name, name);
    EXPECT_TRUE(parsed<HelloCommand>("EHLO x").extended);
    EXPECT_FALSE(parsed<HelloCommand>("HELO x").extended);
    EXPECT_EQ(refused("EHLO"), 501);
    EXPECT_EQ(refused("HELO  "), 501);
    EXPECT_EQ(refused("EHLO a\rb"), 500);
}

/// The name is only written down: no name of a device keeps it from sending.
TEST(CommandParser, NamesThatAreNoHostNames) {
    for (const std::string name : {"m\u00fcller-pc", "localhost.(none)", "(x)", "a@b", "\"quoted\"", "-", "..",
                                   "\u30d7\u30ea\u30f3\u30bf", "x;y", "<>", "[]", "a/b", "x,y"}) {
        EXPECT_EQ(parsed<HelloCommand>("EHLO " + name).name, name);
        EXPECT_EQ(parsed<HelloCommand>("HELO " + name).name, name);
    }
    EXPECT_EQ(parsed<HelloCommand>("EHLO my pc").name, "my");
    EXPECT_EQ(parsed<HelloCommand>("EHLO m\xfcller").name, "m\\xfcller");
    EXPECT_EQ(parsed<HelloCommand>("EHLO a\x08\x7f").name, "a\\x08\\x7f");
    EXPECT_EQ(parsed<HelloCommand>("EHLO " + std::string(1000, 'x')).name, std::string(255, 'x'));
}

TEST(CommandParser, LocalPartsWithDotsAnywhere) {
    for (const std::string local : {"taro.", "a..b", ".x"}) {
        EXPECT_EQ(parsed<MailCommand>("MAIL FROM:<" + local + "@carrier.test>").reverse_path->local_part, local);
        EXPECT_EQ(parsed<RcptCommand>("RCPT TO:<" + local + "@carrier.test>").address->local_part, local);
    }
}

TEST(CommandParser, PathsOfMail) {
    EXPECT_EQ(parsed<MailCommand>("MAIL FROM:<a@a.test>").reverse_path->to_string(), "a@a.test");
    EXPECT_EQ(parsed<MailCommand>("mail from: <a@a.test>").reverse_path->to_string(), "a@a.test");
    EXPECT_EQ(parsed<MailCommand>("MAIL FROM:<\"a b\"@a.test>").reverse_path->local_part, "a b");
    EXPECT_EQ(parsed<MailCommand>("MAIL FROM:<@x.test,@y.test:a@a.test>").reverse_path->to_string(), "a@a.test");
    EXPECT_FALSE(parsed<MailCommand>("MAIL FROM:<>").reverse_path);
    for (const std::string_view bad :
         {"MAIL", "MAIL FROM", "MAIL FROM:", "MAIL FROM:<a@a.test", "MAIL FROM:<a>", "MAIL FROM:<a@>",
          "MAIL FROM:<@a.test>", "MAIL TO:<a@a.test>", "MAIL FROM:<a@a.test>SIZE=1", "MAIL FROM:<postmaster>",
          "MAIL FROM:<a b@a.test>"})
        EXPECT_EQ(refused(bad), 501) << bad;
}

/// Programs leave the brackets out, because Postfix, Exim and Exchange do not miss them.
TEST(CommandParser, AddressesWithoutBrackets) {
    const auto mail = parsed<MailCommand>("MAIL FROM: a@a.test SIZE=7");
    EXPECT_EQ(mail.reverse_path->to_string(), "a@a.test");
    EXPECT_EQ(mail.size, 7U);
    EXPECT_EQ(parsed<RcptCommand>("rcpt to:\"b\\>\"@b.test").address->local_part, "b>");
    EXPECT_FALSE(parsed<RcptCommand>("RCPT TO:postmaster").address);
    for (const std::string_view bad :
         {"RCPT TO:", "RCPT TO: ", "RCPT TO:a", "RCPT TO:a@b.test>", "RCPT TO:a@b.test>x", "RCPT TO:a@b.test<",
          "RCPT TO:>", "RCPT TO:a@b.test,c@d.test", "RCPT TO:\"a b\"@b.test", "RCPT TO:Bob <a@b.test>"})
        EXPECT_EQ(refused(bad), 501) << bad;
    EXPECT_EQ(refused("RCPT TO:a@b.test NOTIFY=NEVER"), 555);
    EXPECT_EQ(refused("MAIL FROM:\u65e5@a.test"), 550);
}

TEST(CommandParser, BlanksAreSpacesAndTabs) {
    EXPECT_EQ(parsed<HelloCommand>("EHLO\ta.test\t(camera)").name, "a.test");
    const auto mail = parsed<MailCommand>("MAIL\tFROM:\t<a@a.test>\t SIZE=7\tBODY=8BITMIME\t");
    EXPECT_EQ(mail.reverse_path->to_string(), "a@a.test");
    EXPECT_EQ(mail.size, 7U);
    EXPECT_EQ(mail.body, BodyType::eight_bit_mime);
    EXPECT_EQ(parsed<RcptCommand>("RCPT TO: \t <a@a.test>\t").address->to_string(), "a@a.test");
    EXPECT_EQ(parsed<AuthCommand>("AUTH\tPLAIN \t YQ== ").initial_response, "a");
    parsed<DataCommand>("DATA\t ");
    EXPECT_EQ(refused("MAIL FROM:<\"a\tb\"@a.test>"), 501) << "in an address it is none";
}

TEST(CommandParser, PathsOfRcpt) {
    EXPECT_EQ(parsed<RcptCommand>("RCPT TO:<a@a.test>").address->to_string(), "a@a.test");
    EXPECT_EQ(parsed<RcptCommand>("RCPT TO:<a@A.test.>").address->to_string(), "a@a.test") << "the end of a sentence";
    EXPECT_FALSE(parsed<RcptCommand>("RCPT TO:<PostMaster>").address);
    EXPECT_EQ(refused("RCPT TO:<a@a.test..>"), 501);
    EXPECT_EQ(refused("RCPT TO:<>"), 501);
    EXPECT_EQ(refused("RCPT FROM:<a@a.test>"), 501);
    EXPECT_EQ(refused("RCPT TO:<a@a.test> NOTIFY=NEVER"), 555);
}

TEST(CommandParser, Parameters) {
    const auto mail = parsed<MailCommand>("MAIL FROM:<a@a.test>  SIZE=0  BODY=7bit AUTH=<>  ");
    EXPECT_EQ(mail.size, 0U);
    EXPECT_EQ(mail.body, BodyType::seven_bit);
    EXPECT_EQ(mail.auth, "<>");
    const std::string start = "MAIL FROM:<a@a.test> ";
    for (const std::string bad :
         {"SIZE", "SIZE=", "SIZE=x", "SIZE=-1", "SIZE=123456789012345678901", "BODY=BINARYMIME", "BODY", "SMTPUTF8=1",
          "AUTH", "AUTH=+4", "AUTH=+XY", "SIZE=1 SIZE=2", "=1", "-X=1", "X_Y=1", "SIZE=1=2"})
        EXPECT_EQ(refused(start + bad), 501) << bad;
    EXPECT_EQ(refused(start + "RET=FULL"), 555);
    EXPECT_EQ(refused(start + "SIZE=1", {.extended = false}), 555);
    std::string many = start;
    for (int count = 0; count < 20; ++count)
        many += "X" + std::to_string(count) + "=1 ";
    EXPECT_EQ(refused(many), 501);
}

TEST(CommandParser, Auth) {
    EXPECT_EQ(parsed<AuthCommand>("AUTH plain").mechanism, "PLAIN");
    EXPECT_EQ(parsed<AuthCommand>("AUTH PLAIN").initial_response, std::nullopt);
    EXPECT_EQ(parsed<AuthCommand>("AUTH PLAIN =").initial_response, "");
    EXPECT_EQ(parsed<AuthCommand>("AUTH SCRAM-SHA-256 AGE=").initial_response, std::string("\0a", 2));
    for (const std::string_view bad :
         {"AUTH", "AUTH PLAIN ===", "AUTH PLAIN A B", "AUTH PL\xc3\x84IN", "AUTH A123456789012345678901234"})
        EXPECT_EQ(refused(bad), 501) << bad;
}

TEST(CommandParser, ForeignProtocols) {
    EXPECT_TRUE(is_foreign_protocol("GET / HTTP/1.1"));
    EXPECT_TRUE(is_foreign_protocol("\x16\x03\x01"));
    EXPECT_FALSE(is_foreign_protocol("EHLO x"));
    EXPECT_FALSE(is_foreign_protocol("\x16"));
    EXPECT_FALSE(is_foreign_protocol(""));
}

} // namespace
} // namespace tegami::smtp
