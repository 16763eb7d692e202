// The journey in a stored message: what received_field() wrote is found again, and nothing else is taken for it.
#include "reception/retrieval.h"
#include "reception/trace_header.h"

#include <gtest/gtest.h>

namespace tegami::reception {
namespace {

constexpr std::string_view kJourney = "018bcfe56800abcdefgh2345";

std::string ours(std::optional<directory::Identity> identity = {}) {
    const Client client{.role = Role::mx,
                        .endpoint = {IpAddress::parse("192.0.2.1").value(), 4711},
                        .helo_name = "mail.a.test",
                        .identity = std::move(identity),
                        .trusted = false,
                        .tls = "TLSv1.3 TLS_AES_256_GCM_SHA384",
                        .transmission_type = "ESMTPS"};
    return received_field(client, {.by_host = "mail.b.test",
                                   .id = std::string(kJourney),
                                   .recipient = message::parse_email_address("bob@b.test").value(),
                                   .time = Timestamp(std::chrono::seconds(1'700'000'000))});
}

TEST(Retrieval, finds_the_journey_in_our_trace_field) {
    const std::string rest = "From: alice@a.test\r\n\r\nHello\r\n";
    EXPECT_EQ(journey_of(ours() + rest), kJourney);
    EXPECT_EQ(journey_of("Return-Path: <alice@a.test>\r\n" + ours() + rest), kJourney);
    EXPECT_EQ(journey_of(ours(directory::Identity{store::AccountId(1), *message::parse_email_address("alice@b.test")}) +
                         rest),
              kJourney);
}

TEST(Retrieval, takes_nothing_else_for_one) {
    const std::string field = ours();
    EXPECT_FALSE(journey_of(""));
    EXPECT_FALSE(journey_of("Subject: x\r\n" + field)); // ours stands in front
    EXPECT_FALSE(journey_of("Received: by mx.example (Postfix)\r\n\twith ESMTP id 018bcfe56800abcdefgh2345; now"));
    for (std::size_t size = 0; size < field.find(';'); ++size)
        EXPECT_FALSE(journey_of(field.substr(0, size))) << size;
    for (const std::string id : {"", "x", "018bcfe56800ABCDEFGH2345", "018bcfe56800abcdefgh2345x", "../../etc"}) {
        std::string changed = field;
        changed.replace(changed.find(kJourney), kJourney.size(), id);
        EXPECT_FALSE(journey_of(changed)) << id;
    }
}

} // namespace
} // namespace tegami::reception
