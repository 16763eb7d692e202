// The web server over a simulated network: policies as other servers fetch them, and clients that are turned away.
#include "service/httpd/httpd.h"

#include "net/https_client.h"
#include "net/test_support.h"
#include "service/httpd/plain_routes.h"
#include "service/httpd/settings_page_route.h"
#include "service/httpd/settings_routes.h"
#include "service/httpd/sts_routes.h"
#include "testing/mail_world.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <utility>

namespace tegami::httpd {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// A certificate for what our domains and a stranger's have, and clients that trust it.
struct Material {
    net::testing::TemporaryFolder folder;
    std::shared_ptr<const net::TlsServerContext> server;
    std::shared_ptr<const net::TlsClientContext> client;

    Material() {
        const std::string certificate = folder.file("certificate.pem");
        const std::string key = folder.file("key.pem");
        net::create_own_certificate(
            {{"mail.b.test", "mta-sts.b.test", "mta-sts.other.test", "mta-sts.xn--bcher-kva.test", "b.test",
              "autoconfig.b.test", "autoconfig.other.test"},
             certificate,
             key,
             SystemClock().now()})
            .value();
        server = net::TlsServerContext::create({certificate, key, {}}).value();
        client = net::TlsClientContext::create({net::TlsVerification::required, certificate}).value();
    }
};

class HttpdTest : public testing::ServerWorld {
protected:
    HttpdTest() {
        tls_.set(material_.server);
        add_sts_routes(routes_, directory_->administration(), *dns::Name::parse("mail.b.test"));
        add_settings_routes(routes_, settings_);
        add_settings_page_route(routes_, settings_);
        listen(443, [this](std::unique_ptr<net::Stream> stream) {
            return httpd::serve(&service_, std::move(stream), admitted_);
        });
    }

    ~HttpdTest() override { stop(); }

    /// "STATUS TYPE\nBODY", or why there is no answer.
    std::string get(std::string host, std::string target = "/.well-known/mta-sts.txt") {
        const net::HttpsQuestion question{.host = std::move(host),
                                          .target = std::move(target),
                                          .endpoints = {{kServer, 443}},
                                          .body_bytes_max = 10'000,
                                          .deadline = time_.instant() + std::chrono::minutes(5)};
        const auto response = run(net::https_get(&client(), material_.client, question));
        if (!response) return "no answer";
        return fmt::format("{} {}\n{}", response->status, response->fields.find("Content-Type").value_or("?"),
                           response->body);
    }

    void set_mode(std::string_view domain, tls_policy::StsMode mode) {
        EXPECT_TRUE(run(directory_->administration().set_domain(
            {.name = message::Domain::parse(domain).value(), .catch_all = {}, .sts_mode = mode})));
    }

    Material material_;
    const SettingsSource settings_{.directory = directory_->administration(),
                                   .tls = tls_,
                                   .workers = workers_,
                                   .offer = {.host = "mail.b.test",
                                             .services = {{discovery::Protocol::imap, discovery::Security::tls, 993}},
                                             .https_port = 443}};
    net::HttpRoutes routes_;
    MemoryBudget memory_{1U << 20};
    Dependencies service_{{routes_, time_, time_.random(), log_}, tls_, memory_};
    bool admitted_ = true;
};

std::string policy(std::string_view mode, std::string_view max_age) {
    return fmt::format(
        "200 text/plain; charset=utf-8\nversion: STSv1\r\nmode: {}\r\nmx: mail.b.test\r\nmax_age: {}\r\n", mode,
        max_age);
}

TEST_F(HttpdTest, EachDomainHasThePolicyOfItsMode) {
    EXPECT_EQ(get("mta-sts.b.test"), policy("testing", "86400"));
    set_mode("b.test", tls_policy::StsMode::enforce);
    EXPECT_EQ(get("MTA-STS.B.test"), policy("enforce", "1209600"));
    set_mode("b.test", tls_policy::StsMode::none);
    EXPECT_EQ(get("mta-sts.b.test"), policy("none", "86400"));
    EXPECT_TRUE(run(directory_->administration().add_domain(
        {.name = message::Domain::parse("b\u00fccher.test").value(), .catch_all = {}})));
    EXPECT_EQ(get("mta-sts.xn--bcher-kva.test"), policy("testing", "86400"));
}

TEST_F(HttpdTest, OtherHostsAndPathsHaveNothing) {
    constexpr std::string_view kNothing = "404 text/plain; charset=utf-8\nnot found\n";
    EXPECT_EQ(get("mail.b.test"), kNothing);
    EXPECT_EQ(get("mta-sts.other.test"), kNothing);
    for (const char* const path : {"/", "/.well-known/", "/.well-known/mta-sts.txt/", "/domain/list", "*"})
        EXPECT_EQ(get("mta-sts.b.test", path), kNothing) << path;
}

TEST_F(HttpdTest, APageTellsPeopleTheSettingsInTheirLanguage) {
    const net::HttpHandler* const handler = routes_.find("GET", "/mail/settings");
    ASSERT_NE(handler, nullptr);
    const auto page = [&](std::string_view address, std::string languages) {
        net::HttpRequest request{.method = "GET",
                                 .target = fmt::format("/mail/settings?emailaddress={}", address),
                                 .fields = {{"Accept-Language", std::move(languages)}}};
        return run((*handler)(&request, nullptr));
    };
    const net::HttpResponse english = page("nobody%3Cb%3E@b.test", "");
    EXPECT_EQ(english.status, 404U) << "no address";
    EXPECT_EQ(page("anna@other.test", "").status, 404U);
    EXPECT_THAT(page("anna@b.test", "de, en;q=0.5").body,
                AllOf(HasSubstr("<html lang=\"en\">"), HasSubstr("<td colspan=\"3\">anna@b.test</td>"),
                      HasSubstr("Incoming mail (IMAP)</th><td>mail.b.test</td><td>993</td><td>SSL/TLS</td>"),
                      HasSubstr("href=\"https://mail.b.test/mail/settings.mobileconfig?emailaddress=anna@b.test\"")));
    EXPECT_THAT(page("o%26x@b.test", "en;q=0.4, ja-JP;q=0.9").body,
                AllOf(HasSubstr("<html lang=\"ja\">"), HasSubstr("受信メール (IMAP)"), HasSubstr(">o&amp;x@b.test<")));
    EXPECT_THAT(page("anna@b.test", "ja;q=0, fr").body, HasSubstr("lang=\"en\""));
    EXPECT_EQ(page("anna@b.test", "ja").fields.find("Vary"), "Accept-Language");
}

TEST_F(HttpdTest, TheHostOfARequestIsReadStrictly) {
    const net::HttpHandler* const handler = routes_.find("GET", "/.well-known/mta-sts.txt");
    ASSERT_NE(handler, nullptr);
    EXPECT_EQ(routes_.find("POST", "/.well-known/mta-sts.txt"), nullptr);
    const auto status = [&](net::HttpFields fields) {
        net::HttpRequest request{.method = "GET", .target = "/", .fields = std::move(fields)};
        return run((*handler)(&request, nullptr)).status;
    };
    EXPECT_EQ(status({{"Host", "mta-sts.b.test"}}), 200U);
    EXPECT_EQ(status({{"host", "mta-sts.b.test:443"}}), 200U);
    EXPECT_EQ(status({}), 404U);
    EXPECT_EQ(status({{"Host", "mta-sts.b.test"}, {"Host", "mta-sts.b.test"}}), 404U);
    for (const std::string& host :
         {std::string("mta-sts."), std::string("mta-sts.[192.0.2.1]"), std::string("mta-sts.b.test/"), std::string(":"),
          std::string("mta-sts.b.test\0", 15), "mta-sts." + std::string(8000, 'b') + ".b.test"})
        EXPECT_EQ(status({{"Host", host}}), 404U) << host;
}

TEST_F(HttpdTest, WithoutTlsThereAreProofsForAuthoritiesAndTheWayToHttps) {
    ChallengeBoard board;
    board.show({{"token", "token.thumbprint"}});
    net::HttpRoutes routes;
    add_plain_settings_routes(routes, settings_);
    add_plain_routes(routes, board, 443);
    Dependencies plain{{routes, time_, time_.random(), log_}, tls_, memory_};
    listen(80,
           [&](std::unique_ptr<net::Stream> stream) { return httpd::serve_plainly(&plain, std::move(stream), true); });
    const auto answer = [&](const std::string& target, const std::string& host) {
        const auto stream = run(client().connect({kServer, 80}, {})).value();
        EXPECT_TRUE(run(
            stream->write_all(fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", target, host))));
        std::string octets;
        for (std::array<char, 512> buffer;;) {
            const auto got = run(stream->read_some(buffer.data(), buffer.size()));
            if (!got) return octets;
            octets.append(buffer.data(), *got);
        }
    };
    EXPECT_THAT(answer("/.well-known/acme-challenge/token", "mail.b.test"),
                AllOf(HasSubstr(" 200 "), EndsWith("\r\n\r\ntoken.thumbprint")));
    EXPECT_THAT(answer("/.well-known/acme-challenge/toke", "mail.b.test"), HasSubstr(" 404 "));
    EXPECT_THAT(answer("/x?y=z", "Mail.B.test:80"), HasSubstr("Location: https://mail.b.test/x?y=z\r\n"));
    EXPECT_THAT(answer("/", "evil/.test"), HasSubstr(" 404 "));
    EXPECT_THAT(answer("/mail/config-v1.1.xml", "autoconfig.b.test"), HasSubstr("<clientConfig"));
    EXPECT_THAT(
        answer("/AutoDiscover/AutoDiscover.xml", "autodiscover.b.test"),
        AllOf(HasSubstr(" 302 "), HasSubstr("Location: https://mail.b.test/autodiscover/autodiscover.xml\r\n")));
    board.show({});
    EXPECT_THAT(answer("/.well-known/acme-challenge/token", "mail.b.test"), HasSubstr(" 404 "));
    stop();
}

TEST_F(HttpdTest, SettingsAreOfDomainsOfOursWhoeverAsks) {
    constexpr std::string_view kNothing = "404 text/plain; charset=utf-8\nnot found\n";
    add_account("anna@b.test");
    for (const std::string& path : {"/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml"}) {
        const std::string there = get("autoconfig.b.test", path);
        EXPECT_THAT(there,
                    AllOf(StartsWith("200 text/xml; charset=utf-8\n<?xml"), HasSubstr("<hostname>mail.b.test<")));
        for (const char* const query :
             {"?emailaddress=anna@b.test", "?emailaddress=nobody%40b.test", "?emailaddress=?"})
            EXPECT_EQ(get("b.test", path + query), there) << query;
        EXPECT_EQ(get("autoconfig.other.test", path), kNothing);
        EXPECT_EQ(get("autoconfig.b.test", path + "?emailaddress=anna@other.test"), kNothing);
        EXPECT_EQ(get("mail.b.test", path), kNothing);
        EXPECT_EQ(get("mail.b.test", path + "?emailaddress=anna@b.test"), there);
    }
    for (const char* const target : {"/autodiscover/autodiscover.json?Email=nobody@b.test&Protocol=AutodiscoverV1",
                                     "/AutoDiscover/AutoDiscover.json/v1.0/nobody@b.test?protocol=autodiscoverv1"})
        EXPECT_EQ(get("mail.b.test", target),
                  "200 application/json\n"
                  R"({"Protocol":"AutodiscoverV1","Url":"https://mail.b.test/autodiscover/autodiscover.xml"})");
    EXPECT_EQ(get("mail.b.test", "/autodiscover/autodiscover.json?Email=a@other.test&Protocol=AutodiscoverV1"),
              kNothing);
    EXPECT_THAT(get("mail.b.test", "/autodiscover/autodiscover.json/v1.0/a@b.test"),
                StartsWith("400 application/json"));
    EXPECT_THAT(get("mail.b.test", "/mail/settings.mobileconfig?emailaddress=nobody@b.test"),
                AllOf(StartsWith("200 application/x-apple-aspen-config\n\x30\x82"), // signed: a sequence in DER
                      HasSubstr("<key>EmailAddress</key><string>nobody@b.test</string>")));
    for (const char* const query : {"", "?emailaddress=anna@other.test", "?emailaddress=anna"})
        EXPECT_EQ(get("b.test", std::string("/mail/settings.mobileconfig") + query), kNothing);
}

TEST_F(HttpdTest, AutodiscoverIsPosted) {
    class Octets final : public net::BodySource {
    public:
        explicit Octets(std::string octets) : octets_(std::move(octets)) {}

        async::Awaitable<Result<std::string, net::HttpFault>> read() override { co_return std::exchange(octets_, {}); }

    private:
        std::string octets_;
    };

    const auto post = [&](const std::string& path, std::string octets) {
        const net::HttpHandler* const handler = routes_.find("POST", path);
        if (handler == nullptr) return std::string("no route");
        net::HttpRequest request{.method = "POST", .target = path, .fields = {}};
        Octets body(std::move(octets));
        const net::HttpResponse response = run((*handler)(&request, &body));
        return fmt::format("{} {}", response.status, response.body);
    };
    const auto asks = [](std::string_view address, std::string_view schema = "") {
        return fmt::format("<Autodiscover><Request><EMailAddress>{}</EMailAddress><AcceptableResponseSchema>{}"
                           "</AcceptableResponseSchema></Request></Autodiscover>",
                           address, schema);
    };
    for (const char* const path :
         {"/autodiscover/autodiscover.xml", "/Autodiscover/Autodiscover.xml", "/AUTODISCOVER/autodiscover.XML"})
        EXPECT_THAT(post(path, asks("nobody@b.test")),
                    AllOf(StartsWith("200 <?xml"), HasSubstr("<LoginName>nobody@b.test</LoginName>")));
    constexpr const char* kPath = "/autodiscover/autodiscover.xml";
    EXPECT_THAT(post(kPath, asks("nobody@b.test", "mobilesync")), HasSubstr("<ErrorCode>601</ErrorCode>"));
    EXPECT_EQ(post(kPath, asks("anna@other.test")), "404 not found\n");
    for (const std::string& octets : {std::string(), asks(""), std::string("{}"), std::string(5000, ' ')})
        EXPECT_THAT(post(kPath, octets), StartsWith("400 "));
    EXPECT_EQ(post(kPath, asks("anna")), "404 not found\n");
    EXPECT_EQ(routes_.find("GET", kPath), nullptr);
}

TEST_F(HttpdTest, WhoeverIsOneTooManyIsTurnedAway) {
    MemoryBudget::Charge others(&memory_);
    ASSERT_TRUE(others.resize(memory_.bytes_max() / 2));
    memory_.set_pressed(true);
    EXPECT_EQ(get("mta-sts.b.test"), "no answer");
    memory_.set_pressed(false);
    admitted_ = false;
    EXPECT_EQ(get("mta-sts.b.test"), "no answer");
    EXPECT_EQ(connections(), 0U);
    EXPECT_EQ(memory_.used(), others.bytes());
}

/// What the server speaks with a client that offers these (ALPN): their name, and the first octets of an answer.
async::Awaitable<> begin(net::Stream* stream, std::shared_ptr<const net::TlsClientContext> tls,
                         std::vector<std::string> offered, std::string* spoken) {
    net::TlsClientOptions options{.host_name = "mail.b.test", .applications = std::move(offered)};
    const auto shaken = co_await stream->start_tls(std::move(tls), std::move(options));
    EXPECT_TRUE(shaken.has_value());
    const auto info = stream->tls_info();
    const bool is_http2 = info && info->application == "h2";
    const std::string question = is_http2 ? std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33)
                                          : std::string("GET / HTTP/1.1\r\nHost: b.test\r\n\r\n");
    const auto written = co_await stream->write_all(question);
    EXPECT_TRUE(written.has_value());
    std::string octets(8, '\0');
    const auto size = co_await stream->read_some(octets.data(), octets.size());
    const bool is_settings = size && *size > 3 && octets[3] == '\4'; // RFC 9113 §3.4: what a server begins with
    *spoken = info ? info->application + (is_settings ? " settings" : " " + octets) : "nothing";
}

TEST_F(HttpdTest, SpeaksHttp2WithThoseWhoOfferIt) {
    const auto spoken = [this](std::vector<std::string> offered) {
        const auto stream = run(client().connect({kServer, 443}, {})).value();
        std::string said;
        run(begin(stream.get(), material_.client, std::move(offered), &said));
        return said;
    };
    EXPECT_EQ(spoken({"http/1.1", "h2"}), "h2 settings");
    EXPECT_EQ(spoken({"http/1.1"}), "http/1.1 HTTP/1.1");
    EXPECT_EQ(spoken({"imap"}), " HTTP/1.1");
    EXPECT_EQ(spoken({}), " HTTP/1.1");
}

async::Awaitable<> wait(async::Timers* timers, Duration time) {
    co_await async::sleep(timers, time);
}

TEST_F(HttpdTest, WhoeverSaysNothingIsLeft) {
    const auto silent = run(client().connect({kServer, 443}, {})).value();
    run(wait(&time_, std::chrono::seconds(1)));
    EXPECT_EQ(connections(), 1U);
    run(wait(&time_, std::chrono::seconds(10)));
    EXPECT_EQ(connections(), 0U);
}

} // namespace
} // namespace tegami::httpd
