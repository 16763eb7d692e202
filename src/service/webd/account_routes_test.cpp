// One's own account: who may look and change, and what a page has to say.
#include "service/webd/account_routes.h"

#include "directory/engine_access.h"
#include "directory/totp.h"
#include "ingest/intake.h"
#include "service/webd/account_request.h"
#include "testing/mail_world.h"
#include "testing/soft_passkey.h"
#include "json/json.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <utility>

namespace tegami::webd {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kOurs = "https://mail.b.test";

class Body final : public net::BodySource {
public:
    explicit Body(std::string octets) : octets_(std::move(octets)) {}

    async::Awaitable<Result<std::string, net::HttpFault>> read() override { co_return std::exchange(octets_, {}); }

private:
    std::string octets_;
};

struct Page {
    std::string cookie;
    std::string origin{kOurs};
};

class AccountRoutesTest : public tegami::testing::ServerWorld {
protected:
    AccountRoutesTest() {
        add_session_routes(routes_, signing_in_);
        add_account_routes(routes_, service_);
        anna_ = add_account("anna@b.test");
        bob_ = add_account("bob@b.test");
    }

    ~AccountRoutesTest() override { stop(); }

    net::HttpResponse send(const Page& page, std::string method, std::string path, std::string octets = {}) {
        net::HttpRequest request{
            .method = std::move(method), .target = path, .client = {kClient, 5000}, .secure = secure_};
        if (!page.cookie.empty()) request.fields.add("Cookie", page.cookie);
        if (!page.origin.empty()) request.fields.add("Origin", page.origin);
        request.fields.add("Content-Type", "application/json");
        request.fields.add("User-Agent", "Browser/1");
        Body body(std::move(octets));
        return run((*routes_.find(request.method, request.path()))(&request, &body));
    }

    static json::object object_in(const net::HttpResponse& response) {
        return response.body.empty() ? json::object() : read_json(response.body, 8).value().as_object();
    }

    static std::string cookie_of(const net::HttpResponse& response) {
        const std::string_view field = response.fields.find("Set-Cookie").value_or("none");
        return std::string(field.substr(0, field.find(';')));
    }

    net::HttpResponse sign_in(std::string_view name, std::string_view password = kPassword) {
        return send({}, "POST", "/session",
                    fmt::format(R"({{"username": "{}@b.test", "password": "{}"}})", name, password));
    }

    static std::string challenge_in(const json::object& options) {
        return base64::decode_url(std::string_view(options.at("challenge").as_string())).value();
    }

    /// Makes a passkey as a page does; the answer.
    net::HttpResponse add_passkey(const Page& page, const webauthn::SoftPasskey& soft) {
        auto begun = send(page, "POST", "/account/passkeys/begin", R"({"password":"builder77"})");
        if (begun.status != 200) return begun;
        return send(page, "POST", "/account/passkeys",
                    fmt::format(R"({{"name":"電話","credential":{}}})",
                                json_of(soft.make(kOurs, challenge_in(object_in(begun))))));
    }

    net::HttpResponse send_code(std::string_view ticket, std::string_view code) {
        return send({}, "POST", "/session", fmt::format(R"({{"ticket":"{}","code":"{}"}})", ticket, code));
    }

    std::string refused(const net::HttpResponse& response) {
        return fmt::format("{} {}", response.status, response.body);
    }

    std::string code(int steps_later = 0) {
        const std::string secret = run(directory_->second_factors().find(anna_))->totp.secret;
        return directory::totp_code(secret,
                                    directory::totp_step_at(time_.now()) + static_cast<std::uint64_t>(steps_later));
    }

    /// Codes up to the one of now have been used then.
    std::vector<std::string> turn_on(const Page& page) {
        EXPECT_EQ(send(page, "POST", "/account/totp", R"({"password":"builder77"})").status, 200U);
        const auto confirmed = send(page, "POST", "/account/totp/confirm", fmt::format(R"({{"code":"{}"}})", code()));
        EXPECT_EQ(confirmed.status, 200U);
        return json::value_to<std::vector<std::string>>(object_in(confirmed).at("recoveryCodes"));
    }

    /// Brings a letter into the inbox.
    void add_letter(store::AccountId owner, const std::string& octets) {
        ingest::Intake intake(engine_);
        EXPECT_TRUE(run(intake.append(octets)));
        EXPECT_TRUE(run(intake.complete()));
        const store::AccountPtr to = account(owner);
        std::vector<store::NewMessage> message{
            {.blob = run(intake.store("", {})).value().blob,
             .placements = {{.mailbox = inbox(to), .flags = {store::Flag::flagged}, .keywords = {}}},
             .internal_date = time_.now(),
             .thread = {}}};
        EXPECT_TRUE(run(to->append(std::move(message))));
    }

    static store::MailboxId inbox(const store::AccountPtr& account) { return account->mailboxes()->find("INBOX")->id; }

    store::Version version() { return run(engine_.scan(directory::kShard, {.rows_max = 1})).value().version; }

    void pass(Duration time) { run(async::sleep(&time_, time)); }

    const SessionService signing_in_{.authenticator = *authenticator_,
                                     .sessions = directory_->web_sessions(),
                                     .passkeys = directory_->passkeys(),
                                     .timers = time_,
                                     .base_url = std::string(kOurs)};
    const AccountService service_{.signing_in = signing_in_,
                                  .app_passwords = directory_->app_passwords(),
                                  .second_factors = directory_->second_factors(),
                                  .credentials = directory_->credentials(),
                                  .directory = directory_->administration(),
                                  .store = store_};
    net::HttpRoutes routes_;
    store::AccountId anna_;
    store::AccountId bob_;
    bool secure_ = true;
};

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

TEST_F(AccountRoutesTest, ASecondFactorIsSetUpInTwoStepsAndAskedForThen) {
    const Page page{.cookie = cookie_of(sign_in("anna"))};
    const std::string elsewhere = cookie_of(sign_in("anna"));
    EXPECT_EQ(refused(send(page, "POST", "/account/totp", R"({"password":"wrong"})")), R"(403 {"error":"wrong"})");
    EXPECT_EQ(send(page, "POST", "/account/totp/confirm", R"({"code":"000000"})").status, 404U);
    const json::object begun = object_in(send(page, "POST", "/account/totp", R"({"password":"builder77"})"));
    EXPECT_THAT(
        std::string(begun.at("uri").as_string()),
        StartsWith("otpauth://totp/mail.b.test:anna%40b.test?secret=" + std::string(begun.at("secret").as_string())));
    EXPECT_EQ(refused(send(page, "POST", "/account/totp/confirm", R"({"code":"000000"})")),
              R"(403 {"error":"wrong-code"})");
    EXPECT_EQ(sign_in("anna").status, 204U) << "not in force yet";
    const auto codes = turn_on(page);
    EXPECT_EQ(codes.size(), 10U);
    EXPECT_EQ(
        send(page, "GET", "/account").body,
        R"({"address":"anna@b.test","secondFactor":{"inForce":true,"required":false,"kinds":["totp"],"recoveryCodes":10}})");
    EXPECT_EQ(send({.cookie = elsewhere}, "GET", "/account").status, 401U) << "every other session has ended";

    EXPECT_EQ(refused(sign_in("anna", "wrong")), R"(401 {"error":"wrong"})") << "not a word about a code";
    json::object owed = object_in(sign_in("anna"));
    EXPECT_EQ(owed.at("error"), "code-needed");
    EXPECT_EQ(owed.at("kinds"), json::array{"totp"});
    const auto wrong = send_code(owed.at("ticket").as_string(), "000000");
    EXPECT_EQ(wrong.status, 401U);
    EXPECT_EQ(object_in(wrong).at("error"), "wrong-code");
    EXPECT_EQ(refused(send_code(owed.at("ticket").as_string(), code(1))), R"(401 {"error":"expired"})");
    const auto in = send_code(object_in(wrong).at("ticket").as_string(), code(1));
    EXPECT_EQ(in.status, 204U);
    EXPECT_EQ(send({.cookie = cookie_of(in)}, "GET", "/account").status, 200U);
    const auto by_recovery = send_code(object_in(sign_in("anna")).at("ticket").as_string(), codes.front());
    EXPECT_EQ(by_recovery.status, 204U);
    EXPECT_THAT(send(page, "GET", "/account").body, HasSubstr(R"("recoveryCodes":9)"));
}

TEST_F(AccountRoutesTest, ASecondFactorIsTurnedOffAndItsCodesRenewedWithPasswordAndCode) {
    const Page page{.cookie = cookie_of(sign_in("anna"))};
    const auto codes = turn_on(page);
    for (const auto& [method, path] :
         {std::pair{"POST", "/account/recovery-codes"}, std::pair{"DELETE", "/account/second-factor"}}) {
        EXPECT_EQ(refused(send(page, method, path, R"({"password":"wrong","code":"000000"})")),
                  R"(403 {"error":"wrong"})");
        EXPECT_EQ(refused(send(page, method, path, R"({"password":"builder77"})")),
                  R"(403 {"error":"code-needed","kinds":["totp"]})");
        EXPECT_EQ(refused(send(page, method, path, R"({"password":"builder77","code":"000000"})")),
                  R"(403 {"error":"wrong-code"})");
    }
    const auto renewed = object_in(send(page, "POST", "/account/recovery-codes",
                                        fmt::format(R"({{"password":"builder77","code":"{}"}})", code(1))));
    const auto others = json::value_to<std::vector<std::string>>(renewed.at("recoveryCodes"));
    const auto turn_off = [&](const std::string& code) {
        return send(page, "DELETE", "/account/second-factor",
                    fmt::format(R"({{"password":"builder77","code":"{}"}})", code))
            .status;
    };
    EXPECT_EQ(turn_off(codes.front()), 403U) << "a recovery code of before";
    EXPECT_EQ(turn_off(others.front()), 204U);
    EXPECT_EQ(sign_in("anna").status, 204U);
    EXPECT_EQ(turn_off(others.back()), 404U);
}

TEST_F(AccountRoutesTest, APasskeyIsMadeListedAndRemoved) {
    const Page page{.cookie = cookie_of(sign_in("anna"))};
    const webauthn::SoftPasskey soft("mail.b.test");
    EXPECT_EQ(refused(send(page, "POST", "/account/passkeys/begin", R"({"password":"wrong"})")),
              R"(403 {"error":"wrong"})");
    const json::object options =
        object_in(send(page, "POST", "/account/passkeys/begin", R"({"password":"builder77"})"));
    EXPECT_EQ(options.at("rp").at("id"), "mail.b.test");
    EXPECT_EQ(options.at("user").at("name"), "anna@b.test");
    EXPECT_EQ(options.at("authenticatorSelection").at("residentKey"), "required");
    EXPECT_EQ(options.at("attestation"), "none");
    const auto made = add_passkey(page, soft);
    ASSERT_EQ(made.status, 201U) << made.body;
    EXPECT_EQ(add_passkey(page, soft).status, 409U);
    const json::array all = object_in(send(page, "GET", "/account/passkeys")).at("passkeys").as_array();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all.front().at("name"), "電話");
    EXPECT_TRUE(all.front().at("used").is_null());
    const auto again = object_in(send(page, "POST", "/account/passkeys/begin", R"({"password":"builder77"})"));
    EXPECT_EQ(again.at("excludeCredentials").as_array().size(), 1U);
    const auto with = [&](std::string credential) {
        return send(page, "POST", "/account/passkeys", fmt::format(R"({{"name":"x","credential":{}}})", credential))
            .status;
    };
    EXPECT_EQ(with(json_of(soft.make(kOurs, "not asked"))), 400U);
    EXPECT_EQ(with("{}"), 400U);
    EXPECT_EQ(with(R"("text")"), 400U);
    const std::string path = "/account/passkeys/" + std::string(all.front().at("id").as_string());
    EXPECT_EQ(send({.cookie = cookie_of(sign_in("bob"))}, "DELETE", path).status, 404U);
    EXPECT_EQ(send(page, "DELETE", path).status, 204U);
    EXPECT_EQ(send(page, "DELETE", path).status, 404U);
    auto stored = run(directory_->passkeys().list(anna_)).value();
    stored.resize(directory::kPasskeysMax);
    ASSERT_TRUE(run(engine_.commit(
        {.domain = directory::kShard,
         .operations = {store::Put{directory::records::passkeys_key(anna_), directory::records::encode(stored)}}})));
    EXPECT_EQ(refused(add_passkey(page, soft)), R"(409 {"error":"full"})");
}

TEST_F(AccountRoutesTest, PasskeysBecomeTheSecondFactorWhenTheirOwnerSaysSo) {
    const Page page{.cookie = cookie_of(sign_in("anna"))};
    const auto turn_on = [&] { return send(page, "POST", "/account/second-factor", R"({"password":"builder77"})"); };
    EXPECT_EQ(turn_on().status, 404U);
    const webauthn::SoftPasskey soft("mail.b.test");
    ASSERT_EQ(add_passkey(page, soft).status, 201U);
    EXPECT_EQ(sign_in("anna").status, 204U);
    EXPECT_EQ(object_in(turn_on()).at("recoveryCodes").as_array().size(), 10U);
    EXPECT_EQ(turn_on().status, 409U);
    EXPECT_EQ(
        send(page, "GET", "/account").body,
        R"({"address":"anna@b.test","secondFactor":{"inForce":true,"required":false,"kinds":["passkey"],"recoveryCodes":10}})");
    const std::string id(object_in(send(page, "GET", "/account/passkeys")).at("passkeys").at(0).at("id").as_string());
    EXPECT_EQ(refused(send(page, "DELETE", "/account/passkeys/" + id)), R"(409 {"error":"needed"})");

    const json::object owed = object_in(sign_in("anna"));
    EXPECT_EQ(owed.at("kinds"), json::array{"passkey"});
    EXPECT_EQ(owed.at("passkey").at("allowCredentials").as_array().size(), 1U);
    const auto shown = soft.use(kOurs, challenge_in(owed.at("passkey").as_object()));
    EXPECT_EQ(send({}, "POST", "/session/passkey", fmt::format(R"({{"credential":{}}})", json_of(shown))).status, 204U);

    // What takes a code takes a passkey; that of another account proves nothing.
    const auto asked = [&](std::string_view method, std::string_view path, std::string_view more) {
        return object_in(
            send(page, std::string(method), std::string(path), fmt::format(R"({{"password":"builder77"{}}})", more)));
    };
    const webauthn::SoftPasskey of_bob("mail.b.test");
    ASSERT_EQ(add_passkey({.cookie = cookie_of(sign_in("bob"))}, of_bob).status, 201U);
    const std::string bobs = challenge_in(object_in(send({}, "POST", "/session/passkey/begin")));
    const auto with = [&](const webauthn::Assertion& assertion) {
        return fmt::format(R"(,"credential":{})", json_of(assertion));
    };
    for (const auto& [method, path] :
         {std::pair{"POST", "/account/passkeys/begin"}, std::pair{"POST", "/account/totp"},
          std::pair{"POST", "/account/recovery-codes"}, std::pair{"DELETE", "/account/second-factor"}}) {
        const json::object needed = asked(method, path, "");
        EXPECT_EQ(needed.at("error"), "code-needed") << path;
        const std::string challenge = challenge_in(needed.at("passkey").as_object());
        EXPECT_EQ(asked(method, path, with(of_bob.use(kOurs, bobs, directory::user_handle_of(bob_)))).at("error"),
                  "wrong-passkey");
        EXPECT_FALSE(asked(method, path, with(soft.use(kOurs, challenge))).contains("error")) << path;
        EXPECT_TRUE(asked(method, path, with(soft.use(kOurs, challenge))).contains("error")) << "once";
    }
    EXPECT_EQ(sign_in("anna").status, 204U) << "it is off";
    EXPECT_EQ(send(page, "GET", "/account/passkeys").body.contains(id), true) << "and the passkey stays";
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

TEST_F(AccountRoutesTest, AnotherPasswordTakesACodeWhereOneIsInForce) {
    const Page page{.cookie = cookie_of(sign_in("anna"))};
    turn_on(page);
    const auto change = [&](std::string_view code) {
        return send(page, "POST", "/account/password",
                    fmt::format(R"({{"old":"builder77","new":"a better word"{}}})", code))
            .status;
    };
    EXPECT_EQ(change(""), 403U);
    EXPECT_EQ(change(R"(,"code":"000000")"), 403U);
    EXPECT_EQ(change(fmt::format(R"(,"code":"{}")", code(1))), 204U);
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

TEST_F(AccountRoutesTest, WhatWasDeletedIsToldAndPutBack) {
    const Page page{.cookie = cookie_of(sign_in("anna"))};
    const Page bob{.cookie = cookie_of(sign_in("bob"))};
    add_letter(anna_, "From: =?utf-8?q?J=C3=B6rg?= <j@c.test>\r\nSubject: =?utf-8?b?5qKF?=\r\n\r\nx\r\n");
    add_letter(anna_, "Subject: second\r\n\r\nx\r\n");
    const store::AccountPtr mail = account(anna_);
    const auto deleted = [&](const Page& who) {
        return object_in(send(who, "GET", "/account/deleted")).at("letters").as_array();
    };
    EXPECT_EQ(send(page, "GET", "/account/deleted").body, R"({"letters":[],"days":14})");
    ASSERT_TRUE(run(mail->expunge(inbox(mail), UidSet{1, 2}, store::Account::Expunge::forced)));
    json::array letters = deleted(page);
    ASSERT_EQ(letters.size(), 2U);
    EXPECT_EQ(letters[0].at("subject"), "梅");
    EXPECT_EQ(letters[0].at("from"), (json::object{{"name", "Jörg"}, {"email", "j@c.test"}}));
    EXPECT_EQ(letters[0].at("mailbox"), "INBOX");
    EXPECT_EQ(letters[0].at("draft"), false);
    EXPECT_EQ(letters[0].at("received"), letters[0].at("deleted"));
    EXPECT_FALSE(letters[1].as_object().contains("from"));
    EXPECT_TRUE(deleted(bob).empty());

    const std::string wanted = fmt::format(R"({{"letters":["{}"]}})", letters[0].at("id").as_string().c_str());
    const std::string gone =
        fmt::format(R"({{"back":0,"left":[{{"id":"{}","error":"gone"}}]}})", letters[0].at("id").as_string().c_str());
    EXPECT_EQ(send(bob, "POST", "/account/undelete", wanted).body, gone) << "it is not his";
    EXPECT_EQ(send(page, "POST", "/account/undelete", wanted).body, R"({"back":1,"left":[]})");
    EXPECT_EQ(send(page, "POST", "/account/undelete", wanted).body, gone) << "it is back already";
    EXPECT_EQ(mail->mailboxes()->find("INBOX")->messages, 1U);
    letters = deleted(page);
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters[0].at("subject"), "second");
    std::string too_many = R"({"letters":["1.1.1.1")";
    for (int at = 0; at < 250; ++at)
        too_many += R"(,"1.1.1.1")";
    for (const std::string& octets :
         {std::string("{}"), std::string(R"({"letters":[]})"), std::string(R"({"letters":["1.2.3"]})"),
          std::string(R"({"letters":["1.2.3.x"]})"), std::string(R"({"letters":["1.1.1.1"],"more":"x"})"),
          too_many + "]}"})
        EXPECT_EQ(refused(send(page, "POST", "/account/undelete", octets)), R"(400 {"error":"malformed"})") << octets;
    EXPECT_EQ(refused(send(page, "GET", "/account/deleted?from=!")), R"(400 {"error":"malformed"})");
    pass(std::chrono::days(15));
    EXPECT_TRUE(deleted(page).empty()) << "nothing is kept for longer";
}

TEST_F(AccountRoutesTest, AMailboxIsTakenAwayAsAFile) {
    const Page page{.cookie = cookie_of(sign_in("anna"))};
    add_letter(anna_, "Subject: first\r\n\r\nFrom here\r\n>From there\r\n");
    add_letter(anna_, "Subject: long\r\n\r\n" + std::string(300'000, 'x') + "\r\nFrom the end");
    const auto take = [&](const Page& who, std::string_view mailbox) {
        return send(who, "GET", fmt::format("/account/export?mailbox={}", mailbox));
    };
    const auto taken = take(page, "inbox");
    EXPECT_EQ(taken.status, 200U);
    EXPECT_EQ(taken.fields.find("Content-Type"), "application/mbox");
    EXPECT_EQ(taken.fields.find("Content-Disposition"),
              "attachment; filename=\"INBOX.mbox\"; filename*=UTF-8''INBOX.mbox");
    std::size_t largest = 0;
    std::string octets;
    for (;;) {
        const std::string piece = run(taken.stream->read()).value();
        if (piece.empty()) break;
        largest = std::max(largest, piece.size());
        octets += piece;
    }
    EXPECT_LT(largest, 300'000U) << "in pieces";
    EXPECT_THAT(octets, StartsWith("From tegami@localhost "));
    EXPECT_THAT(
        octets,
        HasSubstr("\nStatus: O\nX-Status: F\nX-Keywords: \nSubject: first\n\n>From here\n>>From there\n\nFrom "));
    EXPECT_THAT(octets, EndsWith("x\n>From the end\n\n"));

    const store::AccountPtr mail = account(anna_);
    EXPECT_TRUE(run(mail->create_mailbox("Work/.\xE6\xA2\x85\"\\:")));
    EXPECT_EQ(take(page, "Work%2F.%E6%A2%85%22%5C%3A").fields.find("Content-Disposition"),
              "attachment; filename=\"____.mbox\"; filename*=UTF-8''%E6%A2%85%22.mbox");
    EXPECT_EQ(refused(take(page, "None")), R"(404 {"error":"not-found"})");
    EXPECT_EQ(refused(take({.cookie = cookie_of(sign_in("bob"))}, "Work")), R"(404 {"error":"not-found"})");
    EXPECT_EQ(refused(send(page, "GET", "/account/export")), R"(400 {"error":"malformed"})");
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
