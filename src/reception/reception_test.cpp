// Who may send as whom, to whom, and what: RFC 5321 §7.9, RFC 6409 §6.1.
#include "reception/reception.h"

#include "testing/mail_world.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::reception {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using tegami::testing::address;

class ReceptionTest : public testing::MailWorld {
protected:
    ReceptionTest() : bob_(add_account("bob@b.test")), full_(add_account("full@b.test", 1000)) {
        EXPECT_TRUE(run(directory_->administration().add_alias(
            {.address = address("team@b.test"), .targets = {address("full@b.test"), address("x@c.test")}})));
        EXPECT_TRUE(run(directory_->administration().add_alias(
            {.address = address("robert@b.test"), .targets = {address("bob@b.test")}})));
    }

    Client stranger() const {
        Client client;
        client.endpoint = {IpAddress::parse("192.0.2.1").value(), 4711};
        return client;
    }

    Client bob() const {
        Client client = stranger();
        client.role = Role::submission;
        client.identity = directory::Identity{bob_, address("bob@b.test")};
        return client;
    }

    Verdict<AcceptedRecipient> recipient(Client client, std::string_view to, std::uint64_t bytes = 0) {
        return run(reception_.check_recipient(std::move(client), address(to), bytes));
    }

    /// The decision on a whole message from <alice@a.test>.
    Verdict<Front> decide(Client client, const std::string& octets) {
        ingest::Letter letter{.card = message::make_card(message::parse_structure(octets)),
                              .header_bytes = message::parse_structure(octets).header_bytes};
        return run(reception_.decide({.client = std::move(client),
                                      .reverse_path = address("alice@a.test"),
                                      .only_recipient = {},
                                      .host_name = "mail.b.test",
                                      .journey = "journey",
                                      .time = time_.now(),
                                      .letter = &letter}));
    }

    /// The reply's code and status, "ok" without one.
    template <class T>
    static std::string words(const Verdict<T>& verdict) {
        return verdict ? "ok" : smtp::one_line(verdict.error()).substr(0, 9);
    }

    store::AccountId bob_;
    store::AccountId full_;
    srs::Rewriter return_paths_{"secret", *message::Domain::parse("b.test")};
    Reception reception_{directory_->lookup(), store_, return_paths_, time_};
};

TEST_F(ReceptionTest, StrangersReachOurUsersOnly) {
    const auto bob = recipient(stranger(), "BOB+list@b.test");
    ASSERT_TRUE(bob.has_value());
    ASSERT_EQ(bob->accounts.size(), 1U);
    EXPECT_EQ(bob->accounts.front().account, bob_);
    EXPECT_EQ(bob->accounts.front().detail, "list");
    EXPECT_EQ(words(recipient(stranger(), "nobody@b.test")), "550 5.1.1");
    EXPECT_EQ(words(recipient(stranger(), "x@c.test")), "550 5.7.1");
    EXPECT_EQ(words(recipient(stranger(), "bob%b.test@c.test")), "550 5.7.1");
}

/// Spellings that have made open relays of others: routes are no part of an address, and what is before the @ leads
/// nowhere.
TEST_F(ReceptionTest, NoSpellingIsRelayedForStrangers) {
    for (const std::string spelling : {"x%c.test@b.test", "c.test!x@b.test", "\"x@c.test\"@b.test", "x@c.test@b.test"})
        if (const auto parsed = message::parse_email_address(spelling))
            EXPECT_EQ(words(run(reception_.check_recipient(stranger(), *parsed, 0))), "550 5.1.1") << spelling;
    const auto route = message::parse_envelope_path("<@b.test:x@c.test>");
    ASSERT_TRUE(route);
    EXPECT_EQ(words(run(reception_.check_recipient(stranger(), *route->address, 0))), "550 5.7.1");
}

TEST_F(ReceptionTest, ReportsAboutLettersThatWePassedOnGoBackToTheirSenders) {
    const auto return_path = return_paths_.rewrite(address("anna@a.test"), time_.now());
    const auto report = recipient(stranger(), return_path->to_string());
    ASSERT_TRUE(report.has_value());
    EXPECT_THAT(report->remote, ::testing::ElementsAre(address("anna@a.test")));
    // It has been at c.test and came back.
    const srs::Rewriter theirs("other", *message::Domain::parse("c.test"));
    const auto again = return_paths_.rewrite(*theirs.rewrite(*return_path, time_.now()), time_.now());
    EXPECT_THAT(recipient(stranger(), again->to_string())->remote, ::testing::ElementsAre(address("anna@a.test")));
    const auto bobs = return_paths_.rewrite(address("bob@b.test"), time_.now());
    EXPECT_EQ(recipient(stranger(), bobs->to_string())->accounts.at(0).account, bob_);
    EXPECT_EQ(words(recipient(stranger(), "SRS0=aaaaaaaaaa=aa=a.test=anna@b.test")), "550 5.1.1") << "invented";
    EXPECT_EQ(words(recipient(stranger(), return_path->local_part + "@c.test")), "550 5.7.1") << "somebody else's";
}

TEST_F(ReceptionTest, UsersAndTrustedNetworksReachEverybody) {
    Client trusted = stranger();
    trusted.trusted = true;
    for (const Client& client : {bob(), trusted}) {
        const auto elsewhere = recipient(client, "x@c.test");
        ASSERT_TRUE(elsewhere.has_value());
        EXPECT_TRUE(elsewhere->accounts.empty());
        EXPECT_EQ(elsewhere->remote, std::vector{address("x@c.test")});
        EXPECT_EQ(words(recipient(client, "nobody@b.test")), "550 5.1.1");
    }
}

TEST_F(ReceptionTest, AnAliasTakesMailOutForStrangersToo) {
    const auto team = recipient(stranger(), "team@b.test");
    ASSERT_TRUE(team.has_value());
    EXPECT_EQ(team->accounts.size(), 1U);
    EXPECT_EQ(team->remote, std::vector{address("x@c.test")});
}

TEST_F(ReceptionTest, AddressesOfCarriersAreAddresses) {
    EXPECT_TRUE(run(directory_->administration().add_alias(
        {.address = address(".dots..@b.test"), .targets = {address("taro.@carrier.test"), address("a..b@c.test")}})));
    for (const std::string& spelling : {".dots..@b.test", "\".dots..\"@b.test"}) {
        const auto alias = recipient(stranger(), spelling);
        ASSERT_TRUE(alias.has_value());
        EXPECT_EQ(alias->remote, (std::vector{address("\"taro.\"@carrier.test"), address("\"a..b\"@c.test")}));
    }
    EXPECT_EQ(recipient(bob(), "taro.@carrier.test")->remote, std::vector{address("\"taro.\"@carrier.test")});
    EXPECT_EQ(words(decide(bob(), "From: bob@b.test\r\nTo: taro.@carrier.test\r\n\r\n")), "ok");
}

TEST_F(ReceptionTest, AFullMailboxIsSaidBeforeTheMessageComes) {
    EXPECT_EQ(words(recipient(stranger(), "full@b.test", 1000)), "ok");
    EXPECT_EQ(words(recipient(stranger(), "full@b.test", 1001)), "452 4.2.2");
    EXPECT_EQ(words(recipient(stranger(), "team@b.test", 1001)), "ok") << "one of many is that mailbox's trouble";
    EXPECT_EQ(words(recipient(stranger(), "bob@b.test", 1'000'000)), "ok");
}

TEST_F(ReceptionTest, UsersSendAsThemselvesOnly) {
    const auto as = [this](Client client, std::optional<message::EmailAddress> from) {
        return words(run(reception_.check_sender(std::move(client), std::move(from))));
    };
    EXPECT_EQ(as(bob(), address("bob@b.test")), "ok");
    EXPECT_EQ(as(bob(), address("bob+x@b.test")), "ok");
    EXPECT_EQ(as(bob(), address("robert@b.test")), "ok");
    EXPECT_EQ(as(bob(), address("full@b.test")), "550 5.7.1");
    EXPECT_EQ(as(bob(), address("x@c.test")), "550 5.7.1");
    EXPECT_EQ(as(bob(), std::nullopt), "ok");
    EXPECT_EQ(as(stranger(), address("x@c.test")), "ok");
}

TEST_F(ReceptionTest, AMessageThatGoesRoundIsRefused) {
    std::string octets;
    for (std::size_t hop = 0; hop < kHopsMax; ++hop)
        octets += "Received: by x; now\r\n";
    EXPECT_EQ(words(decide(stranger(), octets + "\r\nbody\r\n")), "ok");
    EXPECT_EQ(words(decide(stranger(), octets + "Received: by y; now\r\n\r\nbody\r\n")), "554 5.4.6");
}

TEST_F(ReceptionTest, AUsersFromIsTheUsers) {
    const auto from = [this](const Client& client, const std::string& header) {
        return words(decide(client, header + "\r\n\r\nbody\r\n"));
    };
    EXPECT_EQ(from(bob(), "From: Bob <bob@b.test>"), "ok");
    EXPECT_EQ(from(bob(), "From: robert@b.test, bob@b.test"), "ok");
    EXPECT_EQ(from(bob(), "From: \"Scanner, 2nd floor\" \r\n    <BOB@B.TEST>"), "ok");
    EXPECT_EQ(from(bob(), "From: bob@b.test, full@b.test"), "550 5.7.1");
    EXPECT_EQ(from(bob(), "From: x@c.test"), "550 5.7.1");
    EXPECT_EQ(from(bob(), "Resent-From: bob@b.test\r\nFrom: x@c.test"), "ok") << "sent again as it was";
    EXPECT_EQ(from(stranger(), "From: full@b.test"), "ok");
}

/// A field counts by whom it names, not by being there.
TEST_F(ReceptionTest, FieldsThatNameNobodySwitchNoCheckOff) {
    struct Header {
        std::string text;
        std::string verdict;
    };

    const std::string mine = "From: bob@b.test";
    const std::string others = "From: x@c.test";
    for (const std::string& nobody : {"", " ", " (bob@b.test)", " friends:;", " <>", " Bob", ",,", " \r\n (a)\r\n "}) {
        const std::vector<Header> headers{
            {fmt::format("Resent-From:{}\r\n{}", nobody, others), "550 5.7.1"},
            {fmt::format("{}\r\nresent-from :{}", others, nobody), "550 5.7.1"},
            {fmt::format("Resent-Sender:{}\r\n{}", nobody, others), "550 5.7.1"},
            {fmt::format("Resent-From:{}\r\n{}", nobody, mine), "ok"},
            {"From:" + nobody, "550 5.7.1"},
            {fmt::format("From:{}\r\n{}", nobody, others), "550 5.7.1"},
            {fmt::format("From:{}\r\n{}", nobody, mine), "ok"},
            {fmt::format("Sender:{}\r\n{}", nobody, mine), "ok"},
            {fmt::format("Sender:{}\r\n{}", nobody, others), "550 5.7.1"},
            {fmt::format("Resent-From:{}\r\nResent-From: bob@b.test\r\n{}", nobody, others), "ok"},
        };
        for (const Header& header : headers)
            EXPECT_EQ(words(decide(bob(), header.text + "\r\n\r\nbody\r\n")), header.verdict) << header.text;
        EXPECT_EQ(words(decide(stranger(), "From:" + nobody + "\r\n\r\nbody\r\n")), "ok");
    }
}

TEST_F(ReceptionTest, WhoSendsAMessageAgainIsTheUser) {
    struct Header {
        std::string text;
        std::string verdict;
    };

    const std::vector<Header> headers{
        {"Resent-From: bob@b.test", "ok"},
        {"Resent-From: Bob <robert@b.test>, bob@b.test", "ok"},
        {"Resent-From: friends: bob@b.test;", "ok"},
        {"Resent-From: x@c.test\r\nResent-Sender: bob@b.test", "ok"},
        {"Resent-Sender: bob@b.test", "ok"},
        {"Resent-From: bob@b.test\r\nResent-From: x@c.test", "ok"}, // sent again before, by somebody else
        {"Resent-From: x@c.test\r\nResent-From: bob@b.test", "550 5.7.1"},
        {"Resent-From: x@c.test", "550 5.7.1"},
        {"Resent-From: bob@b.test, x@c.test", "550 5.7.1"},
        {"Resent-From: friends: x@c.test;", "550 5.7.1"},
        {"Resent-Sender: x@c.test", "550 5.7.1"},
        {"Resent-From: bob@b..test", "550 5.7.1"},
    };
    for (const Header& header : headers)
        EXPECT_EQ(words(decide(bob(), header.text + "\r\nFrom: boss@c.test\r\n\r\nbody\r\n")), header.verdict)
            << header.text;
}

TEST_F(ReceptionTest, EveryAuthorCountsWhereverTheFieldStands) {
    const auto from = [this](const std::string& header) { return words(decide(bob(), header + "\r\n\r\nbody\r\n")); };
    EXPECT_EQ(from("From: bob@b.test\r\nFrom: x@c.test"), "550 5.7.1");
    EXPECT_EQ(from("From: bob@b.test\r\nFROM : x@c.test"), "550 5.7.1");
    EXPECT_EQ(from("From: friends: bob@b.test, x@c.test;"), "550 5.7.1");
    EXPECT_EQ(from("From: bob@b.test\r\nSender: full@b.test"), "550 5.7.1");
    for (const char* const elsewhere : {"x@c.test", "root@laptop", "bob", "root@[192.0.2.1]", "a@b..test"})
        EXPECT_EQ(from(std::string("From: bob@b.test\r\nSender: ") + elsewhere), "ok") << elsewhere;
    EXPECT_EQ(from("From: bob@b.test\r\nSender: robert@b.test"), "ok");
    EXPECT_EQ(from("From: boss@-.test"), "550 5.7.1");
    std::string many;
    for (std::size_t field = 0; field < message::kHeaderFieldsMax; ++field)
        many += "X: y\r\n";
    EXPECT_EQ(from(many + "From: x@c.test"), "552 5.3.4") << "what nobody looks at is not let through";
}

TEST_F(ReceptionTest, TheFrontHasTraceFieldsAndWhatAUsersMessageLacks) {
    const auto of_stranger = decide(stranger(), "Subject: x\r\n\r\n");
    ASSERT_TRUE(of_stranger.has_value());
    EXPECT_THAT(of_stranger->octets, StartsWith("Return-Path: <alice@a.test>\r\nReceived: from "));
    EXPECT_THAT(of_stranger->octets, Not(HasSubstr("Message-ID")));
    EXPECT_EQ(of_stranger->octets.substr(of_stranger->for_mailboxes_bytes).find("Received: "), 0U);

    const auto of_user = decide(bob(), "Date: today\r\n\r\n");
    ASSERT_TRUE(of_user.has_value());
    EXPECT_THAT(of_user->octets, StartsWith("Return-Path: <alice@a.test>\r\nReceived: by mail.b.test"));
    EXPECT_THAT(of_user->octets, HasSubstr("\r\nFrom: bob@b.test\r\nMessage-ID: <journey@mail.b.test>\r\n"));
    EXPECT_THAT(of_user->octets, Not(HasSubstr("\r\nDate: ")));
}

/// draft-brand-indicators-for-message-identification §5.2: for whoever shows the letter, and no other server.
TEST_F(ReceptionTest, WhereTheAuthorsLogoIsStandsInMailboxesOnly) {
    const std::string octets = "From: alice@a.test\r\n\r\n";
    const ingest::Letter letter{.card = message::make_card(message::parse_structure(octets)),
                                .header_bytes = message::parse_structure(octets).header_bytes};
    const verification::Finding finding{.subject = {.host_name = "mail.b.test"},
                                        .verdicts = {.bimi = {.reason = bimi::Reason::found,
                                                              .domain = message::Domain::parse("a.test"),
                                                              .selector = "default",
                                                              .record = {.location = "https://a.test/logo.svg"}}}};
    const auto front = run(reception_.decide({.client = stranger(),
                                              .reverse_path = address("alice@a.test"),
                                              .only_recipient = {},
                                              .host_name = "mail.b.test",
                                              .journey = "journey",
                                              .time = time_.now(),
                                              .letter = &letter,
                                              .finding = &finding}));
    ASSERT_TRUE(front.has_value());
    EXPECT_THAT(front->octets, StartsWith("Return-Path: <alice@a.test>\r\nBIMI-Location: v=BIMI1;\r\n\t"
                                          "l=https://a.test/logo.svg;\r\nAuthentication-Results: "));
    EXPECT_THAT(front->octets.substr(front->for_mailboxes_bytes), StartsWith("Authentication-Results: "));
}

/// Scripts on a machine that is trusted hand in what they have.
TEST_F(ReceptionTest, MailOfTrustedNetworksGetsDateAndMessageId) {
    Client trusted = stranger();
    trusted.trusted = true;
    const auto bare = decide(trusted, "Subject: x\r\n\r\n");
    ASSERT_TRUE(bare.has_value());
    EXPECT_THAT(bare->octets, HasSubstr("\r\nMessage-ID: <journey@mail.b.test>\r\n"));
    EXPECT_THAT(bare->octets, HasSubstr("\r\nDate: "));
    EXPECT_THAT(bare->octets, Not(HasSubstr("\r\nFrom: ")));
    const auto whole = decide(trusted, "Date: today\r\nMessage-ID: <x@c.test>\r\n\r\n");
    ASSERT_TRUE(whole.has_value());
    EXPECT_THAT(whole->octets, Not(HasSubstr("\r\nDate: ")));
    EXPECT_THAT(whole->octets, Not(HasSubstr("Message-ID")));
}

TEST_F(ReceptionTest, FaultsOfOursAreTemporary) {
    for (const auto call : {store::MemoryEngine::Call::get, store::MemoryEngine::Call::any}) {
        for (std::uint64_t nth = 1; nth <= 6; ++nth) {
            engine_.fail(call, nth, store::ErrorCode::unavailable);
            const std::string reply = words(recipient(stranger(), "bob@b.test"));
            EXPECT_TRUE(reply == "ok" || reply == "451 4.3.0") << reply;
            if (nth == 1) EXPECT_EQ(reply, "451 4.3.0");
            const std::string sender = words(run(reception_.check_sender(bob(), address("robert@b.test"))));
            EXPECT_TRUE(sender == "ok" || sender == "451 4.3.0") << sender;
            engine_.clear_failures();
        }
    }
}

} // namespace
} // namespace tegami::reception
