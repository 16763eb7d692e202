#include "async/worker_pool.h"
#include "net/http_client.h"
#include "net/http_codec.h"
#include "net/http_server_fixture.h"
#include "net/test_support.h"
#include "testing/splits.h"

#include <gmock/gmock.h>

#include <sys/stat.h>

namespace tegami::net::testing {
namespace {

using namespace http;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string talk(const std::vector<std::string>& pieces) {
    SimulatedWorld world;
    Served served(&world);
    return converse(served, pieces);
}

/// One request on a connection of its own.
std::string get(std::string_view path) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
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

// Beast aborts the process when it looks twice at "0 CR LF CR": a client that sent an empty body so could end ours.
TEST(HttpServer, AnswersHoweverAChunkedRequestIsCut) {
    const std::string head =
        "POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const auto& [chunks, answer] : std::map<std::string, std::string>{
             {"0\r\n\r\n", "POST "}, {"1\r\nh\r\n4;x=y\r\nello\r\n0\r\n\r\n", "POST hello"}})
        tegami::testing::for_every_split(head + chunks, [&answer](const std::vector<std::string_view>& pieces) {
            SimulatedWorld world;
            Served served(&world);
            const std::string heard = converse(served, {pieces.begin(), pieces.end()}, say_slowly);
            EXPECT_THAT(heard, AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("\r\n\r\n" + answer)));
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

TEST(HttpServer, AHeaderMayBeAsLongAsTheLimitHoweverItIsCut) {
    const std::string begin = "GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX: ";
    const std::string end = "\r\n\r\n";
    for (const std::size_t over : {0U, 1U}) {
        std::string header = begin;
        header.append(1000 - begin.size() - end.size() + over, 'x').append(end);
        const char* const expected = over == 0 ? "HTTP/1.1 200 " : "HTTP/1.1 431 ";
        for (const std::size_t cut : {10U, 30U, 500U, 990U, 998U})
            EXPECT_THAT(talk({header.substr(0, cut), header.substr(cut)}), StartsWith(expected)) << over << " " << cut;
        EXPECT_THAT(talk({header}), StartsWith(expected));
    }
}

TEST(HttpServer, ABugIsTheServersFaultAndNoSecretGetsOut) {
    SimulatedWorld world;
    Served served(&world);
    const std::string heard = converse(served, {get("/bug")});
    EXPECT_THAT(heard, StartsWith("HTTP/1.1 500 "));
    EXPECT_EQ(heard.find("secret"), std::string::npos);
    // The client's number leads to the reason.
    const std::string kWords = "internal error ";
    const auto at = heard.find(kWords) + kWords.size();
    const std::string id = heard.substr(at, heard.find(':', at) - at);
    EXPECT_EQ(id.size(), 10u);
    EXPECT_THAT(served.log.text,
                HasSubstr("http request failed id=" + id + " method=GET path=/bug reason=secret detail\n"));
}

TEST(HttpServer, LogsEveryRequest) {
    SimulatedWorld world;
    Served served(&world);
    converse(served, {"POST /echo?token=x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi", get("/nowhere")});
    EXPECT_EQ(served.log.text, "http request method=POST path=/echo status=200 bytes=7 milliseconds=0 "
                               "client=192.0.2.1 identity=anna\n"
                               "http request method=GET path=/nowhere status=404 bytes=10 milliseconds=0 "
                               "client=192.0.2.1 identity=\n");
}

TEST(HttpServer, SendsEveryValueOfAFieldAndNoBodyWith204) {
    const std::string heard = talk({"POST /ignore HTTP/1.1\r\nHost: h\r\n\r\n" + get("/echo")});
    EXPECT_THAT(heard, StartsWith("HTTP/1.1 204 No Content\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\nHTTP/1.1 200"));
}

TEST(HttpServer, NamesTheMethodsThatThereAre) {
    EXPECT_THAT(talk({"PUT /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"}),
                HasSubstr("Allow: GET, POST\r\n"));
}

TEST(HttpServer, StreamsAResponse) {
    EXPECT_THAT(talk({get("/stream/chunks")}), AllOf(HasSubstr("Transfer-Encoding: chunked\r\n"),
                                                     EndsWith("\r\n\r\n5\r\nooooo\r\n5\r\nooooo\r\n0\r\n\r\n")));
    EXPECT_THAT(talk({get("/stream/length")}),
                AllOf(HasSubstr("Content-Length: 10\r\n"), EndsWith("\r\n\r\noooooooooo")));
    // HTTP/1.0 knows no chunks: the end of the connection is the end.
    EXPECT_THAT(talk({"GET /stream/chunks HTTP/1.0\r\n\r\n"}),
                AllOf(Not(HasSubstr("chunked")), EndsWith("\r\n\r\noooooooooo")));
    EXPECT_THAT(talk({"HEAD /stream/chunks HTTP/1.1\r\nHost: h\r\n\r\n" + get("/echo")}),
                AllOf(HasSubstr("chunked\r\n\r\nHTTP/1.1 200"), EndsWith("GET ")));
}

TEST(HttpServer, AResponseThatBreaksOffIsSeenToBeCutOff) {
    for (const std::string path : {"/stream/fault", "/stream/throws", "/stream/short", "/stream/long"}) {
        SimulatedWorld world;
        Served served(&world);
        const std::string heard = converse(served, {get(path)});
        EXPECT_THAT(heard, Not(EndsWith("0\r\n\r\n"))) << path;
        EXPECT_THAT(heard, Not(EndsWith("oooooooooo\r\n"))) << path;
        EXPECT_THAT(heard, Not(HasSubstr("secret"))) << path;
        EXPECT_THAT(served.log.text, HasSubstr("http request cut off method=GET path=" + path)) << path;
    }
}

/// Asks for a large body and takes a little of it; waits until the server has had enough.
Awaitable<> take_a_little(Served* served, Stream* stream, const std::vector<std::string>* pieces, std::string* heard) {
    const auto written = co_await stream->write_all(pieces->front());
    EXPECT_TRUE(written.has_value());
    std::string buffer(1000, '\0');
    const auto size = co_await stream->read_some(buffer.data(), buffer.size());
    heard->append(buffer, 0, size.value_or(0));
    stream->set_deadline(Instant::max());
    co_await async::sleep(&served->world->timers(), std::chrono::minutes(5));
}

TEST(HttpServer, AsksForAResponseAsTheClientTakesItAndGivesUpOnOneThatDoesNot) {
    SimulatedWorld world;
    Served served(&world);
    Octets::taken = 0;
    EXPECT_THAT(converse(served, {get("/stream/large")}, take_a_little), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_LT(Octets::taken, 500u); // of 1000: what the network holds, and no more
    EXPECT_THAT(served.log.text, HasSubstr("http request cut off method=GET path=/stream/large status=200"));
}

Awaitable<HttpResponse> answer_at_length(HttpRequest*, BodySource*) {
    HttpResponse response;
    response.body = std::string(500'000, 'o');
    co_return response;
}

/// Takes two thousand octets a second.
Awaitable<> take_slowly(Served* served, Stream* stream, const std::vector<std::string>* pieces, std::string* heard) {
    const auto written = co_await stream->write_all(pieces->front());
    EXPECT_TRUE(written.has_value());
    std::string buffer(2000, '\0');
    for (;;) {
        const auto size = co_await stream->read_some(buffer.data(), buffer.size());
        if (!size) break;
        heard->append(buffer, 0, *size);
        co_await async::sleep(&served->world->timers(), seconds(1));
    }
}

TEST(HttpServer, ALongResponseMayTakeAsLongAsItIsLong) {
    SimulatedWorld world;
    Served served(&world);
    served.served.add("GET", "/long", answer_at_length);
    EXPECT_THAT(converse(served, {get("/long")}, take_slowly), EndsWith(std::string(500'000, 'o')));
    EXPECT_THAT(served.log.text, Not(HasSubstr("cut off")));
}

TEST(HttpServer, StreamsARequestOfAnySize) {
    SimulatedWorld world;
    Served served(&world);
    served.limits.body_bytes_max = 10'000'000;
    const std::string megabyte(1'000'000, 'x');
    EXPECT_THAT(converse(served, {"POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" + megabyte,
                                  "POST /count HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: "
                                  "chunked\r\n\r\nf4240\r\n" +
                                      megabyte + "\r\nf4240\r\n" + megabyte + "\r\n0\r\n\r\n"}),
                AllOf(HasSubstr("1000000 in pieces"), EndsWith("2000000 in pieces")));
}

TEST(HttpServer, ABodyThatNobodyReadsEndsTheConnectionIfItHasNotArrived) {
    const std::string head = "POST /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n";
    EXPECT_THAT(talk({head + "hush" + get("/echo")}), HasSubstr("HTTP/1.1 200"));
    EXPECT_THAT(talk({head + "hu", "sh" + get("/echo")}),
                AllOf(HasSubstr("204"), HasSubstr("Connection: close"), Not(HasSubstr("HTTP/1.1 200"))));
}

TEST(HttpServer, Says100WhenTheBodyIsWanted) {
    const std::string expecting = " HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    EXPECT_THAT(talk({"POST /echo" + expecting, "hi" + get("/echo")}),
                AllOf(StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"), HasSubstr("POST hi")));
    EXPECT_THAT(talk({"POST /ignore" + expecting}), StartsWith("HTTP/1.1 204"));
}

TEST(HttpServer, RefusesABodyOfTwoLengths) {
    EXPECT_THAT(
        talk({"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}),
        StartsWith("HTTP/1.1 400 "));
    EXPECT_THAT(talk({"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 4\r\n\r\nhello"}),
                StartsWith("HTTP/1.1 400 "));
}

TEST(HttpServer, NothingIsReadInTwoWays) {
    const std::string post = "POST /echo HTTP/1.1\r\nHost: h\r\n";
    const std::string smuggled = get("/below/smuggled");
    for (const std::string& request : {
             post + "Transfer-Encoding: gzip\r\n\r\n" + smuggled,
             post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + smuggled,
             post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + smuggled,
             post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + smuggled,
             post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + smuggled,
             "POST /echo HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
                 smuggled,
             post + "Content-Length: +5\r\n\r\nhello" + smuggled,
             post + "Content-Length: 0x5\r\n\r\nhello" + smuggled,
             post + "Content-Length: 5, 6\r\n\r\nhello" + smuggled,
             post + "Content-Length : 5\r\n\r\nhello" + smuggled,
             post + "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n" + smuggled,
             post + "Transfer-Encoding: chunked\r\n\r\n-1\r\nhello\r\n0\r\n\r\n" + smuggled,
             std::string("GET /echo HTTP/1.1\nHost: h\n\n") + smuggled,
             "GET /echo HTTP/1.1\r\nHost: h\nX: y\r\n\r\n" + smuggled,
             "GET /echo HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n" + smuggled,
             "GET /echo HTTP/1.1\r\nHost: h\r\nX: a" + std::string(1, '\0') + "\r\n\r\n" + smuggled,
             "GET /echo HTTP/1.1\r\n Host: h\r\n\r\n" + smuggled,
             "GET  /echo HTTP/1.1\r\nHost: h\r\n\r\n" + smuggled,
             "GET /echo HTTP/1.1\r\n\r\n" + smuggled,
             "GET /echo HTTP/1.1\r\nHost: h\r\nHost: other\r\n\r\n" + smuggled,
         }) {
        const std::string heard = talk({request});
        EXPECT_THAT(heard, ::testing::AnyOf(StartsWith("HTTP/1.1 400 "), StartsWith("HTTP/1.1 501 "))) << request;
        EXPECT_THAT(heard, Not(HasSubstr("smuggled"))) << request;
    }
    // RFC 9112 §5.2: a folded field is one field.
    EXPECT_THAT(talk({"GET /echo HTTP/1.1\r\nHost: h\r\nX: a\r\n Connection: close\r\n\r\n" + get("/below/next")}),
                HasSubstr("X-Target: /below/next"));
}

TEST(HttpServer, WhatIsAroundChunksHasALimit) {
    const std::string head = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_THAT(talk({head + "1;" + std::string(100'000, 'x')}), StartsWith("HTTP/1.1 400 "));
    EXPECT_THAT(talk({head + "0\r\nX: " + std::string(100'000, 'x')}), StartsWith("HTTP/1.1 4"));
}

TEST(HttpServer, ManyFieldsAndLongTargetsHaveALimit) {
    std::string fields;
    for (int count = 0; count < 200; ++count)
        fields += "X: y\r\n";
    EXPECT_THAT(talk({"GET /echo HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n"}), StartsWith("HTTP/1.1 431 "));
    EXPECT_THAT(talk({get("/below/" + std::string(1000, 'x'))}), StartsWith("HTTP/1.1 431 "));
}

TEST(HttpServer, RequestsThatComeTogetherAreAnsweredInTheirOrder) {
    std::string requests;
    for (int count = 0; count < 200; ++count)
        requests += "GET /below/" + std::to_string(count) + " HTTP/1.1\r\nHost: h\r\n\r\n";
    const std::string heard = talk({requests + get("/nowhere")});
    std::size_t at = 0;
    for (int count = 0; count < 200 && at != std::string::npos; ++count)
        at = heard.find("X-Target: /below/" + std::to_string(count) + "\r\n", at);
    EXPECT_NE(at, std::string::npos);
}

TEST(HttpServer, SlowClientsAreCutOff) {
    // The client says nothing, or half of it, and waits for the end.
    EXPECT_EQ(talk({""}), "");
    EXPECT_EQ(talk({"GET /echo HT"}), "");
    EXPECT_THAT(talk({"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 50\r\n\r\nhalf"}),
                StartsWith("HTTP/1.1 408 "));
}

/// Sends one octet every ten seconds, each well within any time for one read.
Awaitable<> trickle(Served* served, Stream* stream, const std::vector<std::string>* pieces, std::string* heard) {
    const auto begun = co_await stream->write_all(pieces->front());
    EXPECT_TRUE(begun.has_value());
    for (int count = 0; count < 6; ++count) {
        co_await async::sleep(&served->world->timers(), seconds(10));
        const auto written = co_await stream->write_all("x");
        if (!written) break;
    }
    const std::vector<std::string> nothing;
    co_await say_and_hear(served, stream, &nothing, heard);
}

TEST(HttpServer, ATrickleIsCutOffToo) {
    SimulatedWorld world;
    Served served(&world);
    const std::string head = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 50\r\n\r\n";
    EXPECT_THAT(converse(served, {head}, trickle), StartsWith("HTTP/1.1 408 "));
}

Awaitable<HttpResponse> say_who_asks(HttpRequest* request, BodySource*) {
    HttpResponse response;
    response.body = request->client.address.to_string() + (request->secure ? " under TLS" : " in the clear");
    co_return response;
}

Awaitable<> serve_under_tls(Listener* listener, Served* served, std::shared_ptr<const TlsServerContext> context) {
    auto accepted = co_await listener->accept(served->world->executor());
    std::unique_ptr<Stream> stream = std::move(accepted).value();
    const auto secured = co_await stream->start_tls(std::move(context));
    EXPECT_TRUE(secured.has_value());
    co_await serve_http(std::move(stream), &served->dependencies, served->limits);
}

Awaitable<> ask_under_tls(Served* served, const TlsMaterial* tls, std::string* heard) {
    const std::unique_ptr<Listener> listener = served->world->listen();
    async::TaskGroup group(served->world->executor(),
                           [](std::string_view, std::string_view reason) { FAIL() << reason; });
    group.spawn("server", serve_under_tls(listener.get(), served, tls->server));
    auto connected = co_await served->world->client().connect(listener->local_endpoint(), {});
    const std::unique_ptr<Stream> stream = std::move(connected).value();
    const auto secured = co_await stream->start_tls(tls->trusting, {.host_name = "mail.b.test", .applications = {}});
    EXPECT_TRUE(secured.has_value());
    const std::vector<std::string> pieces{get("/who")};
    co_await say_and_hear(served, stream.get(), &pieces, heard);
    stream->close();
    co_await group.join();
}

TEST(HttpServer, AHandlerKnowsWhoAsksAndHow) {
    const TlsMaterial tls;
    RealWorld world;
    Served served(&world);
    served.served.add("GET", "/who", say_who_asks);
    std::string heard;
    world.run(ask_under_tls(&served, &tls, &heard));
    EXPECT_THAT(heard, EndsWith("\r\n\r\n127.0.0.1 under TLS"));
    EXPECT_THAT(converse(served, {get("/who")}), EndsWith("\r\n\r\n127.0.0.1 in the clear"));
}

struct LocalServer {
    TemporaryFolder folder;
    RealWorld world;
    Served served{&world};
    std::string path = folder.file("control");

    Awaitable<> run(Listener* listener, async::WorkerPool* pool, std::string target, std::string body,
                    Result<HttpResponse, HttpProblem>* response) {
        async::TaskGroup group(world.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
        group.spawn("server", serve_next(listener, &served));
        const HttpRequest request{.method = body.empty() ? "GET" : "POST", .target = std::move(target)};
        auto work = [this, request, body] { return http_request(path, request, body, seconds(20)); };
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
    Result<HttpResponse, HttpProblem> response = failure(HttpProblem{});
    server.world.run(server.run(listener.get(), &pool, "/echo", "letter", &response));
    ASSERT_TRUE(response.has_value()) << response.error().message;
    EXPECT_EQ(response->status, 200u);
    EXPECT_EQ(response->body, "POST letter");
    EXPECT_EQ(response->fields.find("x-target"), "/echo");
    EXPECT_THAT(server.served.log.text, HasSubstr("client=local"));
    // More than the server wants: its refusal arrives, not a broken pipe.
    server.world.run(server.run(listener.get(), &pool, "/echo", std::string(200'000, 'x'), &response));
    ASSERT_TRUE(response.has_value()) << response.error().message;
    EXPECT_EQ(response->status, 413u);
    // A body in chunks, larger than any buffer on the way.
    server.world.run(server.run(listener.get(), &pool, "/stream/large", "", &response));
    ASSERT_TRUE(response.has_value()) << response.error().message;
    EXPECT_EQ(response->body.size(), 10'000'000U);
    EXPECT_EQ(response->body.find_first_not_of('o'), std::string::npos);
}

TEST(HttpClient, SaysThatNobodyListens) {
    const TemporaryFolder folder;
    const auto response = http_request(folder.file("nobody"), {.method = "GET", .target = "/"}, "", seconds(1));
    ASSERT_FALSE(response.has_value());
    EXPECT_THAT(response.error().message, StartsWith("no server listens on "));
    EXPECT_FALSE(response.error().reached);
}

TEST(HttpClient, SaysThatTheServerWentAwayWithoutAnAnswer) {
    HttpResponseReader reader(1024, 1024);
    EXPECT_FALSE(reader.take_end());
}

} // namespace
} // namespace tegami::net::testing
