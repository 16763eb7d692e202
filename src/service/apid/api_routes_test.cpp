// The administration as pages and programs reach it.
#include "service/apid/api_routes.h"

#include "admin/dependencies_fixture.h"
#include "admin/progress_board.h"
#include "service/webd/session_routes.h"
#include "testing/mail_world.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>
#include <utility>

namespace tegami::apid {
namespace {

using directory::Role;
using directory::RoleKind;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kBase = "https://mail.b.test";

/// Counts how often it is read.
class Octets final : public net::BodySource {
public:
    explicit Octets(std::string octets) : octets_(std::move(octets)) {}

    async::Awaitable<Result<std::string, net::HttpFault>> read() override {
        ++reads;
        co_return std::exchange(octets_, {});
    }

    int reads = 0;

private:
    std::string octets_;
};

class ApiRoutesTest : public tegami::testing::ServerWorld {
protected:
    ApiRoutesTest() {
        webd::add_session_routes(routes_, sessions_);
        add_api_routes(routes_, api_);
        add_account("anna@b.test");
        add_account("bo@b.test");
        give("anna@b.test", {RoleKind::administrator});
    }

    ~ApiRoutesTest() override { stop(); }

    void give(std::string_view who, Role role) {
        const auto account = run(directory_->administration().account_at(tegami::testing::address(who))).value();
        ASSERT_TRUE(run(directory_->roles().set(*account, std::move(role))));
    }

    std::optional<directory::AccountId> account_of(std::string_view who) {
        const auto account = run(directory_->administration().account_at(tegami::testing::address(who))).value();
        return account ? std::optional(account->id) : std::nullopt;
    }

    net::HttpResponse send(std::string method, std::string path, net::HttpFields fields, std::string octets = {}) {
        net::HttpRequest request{.method = std::move(method),
                                 .target = std::move(path),
                                 .fields = std::move(fields),
                                 .client = {client_address_, 5000},
                                 .secure = secure_};
        Octets body(std::move(octets));
        const net::HttpHandler* const handler = routes_.find(request.method, request.path());
        if (handler == nullptr) return routes_.refusal(request.path());
        net::HttpResponse response = run((*handler)(&request, &body));
        reads_ = body.reads;
        return response;
    }

    static net::HttpFields of_page(std::string cookie = {}) {
        net::HttpFields fields{{"Content-Type", "application/json"}, {"Origin", std::string(kBase)}};
        if (!cookie.empty()) fields.add("Cookie", std::move(cookie));
        return fields;
    }

    /// The cookie as a browser sends it back.
    std::string sign_in(std::string_view who) {
        const net::HttpResponse response = send(
            "POST", "/session", of_page(), fmt::format(R"({{"username": "{}", "password": "{}"}})", who, kPassword));
        EXPECT_EQ(response.status, 204U);
        const std::string_view field = response.fields.find("Set-Cookie").value_or("none");
        return std::string(field.substr(0, field.find(';')));
    }

    net::HttpResponse call(std::string cookie, std::string operation, std::string octets = "{}") {
        return send("POST", "/api" + std::move(operation), of_page(std::move(cookie)), std::move(octets));
    }

    net::HttpRoutes routes_;
    store::Queue queue_{&engine_, &time_};
    store::Audit audit_{&engine_, &time_};
    store::Traffic traffic_{&engine_, &time_, [](std::string_view) { return true; }};
    admin::ProgressBoard progress_;
    admin::Admin admin_{
        admin::dependencies_on(engine_, store_, *directory_, queue_, journeys_, audit_, traffic_, time_, &progress_)};
    const webd::SessionService sessions_{.authenticator = *authenticator_,
                                         .sessions = directory_->web_sessions(),
                                         .passkeys = directory_->passkeys(),
                                         .timers = time_,
                                         .base_url = std::string(kBase),
                                         .on_sign_in = [this](directory::Identity who, std::string from) {
                                             return admin_.note_sign_in(std::move(who), std::move(from));
                                         }};
    const ApiService api_{.admin = admin_,
                          .authenticator = *authenticator_,
                          .sessions = directory_->web_sessions(),
                          .timers = time_,
                          .roles = directory_->roles(),
                          .administration_from = {*IpNetwork::parse("192.0.2.0/24")},
                          .base_url = std::string(kBase)};
    IpAddress client_address_ = kClient;
    bool secure_ = true;
    int reads_ = 0; ///< of the last body
};

TEST_F(ApiRoutesTest, WhoeverIsSignedInDoesWhatTheirRoleMay) {
    const std::string anna = sign_in("anna@b.test");
    EXPECT_THAT(call(anna, "/domain/list").body, HasSubstr(R"("name":"b.test")"));
    const net::HttpResponse added = call(anna, "/account/add", R"({"address": "cy@b.test", "password": "a good one"})");
    EXPECT_EQ(added.status, 200U) << added.body;
    EXPECT_EQ(added.fields.find("Cache-Control"), "no-store");
    EXPECT_THAT(std::string(added.fields.find("Content-Security-Policy").value()), StartsWith("default-src 'none'"));
    EXPECT_EQ(call(anna, "/account/add", R"({"address": "cy@b.test", "password": "a good one"})").status, 409U);
    EXPECT_EQ(call(anna, "/nothing").status, 404U);
    EXPECT_EQ(call(anna, "/domain/list", "[").status, 400U);
    EXPECT_EQ(call(anna, "/account/import", std::string(kParameterBytesMax + 1, ' ')).status, 413U);
    const std::string list = send("GET", "/api", {{"Cookie", anna}}).body;
    EXPECT_THAT(list, StartsWith(R"({"caller":{"address":"anna@b.test","role":"administrator","domains":[]},)"));
    EXPECT_THAT(list, HasSubstr(R"("name":"/account/add")"));
    EXPECT_THAT(call(anna, "/audit/list").body, HasSubstr(R"("from":"192.0.2.1","operation":"/account/add")"));
    EXPECT_THAT(call(anna, "/audit/list").body, HasSubstr(R"("operation":"sign-in")"));

    const std::string bo = sign_in("bo@b.test");
    EXPECT_EQ(call(bo, "/account/list").status, 403U);
    EXPECT_EQ(reads_, 0) << "nothing that a user may not ask is read";
    EXPECT_EQ(call(bo, "/trace", R"({"what": "x"})").body, R"({"events":[]})");
    const std::string few = send("GET", "/api", {{"Cookie", bo}}).body;
    EXPECT_THAT(few, HasSubstr(R"("role":"user")"));
    EXPECT_FALSE(few.contains("/account/add"));
    EXPECT_EQ(call(anna, "/audit/list", R"({"account": "bo@b.test"})").body, R"({"rows":[]})");

    // A role that ends, ends at once.
    give("anna@b.test", {});
    EXPECT_EQ(call(anna, "/account/list").status, 403U);
}

TEST_F(ApiRoutesTest, NobodyElseGetsAnything) {
    const std::string anna = sign_in("anna@b.test");
    for (const auto& [name, operation] : admin::all_operations()) {
        const std::string path = "/api" + std::string(name);
        EXPECT_EQ(send("POST", path, of_page(), "{}").status, 401U) << name;
        EXPECT_EQ(send("POST", path, of_page(anna + "x"), "{}").status, 401U) << name;
        EXPECT_EQ(send("POST", path, {{"Content-Type", "application/json"}, {"Cookie", anna}}, "{}").status, 403U)
            << "nothing says that a page of ours sent it";
        EXPECT_EQ(send("POST", path,
                       {{"Content-Type", "application/json"}, {"Cookie", anna}, {"Origin", "https://evil.test"}}, "{}")
                      .status,
                  403U);
        EXPECT_EQ(reads_, 0);
        EXPECT_EQ(send("GET", path, {{"Cookie", anna}}).status, 405U);
    }
    EXPECT_EQ(send("GET", "/api", {}).status, 401U);
    EXPECT_EQ(send("GET", "/api", {{"Cookie", anna}, {"Sec-Fetch-Site", "cross-site"}}).status, 403U);
    EXPECT_EQ(send("POST", "/api/domain/list", {{"Cookie", anna}, {"Origin", std::string(kBase)}}, "{}").status, 400U);
    secure_ = false;
    EXPECT_EQ(send("GET", "/api", {{"Cookie", anna}}).status, 403U);
}

TEST_F(ApiRoutesTest, ATokenMayWhatItsOwnersRoleMayAndNothingThatItIsNotFor) {
    add_account("eve@b.test");
    give("eve@b.test", {RoleKind::auditor});
    add_account("dora@b.test");
    give("dora@b.test", {RoleKind::domain_administrator, {tegami::testing::address("x@b.test").domain}});
    const auto token = [&](std::string_view who, directory::LoginService service) {
        return run(directory_->app_passwords().add(tegami::testing::address(who), {.name = "x", .services = {service}}))
            .value();
    };
    /// A program's request: nothing but the token says who it is.
    const auto by = [&](const std::string& secret, std::string_view name, std::string octets = "no JSON") {
        return send("POST", "/api" + std::string(name),
                    {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + secret}}, std::move(octets));
    };
    const std::string foreign = token("anna@b.test", directory::LoginService::jmap).secret;
    const auto revoked = token("anna@b.test", directory::LoginService::api);
    ASSERT_TRUE(*run(directory_->app_passwords().remove(*account_of("anna@b.test"), revoked.password.id)));
    std::map<std::string, std::pair<std::string, std::string>> everybody; // cookie and token
    for (const char* const who : {"anna@b.test", "bo@b.test", "eve@b.test", "dora@b.test"})
        everybody[who] = {sign_in(who), token(who, directory::LoginService::api).secret};
    for (const auto& [name, operation] : admin::all_operations()) {
        for (const auto& [who, shows] : everybody) {
            // What no operation can read is refused after it is known who may ask.
            const unsigned with_cookie = call(shows.first, std::string(name), "no JSON").status;
            EXPECT_EQ(by(shows.second, name).status, with_cookie) << who << name;
        }
    }
    // After few of these the guard would answer in their place.
    const net::HttpResponse wrong_scope = by(foreign, "/account/list");
    EXPECT_EQ(wrong_scope.status, 403U);
    EXPECT_EQ(wrong_scope.fields.find("WWW-Authenticate"),
              R"(Bearer realm="mail", error="insufficient_scope", scope="api")");
    EXPECT_EQ(reads_, 0);
    const net::HttpResponse over = by(revoked.secret, "/account/list");
    EXPECT_EQ(over.status, 401U);
    EXPECT_EQ(over.fields.find("WWW-Authenticate"), R"(Bearer realm="mail", error="invalid_token")");
    EXPECT_EQ(by("", "/account/list").status, 401U);
    const net::HttpResponse nothing = send("GET", "/api", {});
    EXPECT_EQ(nothing.fields.all("WWW-Authenticate").back(), R"(Bearer realm="mail")");

    EXPECT_THAT(by(everybody["anna@b.test"].second, "/audit/list", "{}").body, HasSubstr("rows"));
    secure_ = false;
    EXPECT_EQ(by(everybody["anna@b.test"].second, "/audit/list", "{}").status, 403U);
    secure_ = true;
    client_address_ = *IpAddress::parse("198.51.100.7");
    EXPECT_EQ(by(everybody["anna@b.test"].second, "/audit/list", "{}").status, 403U) << "its role does not count there";
}

TEST_F(ApiRoutesTest, WhoMustSetUpASecondFactorFirstMayNothingElse) {
    const std::string anna = sign_in("anna@b.test");
    const auto account = run(directory_->administration().account_at(tegami::testing::address("anna@b.test"))).value();
    ASSERT_TRUE(run(directory_->second_factors().require(*account, true)));
    for (const std::string& cookie : {anna, sign_in("anna@b.test")}) {
        for (const auto& [name, operation] : admin::all_operations()) {
            EXPECT_EQ(call(cookie, std::string(name)).status, 403U) << name;
            EXPECT_EQ(reads_, 0) << name;
        }
        EXPECT_THAT(send("GET", "/api", {{"Cookie", cookie}}).body,
                    HasSubstr("a second factor has to be set up first"));
        EXPECT_THAT(send("GET", "/session", {{"Cookie", cookie}}).body, HasSubstr(R"("secondFactorRequired":true)"));
    }
    ASSERT_TRUE(run(directory_->second_factors().require(*account, false)));
    EXPECT_EQ(call(anna, "/domain/list").status, 200U);
}

TEST_F(ApiRoutesTest, ElsewhereEverybodyIsAUser) {
    const std::string anna = sign_in("anna@b.test");
    client_address_ = *IpAddress::parse("198.51.100.7");
    EXPECT_EQ(call(anna, "/account/list").status, 403U);
    EXPECT_THAT(send("GET", "/api", {{"Cookie", anna}}).body, HasSubstr(R"("role":"user")"));
    EXPECT_EQ(call(anna, "/audit/own").status, 200U);
}

} // namespace
} // namespace tegami::apid
