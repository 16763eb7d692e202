// RFC 6455 on a connection: the handshake, and what becomes of clients that are silent, slow or wrong.
#include "net/web_socket.h"

#include "net/http_server.h"
#include "net/test_support.h"
#include "protocol/websocket/test_support.h"

#include <gmock/gmock.h>

#include <vector>

namespace tegami::net::testing {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using websocket::testing::client_frame;
using websocket::testing::client_text;

/// Sends every message back.
class Echo final : public HttpUpgrade {
public:
    explicit Echo(async::Timers* timers) : timers_(timers) {}

    Awaitable<> run(Stream* stream, std::string octets) override {
        WebSocket socket(stream, timers_, std::move(octets));
        std::string message;
        for (;;) {
            const auto piece = co_await socket.read();
            if (!piece) co_return;
            message += piece->octets;
            if (!piece->last) continue;
            const auto sent = co_await socket.send(std::exchange(message, {}));
            if (!sent) co_return;
        }
    }

private:
    async::Timers* const timers_;
};

/// A server that echoes, and one client of it.
struct Echoed {
    SimulatedWorld world;
    HttpRoutes routes;
    SeededRandom random{1};
    SilentLog log;
    HttpDependencies dependencies{routes, world.timers(), random, log};
    std::unique_ptr<Listener> listener = world.listen();
    std::unique_ptr<Stream> stream;
    async::TaskGroup tasks{world.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; }};

    Echoed() {
        routes.add("GET", "/", [this](HttpRequest* request, BodySource*) { return answer(&world.timers(), request); });
        tasks.spawn("server", serve(this));
        world.run(connect(this));
    }

    ~Echoed() {
        stream->close();
        world.run(tasks.join());
    }

    static Awaitable<HttpResponse> answer(async::Timers* timers, HttpRequest* request) {
        HttpResponse response = answer_web_socket(*request, "chat");
        if (response.status == 101) response.upgrade = std::make_unique<Echo>(timers);
        co_return response;
    }

    static Awaitable<> serve(Echoed* here) {
        auto accepted = co_await here->listener->accept(here->world.executor());
        co_await serve_http(std::move(accepted).value(), &here->dependencies, {});
    }

    static Awaitable<> connect(Echoed* here) {
        auto connected = co_await here->world.client().connect(here->listener->local_endpoint(), {});
        here->stream = std::move(connected).value();
    }

    static Awaitable<> exchange(Echoed* here, std::string octets, Duration time, std::string* heard) {
        const auto written = co_await here->stream->write_all(std::move(octets));
        static_cast<void>(written);
        here->stream->set_deadline(here->world.timers().instant() + time);
        for (;;) {
            std::string buffer(8192, '\0');
            const auto got = co_await here->stream->read_some(buffer.data(), buffer.size());
            if (!got && got.error() != IoError::timed_out) *heard += "(closed)";
            if (!got) break;
            heard->append(buffer, 0, *got);
        }
        here->stream->set_deadline(Instant::max());
    }

    /// What is heard within a time after this was said.
    std::string say(std::string octets, Duration time = seconds(1)) {
        std::string heard;
        world.run(exchange(this, std::move(octets), time, &heard));
        return heard;
    }
};

std::string handshake(std::string_view fields = "Sec-WebSocket-Protocol: other, chat\r\n",
                      std::string_view version = "13") {
    return "GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: " +
           std::string(version) + "\r\n" + std::string(fields) + "\r\n";
}

/// The frames in octets as "opcode payload".
std::vector<std::string> frames_in(std::string octets) {
    std::vector<std::string> frames;
    while (const auto frame = websocket::testing::take_server_frame(octets))
        frames.push_back(std::to_string(frame->opcode) + " " + frame->payload);
    if (!octets.empty()) frames.push_back(octets);
    return frames;
}

TEST(WebSocket, AHandshakeIsAnsweredAndWhatFollowsItIsRead) {
    Echoed here;
    const std::string heard = here.say(handshake() + client_text("at once"));
    EXPECT_THAT(heard, StartsWith("HTTP/1.1 101 Switching Protocols\r\n"));
    EXPECT_THAT(heard, HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")) << "RFC 6455 §1.3";
    EXPECT_THAT(heard, HasSubstr("Sec-WebSocket-Protocol: chat\r\n"));
    EXPECT_THAT(heard, HasSubstr("Upgrade: websocket\r\n"));
    EXPECT_THAT(frames_in(heard.substr(heard.find("\r\n\r\n") + 4)), ElementsAre("1 at once"));
    EXPECT_THAT(frames_in(here.say(client_frame(0x01, "in ") + client_frame(0x89, "?") + client_frame(0x80, "two"))),
                ElementsAre("10 ?", "1 in two"));
    EXPECT_THAT(frames_in(here.say(client_frame(0x88, std::string("\x03\xe9", 2)))),
                ElementsAre(std::string("8 \x03\xe8"), "(closed)"));
}

TEST(WebSocket, WhatIsNoHandshakeIsTold) {
    EXPECT_THAT(Echoed().say("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), StartsWith("HTTP/1.1 426 "));
    const std::string old = Echoed().say(handshake("Sec-WebSocket-Protocol: chat\r\n", "8"));
    EXPECT_THAT(old, StartsWith("HTTP/1.1 426 "));
    EXPECT_THAT(old, HasSubstr("Sec-WebSocket-Version: 13\r\n"));
    EXPECT_THAT(Echoed().say(handshake("")), StartsWith("HTTP/1.1 400 "));
    std::string short_key = handshake();
    short_key.replace(short_key.find("dGhl"), 4, "");
    EXPECT_THAT(Echoed().say(short_key), StartsWith("HTTP/1.1 400 "));
}

TEST(WebSocket, WhoIsSilentIsAskedAndThenGivenUp) {
    Echoed here;
    here.say(handshake());
    EXPECT_THAT(frames_in(here.say("", minutes(5) + seconds(10))), ElementsAre("9 "));
    EXPECT_THAT(frames_in(here.say(client_frame(0x8a, ""), minutes(4))), ElementsAre()) << "it has answered";
    EXPECT_THAT(frames_in(here.say("", minutes(2))), ElementsAre("9 "));
    EXPECT_THAT(frames_in(here.say("", minutes(2))), ElementsAre("(closed)"));
}

TEST(WebSocket, WhatIsNoTextEndsItWithAReason) {
    Echoed here;
    here.say(handshake());
    EXPECT_THAT(frames_in(here.say(client_frame(0x82, "binary") + client_text("late"))),
                ElementsAre(std::string("8 \x03\xebmessages are text"), "(closed)"));
}

} // namespace
} // namespace tegami::net::testing
