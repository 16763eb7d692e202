// RFC 9113 without a socket: requests however they are cut, windows, and clients that only want to make work.
#include "net/http2_session.h"

#include "net/http2_fixture.h"
#include "testing/splits.h"

#include <gmock/gmock.h>

#include <functional>

namespace tegami::net::testing {
namespace {

using namespace http2;
using ::testing::ElementsAre;

constexpr std::size_t kHeaderBytesMax = 1000;
constexpr std::uint32_t kEnhanceYourCalm = 11;

struct SessionTalk {
    Http2Session session{kHeaderBytesMax};
    Answers answers;
    std::vector<Http2Event> events;
    Instant now{};

    bool say(std::string_view octets) {
        const auto fed = session.feed(octets, now);
        hear();
        return fed.has_value();
    }

    void hear() {
        for (Http2Event& event : session.take_events())
            events.push_back(std::move(event));
        answers.take(session.take_output(1U << 20U));
        for (Http2Event& event : session.take_events())
            events.push_back(std::move(event));
    }

    template <class Event>
    std::vector<Event> all() const {
        std::vector<Event> found;
        for (const Http2Event& event : events)
            if (const auto* one = std::get_if<Event>(&event)) found.push_back(*one);
        return found;
    }

    std::string body_of(Http2StreamId stream) const {
        std::string body;
        for (const Http2Body& piece : all<Http2Body>())
            if (piece.stream == stream) body += piece.octets;
        return body;
    }
};

TEST(Http2Session, ReadsARequestHoweverItIsCut) {
    const std::string octets = preface() +
                               ask(1, "POST", "/a?b=c", {{"cookie", "a=1"}, {"x-y", "z"}, {"cookie", "b=2"}}, 0) +
                               data(1, "hello ") + data(1, "world", kEndStream);
    tegami::testing::for_every_split(octets, [](const std::vector<std::string_view>& pieces) {
        SessionTalk talk;
        for (const std::string_view piece : pieces)
            EXPECT_TRUE(talk.say(piece));
        const auto requests = talk.all<Http2Request>();
        ASSERT_EQ(requests.size(), 1U);
        const HttpRequest& request = requests.front().request;
        EXPECT_EQ(request.method, "POST");
        EXPECT_EQ(request.target, "/a?b=c");
        EXPECT_EQ(request.fields.find("X-Y"), "z");
        EXPECT_EQ(request.fields.find("Cookie"), "a=1; b=2");
        EXPECT_EQ(request.fields.find("Host"), "h");
        EXPECT_TRUE(requests.front().has_body);
        EXPECT_FALSE(requests.front().fault);
        EXPECT_EQ(talk.body_of(1), "hello world");
        EXPECT_EQ(talk.all<Http2BodyEnd>().size(), 1U);
    });
}

TEST(Http2Session, SaysItsLimitsAndAnswers) {
    SessionTalk talk;
    EXPECT_TRUE(talk.say(preface() + ask(1, "GET", "/")));
    EXPECT_EQ(talk.answers.settings[NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS], kStreamsMax);
    EXPECT_EQ(talk.answers.settings[NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE], kHeaderBytesMax);
    HttpResponse response;
    response.fields.add("X-Two", "a\r\nSet-Cookie: b");
    response.fields.add("Connection", "close"); // RFC 9113 §8.2.2
    talk.session.respond(1, response, 5, true);
    talk.session.give(1, "hello");
    talk.session.end_body(1);
    talk.hear();
    const auto& answer = talk.answers.of(1);
    EXPECT_EQ(answer.status, "200");
    EXPECT_THAT(answer.fields,
                ElementsAre(::testing::Pair("content-length", "5"), ::testing::Pair("x-two", "aSet-Cookie: b")));
    EXPECT_EQ(answer.body, "hello");
    EXPECT_TRUE(answer.ended);
    EXPECT_EQ(talk.all<Http2Closed>().size(), 1U);
}

TEST(Http2Session, RefusesHeadersThatAreTooLargeOrNameTwoHosts) {
    SessionTalk talk;
    const std::string padding(300, 'x');
    EXPECT_TRUE(talk.say(preface() + ask(1, "GET", "/", {{"a", padding}, {"b", padding}, {"c", padding}}) +
                         ask(3, "GET", "/", {{"host", "other"}}) + ask(5, "GET", "/", {{"host", "H"}})));
    const auto requests = talk.all<Http2Request>();
    ASSERT_EQ(requests.size(), 3U);
    EXPECT_EQ(requests[0].fault.value_or(HttpFault{0, ""}).status, 431U);
    EXPECT_EQ(requests[1].fault.value_or(HttpFault{0, ""}).status, 400U);
    EXPECT_FALSE(requests[2].fault);
    EXPECT_EQ(requests[2].request.fields.all("Host").size(), 1U);
}

TEST(Http2Session, MalformedRequestsNeverArrive) {
    for (const Fields& fields :
         std::vector<Fields>{{{":method", "GET"}, {":scheme", "https"}, {":authority", "h"}}, // no path
                             fields_of("GET", "/", {{"Upper", "x"}}),                         // RFC 9113 §8.2.1
                             fields_of("GET", "/", {{"transfer-encoding", "chunked"}}),       // §8.2.2
                             fields_of("GET", "/", {{"a", "line\r\nend"}}),                   // §8.2.1
                             fields_of("GET", "/", {{":method", "POST"}}),                    // §8.3
                             fields_of("POST", "/", {{"content-length", "5"}, {"content-length", "6"}})}) { // §8.1.1
        SessionTalk talk;
        talk.say(preface() + frame(kHeaders, kEndHeaders | kEndStream, 1, block(fields)));
        EXPECT_TRUE(talk.all<Http2Request>().empty()) << fields.back().first;
        EXPECT_TRUE(talk.answers.of(1).reset || talk.answers.gone) << fields.back().first;
    }
    SessionTalk talk;
    talk.say(preface() + ask(1, "POST", "/", {{"content-length", "5"}}, 0) + data(1, "hello!", kEndStream));
    EXPECT_TRUE(talk.answers.of(1).reset);
}

TEST(Http2Session, ABodyComesAsFarAsThereIsRoom) {
    SessionTalk talk;
    EXPECT_TRUE(talk.say(preface() + ask(1, "POST", "/", {}, 0)));
    const std::string piece(16384, 'x');
    for (int count = 0; count < 3; ++count)
        EXPECT_TRUE(talk.say(data(1, piece)));
    EXPECT_EQ(talk.answers.of(1).window_updates, 0U);
    talk.session.consumed(1, 40'000);
    talk.hear();
    EXPECT_EQ(talk.answers.of(1).window_updates, 40'000U);
    talk.session.widen(1);
    talk.hear();
    EXPECT_GE(talk.answers.of(1).window_updates, kWideWindowBytes - kWindowBytes);

    SessionTalk pushy;
    pushy.say(preface() + ask(1, "POST", "/", {}, 0));
    for (int count = 0; count < 5; ++count)
        pushy.say(data(1, piece));
    EXPECT_LE(pushy.body_of(1).size(), kWindowBytes + piece.size());
    EXPECT_TRUE(pushy.answers.of(1).reset || pushy.answers.gone);
}

TEST(Http2Session, ABodyGoesAsFarAsTheClientTakesIt) {
    SessionTalk talk;
    EXPECT_TRUE(talk.say(preface(setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 10)) + ask(1, "GET", "/")));
    talk.session.respond(1, {}, std::nullopt, true);
    talk.session.give(1, std::string(25, 'x'));
    talk.hear();
    EXPECT_EQ(talk.answers.of(1).body.size(), 10U);
    EXPECT_TRUE(talk.all<Http2Taken>().empty());
    EXPECT_TRUE(talk.session.is_held_back(1));
    EXPECT_TRUE(talk.say(frame(kWindowUpdate, 0, 1, number32(100))));
    EXPECT_EQ(talk.answers.of(1).body.size(), 25U);
    EXPECT_EQ(talk.all<Http2Taken>().size(), 1U);
    EXPECT_FALSE(talk.session.is_held_back(1));
    EXPECT_FALSE(talk.answers.of(1).ended);
    talk.session.end_body(1);
    talk.hear();
    EXPECT_TRUE(talk.answers.of(1).ended);
}

using Nuisance = std::function<std::string(std::uint32_t)>;

const std::map<std::string, Nuisance> kFloods{
    {"resets", [](std::uint32_t n) { return ask(2 * n + 1, "GET", "/") + frame(kReset, 0, 2 * n + 1, number32(8)); }},
    {"settings", [](std::uint32_t) { return frame(kSettings, 0, 0, setting(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, 16384)); }},
    {"pings", [](std::uint32_t) { return frame(kPing, 0, 0, "12345678"); }},
    {"priorities", [](std::uint32_t n) { return frame(kPriorityUpdate, 0, 0, number32(2 * n + 1) + "u=1"); }},
    {"malformed", [](std::uint32_t n) { return ask(2 * n + 1, "GET", "/", {{"Upper", "x"}}); }},
    {"empty data", [](std::uint32_t n) { return n == 0 ? ask(1, "POST", "/", {}, 0) : data(1, ""); }},
};

TEST(Http2Session, FloodsEndTheConnection) {
    for (const auto& [name, nuisance] : kFloods) {
        SessionTalk talk;
        ASSERT_TRUE(talk.say(preface()));
        std::uint32_t count = 0;
        while (talk.say(nuisance(count)) && count < 10'000)
            ++count;
        EXPECT_LE(count, kNuisances + 1) << name;
        EXPECT_EQ(talk.answers.gone, kEnhanceYourCalm) << name;
    }
}

TEST(Http2Session, WhatComesSlowlyIsNoFlood) {
    for (const auto& [name, nuisance] : kFloods) {
        SessionTalk talk;
        ASSERT_TRUE(talk.say(preface()));
        for (std::uint32_t count = 0; count < 1500; ++count) {
            talk.now += std::chrono::milliseconds(1000 / kNuisancesPerSecond);
            ASSERT_TRUE(talk.say(nuisance(count))) << name << " " << count;
        }
    }
}

TEST(Http2Session, AHeaderWithoutAnEndEndsTheConnection) {
    SessionTalk talk;
    ASSERT_TRUE(talk.say(preface() + frame(kHeaders, 0, 1, block(fields_of("GET", "/")))));
    EXPECT_TRUE(talk.session.is_amid_header());
    std::size_t count = 0;
    while (talk.say(frame(kContinuation, 0, 1, block({{"a", "b"}}))) && count < 1000)
        ++count;
    EXPECT_LE(count, 10U);
    EXPECT_TRUE(talk.all<Http2Request>().empty());
}

TEST(Http2Session, OtherProtocolsAreTurnedAway) {
    SessionTalk talk;
    EXPECT_FALSE(talk.say("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    EXPECT_TRUE(talk.events.empty());
}

TEST(Http2Session, LastWordsSayWhichRequestsWereTaken) {
    SessionTalk talk;
    EXPECT_TRUE(talk.say(preface() + ask(1, "GET", "/") + ask(3, "GET", "/")));
    talk.session.go_away();
    talk.hear();
    EXPECT_EQ(talk.answers.gone, 0U);
    EXPECT_EQ(talk.answers.last_stream, 3U);
}

} // namespace
} // namespace tegami::net::testing
