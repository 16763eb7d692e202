// RFC 5321 §4.4: Received and Return-Path.
#include "reception/trace_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::reception {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const Trace kTrace{
    .by_host = "mail.b.test", .id = "j1", .recipient = {}, .time = Timestamp(std::chrono::seconds(1'700'000'000))};

Client other_server(std::string_view address = "192.0.2.1") {
    return {.role = Role::mx,
            .endpoint = {IpAddress::parse(address).value(), 4711},
            .helo_name = "mail.a.test",
            .identity = {},
            .trusted = false,
            .tls = {},
            .transmission_type = "ESMTP"};
}

TEST(ReceivedField, SaysFromWhomByWhomAndWhen) {
    EXPECT_EQ(received_field(other_server(), kTrace), "Received: from mail.a.test ([192.0.2.1])\r\n\tby mail.b.test "
                                                      "(Tegami)\r\n\twith ESMTP id j1;\r\n\tTue, 14 Nov 2023 22:13:20 "
                                                      "+0000\r\n");
}

TEST(ReceivedField, NamesTheOnlyRecipientAndTls) {
    Client client = other_server("2001:db8::1");
    client.tls = "TLSv1.3 TLS_AES_256_GCM_SHA384";
    Trace trace = kTrace;
    trace.recipient = message::parse_email_address("bob@b.test").value();
    const std::string field = received_field(client, trace);
    EXPECT_THAT(field, HasSubstr("([IPv6:2001:db8::1])"));
    EXPECT_THAT(field, HasSubstr("\r\n\t(TLSv1.3 TLS_AES_256_GCM_SHA384)\r\n\tfor <bob@b.test>;\r\n"));
}

TEST(ReceivedField, ANameThatIsNoneIsMadeHarmless) {
    struct Name {
        std::string said;
        std::string written;
    };

    const std::vector<Name> names{{"", "unknown"},
                                  {"a b", "a?b"},
                                  {"x (comment", "x??comment"},
                                  {"localhost.(none)", "localhost.?none?"},
                                  {"x;y", "x?y"},
                                  {"x\r\nEvil: yes", "x??Evil:?yes"},
                                  {"a\"b\\", "a?b?"},
                                  {"m\u00fcller-pc", "xn--mller-pc-65a"},
                                  {"m\u00fcller pc", "m??ller?pc"},
                                  {"\xff", "?"},
                                  {"WIN_PC", "WIN_PC"},
                                  {std::string(300, 'x'), std::string(255, 'x')}};
    for (const Name& name : names) {
        Client client = other_server();
        client.helo_name = name.said;
        EXPECT_THAT(received_field(client, kTrace), StartsWith("Received: from " + name.written + " ([")) << name.said;
    }
}

TEST(ReceivedField, DoesNotSayWhereAUserIs) {
    Client client = other_server("203.0.113.77");
    client.helo_name = "alices-phone";
    client.identity = directory::Identity{store::AccountId(1), *message::parse_email_address("alice@b.test")};
    const std::string field = received_field(client, kTrace);
    EXPECT_THAT(field, StartsWith("Received: by mail.b.test"));
    EXPECT_THAT(field, Not(HasSubstr("203.0.113.77")));
    EXPECT_THAT(field, Not(HasSubstr("alices-phone")));
    EXPECT_THAT(field, EndsWith("\r\n"));
}

TEST(ReturnPathField, HoldsTheReversePathOrNothing) {
    EXPECT_EQ(return_path_field(message::parse_email_address("alice@a.test").value()),
              "Return-Path: <alice@a.test>\r\n");
    EXPECT_EQ(return_path_field(std::nullopt), "Return-Path: <>\r\n");
}

} // namespace
} // namespace tegami::reception
