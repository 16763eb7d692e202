// What a server's words come to: for whom it speaks decides whether another one is asked, and its offers what it is asked.
#include "protocol/smtp/capabilities.h"
#include "protocol/smtp/delivery_result.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace tegami::smtp {
namespace {

/// As the server says it: "550 5.1.1 no".
Reply reply(std::string text) {
    text += "\r\n";
    std::string_view octets = text;
    ReplyReader reader;
    return **reader.read(octets);
}

/// "permanent 5.1.1 of the server"
std::string outcome(Stage stage, std::string text) {
    const DeliveryResult result = said(stage, reply(std::move(text)));
    const std::string_view name = result.outcome == Outcome::delivered   ? "delivered "
                                  : result.outcome == Outcome::temporary ? "temporary "
                                                                         : "permanent ";
    return std::string(name) + to_string(result.status) + (result.of_server ? " of the server" : "");
}

TEST(DeliveryResult, WhoseWordAReplyIs) {
    struct Case {
        Stage stage;
        std::string reply;
        std::string outcome;
    };

    for (const Case& each : std::vector<Case>{
             {Stage::body, "250 2.0.0 taken", "delivered 2.0.0"},
             {Stage::body, "250 4.0.0 odd", "delivered 2.0.0"}, // a status that contradicts the code says nothing
             {Stage::rcpt, "550 4.1.1 odd", "permanent 5.0.0"},
             {Stage::greeting, "554 5.7.1 no", "permanent 5.7.1 of the server"},
             {Stage::hello, "550 who", "permanent 5.0.0 of the server"},
             {Stage::tls, "454 4.7.0 later", "temporary 4.7.0 of the server"},
             // MAIL: the sender, the size and what goes with it are the message's affair, all else the server's.
             {Stage::mail, "550 no", "permanent 5.0.0"},
             {Stage::mail, "552 too big", "permanent 5.0.0"},
             {Stage::mail, "552 5.3.4 too big", "permanent 5.3.4"},
             {Stage::mail, "553 who", "permanent 5.0.0"},
             {Stage::mail, "554 no", "permanent 5.0.0 of the server"},
             {Stage::mail, "555 what", "permanent 5.0.0"},
             {Stage::mail, "501 what", "permanent 5.0.0 of the server"},
             {Stage::mail, "501 5.1.7 bad sender", "permanent 5.1.7 of the server"},
             {Stage::mail, "530 5.7.0 TLS first", "permanent 5.7.0 of the server"},
             {Stage::mail, "550 5.7.1 policy", "permanent 5.7.1"},
             {Stage::mail, "554 5.7.1 policy", "permanent 5.7.1"},
             {Stage::mail, "550 5.3.2 not now", "permanent 5.3.2 of the server"},
             {Stage::mail, "550 5.4.6 loop", "permanent 5.4.6 of the server"},
             {Stage::mail, "550 5.5.1 sequence", "permanent 5.5.1 of the server"},
             {Stage::mail, "451 4.1.8 later", "temporary 4.1.8"},
             {Stage::mail, "451 later", "temporary 4.0.0 of the server"},
             {Stage::mail, "452 4.3.1 full", "temporary 4.3.1 of the server"},
             // Of a recipient and a message it speaks for the domain, unless it goes away.
             {Stage::rcpt, "550 5.1.1 no", "permanent 5.1.1"},
             {Stage::rcpt, "451 4.3.0 later", "temporary 4.3.0"},
             {Stage::data, "554 5.5.1 nobody", "permanent 5.5.1"},
             {Stage::rcpt, "421 4.3.2 bye", "temporary 4.3.2 of the server"},
             {Stage::body, "421 bye", "temporary 4.0.0 of the server"},
             {Stage::rcpt, "521 no mail", "permanent 5.0.0 of the server"},
         })
        EXPECT_EQ(outcome(each.stage, each.reply), each.outcome) << each.reply << " at " << to_string(each.stage);
}

std::string offers(std::string_view lines) {
    std::string text(lines);
    std::string_view octets = text;
    ReplyReader reader;
    const Capabilities found = read_capabilities(**reader.read(octets));
    std::string words;
    const auto add = [&](bool offered, std::string_view word) {
        if (offered) words.append(word).append(" ");
    };
    add(found.starttls, "starttls");
    add(found.pipelining, "pipelining");
    add(found.eight_bit_mime, "8bit");
    add(found.smtputf8, "utf8");
    add(found.size, "size=" + std::to_string(found.size_max));
    add(found.auth_plain, "plain");
    add(found.auth_login, "login");
    return words;
}

TEST(Capabilities, AreWhatTheLinesAfterTheFirstSay) {
    EXPECT_EQ(offers("250 STARTTLS\r\n"), "") << "the first line is a name";
    EXPECT_EQ(offers("250-x\r\n250-starttls\r\n250-Pipelining\r\n250-8BITMIME\r\n250-SmtpUtf8\r\n250 Size 10\r\n"),
              "starttls pipelining 8bit utf8 size=10 ");
    EXPECT_EQ(offers("250-x\r\n250-STARTTLSX\r\n250-X STARTTLS\r\n250 PIPELINING2\r\n"), "");
    EXPECT_EQ(offers("250-x\r\n250-SIZE\r\n250 SIZE 18446744073709551616\r\n"), "size=0 ") << "no number, no limit";
    EXPECT_EQ(offers("250-x\r\n250-SIZE  7 \r\n250 \r\n"), "size=7 ");
    EXPECT_EQ(offers("250-x\r\n250-AUTH CRAM-MD5  plain\r\n250 AUTH=LOGIN\r\n"), "plain login ");
    EXPECT_EQ(offers("250-x\r\n250-AUTHPLAIN\r\n250 AUTH PLAINX\r\n"), "");
}

} // namespace
} // namespace tegami::smtp
