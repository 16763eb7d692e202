// Push over an open connection (RFC 8620 §7.3). web-face statement 31.
#include "service/jmapd/event_source.h"

#include "base/ascii.h"
#include "service/jmapd/event_query.h"
#include "service/jmapd/jmapd_fixture.h"

#include <fmt/format.h>

namespace tegami::jmapd::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class EventSourceTest : public JmapTest {
protected:
    /// Opens a stream; what it has said so far is in heard_.
    std::unique_ptr<net::Stream> open(std::string_view query, std::string_view fields = {}) {
        return open_as(basic("anna@b.test"), query, fields);
    }

    std::unique_ptr<net::Stream> open_as(std::string_view who, std::string_view query, std::string_view fields = {}) {
        std::unique_ptr<net::Stream> stream = dial();
        // HTTP/1.0 understands no chunks: what follows the header is the stream.
        EXPECT_TRUE(run(stream->write_all(
            fmt::format("GET /jmap/eventsource/?{} HTTP/1.0\r\nHost: mail.b.test\r\n{}{}\r\n", query, who, fields))));
        const std::string header = hear(stream.get(), std::chrono::seconds(2));
        EXPECT_THAT(header, HasSubstr(" 200 "));
        EXPECT_THAT(header, HasSubstr("Content-Type: text/event-stream\r\n"));
        heard_ = header.substr(header.find("\r\n\r\n") + 4);
        return stream;
    }

    /// What comes within a time; "(closed)" at its end.
    std::string hear(net::Stream* stream, Duration time) { return run(listen_for(stream, time_.instant() + time)); }

    void change_mailbox() { EXPECT_TRUE(run(annas()->create_mailbox(fmt::format("made {}", ++made_)))); }

    void append() { append_to(anna_, "INBOX"); }

    std::string event(std::string_view types) {
        const std::string now = state_of(annas()->mailboxes()->version());
        std::string states;
        for (const std::string_view type : ascii::split(types, ' '))
            states += fmt::format("{}'{}':'{}'", states.empty() ? "" : ",", type, now);
        return fmt::format("event: state\nid: {}\ndata: {}\n\n", now,
                           in_quotes("{'@type':'StateChange','changed':{'ACCOUNT':{" + states + "}}}"));
    }

    /// An event about what anna sees of another account, without its id.
    std::string event_of(store::AccountId who, std::string_view types) {
        std::string states;
        for (const std::string_view type : ascii::split(types, ' '))
            states += fmt::format("{}'{}':'{}'", states.empty() ? "" : ",", type, state_of_shared(who));
        return fmt::format("data: {}\n\n", in_quotes(fmt::format("{{'@type':'StateChange','changed':{{'{}':{{{}}}}}}}",
                                                                 id_of(who), states)));
    }

    /// What comes within a second, without what is above the data of the first event.
    std::string hear_data(net::Stream* stream) {
        const std::string heard = hear(stream, std::chrono::seconds(1));
        const std::size_t data = heard.find("data: ");
        return data == std::string::npos ? heard : heard.substr(data);
    }

    std::string heard_;

private:
    int made_ = 0;
};

TEST_F(EventSourceTest, ChangesArePushedByTheTypesAskedFor) {
    const auto stream = open("types=Mailbox,EmailDelivery,Other&closeafter=no&ping=0");
    EXPECT_EQ(heard_, "");
    change_mailbox();
    EXPECT_EQ(hear(stream.get(), std::chrono::seconds(1)), event("Mailbox"));
    append();
    EXPECT_EQ(hear(stream.get(), std::chrono::seconds(1)), event("EmailDelivery Mailbox"));
    const std::string waiting = hear(stream.get(), std::chrono::minutes(6));
    EXPECT_EQ(waiting, ": still here\n\n") << "no event, but a connection that is gone is noticed";
}

TEST_F(EventSourceTest, AllTypesAndOneEventAlone) {
    const auto stream = open("types=*&closeafter=state&ping=0");
    append();
    EXPECT_EQ(hear(stream.get(), std::chrono::seconds(1)), event("Email EmailDelivery Mailbox Thread") + "(closed)");
}

// RFC 9425 §6
TEST_F(EventSourceTest, QuotasHaveAStateOfTheirOwn) {
    const auto stream = open("types=Quota&closeafter=no&ping=0");
    append();
    EXPECT_EQ(hear(stream.get(), std::chrono::seconds(1)), "") << "nothing is limited";
    ASSERT_TRUE(run(annas()->set_quota({.bytes_max = 100'000, .messages_max = 0})));
    const auto told = [this] {
        return fmt::format("\"Quota\":\"{}\"", std::string(one("Quota/get", "'ids':[]").at("state").as_string()));
    };
    EXPECT_THAT(hear(stream.get(), std::chrono::seconds(1)), HasSubstr(told()));
    append();
    EXPECT_THAT(hear(stream.get(), std::chrono::seconds(1)), HasSubstr(told()));
    change_mailbox();
    EXPECT_EQ(hear(stream.get(), std::chrono::seconds(1)), "") << "as much is used as before";
}

TEST_F(EventSourceTest, PingsSayTheIntervalInForce) {
    const auto stream = open("types=Thread&closeafter=no&ping=1");
    change_mailbox();
    EXPECT_EQ(hear(stream.get(), std::chrono::seconds(10)), "event: ping\ndata: {\"interval\":10}\n\n");
    append();
    EXPECT_EQ(hear(stream.get(), std::chrono::seconds(9)), event("Thread")) << "an event is as good as a ping";
}

TEST_F(EventSourceTest, WhatWasMissedComesAtOnce) {
    const std::string before = state_of(annas()->mailboxes()->version());
    change_mailbox();
    {
        const auto stream = open("types=Mailbox,Email&closeafter=no&ping=0", "Last-Event-ID: " + before + "\r\n");
        EXPECT_EQ(heard_, event("Email Mailbox"));
    }
    run(pause(std::chrono::minutes(11)));
    const auto stream = open("types=Mailbox&closeafter=no&ping=0",
                             "Last-Event-ID: " + state_of(annas()->mailboxes()->version()) + "\r\n");
    EXPECT_EQ(heard_, "");
}

constexpr std::string_view kMailTypes = "types=Mailbox,Email,EmailDelivery,Thread&closeafter=no&ping=0";

// RFC 8620 §7.1: of every account that the user has access to.
TEST_F(EventSourceTest, OtherAccountsAreToldOfAsTheUserSeesThem) {
    const store::AccountId ben = add_account("ben@b.test");
    ASSERT_TRUE(run(account(ben)->create_mailbox("Hidden")));
    const auto stream = open(kMailTypes);
    append_to(ben, "INBOX");
    EXPECT_EQ(hear_data(stream.get()), "") << "nothing is shared";
    share(ben, "INBOX");
    EXPECT_EQ(hear_data(stream.get()), event_of(ben, "Email Mailbox Thread"));
    append_to(ben, "INBOX");
    EXPECT_EQ(hear_data(stream.get()), event_of(ben, "Email Mailbox Thread"));
    append_to(ben, "Hidden");
    ASSERT_TRUE(run(account(ben)->create_mailbox("Hidden too")));
    EXPECT_EQ(hear_data(stream.get()), "");
    share(ben, "Hidden");
    EXPECT_EQ(hear_data(stream.get()), event_of(ben, "Email Mailbox Thread"));
    share(ben, "Hidden", {});
    EXPECT_EQ(hear_data(stream.get()), event_of(ben, "Email Mailbox Thread"));
    share(ben, "INBOX", {});
    append_to(ben, "INBOX");
    EXPECT_EQ(hear_data(stream.get()), "") << "it shares nothing any more";
    share(ben, "INBOX");
    EXPECT_EQ(hear_data(stream.get()), event_of(ben, "Email Mailbox Thread"));
    const std::string waiting = hear(stream.get(), std::chrono::minutes(6));
    EXPECT_EQ(waiting, ": still here\n\n");
}

TEST_F(EventSourceTest, AChangeOfSomebodyElsesEndsNoPause) {
    const store::AccountId ben = add_account("ben@b.test");
    ASSERT_TRUE(run(account(ben)->create_mailbox("Hidden")));
    share(ben, "INBOX");
    const auto stream = open(kMailTypes);
    EXPECT_EQ(heard_, "") << "what was there before is known";
    std::string heard;
    for (int minute = 0; minute < 6; ++minute) {
        append_to(ben, "Hidden");
        heard += hear(stream.get(), std::chrono::minutes(1));
    }
    EXPECT_EQ(heard, ": still here\n\n") << "neither sooner nor later than without";
}

TEST_F(EventSourceTest, AnAccountThatIsDisabledIsNotToldOf) {
    const store::AccountId ben = add_account("ben@b.test");
    share(ben, "INBOX");
    const auto stream = open(kMailTypes);
    const auto address = tegami::testing::address("ben@b.test");
    ASSERT_TRUE(run(directory_->administration().set_enabled(address, false)));
    append_to(ben, "INBOX");
    EXPECT_EQ(hear_data(stream.get()), "");
    ASSERT_TRUE(run(directory_->administration().set_enabled(address, true)));
    append_to(ben, "INBOX");
    EXPECT_EQ(hear_data(stream.get()), event_of(ben, "Email Mailbox Thread"));
}

TEST_F(EventSourceTest, WhatWasMissedInAnotherAccountComesAtOnce) {
    const store::AccountId ben = add_account("ben@b.test");
    ASSERT_TRUE(run(account(ben)->create_mailbox("Hidden")));
    share(ben, "INBOX");
    auto stream = open(kMailTypes);
    append_to(ben, "INBOX");
    const std::string heard = hear(stream.get(), std::chrono::seconds(1));
    const std::size_t id = heard.find("id: ");
    ASSERT_NE(id, std::string::npos);
    const std::string last = "Last-Event-ID" + heard.substr(id + 2, heard.find('\n', id) - id - 2) + "\r\n";
    const auto reopen = [&] {
        stream.reset();
        run(pause(std::chrono::minutes(11)));
        stream = open(kMailTypes, last);
        return heard_;
    };
    append_to(ben, "Hidden");
    EXPECT_EQ(reopen(), "");
    append_to(ben, "INBOX");
    EXPECT_THAT(reopen(), HasSubstr(in_quotes(fmt::format("'{}':{{'Email':", id_of(ben)))));
}

TEST_F(EventSourceTest, AStreamEndsWithThePassword) {
    const auto stream = open("types=*&closeafter=no&ping=0");
    const auto address = tegami::testing::address("anna@b.test");
    ASSERT_TRUE(run(directory_->administration().set_password(address, "another password")));
    EXPECT_EQ(hear(stream.get(), std::chrono::seconds(1)), "(closed)");
}

TEST_F(EventSourceTest, AStreamEndsWithTheWebSessionThatOpenedIt) {
    const std::string token = begin_web_session();
    const auto stream = open_as(cookie_line(token), "types=*&closeafter=no&ping=0");
    change_mailbox();
    EXPECT_EQ(hear(stream.get(), std::chrono::seconds(1)), event("Mailbox"));
    const auto found = run(directory_->web_sessions().find(token)).value();
    ASSERT_EQ(run(directory_->web_sessions().end(anna_, found->id)), 1U);
    EXPECT_EQ(hear(stream.get(), std::chrono::seconds(1)), "(closed)");
}

TEST_F(EventSourceTest, AnAccountHasSoManyStreams) {
    const auto stream = open("types=*&closeafter=no&ping=0");
    EXPECT_EQ(get("/jmap/eventsource/?types=*&closeafter=no&ping=0").status, 429U);
    EXPECT_EQ(get("/jmap/session").status, 200U) << "a stream takes the place of no request";
}

TEST_F(EventSourceTest, WhatIsMissingIsSaid) {
    for (const char* const query : {"", "types=*", "types=*&closeafter=yes&ping=0", "types=*&closeafter=no&ping=x",
                                    "types=*&closeafter=no", "closeafter=no&ping=0"})
        EXPECT_EQ(get(fmt::format("/jmap/eventsource/?{}", query)).status, 400U) << query;
}

TEST(EventQuery, IntervalsHaveBounds) {
    const auto ping = [](std::string_view text) {
        return parse_event_query(fmt::format("/?types=Email&closeafter=no&ping={}", text))->ping;
    };
    EXPECT_EQ(ping("0"), Duration::zero());
    EXPECT_EQ(ping("30"), std::chrono::seconds(30));
    EXPECT_EQ(ping("1"), std::chrono::seconds(10));
    EXPECT_EQ(ping("999999"), std::chrono::seconds(900));
}

} // namespace
} // namespace tegami::jmapd::testing
