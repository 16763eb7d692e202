// One's own account: who may look and change, and what a page has to say.
#include "service/webd/account_fixture.h"
#include "service/webd/account_request.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

namespace tegami::webd {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Every route, with what it would take from the page.
constexpr std::tuple<const char*, const char*, const char*> kEvery[] = {
    {"GET", "/account", ""},
    {"POST", "/account/password", R"({"old":"builder77","new":"another word"})"},
    {"GET", "/account/app-passwords", ""},
    {"POST", "/account/app-passwords", R"({"name":"phone","password":"builder77"})"},
    {"DELETE", "/account/app-passwords/PASSWORD", ""},
    {"POST", "/account/totp", R"({"password":"builder77"})"},
    {"POST", "/account/totp/confirm", R"({"code":"CODE"})"},
    {"POST", "/account/second-factor", R"({"password":"builder77"})"},
    {"DELETE", "/account/second-factor", R"({"password":"builder77","code":"CODE"})"},
    {"GET", "/account/passkeys", ""},
    {"POST", "/account/passkeys/begin", R"({"password":"builder77"})"},
    {"POST", "/account/passkeys", R"({"name":"phone","credential":{}})"},
    {"DELETE", "/account/passkeys/PASSKEY", ""},
    {"POST", "/account/recovery-codes", R"({"password":"builder77","code":"CODE"})"},
    {"GET", "/account/sessions", ""},
    {"DELETE", "/account/sessions/SESSION", ""},
    {"GET", "/account/deleted", ""},
    {"POST", "/account/undelete", R"({"letters":["1.1.1.1"]})"},
    {"GET", "/account/export?mailbox=INBOX", ""},
};

TEST_F(AccountRoutesTest, NothingIsGivenOrChangedWithoutTheCookieOrForAnotherOrigin) {
    const std::string cookie = cookie_of(sign_in("anna"));
    const auto made = run(directory_->app_passwords().add(tegami::testing::address("anna@b.test"), {.name = "x"}));
    const std::string session = run(directory_->web_sessions().list(anna_)).value().front().id;
    const directory::Identity anna = *run(directory_->credentials().find("anna@b.test")).value();
    ASSERT_TRUE(run(directory_->second_factors().begin_totp(anna)));
    const store::Version before = version();
    const auto filled = [&](std::string text) {
        for (const auto& [name, value] : {std::pair{"PASSWORD", made->password.id}, std::pair{"SESSION", session},
                                          std::pair{"CODE", code()}, std::pair{"PASSKEY", std::string("P1")}})
            if (const auto at = text.find(name); at != std::string::npos)
                text.replace(at, std::string_view(name).size(), value);
        return text;
    };
    for (const auto& [how, where, what] : kEvery) {
        const std::string method = how;
        const std::string path = filled(where);
        const std::string octets = filled(what);
        const auto status = [&](const Page& page) {
            const net::HttpResponse answer = send(page, method, path, octets);
            EXPECT_EQ(answer.fields.find("Cache-Control"), "no-store") << path;
            EXPECT_THAT(answer.body, StartsWith(R"({"error":)")) << path;
            return answer.status;
        };
        EXPECT_EQ(status({.cookie = ""}), 401U) << method << path;
        EXPECT_EQ(status({.cookie = "__Host-tegami=1.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}), 401U);
        EXPECT_EQ(status({.cookie = cookie, .origin = "https://evil.test"}), 403U) << method << path;
        if (method != "GET") {
            EXPECT_EQ(status({.cookie = cookie, .origin = ""}), 403U)
                << path << ": nothing says that it is a page of ours";
        }
        secure_ = false;
        EXPECT_EQ(status({.cookie = cookie}), 403U) << method << path;
        secure_ = true;
    }
    EXPECT_EQ(version(), before) << "nothing was written";
    EXPECT_EQ(send({.cookie = cookie}, "GET", "/account").status, 200U);
}

TEST_F(AccountRoutesTest, WhoMustSetUpASecondFactorMayThatAndNothingElse) {
    const Page page{.cookie = cookie_of(sign_in("anna"))};
    const auto account = run(directory_->administration().account_at(tegami::testing::address("anna@b.test"))).value();
    ASSERT_TRUE(run(directory_->second_factors().require(*account, true)));
    std::set<std::string> answered;
    for (const auto& [method, path, octets] : kEvery)
        if (refused(send(page, method, path, "{}")) != R"(403 {"error":"second-factor-required"})")
            answered.insert(std::string(method) + " " + path);
    EXPECT_THAT(answered, ::testing::ElementsAre("DELETE /account/passkeys/PASSKEY", "GET /account",
                                                 "GET /account/passkeys", "POST /account/passkeys",
                                                 "POST /account/passkeys/begin", "POST /account/second-factor",
                                                 "POST /account/totp", "POST /account/totp/confirm"));
    EXPECT_THAT(send(page, "GET", "/account").body, HasSubstr(R"("required":true)"));
    turn_on(page);
    EXPECT_EQ(send(page, "GET", "/account/sessions").status, 200U);
}

TEST_F(AccountRoutesTest, NobodyReachesTheAccountOfAnother) {
    const std::string cookie = cookie_of(sign_in("anna"));
    const std::string of_bob = cookie_of(sign_in("bob"));
    const auto made = run(directory_->app_passwords().add(tegami::testing::address("bob@b.test"), {.name = "x"}));
    const std::string session = run(directory_->web_sessions().list(bob_)).value().front().id;
    const Page anna{.cookie = cookie};
    EXPECT_EQ(send(anna, "DELETE", "/account/app-passwords/" + made->password.id).status, 404U);
    EXPECT_EQ(send(anna, "DELETE", "/account/sessions/" + session).status, 404U);
    EXPECT_EQ(send(anna, "DELETE", "/account/sessions/").status, 404U) << "an empty id is not all";
    EXPECT_EQ(send(anna, "DELETE", "/account/app-passwords/").status, 404U);
    EXPECT_EQ(send(anna, "POST", "/account/totp", R"({"password":"builder77","username":"bob@b.test"})").status, 400U);
    EXPECT_EQ(send({.cookie = of_bob}, "GET", "/account/sessions").status, 200U);
    EXPECT_EQ(run(directory_->app_passwords().list(bob_)).value().size(), 1U);
    EXPECT_EQ(
        send(anna, "GET", "/account").body,
        R"({"address":"anna@b.test","secondFactor":{"inForce":false,"required":false,"kinds":[],"recoveryCodes":0}})");
    EXPECT_EQ(send(anna, "GET", "/account/app-passwords").body, R"({"appPasswords":[]})");
}

TEST_F(AccountRoutesTest, AnAppPasswordIsMadeListedAndRevoked) {
    const Page page{.cookie = cookie_of(sign_in("anna"))};
    const auto made =
        send(page, "POST", "/account/app-passwords",
             R"({"name":"携帯","protocols":["imap"],"networks":["192.0.2.0/24"],"password":"builder77"})");
    ASSERT_EQ(made.status, 201U) << made.body;
    const json::object password = object_in(made);
    const std::string secret(password.at("secret").as_string());
    const auto opens = [&](std::string client, directory::LoginService service) {
        return run(authenticator_->check_password("anna@b.test", secret,
                                                  {.address = std::move(client), .service = service, .tls = true}))
            .has_value();
    };
    EXPECT_TRUE(opens("192.0.2.7", directory::LoginService::imap));
    EXPECT_FALSE(opens("192.0.2.7", directory::LoginService::pop3));
    EXPECT_FALSE(opens("198.51.100.1", directory::LoginService::imap));
    const json::array all = object_in(send(page, "GET", "/account/app-passwords")).at("appPasswords").as_array();
    ASSERT_EQ(all.size(), 1U);
    json::object listed = all.front().as_object();
    EXPECT_FALSE(listed.contains("secret"));
    EXPECT_EQ(listed.at("name"), "携帯");
    EXPECT_EQ(listed.at("protocols"), json::array{"imap"});
    EXPECT_EQ(listed.at("networks"), json::array{"192.0.2.0/24"});
    EXPECT_EQ(listed.at("usedFrom"), "192.0.2.0");
    const std::string path = "/account/app-passwords/" + std::string(listed.at("id").as_string());
    EXPECT_EQ(send(page, "DELETE", path).status, 204U);
    EXPECT_EQ(send(page, "DELETE", path).status, 404U);
    EXPECT_FALSE(opens("192.0.2.7", directory::LoginService::imap));
}

TEST_F(AccountRoutesTest, AnAppPasswordTakesThePasswordAgainAndASoundWish) {
    const Page page{.cookie = cookie_of(sign_in("anna"))};
    const auto add = [&](std::string octets) {
        return refused(send(page, "POST", "/account/app-passwords", std::move(octets)));
    };
    EXPECT_EQ(add(R"({"name":"x","password":"wrong"})"), R"(403 {"error":"wrong"})");
    for (const char* const octets :
         {"", "[]", R"({"name":"x"})", R"({"password":"builder77"})", R"({"name":"","password":"builder77"})",
          R"({"name":"x","password":"builder77","protocols":["web"]})",
          R"({"name":"x","password":"builder77","protocols":[]})",
          R"({"name":"x","password":"builder77","networks":["192.0.2.1/24"]})",
          R"({"name":"x","password":"builder77","networks":"192.0.2.0/24"})",
          R"({"name":"x","password":"builder77","more":"y"})"})
        EXPECT_EQ(add(octets), R"(400 {"error":"malformed"})") << octets;
    EXPECT_THAT(add(R"({"name":"x","password":"builder77"})"), StartsWith("201 "));
    auto stored = run(directory_->app_passwords().stored(anna_)).value().value();
    stored.passwords.resize(directory::kAppPasswordsMax, stored.passwords.front());
    ASSERT_TRUE(run(engine_.commit({.domain = directory::kShard,
                                    .operations = {store::Put{directory::records::app_passwords_key(anna_),
                                                              directory::records::encode(stored)}}})));
    EXPECT_EQ(add(R"({"name":"x","password":"builder77"})"), R"(409 {"error":"full"})");
}

TEST_F(AccountRoutesTest, AnotherPasswordSignsOutEverywhereButHere) {
    const Page page{.cookie = cookie_of(sign_in("anna"))};
    const std::string elsewhere = cookie_of(sign_in("anna"));
    const auto change = [&](std::string octets) { return send(page, "POST", "/account/password", std::move(octets)); };
    EXPECT_EQ(refused(change(R"({"old":"wrong","new":"a better word"})")), R"(403 {"error":"wrong"})");
    EXPECT_EQ(refused(change(R"({"old":"builder77","new":"short"})")), R"(400 {"error":"too-short"})");
    EXPECT_EQ(refused(change(R"({"old":"builder77","new":"password1"})")), R"(400 {"error":"guessed-first"})");
    EXPECT_EQ(refused(change(R"({"old":"builder77","new":"a\u0007bcdefgh"})")), R"(400 {"error":"malformed"})");
    EXPECT_EQ(send(page, "GET", "/account").status, 200U);
    const auto changed = change(R"({"old":"builder77","new":"a better word"})");
    EXPECT_EQ(changed.status, 204U);
    EXPECT_EQ(send(page, "GET", "/account").status, 401U) << "the cookie of before";
    EXPECT_EQ(send({.cookie = cookie_of(changed)}, "GET", "/account").status, 200U);
    EXPECT_EQ(send({.cookie = elsewhere}, "GET", "/account").status, 401U);
    EXPECT_EQ(sign_in("anna").status, 401U);
    EXPECT_EQ(sign_in("anna", "a better word").status, 204U);
}

TEST_F(AccountRoutesTest, GuessingOnIsStoppedHereToo) {
    const Page page{.cookie = cookie_of(sign_in("anna"))};
    net::HttpResponse last;
    for (int at = 0; at < 100 && last.status != 429; ++at)
        last = send(page, "POST", "/account/totp", R"({"password":"guess"})");
    EXPECT_EQ(last.status, 429U);
    EXPECT_TRUE(last.fields.find("Retry-After"));
}

TEST_F(AccountRoutesTest, SessionsAreListedAndEnded) {
    const Page page{.cookie = cookie_of(sign_in("anna"))};
    const std::string elsewhere = cookie_of(sign_in("anna"));
    const json::array sessions = object_in(send(page, "GET", "/account/sessions")).at("sessions").as_array();
    ASSERT_EQ(sessions.size(), 2U);
    EXPECT_EQ(sessions[0].at("current"), true);
    EXPECT_EQ(sessions[1].at("current"), false);
    EXPECT_EQ(sessions[1].at("client"), "192.0.2.1");
    EXPECT_EQ(sessions[1].at("agent"), "Browser/1");
    const auto path = [&](std::size_t at) {
        return "/account/sessions/" + std::string(sessions[at].at("id").as_string());
    };
    EXPECT_EQ(send(page, "DELETE", path(1)).status, 204U);
    EXPECT_EQ(send({.cookie = elsewhere}, "GET", "/account").status, 401U);
    const auto ended = send(page, "DELETE", path(0));
    EXPECT_EQ(ended.status, 204U);
    EXPECT_THAT(std::string(ended.fields.find("Set-Cookie").value()), HasSubstr("Max-Age=0"));
    EXPECT_EQ(send(page, "GET", "/account").status, 401U);
}

TEST(AccountRequestTest, IsReadStrictly) {
    const auto read = AccountRequest::parse(R"({"a":"x","b":["y","z"]})").value();
    EXPECT_EQ(read.text("a"), "x");
    EXPECT_EQ(read.list("b"), (std::vector<std::string>{"y", "z"}));
    EXPECT_FALSE(read.text("b") || read.list("a") || read.text("c"));
    EXPECT_TRUE(read.has_only({"a", "c"}, {"b"}));
    EXPECT_FALSE(read.has_only({"a", "b"}) || read.has_only({"a"}) || read.has_only({}, {"b"}));
    EXPECT_TRUE(AccountRequest::parse("")->has_only({}));
    const auto object = AccountRequest::parse(R"({"a":{"b":"c"}})").value();
    EXPECT_EQ(object.object("a")->at("b"), "c");
    EXPECT_EQ(object.object("b"), nullptr);
    EXPECT_TRUE(object.has_only({}, {}, {"a"}));
    EXPECT_FALSE(object.has_only({"a"}, {"a"}));
    for (const char* const octets : {"[]", "1", "{", R"({"a":1})", R"({"a":null})", R"({"a":["x",1]})",
                                     R"({"a":[["x"]]})", R"({"a":{"b":{"c":{"d":{}}}}})", R"({"a":"x","a":"y"})"})
        EXPECT_FALSE(AccountRequest::parse(octets)) << octets;
    EXPECT_FALSE(AccountRequest::parse(fmt::format(R"({{"a":"{}"}})", std::string(25'000, 'x'))));
}

} // namespace
} // namespace tegami::webd
