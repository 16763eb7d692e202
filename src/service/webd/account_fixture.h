// Two people and the routes of their own accounts, asked as a page asks.
#pragma once

#include "service/webd/account_routes.h"

#include "directory/engine_access.h"
#include "directory/totp.h"
#include "ingest/intake.h"
#include "testing/mail_world.h"
#include "testing/soft_passkey.h"
#include "json/json.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace tegami::webd {

inline constexpr std::string_view kOurs = "https://mail.b.test";

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

} // namespace tegami::webd
