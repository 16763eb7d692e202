// For the tests of the HTTP server: routes, a server that serves one connection with them, and a client that talks to it.
#pragma once

#include "net/http_server.h"
#include "net/test_support.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tegami::net::testing::http {

using std::chrono::seconds;

inline Awaitable<HttpResponse> echo(HttpRequest* request, BodySource* body) {
    const auto whole = co_await read_whole(body, 1000);
    HttpResponse response;
    response.fields.add("X-Target", request->target);
    response.body = request->method + " " + whole.value_or("");
    request->identity = "anna";
    co_return response;
}

inline Awaitable<HttpResponse> explode(HttpRequest*, BodySource*) {
    throw std::runtime_error("secret detail");
    co_return HttpResponse{};
}

inline Awaitable<HttpResponse> ignore(HttpRequest*, BodySource*) {
    HttpResponse response;
    response.status = 204;
    response.fields.add("Set-Cookie", "a=1");
    response.fields.add("Set-Cookie", "b=2");
    co_return response;
}

/// So many octets in pieces; breaks off or throws at the end if it is told to.
class Octets final : public BodySource {
public:
    enum class End : std::uint8_t { good, fault, throws };

    Octets(std::size_t pieces, std::size_t piece_bytes, End end = End::good)
        : pieces_(pieces), piece_bytes_(piece_bytes), end_(end) {}

    Awaitable<Result<std::string, HttpFault>> read() override {
        if (pieces_ != 0) {
            --pieces_;
            ++taken;
            co_return std::string(piece_bytes_, 'o');
        }
        if (end_ == End::fault) co_return failure(HttpFault{500, "secret detail"});
        if (end_ == End::throws) throw std::runtime_error("secret detail");
        co_return std::string();
    }

    static inline std::size_t taken = 0; ///< pieces of all of them; reset by the test that looks

private:
    std::size_t pieces_;
    std::size_t piece_bytes_;
    End end_;
};

inline HttpResponse streamed(std::unique_ptr<Octets> octets, std::optional<std::uint64_t> length = {}) {
    HttpResponse response;
    response.stream = std::move(octets);
    response.stream_bytes = length;
    return response;
}

inline Awaitable<HttpResponse> stream_out(HttpRequest* request, BodySource*) {
    const std::string_view path = request->path();
    if (path == "/stream/fault") co_return streamed(std::make_unique<Octets>(2, 5, Octets::End::fault));
    if (path == "/stream/throws") co_return streamed(std::make_unique<Octets>(2, 5, Octets::End::throws));
    if (path == "/stream/length") co_return streamed(std::make_unique<Octets>(2, 5), 10);
    if (path == "/stream/short") co_return streamed(std::make_unique<Octets>(1, 5), 10);
    if (path == "/stream/long") co_return streamed(std::make_unique<Octets>(3, 5), 10);
    if (path == "/stream/medium") co_return streamed(std::make_unique<Octets>(100, 10'000));
    if (path == "/stream/large") co_return streamed(std::make_unique<Octets>(1000, 10'000));
    co_return streamed(std::make_unique<Octets>(2, 5));
}

/// Counts the body without keeping it.
inline Awaitable<HttpResponse> count(HttpRequest*, BodySource* body) {
    std::size_t bytes = 0;
    std::size_t largest = 0;
    for (;;) {
        const auto piece = co_await body->read();
        if (!piece || piece->empty()) break;
        bytes += piece->size();
        largest = std::max(largest, piece->size());
    }
    HttpResponse response;
    response.body = std::to_string(bytes) + (largest <= 65536 ? " in pieces" : " at once");
    co_return response;
}

inline HttpRoutes routes() {
    HttpRoutes made;
    made.add("GET", "/echo", echo);
    made.add("POST", "/echo", echo);
    made.add("GET", "/below/*", echo);
    made.add("GET", "/bug", explode);
    made.add("POST", "/ignore", ignore);
    made.add("GET", "/stream/*", stream_out);
    made.add("POST", "/count", count);
    return made;
}

/// Keeps what is logged, one line for each event.
class KeptLog final : public Log {
public:
    void write(LogLevel, std::string_view event, LogFields fields) override {
        text += std::string(event);
        for (const LogField& field : fields)
            text += " " + std::string(field.name) + "=" + field.value;
        text += "\n";
    }

    std::string text;
};

inline constexpr HttpLimits kLimits{.header_bytes_max = 1000,
                                    .body_bytes_max = 100,
                                    .idle_max = seconds(60),
                                    .header_max = seconds(30),
                                    .wait_max = seconds(30),
                                    .bytes_per_second_min = 1000};

/// What a server needs, and what it left behind.
struct Served {
    explicit Served(World* in) : world(in) {}

    World* world;
    HttpLimits limits = kLimits;
    HttpRoutes served = routes();
    decltype(&serve_http) serve = serve_http;
    SeededRandom random{1};
    KeptLog log;
    HttpDependencies dependencies{.routes = served, .timers = world->timers(), .random = random, .log = log};
};

inline Awaitable<> serve_next(Listener* listener, Served* served) {
    auto stream = co_await listener->accept(served->world->executor());
    co_await served->serve(std::move(stream).value(), &served->dependencies, served->limits);
}

using Talk = Awaitable<> (*)(Served* served, Stream* stream, const std::vector<std::string>* pieces,
                             std::string* heard);

/// Sends the pieces, one segment each, and reads to the end of the stream.
inline Awaitable<> say_and_hear(Served*, Stream* stream, const std::vector<std::string>* pieces, std::string* heard) {
    for (std::size_t i = 0; i < pieces->size(); ++i) {
        const auto written = co_await stream->write_all((*pieces)[i]);
        if (!written) break;
    }
    std::string buffer(1000, '\0');
    for (;;) {
        const auto size = co_await stream->read_some(buffer.data(), buffer.size());
        if (!size) break;
        heard->append(buffer, 0, *size);
    }
}

/// Sends each piece alone: the server has taken the one before.
inline Awaitable<> say_slowly(Served* served, Stream* stream, const std::vector<std::string>* pieces,
                              std::string* heard) {
    for (std::size_t i = 0; i < pieces->size(); ++i) {
        const auto written = co_await stream->write_all((*pieces)[i]);
        if (!written) break;
        co_await async::sleep(&served->world->timers(), std::chrono::milliseconds(100));
    }
    const std::vector<std::string> nothing;
    co_await say_and_hear(served, stream, &nothing, heard);
}

inline Awaitable<> converse(Served* served, Talk talk, const std::vector<std::string>* pieces, std::string* heard) {
    World* const world = served->world;
    const std::unique_ptr<Listener> listener = world->listen();
    async::TaskGroup group(world->executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    group.spawn("server", serve_next(listener.get(), served));
    auto connected = co_await world->client().connect(listener->local_endpoint(), {});
    const std::unique_ptr<Stream> stream = std::move(connected).value();
    co_await talk(served, stream.get(), pieces, heard);
    stream->close();
    co_await group.join();
}

inline std::string converse(Served& served, const std::vector<std::string>& pieces, Talk talk = say_and_hear) {
    std::string heard;
    served.world->run(converse(&served, talk, &pieces, &heard));
    return heard;
}

} // namespace tegami::net::testing::http
