// HTTP/2 over a simulated network: the handlers of HTTP/1.1, with its limits and those of each stream.
#include "async/timer.h"
#include "net/http2_fixture.h"
#include "net/http2_server.h"
#include "net/http_server_fixture.h"

#include <gmock/gmock.h>

namespace tegami::net::testing {
namespace {

using namespace http;
using namespace http2;
using ::testing::HasSubstr;

constexpr std::uint32_t kNoError = 0;
constexpr std::uint32_t kInternalError = 2;
constexpr std::uint32_t kRefused = 7;
constexpr std::uint32_t kCancel = 8;

/// Windows as large as they can be.
std::string open_wide() {
    constexpr std::uint32_t kMost = 0x7fffffff;
    return preface(setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kMost)) +
           frame(kWindowUpdate, 0, 0, number32(kMost - 65'535));
}

/// A server with these limits, and what it has said until it was idle for too long.
struct Heard {
    Heard() { served.serve = serve_http2; }

    Answers& hear(const std::vector<std::string>& pieces, http::Talk talk = say_and_hear) {
        answers.take(converse(served, pieces, talk));
        return answers;
    }

    SimulatedWorld world;
    Served served{&world};
    Answers answers;
};

TEST(Http2Server, AnswersRequestsOfOneConnectionAtTheSameTime) {
    Heard heard;
    Answers& answers = heard.hear({preface() + ask(1, "POST", "/echo?x=1", {{"content-length", "5"}}, 0) +
                                       ask(3, "GET", "/below/3") + ask(5, "HEAD", "/echo"),
                                   ask(7, "GET", "/nowhere") + ask(9, "GET", "/bug"), data(1, "hello", kEndStream)});
    EXPECT_EQ(answers.of(1).status, "200");
    EXPECT_EQ(answers.of(1).fields["x-target"], "/echo?x=1");
    EXPECT_EQ(answers.of(1).body, "POST hello");
    EXPECT_EQ(answers.of(3).body, "GET ");
    EXPECT_EQ(answers.of(5).fields["content-length"], "5");
    EXPECT_EQ(answers.of(5).body, "");
    EXPECT_EQ(answers.of(7).status, "404");
    EXPECT_EQ(answers.of(9).status, "500");
    EXPECT_THAT(answers.of(9).body, Not(HasSubstr("secret")));
    for (std::uint32_t stream = 1; stream <= 9; stream += 2)
        EXPECT_TRUE(answers.of(stream).ended && !answers.of(stream).reset) << stream;
    EXPECT_EQ(answers.gone, kNoError);
    EXPECT_EQ(answers.last_stream, 9U);
    EXPECT_THAT(heard.served.log.text, HasSubstr("http request method=GET path=/below/3 status=200 bytes=4 "
                                                 "milliseconds=0 client=192.0.2.1 identity=anna\n"));
}

Awaitable<HttpResponse> late(async::Timers* timers) {
    co_await async::sleep(timers, seconds(1));
    HttpResponse response;
    response.body = "late, but here";
    co_return response;
}

/// A body that never ends.
class NeverEnding final : public BodySource {
public:
    explicit NeverEnding(async::Timers* timers) : timers_(timers) {}

    Awaitable<Result<std::string, HttpFault>> read() override {
        co_await async::sleep(timers_, std::chrono::hours(1));
        co_return "more";
    }

private:
    async::Timers* timers_;
};

Awaitable<HttpResponse> endless(async::Timers* timers) {
    HttpResponse response;
    response.stream = std::make_unique<NeverEnding>(timers);
    co_return response;
}

/// Ends the server when all is answered that has to be, and hears what arrives all the same.
Awaitable<> ask_and_end(Served* served, const std::string* request, std::string* heard) {
    World* const world = served->world;
    const std::unique_ptr<Listener> listener = world->listen();
    async::TaskGroup group(world->executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    group.spawn("server", serve_next(listener.get(), served));
    auto connected = co_await world->client().connect(listener->local_endpoint(), {});
    const std::unique_ptr<Stream> stream = std::move(connected).value();
    const auto written = co_await stream->write_all(*request);
    EXPECT_TRUE(written);
    co_await async::sleep(&world->timers(), std::chrono::milliseconds(100));
    const Instant last = world->timers().instant() + seconds(20);
    co_await served->dependencies.unanswered->wait_for_none(&world->timers(), last);
    EXPECT_LT(world->timers().instant(), last);
    group.cancel();
    co_await group.join();
    const std::vector<std::string> nothing;
    co_await say_and_hear(served, stream.get(), &nothing, heard);
}

TEST(Http2Server, WhoEndsItLetsTheLastAnswersOutAsOfHttp1) {
    const std::map<bool, std::string> requests{{false, "GET /late HTTP/1.1\r\nHost: h\r\n\r\n"},
                                               {true, preface() + ask(1, "GET", "/late") + ask(3, "GET", "/endless")}};
    for (const auto& [is_http2, request] : requests) {
        SimulatedWorld world;
        Served served(&world);
        UnansweredRequests unanswered;
        served.dependencies.unanswered = &unanswered;
        if (is_http2) served.serve = serve_http2;
        async::Timers* const timers = &world.timers();
        served.served.add("GET", "/late", [timers](HttpRequest*, BodySource*) { return late(timers); });
        served.served.add("GET", "/endless", [timers](HttpRequest*, BodySource*) { return endless(timers); });
        std::string heard;
        world.run(ask_and_end(&served, &request, &heard));
        EXPECT_THAT(heard, HasSubstr("late, but here")) << is_http2;
    }
}

TEST(Http2Server, StreamsBodiesBothWays) {
    Heard heard;
    heard.served.limits.body_bytes_max = 1'000'000;
    const std::string piece(16'000, 'x');
    Answers& answers =
        heard.hear({open_wide() + ask(1, "GET", "/stream/medium") + ask(3, "GET", "/stream/length"),
                    ask(5, "POST", "/count", {}, 0), data(5, piece), data(5, piece) + data(5, "", kEndStream)});
    EXPECT_EQ(answers.of(1).body, std::string(1'000'000, 'o'));
    EXPECT_TRUE(answers.of(1).ended);
    EXPECT_EQ(answers.of(3).fields["content-length"], "10");
    EXPECT_EQ(answers.of(3).body, "oooooooooo");
    EXPECT_EQ(answers.of(5).body, "32000 in pieces");
}

TEST(Http2Server, AResponseThatBreaksOffIsSeenToBeCutOff) {
    for (const std::string path : {"/stream/fault", "/stream/throws", "/stream/short", "/stream/long"}) {
        Heard heard;
        Answers& answers = heard.hear({preface() + ask(1, "GET", path) + ask(3, "GET", "/echo")});
        EXPECT_FALSE(answers.of(1).ended) << path;
        EXPECT_EQ(answers.of(1).reset, kInternalError) << path;
        EXPECT_EQ(answers.of(3).status, "200") << path;
        EXPECT_THAT(heard.served.log.text, HasSubstr("http request cut off method=GET path=" + path));
    }
}

TEST(Http2Server, WhoDoesNotTakeAResponseLosesItAndNotTheOthers) {
    Heard heard;
    Octets::taken = 0;
    Answers& answers = heard.hear({preface(setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0)) +
                                   ask(1, "GET", "/stream/large") + ask(3, "POST", "/ignore")});
    EXPECT_EQ(answers.of(1).reset, kCancel);
    EXPECT_EQ(answers.of(3).status, "204");
    EXPECT_EQ(answers.gone, kNoError);
    EXPECT_EQ(Octets::taken, 1U);
    EXPECT_THAT(heard.served.log.text, HasSubstr("reason=the client did not take it in time"));
}

TEST(Http2Server, ARequestHasTheLimitsOfHttp1) {
    Heard heard;
    Answers& answers =
        heard.hear({preface() + ask(1, "POST", "/echo", {}, 0) + ask(3, "POST", "/echo", {}, 0) +
                    ask(5, "POST", "/ignore", {}, 0) + ask(7, "GET", "/echo", {{"a", std::string(900, 'x')}}) +
                    data(3, std::string(101, 'x'), kEndStream)});
    EXPECT_EQ(answers.of(1).status, "408");
    EXPECT_EQ(answers.of(3).status, "413");
    EXPECT_EQ(answers.of(5).status, "204"); // its handler does not ask for the body
    EXPECT_EQ(answers.of(5).reset, kNoError);
    EXPECT_EQ(answers.of(7).status, "431");
}

TEST(Http2Server, Says100WhenTheBodyIsWanted) {
    Heard heard;
    Answers& answers = heard.hear({preface() + ask(1, "POST", "/echo", {{"expect", "100-continue"}}, 0)});
    EXPECT_EQ(answers.of(1).status, "408") << "the last one counts";
    EXPECT_THAT(heard.served.log.text, HasSubstr("status=408"));
}

TEST(Http2Server, WhoSaysNothingOrHalfAHeaderIsLeft) {
    for (const std::string& begin : {std::string(), frame(kHeaders, 0, 1, block({{":method", "GET"}}))}) {
        Heard heard;
        const Instant before = heard.world.timers().instant();
        EXPECT_EQ(heard.hear({preface() + begin}).gone, kNoError);
        EXPECT_LE(heard.world.timers().instant() - before, seconds(63));
    }
}

/// Says that it is there, every ten seconds, and nothing else.
Awaitable<> ping(Served* served, Stream* stream, const std::vector<std::string>* pieces, std::string* heard) {
    const auto begun = co_await stream->write_all(pieces->front());
    EXPECT_TRUE(begun.has_value());
    for (int count = 0; count < 10; ++count) {
        const auto sent = co_await stream->write_all(frame(kPing, 0, 0, "12345678"));
        if (!sent) break;
        co_await async::sleep(&served->world->timers(), seconds(10));
    }
    const std::vector<std::string> nothing;
    co_await say_and_hear(served, stream, &nothing, heard);
}

TEST(Http2Server, PingsKeepNoConnection) {
    Heard heard;
    EXPECT_EQ(heard.hear({preface()}, ping).gone, kNoError);
    EXPECT_LE(heard.answers.pongs, 7U);
}

TEST(Http2Server, AStreamWithoutMemoryIsRefusedAndMayBeSentAgain) {
    Heard heard;
    MemoryBudget budget(72 * 1024);
    heard.served.dependencies.memory = &budget;
    Answers& answers = heard.hear({preface() + ask(1, "POST", "/echo", {}, 0) + ask(3, "GET", "/echo")});
    EXPECT_EQ(answers.of(1).reset, kRefused);
    EXPECT_EQ(answers.of(3).status, "200");
    EXPECT_EQ(budget.used(), 0U);
}

/// A stream of events that never ends by itself.
class Endless final : public BodySource {
public:
    explicit Endless(async::Timers* timers) : timers_(timers) { ++alive; }

    ~Endless() override { --alive; }

    Awaitable<Result<std::string, HttpFault>> read() override {
        if (!std::exchange(begun_, true)) co_return "event\n\n";
        co_await async::sleep(timers_, std::chrono::hours(1));
        co_return "event\n\n";
    }

    static inline int alive = 0;

private:
    async::Timers* timers_;
    bool begun_ = false;
};

Awaitable<HttpResponse> begin_events(async::Timers* timers) {
    HttpResponse response;
    response.stream = std::make_unique<Endless>(timers);
    co_return response;
}

void add_events(Heard& heard) {
    heard.served.served.add(
        "GET", "/events", [timers = &heard.world.timers()](HttpRequest*, BodySource*) { return begin_events(timers); });
}

Awaitable<> take_back(Served* served, Stream* stream, const std::vector<std::string>* pieces, std::string* heard) {
    for (std::size_t i = 0; i < pieces->size(); ++i) {
        EXPECT_EQ(Endless::alive, i == 1 ? 1 : 0);
        const auto written = co_await stream->write_all((*pieces)[i]);
        EXPECT_TRUE(written.has_value());
        co_await async::sleep(&served->world->timers(), seconds(1));
    }
    EXPECT_EQ(Endless::alive, 0);
    const std::vector<std::string> nothing;
    co_await say_and_hear(served, stream, &nothing, heard);
}

TEST(Http2Server, AStreamOfEventsEndsWhenItIsTakenBack) {
    Heard heard;
    add_events(heard);
    Answers& answers =
        heard.hear({preface() + ask(1, "GET", "/events"), frame(kReset, 0, 1, number32(kCancel))}, take_back);
    EXPECT_EQ(answers.of(1).body, "event\n\n");
    EXPECT_THAT(heard.served.log.text, HasSubstr("http request cut off method=GET path=/events status=200"));
}

/// Keeps its request for a minute.
Awaitable<HttpResponse> dawdle(async::Timers* timers) {
    co_await async::sleep(timers, seconds(60));
    co_return HttpResponse{};
}

TEST(Http2Server, HandlersThatAreBusyCountThoughTheirRequestsWereReset) {
    Heard heard;
    heard.served.served.add("GET", "/slow",
                            [timers = &heard.world.timers()](HttpRequest*, BodySource*) { return dawdle(timers); });
    std::string asked = preface() + frame(kSettings, kAck, 0, "");
    std::string taken_back;
    for (std::uint32_t stream = 1; stream < 2 * kStreamsMax; stream += 2) {
        asked += ask(stream, "GET", "/slow");
        taken_back += frame(kReset, 0, stream, number32(kCancel));
    }
    const std::uint32_t next = 2 * kStreamsMax + 1;
    Answers& answers = heard.hear({asked, taken_back, ask(next, "GET", "/echo")}, say_slowly);
    EXPECT_EQ(answers.of(next).reset, kRefused);
}

Awaitable<> stop_while_serving(Served* served, Answers* answers) {
    World* const world = served->world;
    const std::unique_ptr<Listener> listener = world->listen();
    async::TaskGroup group(world->executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    group.spawn("server", serve_next(listener.get(), served));
    auto connected = co_await world->client().connect(listener->local_endpoint(), {});
    const std::unique_ptr<Stream> stream = std::move(connected).value();
    const auto written = co_await stream->write_all(preface() + ask(1, "GET", "/events"));
    EXPECT_TRUE(written.has_value());
    co_await async::sleep(&world->timers(), seconds(1));
    group.cancel();
    std::string heard;
    const std::vector<std::string> nothing;
    co_await say_and_hear(served, stream.get(), &nothing, &heard);
    co_await group.join();
    answers->take(heard);
}

TEST(Http2Server, AServerThatStopsSaysGoodbye) {
    Heard heard;
    add_events(heard);
    heard.world.run(stop_while_serving(&heard.served, &heard.answers));
    EXPECT_EQ(heard.answers.of(1).body, "event\n\n");
    EXPECT_EQ(heard.answers.gone, kNoError);
    EXPECT_EQ(heard.answers.last_stream, 1U);
    EXPECT_EQ(Endless::alive, 0);
}

} // namespace
} // namespace tegami::net::testing
