// Signing in and out, as a page does it.
#include "service/webd/session_routes.h"

#include "service/webd/origin.h"
#include "service/webd/session_cookie.h"
#include "service/webd/sign_in_request.h"
#include "testing/mail_world.h"
#include "testing/soft_passkey.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace tegami::webd {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

constexpr std::string_view kBase = "https://mail.b.test";

class Octets final : public net::BodySource {
public:
    explicit Octets(std::string octets) : octets_(std::move(octets)) {}

    async::Awaitable<Result<std::string, net::HttpFault>> read() override { co_return std::exchange(octets_, {}); }

private:
    std::string octets_;
};

class SessionRoutesTest : public tegami::testing::ServerWorld {
protected:
    SessionRoutesTest() {
        add_session_routes(routes_, service_);
        anna_ = add_account("anna@b.test");
    }

    ~SessionRoutesTest() override { stop(); }

    net::HttpResponse send(std::string method, net::HttpFields fields, std::string octets = {},
                           std::string path = "/session") {
        net::HttpRequest request{.method = std::move(method),
                                 .target = path,
                                 .fields = std::move(fields),
                                 .client = {kClient, 5000},
                                 .secure = secure_};
        Octets body(std::move(octets));
        return run((*routes_.find(request.method, path))(&request, &body));
    }

    net::HttpResponse sign_in(std::string_view password = kPassword, net::HttpFields more = {}) {
        more.add("Content-Type", "application/json");
        more.add("Origin", std::string(kBase));
        more.add("User-Agent", "Browser/1 (of a test)");
        return send("POST", std::move(more),
                    fmt::format(R"({{"username": "anna@b.test", "password": "{}"}})", password));
    }

    /// The cookie as a browser sends it back.
    static std::string cookie_of(const net::HttpResponse& response) {
        const std::string_view field = response.fields.find("Set-Cookie").value_or("none");
        return std::string(field.substr(0, field.find(';')));
    }

    net::HttpResponse get(std::string cookie) { return send("GET", {{"Cookie", std::move(cookie)}}); }

    std::vector<directory::WebSession> sessions() { return run(directory_->web_sessions().list(anna_)).value(); }

    void pass(Duration time) { run(async::sleep(&time_, time)); }

    const SessionService service_{.authenticator = *authenticator_,
                                  .sessions = directory_->web_sessions(),
                                  .passkeys = directory_->passkeys(),
                                  .timers = time_,
                                  .base_url = std::string(kBase)};
    net::HttpRoutes routes_;
    store::AccountId anna_;
    bool secure_ = true;
};

TEST_F(SessionRoutesTest, ThePasswordGetsACookieThatOpensAndIsGivenBack) {
    const net::HttpResponse in = sign_in();
    EXPECT_EQ(in.status, 204U);
    EXPECT_THAT(std::string(in.fields.find("Set-Cookie").value()),
                MatchesRegex(
                    "__Host-tegami=[0-9]+\\.[a-z0-9]{50}; Max-Age=2592000; Path=/; Secure; HttpOnly; SameSite=Strict"));
    EXPECT_EQ(in.fields.find("Cache-Control"), "no-store");
    EXPECT_THAT(std::string(in.fields.find("Content-Security-Policy").value()), StartsWith("default-src 'none'"));
    const std::string cookie = cookie_of(in);
    const net::HttpResponse who = get("other=1; " + cookie);
    EXPECT_EQ(who.status, 200U);
    EXPECT_THAT(who.body, MatchesRegex(R"(\{"username":"anna@b.test","since":"[0-9-]+T[0-9:]+Z"\})"));
    ASSERT_EQ(sessions().size(), 1U);
    EXPECT_EQ(sessions().front().client, "192.0.2.1");
    EXPECT_EQ(sessions().front().agent, "Browser/1 (of a test)");
    EXPECT_FALSE(cookie.contains(sessions().front().hash));

    const net::HttpResponse out = send("DELETE", {{"Cookie", cookie}, {"Sec-Fetch-Site", "same-origin"}});
    EXPECT_EQ(out.status, 204U);
    EXPECT_THAT(std::string(out.fields.find("Set-Cookie").value()), StartsWith("__Host-tegami=; Max-Age=0; Path=/;"));
    EXPECT_EQ(get(cookie).status, 401U);
    EXPECT_EQ(sessions().size(), 0U);
}

TEST_F(SessionRoutesTest, AWrongPasswordIsToldLikeAnUnknownUserAndTooManyAreHeldBack) {
    const net::HttpResponse wrong = sign_in("wrong");
    EXPECT_EQ(wrong.status, 401U);
    EXPECT_EQ(wrong.body, R"({"error":"wrong"})");
    EXPECT_FALSE(wrong.fields.find("Set-Cookie"));
    EXPECT_THAT(std::string(wrong.fields.find("WWW-Authenticate").value()), StartsWith("Cookie "))
        << "a browser would open a dialog for Basic";
    const net::HttpResponse unknown =
        send("POST", {{"Content-Type", "application/json"}}, R"({"username":"nobody@b.test","password":"x"})");
    EXPECT_EQ(std::pair(unknown.status, unknown.body), std::pair(wrong.status, wrong.body));
    net::HttpResponse last;
    for (int attempt = 0; attempt < 200 && last.status != 429; ++attempt)
        last = sign_in(fmt::format("guess {}", attempt));
    EXPECT_EQ(last.status, 429U);
    EXPECT_EQ(last.body, R"({"error":"too-many"})");
    EXPECT_TRUE(last.fields.find("Retry-After"));
}

TEST_F(SessionRoutesTest, PagesOfOthersGetNothing) {
    const std::string cookie = cookie_of(sign_in());
    for (const net::HttpField& field : {net::HttpField{"Origin", "https://evil.test"},
                                        {"Origin", "null"},
                                        {"Sec-Fetch-Site", "cross-site"},
                                        {"Sec-Fetch-Site", "same-site"}}) {
        EXPECT_EQ(sign_in(kPassword, {field}).status, 403U) << field.value;
        EXPECT_EQ(send("GET", {field, {"Cookie", cookie}}).status, 403U) << field.value;
        EXPECT_EQ(send("DELETE", {field, {"Cookie", cookie}}).status, 403U) << field.value;
    }
    EXPECT_EQ(send("DELETE", {{"Cookie", cookie}}).status, 403U) << "nothing says that it comes from a page of ours";
    EXPECT_EQ(get(cookie).status, 200U);
    secure_ = false;
    EXPECT_EQ(get(cookie).status, 403U);
    EXPECT_EQ(sign_in().status, 403U);
}

TEST_F(SessionRoutesTest, ATokenIsReplacedAfterADay) {
    const std::string first = cookie_of(sign_in());
    EXPECT_EQ(cookie_of(get(first)), "none");
    pass(std::chrono::hours(25));
    const net::HttpResponse later = get(first);
    const std::string second = cookie_of(later);
    EXPECT_THAT(second, StartsWith("__Host-tegami="));
    EXPECT_NE(second, first);
    EXPECT_EQ(get(first).status, 200U) << "another request is under way with it";
    pass(std::chrono::minutes(2));
    EXPECT_EQ(get(second).status, 200U);
    EXPECT_EQ(get(first).status, 401U) << "the new one has arrived";
}

TEST_F(SessionRoutesTest, WhoeverSignsInAgainLeavesNoSessionBehind) {
    const std::string first = cookie_of(sign_in());
    const std::string second = cookie_of(sign_in(kPassword, {{"Cookie", first}}));
    EXPECT_EQ(sessions().size(), 1U);
    EXPECT_EQ(get(first).status, 401U);
    EXPECT_EQ(get(second).status, 200U);
}

TEST_F(SessionRoutesTest, AnotherPasswordSignsOutEverywhere) {
    const std::string cookie = cookie_of(sign_in());
    ASSERT_TRUE(
        run(directory_->administration().set_password(tegami::testing::address("anna@b.test"), "another word")));
    EXPECT_EQ(get(cookie).status, 401U);
}

TEST_F(SessionRoutesTest, APasskeySignsInAlone) {
    const auto post = [&](std::string path, std::string octets) {
        return send("POST", {{"Content-Type", "application/json"}, {"Origin", std::string(kBase)}}, std::move(octets),
                    std::move(path));
    };
    const auto challenge = [&] {
        const auto options = read_json(post("/session/passkey/begin", "").body, 4).value().as_object();
        EXPECT_EQ(options.at("rpId"), "mail.b.test");
        EXPECT_EQ(options.at("userVerification"), "required");
        EXPECT_FALSE(options.contains("allowCredentials")) << "nothing is said of any account";
        return base64::decode_url(std::string_view(options.at("challenge").as_string())).value();
    };
    const webauthn::SoftPasskey soft("mail.b.test");
    const directory::Passkeys::Maker maker{.owner = *run(directory_->credentials().find("anna@b.test")).value(),
                                           .web_session = "S1",
                                           .client = "192.0.2.1"};
    const auto registration = soft.make(kBase, directory_->passkeys().begin_making(maker));
    ASSERT_TRUE(run(directory_->passkeys().add(maker, "phone", registration, webauthn::RelyingParty::of(kBase))));
    const std::string handle = directory::user_handle_of(anna_);
    const auto shown = [&](const std::string& asked) {
        return fmt::format(R"({{"credential":{}}})", json_of(soft.use(kBase, asked, handle)));
    };
    const std::string octets = shown(challenge());
    const net::HttpResponse in = post("/session/passkey", octets);
    EXPECT_EQ(in.status, 204U);
    EXPECT_EQ(get(cookie_of(in)).status, 200U);
    const net::HttpResponse again = post("/session/passkey", octets);
    EXPECT_EQ(again.status, 401U);
    EXPECT_EQ(again.body, R"({"error":"wrong-passkey"})");
    EXPECT_FALSE(again.fields.find("Set-Cookie"));
    for (const std::string& wrong :
         {std::string(), std::string("{}"), std::string(R"({"credential":{}})"), octets + "x"})
        EXPECT_EQ(post("/session/passkey", wrong).status, 400U);
    for (const char* const path : {"/session/passkey/begin", "/session/passkey"})
        EXPECT_EQ(
            send("POST", {{"Content-Type", "application/json"}, {"Origin", "https://evil.test"}}, shown("x"), path)
                .status,
            403U);
    EXPECT_EQ(send("POST", {{"Content-Type", "text/plain"}}, shown(challenge()), "/session/passkey").status, 400U);
}

TEST_F(SessionRoutesTest, OnlyJsonSignsIn) {
    const auto status = [&](std::string type, std::string octets) {
        return send("POST", {{"Content-Type", std::move(type)}}, std::move(octets)).status;
    };
    EXPECT_EQ(status("text/plain", R"({"username":"anna@b.test","password":"builder77"})"), 400U);
    EXPECT_EQ(status("application/json; charset=utf-8", R"({"username":"anna@b.test","password":"builder77"})"), 204U);
    for (const char* const octets :
         {"", "[]", "{}", R"({"username":"a"})", R"({"username":1,"password":"x"})",
          R"({"username":"a","password":"x","more":"y"})", R"({"username":["a"],"password":"x"})",
          R"({"username":"a","password":"x","password":"y"})"})
        EXPECT_EQ(status("application/json", octets), 400U) << octets;
    EXPECT_EQ(status("application/json", fmt::format(R"({{"username":"a","password":"{}"}})", std::string(9000, 'x'))),
              400U);
}

TEST(SessionCookie, IsReadStrictly) {
    EXPECT_EQ(token_in_cookies("a=b;__Host-tegami=7.x ; c=d"), "7.x");
    for (const char* const field : {"", "__Host-tegami", "__Host-tegami=", "__host-tegami=7.x", "x__Host-tegami=7.x",
                                    "__Host-tegami =7.x", "__Host-tegami=7.x; __Host-tegami=7.y"})
        EXPECT_FALSE(token_in_cookies(field)) << field;
    EXPECT_FALSE(token_in_cookies("__Host-tegami=" + std::string(101, 'a')));
}

TEST(Origin, WhatABrowserSaysCounts) {
    const auto origin = [](net::HttpFields fields) {
        return origin_of({.method = "GET", .target = "/", .fields = std::move(fields)}, kBase);
    };
    EXPECT_EQ(origin({}), Origin::unsaid);
    EXPECT_EQ(origin({{"Sec-Fetch-Site", "none"}}), Origin::unsaid);
    EXPECT_EQ(origin({{"Sec-Fetch-Site", "same-origin"}}), Origin::ours);
    EXPECT_EQ(origin({{"Origin", std::string(kBase)}}), Origin::ours);
    EXPECT_EQ(origin({{"Origin", std::string(kBase)}, {"Sec-Fetch-Site", "cross-site"}}), Origin::others);
    EXPECT_EQ(origin({{"Origin", "https://mail.b.test:444"}, {"Sec-Fetch-Site", "same-origin"}}), Origin::others);
}

} // namespace
} // namespace tegami::webd
