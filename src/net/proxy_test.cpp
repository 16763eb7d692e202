// Whose word about a client counts, and what it is: PROXY protocol, Forwarded (RFC 7239), X-Forwarded-For.
#include "net/forwarded.h"
#include "net/http_server_fixture.h"
#include "net/proxy_header.h"
#include "testing/splits.h"

#include <gmock/gmock.h>

namespace tegami::net::testing {
namespace {

using ::testing::EndsWith;

const std::vector<IpNetwork> kProxies{*IpNetwork::parse("192.0.2.0/24"), *IpNetwork::parse("2001:db8:1::/48")};

/// "ADDRESS secure|plain|?" of a request from 192.0.2.1; "nothing".
std::string said(HttpFields fields, const char* peer = "192.0.2.1") {
    const HttpRequest request{
        .fields = std::move(fields), .client = {.address = *IpAddress::parse(peer), .port = 1}, .identity = {}};
    const auto client = forwarded_for(request, kProxies);
    if (!client) return "nothing";
    return (client->client ? client->client->to_string() : "?") + (!client->secure   ? " ?"
                                                                   : *client->secure ? " secure"
                                                                                     : " plain");
}

TEST(Forwarded, NamesTheClientOfTheNearestProxyThatIsNotTrusted) {
    EXPECT_EQ(said({{"Forwarded", "for=203.0.113.9;proto=https"}}), "203.0.113.9 secure");
    EXPECT_EQ(said({{"Forwarded", "For=\"[2001:db8:2::9]:4711\"; Proto=HTTP;by=_x"}}), "2001:db8:2::9 plain");
    // RFC 7239 §7.1: what came before the last trusted one, anybody could have written.
    EXPECT_EQ(said({{"Forwarded", "for=198.51.100.1, for=203.0.113.9;proto=http"}, {"Forwarded", "for=192.0.2.7"}}),
              "203.0.113.9 plain");
    EXPECT_EQ(said({{"Forwarded", "for=\"a,b;for=1\\\"\", for=203.0.113.9"}}), "203.0.113.9 ?");
    EXPECT_EQ(said({{"Forwarded", "for=203.0.113.9, for=_hidden"}}), "? ?");
    EXPECT_EQ(said({{"Forwarded", "for=203.0.113.9, for=\"unknown\", for=192.0.2.7"}}), "192.0.2.7 ?");
    EXPECT_EQ(said({{"Forwarded", ""}}), "? ?");
}

TEST(Forwarded, ReadsWhatOlderProxiesSay) {
    EXPECT_EQ(said({{"X-Forwarded-For", "198.51.100.1, 203.0.113.9"}, {"X-Forwarded-Proto", "https"}}),
              "203.0.113.9 secure");
    EXPECT_EQ(said({{"X-Forwarded-For", "2001:db8:2::9 , 192.0.2.7"}}), "2001:db8:2::9 ?");
    EXPECT_EQ(said({{"X-Forwarded-For", "203.0.113.9:4711"}, {"X-Forwarded-Proto", "https, http"}}),
              "203.0.113.9 plain");
    EXPECT_EQ(said({{"X-Forwarded-Proto", "https"}}), "? secure");
    EXPECT_EQ(said({{"X-Forwarded-For", "::ffff:203.0.113.9"}}, "2001:db8:1::5"), "203.0.113.9 ?");
}

TEST(Forwarded, StrangersAndTwoWordsCountNothing) {
    EXPECT_EQ(said({{"Forwarded", "for=203.0.113.9"}}, "198.51.100.77"), "nothing");
    EXPECT_EQ(said({}), "nothing");
    EXPECT_EQ(said({{"Forwarded", "for=203.0.113.9"}, {"X-Forwarded-For", "203.0.113.9"}}), "203.0.113.9 ?");
    // A proxy that writes one field and passes on the other, which its client has made up.
    EXPECT_EQ(said({{"Forwarded", "for=127.0.0.1"}, {"X-Forwarded-For", "203.0.113.9"}}), "nothing");
}

std::string binary(char command, char family, std::string_view rest) {
    std::string header("\r\n\r\n\0\r\nQUIT\n", 12);
    header += command;
    header += family;
    header += '\0';
    header += static_cast<char>(rest.size());
    return header + std::string(rest);
}

/// The client that a header names, however it arrives; "?" for none, "bad", "more" for one that is not complete.
std::string client_in(std::string_view header) {
    std::string outcome;
    tegami::testing::for_every_split(header, [&](const std::vector<std::string_view>& pieces) {
        ProxyHeaderReader reader;
        bool good = true;
        std::string waiting;
        for (const std::string_view piece : pieces) {
            waiting += piece;
            while (good && reader.wanted() != 0 && !waiting.empty()) {
                const std::size_t size = std::min(reader.wanted(), waiting.size());
                good = reader.take(std::string_view(waiting).substr(0, size));
                waiting.erase(0, size);
            }
        }
        std::string now = reader.client() ? reader.client()->to_string() : "?";
        if (good && reader.wanted() != 0) now = "more";
        if (!good) now = "bad";
        if (!waiting.empty() && good) now += " +" + waiting;
        EXPECT_TRUE(outcome.empty() || outcome == now) << outcome << " " << now;
        outcome = now;
    });
    return outcome;
}

TEST(ProxyHeader, ReadsBothVersionsAndNothingBehindThem) {
    EXPECT_EQ(client_in("PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\nnext"), "203.0.113.9:4711 +next");
    EXPECT_EQ(client_in("PROXY TCP6 2001:db8::9 2001:db8::1 4711 443\r\n"), "[2001:db8::9]:4711");
    EXPECT_EQ(client_in("PROXY UNKNOWN\r\nnext"), "? +next");
    EXPECT_EQ(client_in("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"), "?");
    const std::string addresses("\xcb\0\x71\x09\xc0\0\2\1\x12\x67\1\xbb", 12);
    EXPECT_EQ(client_in(binary('\x21', '\x11', addresses) + "next"), "203.0.113.9:4711 +next");
    EXPECT_EQ(client_in(binary('\x21', '\x11', addresses + std::string("\x04\0\1x", 4)) + "n"), "203.0.113.9:4711 +n");
    std::string v6(36, '\0');
    v6[15] = '\1';
    v6[33] = '\x19';
    EXPECT_EQ(client_in(binary('\x21', '\x21', v6)), "[::1]:25");
    EXPECT_EQ(client_in(binary('\x20', '\0', "")), "?") << "a proxy that looks whether we are there";
    EXPECT_EQ(client_in(binary('\x21', '\0', "abc")), "?") << "a family that we do not know";
}

TEST(ProxyHeader, AnythingElseIsRefused) {
    for (const std::string& header :
         {std::string("GET / HTTP/1.1\r\n"), "\x16\3\1\2" + std::string(20, '\0'),
          std::string("PROXY TCP4 203.0.113.9 192.0.2.1 4711\r\n"),
          std::string("PROXY TCP4 2001:db8::9 ::1 4711 1\r\n"),
          std::string("PROXY TCP4 203.0.113.9 192.0.2.1 70000 1\r\n"), "PROXY TCP4 " + std::string(200, '1'),
          binary('\x11', '\x11', std::string(12, 'x')), binary('\x22', '\x11', std::string(12, 'x')),
          binary('\x21', '\x11', std::string(11, 'x')), binary('\x21', '\x21', std::string(12, 'x'))})
        EXPECT_EQ(client_in(header), "bad") << header;
    std::string long_one = binary('\x21', '\x11', "");
    long_one[14] = '\x7f';
    EXPECT_EQ(client_in(long_one), "bad");
    EXPECT_EQ(client_in("PROXY TCP4 203.0."), "more");
}

/// What a server knows of a connection that begins so: the outcome, the client, and what is read next.
Awaitable<> learn(Listener* listener, async::Executor executor, std::string* known) {
    auto accepted = co_await listener->accept(executor);
    const std::unique_ptr<Stream> stream = std::move(accepted).value();
    const auto taken = co_await take_proxy_header(stream.get());
    std::string rest(100, '\0');
    if (taken) {
        const auto size = co_await stream->read_some(rest.data(), rest.size());
        rest.resize(size.value_or(0));
    }
    *known = taken ? stream->remote_endpoint().to_string() + " " + rest : std::string(describe(taken.error()));
}

Awaitable<> connect_through_proxy(SimulatedWorld* world, std::string begin, std::string* known) {
    const std::unique_ptr<Listener> listener = world->listen();
    async::TaskGroup group(world->executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    group.spawn("server", learn(listener.get(), world->executor(), known));
    auto connected = co_await world->client().connect(listener->local_endpoint(), {});
    const std::unique_ptr<Stream> stream = std::move(connected).value();
    const auto written = co_await stream->write_all(std::move(begin));
    EXPECT_TRUE(written.has_value());
    stream->close();
    co_await group.join();
}

TEST(ProxyHeader, NamesTheOtherEndOfAConnection) {
    const auto known = [](std::string begin) {
        SimulatedWorld world;
        std::string text;
        world.run(connect_through_proxy(&world, std::move(begin), &text));
        return text;
    };
    EXPECT_EQ(known("PROXY TCP4 203.0.113.9 192.0.2.2 4711 25\r\nEHLO x\r\n"), "203.0.113.9:4711 EHLO x\r\n");
    EXPECT_THAT(known("PROXY UNKNOWN\r\nEHLO x\r\n"),
                ::testing::AllOf(::testing::StartsWith("192.0.2.1:"), EndsWith(" EHLO x\r\n")));
    EXPECT_EQ(known("EHLO client.example\r\n"), describe(IoError::failed));
    EXPECT_EQ(known("PROXY TCP4 203"), describe(IoError::end_of_stream));
}

Awaitable<HttpResponse> tell_client(HttpRequest* request, BodySource*) {
    HttpResponse response;
    response.body = request->client.address.to_string() + (request->secure ? " secure" : " plain");
    co_return response;
}

TEST(HttpServer, AHandlerKnowsForWhomATrustedProxyAsks) {
    SimulatedWorld world; // its client is 192.0.2.1
    http::Served served(&world);
    served.served.add("GET", "/who", tell_client);
    HttpRoutes secure;
    secure.add("GET", "/secret", tell_client);
    served.dependencies.secure_routes = &secure;
    const auto ask = [&](std::string_view path) {
        return http::converse(served, {"GET " + std::string(path) +
                                       " HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 203.0.113.9\r\n"
                                       "X-Forwarded-Proto: https\r\nConnection: close\r\n\r\n"});
    };
    EXPECT_THAT(ask("/who"), EndsWith("192.0.2.1 plain"));
    EXPECT_THAT(ask("/secret"), EndsWith("not found\n"));
    served.dependencies.trusted_proxies = kProxies;
    EXPECT_THAT(ask("/secret"), EndsWith("203.0.113.9 secure"));
    EXPECT_THAT(ask("/who"), EndsWith("not found\n"));
    EXPECT_THAT(served.log.text, ::testing::HasSubstr("client=203.0.113.9"));
}

} // namespace
} // namespace tegami::net::testing
