#include "async/worker_pool.h"
#include "net/http_client.h"
#include "net/http_codec.h"
#include "net/http_server.h"
#include "net/test_support.h"
#include "testing/splits.h"

#include <gmock/gmock.h>

#include <fstream>
#include <sys/stat.h>

namespace tegami::net::testing {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Awaitable<HttpResponse> echo(HttpRequest request) {
    co_return HttpResponse{200, {{"X-Target", request.target}}, request.method + " " + request.body};
}

Awaitable<HttpResponse> explode(HttpRequest) {
    throw std::runtime_error("secret detail");
    co_return HttpResponse{};
}

HttpRoutes routes() {
    HttpRoutes made;
    made.add("GET", "/echo", echo);
    made.add("POST", "/echo", echo);
    made.add("GET", "/below/*", echo);
    made.add("GET", "/bug", explode);
    return made;
}

constexpr HttpLimits kLimits{.header_bytes_max = 1000,
                             .body_bytes_max = 100,
                             .idle_max = seconds(60),
                             .request_max = seconds(30),
                             .write_max = seconds(60)};

Awaitable<> serve_next(Listener* listener, const HttpRoutes* served, World* world) {
    auto stream = co_await listener->accept(world->executor());
    co_await serve_http(std::move(stream).value(), served, kLimits, &world->timers());
}

/// Sends the pieces, one segment each, and reads to the end of the stream.
Awaitable<> talk(World* world, std::vector<std::string> pieces, std::string* heard) {
    const HttpRoutes served = routes();
    const std::unique_ptr<Listener> listener = world->listen();
    async::TaskGroup group(world->executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    group.spawn("server", serve_next(listener.get(), &served, world));
    auto connected = co_await world->client().connect(listener->local_endpoint(), {});
    const std::unique_ptr<Stream> stream = std::move(connected).value();
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const auto written = co_await stream->write_all(pieces[i]);
        if (!written) break;
    }
    std::string buffer(1000, '\0');
    for (;;) {
        const auto size = co_await stream->read_some(buffer.data(), buffer.size());
        if (!size) break;
        heard->append(buffer, 0, *size);
    }
    stream->close();
    co_await group.join();
}

std::string talk(const std::vector<std::string>& pieces) {
    SimulatedWorld world;
    std::string heard;
    world.run(talk(&world, pieces, &heard));
    return heard;
}

TEST(HttpServer, AnswersHoweverTheRequestIsCut) {
    const std::string request =
        "POST /echo?x=1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";
    tegami::testing::for_every_split(request, [](const std::vector<std::string_view>& pieces) {
        const std::string heard = talk({pieces.begin(), pieces.end()});
        EXPECT_THAT(heard, StartsWith("HTTP/1.1 200 OK\r\n"));
        EXPECT_THAT(heard, HasSubstr("X-Target: /echo?x=1\r\n"));
        EXPECT_TRUE(heard.ends_with("\r\n\r\nPOST hello")) << heard;
    });
}

TEST(HttpServer, KeepsTheConnectionForMore) {
    const std::string heard = talk({"GET /below/1 HTTP/1.1\r\nHost: h\r\n\r\nGET /below/2 HTTP/1.1\r\nHost: h\r\n\r\n",
                                    "HEAD /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"});
    EXPECT_THAT(heard, HasSubstr("X-Target: /below/1"));
    EXPECT_THAT(heard, HasSubstr("X-Target: /below/2"));
    EXPECT_TRUE(heard.ends_with("\r\n\r\n")) << heard;
    EXPECT_THAT(heard, HasSubstr("Content-Length: 5\r\n"));
}

TEST(HttpServer, RefusesWhatItDoesNotKnow) {
    EXPECT_THAT(talk({"GET /nowhere HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"}), StartsWith("HTTP/1.1 404 "));
    EXPECT_THAT(talk({"GET /below HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"}), StartsWith("HTTP/1.1 404 "));
    EXPECT_THAT(talk({"PUT /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"}), StartsWith("HTTP/1.1 405 "));
    EXPECT_THAT(talk({"EHLO client.example\r\n"}), StartsWith("HTTP/1.1 400 "));
    EXPECT_THAT(talk({std::string("\0\1\2\xff", 4)}), StartsWith("HTTP/1.1 400 "));
}

TEST(HttpServer, KeepsItsLimits) {
    EXPECT_THAT(talk({"GET /echo HTTP/1.1\r\nHost: h\r\nX: " + std::string(2000, 'x') + "\r\n\r\n"}),
                StartsWith("HTTP/1.1 431 "));
    EXPECT_THAT(talk({std::string(5000, 'x')}), StartsWith("HTTP/1.1 4"));
    EXPECT_THAT(talk({"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n" + std::string(101, 'x')}),
                StartsWith("HTTP/1.1 413 "));
    EXPECT_THAT(talk({"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
                      "5a\r\n" + std::string(0x5a, 'x') + "\r\n", "5a\r\n" + std::string(0x5a, 'x') + "\r\n0\r\n\r\n"}),
                StartsWith("HTTP/1.1 413 "));
}

TEST(HttpServer, ABugIsTheServersFaultAndNoSecretGetsOut) {
    const std::string heard = talk({"GET /bug HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"});
    EXPECT_THAT(heard, StartsWith("HTTP/1.1 500 "));
    EXPECT_EQ(heard.find("secret"), std::string::npos);
}

TEST(HttpServer, SlowClientsAreCutOff) {
    // The client says nothing, or half of it, and waits for the end.
    EXPECT_EQ(talk({""}), "");
    EXPECT_EQ(talk({"GET /echo HT"}), "");
}

struct LocalServer {
    TemporaryFolder folder;
    RealWorld world;
    HttpRoutes served = routes();
    std::string path = folder.file("control");

    Awaitable<> run(Listener* listener, async::WorkerPool* pool, HttpRequest request,
                    Result<HttpResponse, std::string>* response) {
        async::TaskGroup group(world.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
        group.spawn("server", serve_next(listener, &served, &world));
        auto work = [this, request] { return http_request(path, request, seconds(20)); };
        *response = co_await async::run(pool, std::move(work));
        co_await group.join();
    }
};

TEST(HttpClient, TalksToTheServerOverALocalSocket) {
    LocalServer server;
    async::ThreadPool pool(1);
    const auto listener = server.world.network().listen_local(server.path, 0660, server.world.executor()).value();
    struct stat found{};
    ASSERT_EQ(::stat(server.path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777u, 0660u);
    Result<HttpResponse, std::string> response = failure(std::string());
    server.world.run(server.run(listener.get(), &pool, {"POST", "/echo", {}, "letter"}, &response));
    ASSERT_TRUE(response.has_value()) << response.error();
    EXPECT_EQ(response->status, 200u);
    EXPECT_EQ(response->body, "POST letter");
    EXPECT_EQ(response->headers["x-target"], "/echo");
    // More than the server wants: its refusal arrives, not a broken pipe.
    server.world.run(server.run(listener.get(), &pool, {"POST", "/echo", {}, std::string(200'000, 'x')}, &response));
    ASSERT_TRUE(response.has_value()) << response.error();
    EXPECT_EQ(response->status, 413u);
}

TEST(HttpClient, SaysThatNobodyListens) {
    const TemporaryFolder folder;
    const auto response = http_request(folder.file("nobody"), {"GET", "/", {}, ""}, seconds(1));
    ASSERT_FALSE(response.has_value());
    EXPECT_THAT(response.error(), StartsWith("no server listens on "));
}

TEST(RealNetwork, ReplacesALocalSocketThatIsLeftOverOnly) {
    const TemporaryFolder folder;
    RealWorld world;
    const std::string path = folder.file("control");
    auto first = world.network().listen_local(path, 0660, world.executor()).value();
    const auto second = world.network().listen_local(path, 0660, world.executor());
    ASSERT_FALSE(second.has_value());
    EXPECT_THAT(second.error(), HasSubstr("somebody else does"));
    first.reset();
    EXPECT_TRUE(world.network().listen_local(path, 0660, world.executor()).has_value());
    // A file that is no socket is not ours to remove.
    std::ofstream(folder.file("letter")) << "dear";
    EXPECT_FALSE(world.network().listen_local(folder.file("letter"), 0660, world.executor()).has_value());
    EXPECT_TRUE(std::filesystem::exists(folder.file("letter")));
}

} // namespace
} // namespace tegami::net::testing
