// One's second factor and passkeys: made, asked for, taken away.
#include "service/webd/account_fixture.h"

#include <gmock/gmock.h>

namespace tegami::webd {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

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

} // namespace
} // namespace tegami::webd
