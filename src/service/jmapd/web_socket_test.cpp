// JMAP over a WebSocket (RFC 8887). web-face statement 32.
#include "protocol/websocket/test_support.h"
#include "service/jmapd/jmapd_fixture.h"

#include <fmt/format.h>

namespace tegami::jmapd::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using websocket::testing::client_frame;
using websocket::testing::client_text;

constexpr std::string_view kOurOrigin = "Origin: https://mail.b.test\r\n";

class WebSocketTest : public JmapTest {
protected:
    /// The answer to a handshake, its status line alone if it is no 101.
    std::string open_as(std::string_view who, std::string_view fields = {}) {
        stream_ = dial();
        EXPECT_TRUE(run(stream_->write_all(
            fmt::format("GET /jmap/ws/ HTTP/1.1\r\nHost: mail.b.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Protocol: jmap\r\n{}{}\r\n",
                        who, fields))));
        const std::string header = run(listen_for(stream_.get(), time_.instant() + std::chrono::seconds(2)));
        return header.starts_with("HTTP/1.1 101 ") ? header : header.substr(0, header.find("\r\n"));
    }

    void open() { EXPECT_THAT(open_as(basic("anna@b.test")), HasSubstr("Sec-WebSocket-Protocol: jmap\r\n")); }

    void send_frames(std::string octets) { EXPECT_TRUE(run(stream_->write_all(std::move(octets)))); }

    /// Messages in which `'` stands for `"`.
    void say(std::string_view message) { send_frames(client_text(in_quotes(std::string(message)))); }

    void request(std::string_view id, std::string_view calls) {
        say(fmt::format(
            "{{'@type':'Request','id':'{}','using':['urn:ietf:params:jmap:core','urn:ietf:params:jmap:mail'],"
            "'methodCalls':[{}]}}",
            id, calls));
    }

    /// Frames that come within a time: messages as they are, "close CODE", "(closed)".
    std::vector<std::string> hear(Duration time = std::chrono::seconds(1)) {
        std::string octets = run(listen_for(stream_.get(), time_.instant() + time));
        std::vector<std::string> heard;
        while (const auto frame = websocket::testing::take_server_frame(octets)) {
            if (frame->opcode != 8) heard.push_back(frame->payload);
            if (frame->opcode == 8)
                heard.push_back(fmt::format("close {}", static_cast<unsigned char>(frame->payload[0]) * 256U +
                                                            static_cast<unsigned char>(frame->payload[1])));
        }
        if (!octets.empty()) heard.push_back(octets);
        return heard;
    }

    /// The messages as "TYPE of ID: …".
    std::vector<std::string> answers() {
        std::vector<std::string> told;
        for (const std::string& message : hear()) {
            const json::value value = read_json(message, 100).value_or(json::value());
            if (!value.is_object()) {
                told.push_back(message);
                continue;
            }
            const json::object& object = value.get_object();
            const auto text = [&](std::string_view name) {
                const json::value* const found = object.if_contains(name);
                return found != nullptr ? std::string(found->is_string() ? found->get_string() : json::string("?"))
                                        : "-";
            };
            std::string more = text("type");
            if (const json::value* const responses = object.if_contains("methodResponses"))
                more = std::string(responses->at(0).at(0).get_string());
            if (object.contains("limit")) more += " " + text("limit");
            told.push_back(text("@type") + " of " + text("requestId") + ": " + more);
        }
        return told;
    }

    void make_mailbox() { EXPECT_TRUE(run(annas()->create_mailbox(fmt::format("made {}", ++made_)))); }

    std::string state_now() { return state_of(annas()->mailboxes()->version()); }

    std::string change(std::string_view type) {
        return write_json(from(fmt::format(
            "{{'@type':'StateChange','changed':{{'ACCOUNT':{{'{0}':'{1}'}}}},'pushState':'{1}'}}", type, state_now())));
    }

    std::unique_ptr<net::Stream> stream_;

private:
    int made_ = 0;
};

TEST_F(WebSocketTest, TheSessionSaysWhereItIs) {
    const json::value session = get("/jmap/session").json();
    EXPECT_EQ(session.at("capabilities").at("urn:ietf:params:jmap:websocket"),
              from("{'url':'wss://mail.b.test/jmap/ws/','supportsPush':true}"));
}

TEST_F(WebSocketTest, RequestsAreAnsweredWithTheirIds) {
    open();
    request("R1", "['Core/echo',{'hello':true},'a']");
    request("R2", "['Mailbox/get',{'accountId':'ACCOUNT'},'b']");
    EXPECT_THAT(answers(), UnorderedElementsAre("Response of R1: Core/echo", "Response of R2: Mailbox/get"));
    const std::string message = in_quotes("{'@type':'Request','using':['urn:ietf:params:jmap:core'],'methodCalls':"
                                          "[['Core/echo',{},'a']]}");
    send_frames(client_frame(0x01, message.substr(0, 50)) + client_frame(0x00, "") + client_frame(0x89, "?") +
                client_frame(0x80, message.substr(50)));
    EXPECT_THAT(answers(), ElementsAre("?", "Response of -: Core/echo"));
}

TEST_F(WebSocketTest, ErrorsSayWhichRequestTheyAreAbout) {
    const std::string error = "urn:ietf:params:jmap:error:";
    open();
    send_frames(client_text("The quick brown fox"));
    EXPECT_THAT(answers(), ElementsAre("RequestError of -: " + error + "notJSON"));
    send_frames(client_text("{\"a\":\"\xff\"}"));
    EXPECT_THAT(answers(), ElementsAre("RequestError of -: " + error + "notJSON"));
    say("{'@type':'Request','id':'R1','using':['urn:x'],'methodCalls':[]}");
    EXPECT_THAT(answers(), ElementsAre("RequestError of R1: " + error + "unknownCapability"));
    say("{'@type':'Request','id':'R2','using':[]}");
    EXPECT_THAT(answers(), ElementsAre("RequestError of R2: " + error + "notRequest"));
    say("{'id':'R3','using':[],'methodCalls':[]}");
    EXPECT_THAT(answers(), ElementsAre("RequestError of R3: " + error + "notRequest"));
    say("{'@type':'WebSocketPushEnable','id':'R4','dataTypes':'Email'}");
    EXPECT_THAT(answers(), ElementsAre("RequestError of R4: " + error + "notRequest"));
    const std::string call = "['Core/echo',{},'a']";
    request("R5", fmt::format("{0},{0},{0},{0},{0}", call));
    EXPECT_THAT(answers(), ElementsAre("RequestError of R5: " + error + "limit maxCallsInRequest"));
    request("R6", call);
    EXPECT_THAT(answers(), ElementsAre("Response of R6: Core/echo")) << "the connection goes on";
}

TEST_F(WebSocketTest, LimitsAreThoseOfHttp) {
    open();
    // Two are under way and cannot go on while the store does not answer; so is the third no more.
    std::string together;
    for (const char* const id : {"R1", "R2", "R3"})
        together += client_text(in_quotes(fmt::format(
            "{{'@type':'Request','id':'{}','using':['urn:ietf:params:jmap:mail'],'methodCalls':[['Email/query',"
            "{{'accountId':'ACCOUNT'}},'a']]}}",
            id)));
    send_frames(std::move(together));
    const auto told = answers();
    EXPECT_THAT(told,
                ::testing::Contains("RequestError of R3: urn:ietf:params:jmap:error:limit maxConcurrentRequests"));
    EXPECT_EQ(told.size(), 3U);
    send_frames(client_frame(0x01, std::string(60'000, ' ')) + client_frame(0x80, std::string(60'000, ' ')));
    EXPECT_THAT(answers(), ElementsAre("RequestError of -: urn:ietf:params:jmap:error:limit maxSizeRequest",
                                       "close 1009", "(closed)"));
}

TEST_F(WebSocketTest, BinaryMessagesEndIt) {
    open();
    send_frames(client_frame(0x82, "{}"));
    EXPECT_THAT(hear(), ElementsAre("close 1003", "(closed)"));
}

TEST_F(WebSocketTest, ChangesArePushedWhileThatIsEnabled) {
    open();
    make_mailbox();
    EXPECT_THAT(hear(), IsEmpty()) << "nobody has asked";
    say("{'@type':'WebSocketPushEnable','dataTypes':['Mailbox','Other']}");
    EXPECT_THAT(hear(), IsEmpty());
    make_mailbox();
    EXPECT_THAT(hear(), ElementsAre(change("Mailbox")));
    say("{'@type':'WebSocketPushEnable','dataTypes':['Thread']}");
    EXPECT_THAT(hear(), IsEmpty());
    make_mailbox();
    EXPECT_THAT(hear(), IsEmpty()) << "other types from now on";
    say("{'@type':'WebSocketPushEnable','dataTypes':null}");
    say("{'@type':'WebSocketPushDisable'}");
    EXPECT_THAT(hear(), IsEmpty());
    make_mailbox();
    EXPECT_THAT(hear(), IsEmpty());
}

TEST_F(WebSocketTest, WhatWasMissedComesAtOnce) {
    const std::string before = state_now();
    make_mailbox();
    open();
    say(fmt::format("{{'@type':'WebSocketPushEnable','dataTypes':['Mailbox'],'pushState':'{}'}}", before));
    EXPECT_THAT(hear(), ElementsAre(change("Mailbox")));
    say(fmt::format("{{'@type':'WebSocketPushEnable','dataTypes':null,'pushState':'{}'}}", state_now()));
    EXPECT_THAT(hear(), IsEmpty());
}

TEST_F(WebSocketTest, ItEndsWithThePassword) {
    open();
    const auto address = tegami::testing::address("anna@b.test");
    ASSERT_TRUE(run(directory_->administration().set_password(address, "another password")));
    EXPECT_THAT(hear(), ElementsAre("close 1008", "(closed)"));
}

TEST_F(WebSocketTest, APageOfOursConnectsWithItsCookieUntilItsSessionEnds) {
    const std::string token = begin_web_session();
    EXPECT_EQ(open_as(cookie_line(token)), "HTTP/1.1 403 Forbidden") << "whose page it is, is not said";
    EXPECT_EQ(open_as(cookie_line(token), "Origin: https://evil.test\r\n"), "HTTP/1.1 403 Forbidden");
    EXPECT_EQ(open_as(basic("anna@b.test"), "Origin: https://evil.test\r\n"), "HTTP/1.1 403 Forbidden");
    EXPECT_THAT(open_as(cookie_line(token), kOurOrigin), HasSubstr(" 101 "));
    request("R1", "['Core/echo',{},'a']");
    EXPECT_THAT(answers(), ElementsAre("Response of R1: Core/echo"));
    const auto found = run(directory_->web_sessions().find(token)).value();
    ASSERT_EQ(run(directory_->web_sessions().end(anna_, found->id)), 1U);
    EXPECT_THAT(hear(), ElementsAre("close 1008", "(closed)"));
}

TEST_F(WebSocketTest, AnAccountHasSoManyAndNobodyElseAny) {
    EXPECT_EQ(open_as(""), "HTTP/1.1 401 Unauthorized");
    open();
    const std::unique_ptr<net::Stream> first = std::move(stream_);
    EXPECT_EQ(open_as(basic("anna@b.test")), "HTTP/1.1 429 Too Many Requests");
    EXPECT_EQ(get("/jmap/session").status, 200U);
}

// RFC 8620 §7.1
TEST_F(WebSocketTest, AccountsThatShareSomethingAreToldOf) {
    const store::AccountId ben = add_account("ben@b.test");
    share(ben, "INBOX");
    open();
    say("{'@type':'WebSocketPushEnable','dataTypes':['Email']}");
    EXPECT_THAT(hear(), IsEmpty());
    const auto told = [&] {
        return HasSubstr(in_quotes(
            fmt::format("'changed':{{'{}':{{'Email':'{}'}}}},'pushState':", id_of(ben), state_of_shared(ben))));
    };
    append_to(ben, "INBOX");
    EXPECT_THAT(hear(), ElementsAre(told()));
    say("{'@type':'WebSocketPushDisable'}");
    EXPECT_THAT(hear(), IsEmpty());
    append_to(ben, "INBOX");
    EXPECT_THAT(hear(), IsEmpty());
    say("{'@type':'WebSocketPushEnable','dataTypes':['Email']}");
    EXPECT_THAT(hear(), IsEmpty());
    append_to(ben, "INBOX");
    EXPECT_THAT(hear(), ElementsAre(told()));
}

} // namespace
} // namespace tegami::jmapd::testing
