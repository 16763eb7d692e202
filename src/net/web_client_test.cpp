// Servers whose address a stranger wrote: nothing inside is asked, whatever the name says, and no answer takes for ever.
#include "base/address_reach.h"
#include "net/simulated_resolver.h"
#include "net/test_support.h"
#include "net/web_client.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace tegami::net::testing {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(WebUrl, IsReadStrictly) {
    const WebUrl url = parse_web_url("HTTPS://Pictures.Shop.test:8443/a%20b?c=1&d=/#top").value();
    EXPECT_EQ(url, (WebUrl{.secure = true, .host = "pictures.shop.test", .port = 8443, .target = "/a%20b?c=1&d=/"}));
    EXPECT_EQ(url.to_string(), "https://pictures.shop.test:8443/a%20b?c=1&d=/");
    EXPECT_EQ(parse_web_url("http://a.test")->to_string(), "http://a.test/");
    EXPECT_EQ(parse_web_url("http://a.test.?x")->to_string(), "http://a.test/?x");
    EXPECT_EQ(parse_web_url("https://a.test:443/")->authority(), "a.test");
    EXPECT_EQ(parse_web_url("http://a.test:/")->authority(), "a.test");
    for (const char* const text : {"",
                                   "a.test",
                                   "//a.test/",
                                   "ftp://a.test/",
                                   "file:///etc/passwd",
                                   "gopher://a.test/",
                                   "javascript://a.test/",
                                   "http:a.test",
                                   "http:///a",
                                   "http://",
                                   "http://user@a.test/",
                                   "http://user:word@a.test/",
                                   "http://a.test:0/",
                                   "http://a.test:65536/",
                                   "http://a.test:8x/",
                                   "http://127.0.0.1/",
                                   "http://127.1/",
                                   "http://2130706433/",
                                   "http://0x7f000001/",
                                   "http://0x7f.1/",
                                   "http://0177.0.0.1/",
                                   "http://127.0.0.1./",
                                   "http://[::1]/",
                                   "http://[::ffff:7f00:1]/",
                                   "http://a%2etest/",
                                   "http://a..test/",
                                   "http://.test/",
                                   "http://a.test\\@b.test/",
                                   "http://a.test/ b",
                                   "http://a.test/\r\nX: y",
                                   "http://\xc3\xa4.test/"})
        EXPECT_FALSE(parse_web_url(text)) << text;
    EXPECT_FALSE(parse_web_url("http://a.test/" + std::string(kWebUrlBytesMax, 'a')));
    EXPECT_FALSE(parse_web_url(std::string_view("http://a.test/\0", 15)));
}

TEST(WebUrl, AReferenceIsReadWhereItStands) {
    const WebUrl base = parse_web_url("https://a.test/b/c/d?q").value();
    // RFC 3986 §5.4.1, as far as a host with a name can have them.
    for (const auto& [reference, meaning] : {std::pair{"g", "/b/c/g"},
                                             {"./g", "/b/c/g"},
                                             {"g/", "/b/c/g/"},
                                             {"/g", "/g"},
                                             {"?y", "/b/c/d?y"},
                                             {"g?y", "/b/c/g?y"},
                                             {"g#s", "/b/c/g"},
                                             {"", "/b/c/d?q"},
                                             {".", "/b/c/"},
                                             {"./", "/b/c/"},
                                             {"..", "/b/"},
                                             {"../", "/b/"},
                                             {"../g", "/b/g"},
                                             {"../..", "/"},
                                             {"../../g", "/g"},
                                             {"../../../g", "/g"},
                                             {"/./g", "/g"},
                                             {"/../g", "/g"},
                                             {"g?y/./x", "/b/c/g?y/./x"},
                                             {"\xc3\xa4 b", "/b/c/%C3%A4%20b"},
                                             {"/a\r\nX: y", "/a%0D%0AX:%20y"}})
        EXPECT_EQ(resolve(base, reference)->to_string(), std::string("https://a.test") + meaning) << reference;
    EXPECT_EQ(resolve(base, "//b.test/x")->to_string(), "https://b.test/x");
    EXPECT_EQ(resolve(base, "http://b.test/x")->to_string(), "http://b.test/x");
    for (const char* const reference :
         {"//127.0.0.1/", "http://[::1]/", "ftp://b.test/", "data:image/png,x", "mailto:x"})
        EXPECT_FALSE(resolve(base, reference)) << reference;
}

/// What is not inside may be reached, documents' addresses too.
bool is_outside(const IpAddress& address) {
    return reach_of(address) != Reach::inside;
}

class WebClientTest : public ::testing::Test {
protected:
    WebClientTest() {
        resolver_.add("shop.test", "A", "192.0.2.2");
        resolver_.add("mail.b.test", "A", "192.0.2.2");
        for (const std::uint16_t port : {80, 443, 8080}) {
            listeners_.push_back(network().listen({SimulatedWorld::server_address(), port}, world_.executor()).value());
            group_.spawn("server", serve(listeners_.back().get(), port == 443));
        }
    }

    ~WebClientTest() override {
        group_.cancel();
        world_.run(join());
    }

    Network& network() { return world_.network().host(SimulatedWorld::server_address()); }

    Awaitable<> join() { co_await group_.join(); }

    Awaitable<> serve(Listener* listener, bool secure) {
        for (;;) {
            auto stream = co_await listener->accept(world_.executor());
            if (!stream) co_return;
            group_.spawn("connection", answer(*std::move(stream), secure));
        }
    }

    /// With what the path has.
    Awaitable<> answer(std::unique_ptr<Stream> stream, bool secure) {
        if (secure) {
            const auto shaken = co_await stream->start_tls(tls().server);
            if (!shaken) co_return;
        }
        std::string request;
        while (!request.contains("\r\n\r\n")) {
            std::string buffer(4096, '\0');
            const auto got = co_await stream->read_some(buffer.data(), buffer.size());
            if (!got) co_return;
            request.append(buffer, 0, *got);
        }
        heard_.push_back(request);
        const std::size_t begin = request.find(' ') + 1;
        for (const std::string& piece : answers_[request.substr(begin, request.find(' ', begin) - begin)]) {
            if (piece == "wait") co_await async::sleep(&world_.timers(), seconds(4));
            const auto sent = co_await stream->write_all(piece == "wait" ? "" : piece);
            if (!sent) co_return;
        }
        co_await stream->finish();
    }

    static const TlsMaterial& tls() {
        static const TlsMaterial kMaterial;
        return kMaterial;
    }

    Awaitable<> ask_into(WebQuestion question, std::string* found) {
        const auto answer = co_await client_.ask(std::move(question));
        if (!answer) {
            *found = (answer.error().refused ? "refused: " : "failed: ") + answer.error().text;
            co_return;
        }
        *found = fmt::format("{} ", answer->status);
        for (;;) {
            const auto piece = co_await answer->body->read();
            if (!piece) *found += "! " + piece.error().text;
            if (!piece || piece->empty()) co_return;
            *found += *piece;
        }
    }

    /// Status and body, or what went wrong.
    std::string ask(const std::string& url, WebQuestion question = {}) {
        question.url = parse_web_url(url).value();
        question.redirects_max = 3;
        question.body_bytes_max = 100;
        question.patience = seconds(10);
        std::string found;
        world_.run(ask_into(std::move(question), &found));
        return found;
    }

    static std::string page(std::string_view body) {
        return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
    }

    static std::string redirect(std::string_view to) {
        return fmt::format("HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", to);
    }

    SimulatedWorld world_;
    SimulatedResolver resolver_{&world_.timers()};
    WebClient client_{
        {.network = world_.client(),
         .resolver = resolver_,
         .timers = world_.timers(),
         .tls =
             TlsClientContext::create({TlsVerification::opportunistic, tls().folder.file("certificate.pem")}).value(),
         .may_reach = is_outside}};
    std::map<std::string, std::vector<std::string>> answers_; ///< by targets, in pieces
    std::vector<std::string> heard_;
    async::TaskGroup group_{world_.executor(), [](std::string_view, std::string_view why) { FAIL() << why; }};
    std::vector<std::unique_ptr<Listener>> listeners_;
};

TEST_F(WebClientTest, TakesWhatAServerSaysAndSaysNothingOfWhoAsks) {
    answers_["/a?b"] = {page("word")};
    EXPECT_EQ(ask("http://shop.test/a?b"), "200 word");
    ASSERT_THAT(heard_, SizeIs(1));
    EXPECT_EQ(heard_.front(), "GET /a?b HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\nUser-Agent: Mozilla/5.0\r\n"
                              "Content-Length: 0\r\n\r\n");
    answers_["/chunks"] = {
        "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nwo",
        "\r\n2\r\nrd\r\n0\r\n\r\n"};
    EXPECT_EQ(ask("http://shop.test/chunks"), "200 word");
    answers_["/old"] = {"HTTP/1.0 200 OK\r\n\r\nwo", "rd"};
    EXPECT_EQ(ask("http://shop.test/old"), "200 word");
    answers_["/gone"] = {"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"};
    EXPECT_EQ(ask("http://shop.test/gone"), "404 ");
}

TEST_F(WebClientTest, ProvesAServerByItsCertificate) {
    answers_["/x"] = {page("word")};
    EXPECT_EQ(ask("https://mail.b.test/x"), "200 word");
    EXPECT_EQ(ask("https://shop.test/x"), "failed: its host does not prove that it is the one named");
    EXPECT_THAT(heard_, SizeIs(1));
}

TEST_F(WebClientTest, AsksNobodyInside) {
    answers_["/x"] = {page("secret")};
    resolver_.add("inside.test", "A", "127.0.0.1");
    resolver_.add("inside6.test", "AAAA", "::1");
    resolver_.add("mapped.test", "AAAA", "::ffff:7f00:1");
    resolver_.add("private.test", "A", "10.1.2.3");
    resolver_.add("cloud.test", "A", "169.254.169.254");
    for (const char* const host : {"inside", "inside6", "mapped", "private", "cloud"})
        EXPECT_EQ(ask(fmt::format("http://{}.test/x", host)), "refused: its host is not one of the Internet") << host;
    EXPECT_EQ(ask("http://nowhere.test/x"), "failed: its host has no address");
    EXPECT_EQ(ask("http://shop.test:8080/x"), "refused: it has an unusual port");
    EXPECT_EQ(ask("http://shop.test:443/x"), "refused: it has an unusual port");
    EXPECT_THAT(heard_, IsEmpty());
    // Of several addresses those inside are as if they were not there.
    resolver_.add("both.test", "A", "192.168.0.1");
    resolver_.add("both.test", "A", "192.0.2.2");
    EXPECT_EQ(ask("http://both.test/x"), "200 secret");
}

TEST_F(WebClientTest, ARedirectIsLookedAtLikewise) {
    answers_["/x"] = {page("word")};
    answers_["/1"] = {redirect("/2")};
    answers_["/2"] = {redirect("http://shop.test/3")};
    answers_["/3"] = {redirect("https://mail.b.test/x")};
    EXPECT_EQ(ask("http://shop.test/1"), "200 word");
    answers_["/0"] = {redirect("/1")};
    EXPECT_EQ(ask("http://shop.test/0"), "refused: it leads on too often");
    resolver_.add("inside.test", "A", "127.0.0.1");
    answers_["/in"] = {redirect("http://inside.test/x")};
    EXPECT_EQ(ask("http://shop.test/in"), "refused: its host is not one of the Internet");
    for (const char* const place : {"http://127.0.0.1/", "file:///etc/passwd", "http://[::1]/", "data:image/png,x"}) {
        answers_["/there"] = {redirect(place)};
        EXPECT_EQ(ask("http://shop.test/there"), "refused: it leads to no address of the web") << place;
    }
    answers_["/port"] = {redirect("http://shop.test:8080/x")};
    EXPECT_EQ(ask("http://shop.test/port"), "refused: it has an unusual port");
    EXPECT_THAT(heard_, Not(::testing::Contains(HasSubstr("Referer"))));
}

TEST_F(WebClientTest, NoAnswerIsTooLongInOctetsOrTime) {
    answers_["/large"] = {page(std::string(101, 'x'))};
    EXPECT_EQ(ask("http://shop.test/large"), "failed: the answer is too large, or not a proper one");
    answers_["/flood"] = {"HTTP/1.1 200 OK\r\n\r\n", std::string(101, 'x')};
    EXPECT_THAT(ask("http://shop.test/flood"), AllOf(StartsWith("200 "), HasSubstr("! the answer is too large")));
    answers_["/header"] = {"HTTP/1.1 200 OK\r\nX: ", std::string(40'000, 'x')};
    EXPECT_EQ(ask("http://shop.test/header"), "failed: the answer is too large, or not a proper one");
    answers_["/silent"] = {"wait", "wait", "wait", "wait"};
    EXPECT_EQ(ask("http://shop.test/silent"), "failed: no answer came in time");
    answers_["/drip"] = {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "a", "wait", "b", "wait", "c", "wait", "d"};
    EXPECT_EQ(ask("http://shop.test/drip"), "200 abc! the other side did not answer in time")
        << "the time of all pieces together counts";
    answers_["/short"] = {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"};
    EXPECT_EQ(ask("http://shop.test/short"), "200 abc! the connection ended before the answer did");
    answers_["/interim"] = std::vector<std::string>(10, "HTTP/1.1 102 Wait\r\n\r\n");
    EXPECT_EQ(ask("http://shop.test/interim"), "failed: the answer does not come to an end");
    resolver_.add("lost.test", "A", "192.0.2.99");
    world_.network().cut(SimulatedWorld::client_address(), IpAddress::parse("192.0.2.99").value());
    EXPECT_THAT(ask("http://lost.test/"), StartsWith("failed: "));
}

TEST_F(WebClientTest, PostsABody) {
    answers_["/u"] = {page("")};
    EXPECT_EQ(ask("https://mail.b.test/u",
                  {.method = "POST", .fields = {{"Content-Type", "application/x"}}, .body = "octets"}),
              "200 ");
    EXPECT_THAT(heard_, ElementsAre("POST /u HTTP/1.1\r\nHost: mail.b.test\r\nConnection: close\r\nUser-Agent: "
                                    "Mozilla/5.0\r\nContent-Type: application/x\r\nContent-Length: 6\r\n\r\noctets"));
}

} // namespace
} // namespace tegami::net::testing
