// WebAuthn level 2 §7: passkeys of accounts. What each challenge is for, what a passkey opens alone and beside the password, and what
// becomes of it.
#include "directory/passkeys.h"

#include "directory/sign_in_fixture.h"
#include "testing/soft_passkey.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <utility>

namespace tegami::directory {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using webauthn::RelyingParty;
using webauthn::SoftPasskey;

constexpr std::string_view kOrigin = "https://mail.a.test";
const RelyingParty kUs = RelyingParty::of(kOrigin);

class PasskeysTest : public SignInTest {
protected:
    PasskeysTest() : bo_(add("bo@a.test")) {}

    Passkeys& passkeys() { return directory_->passkeys(); }

    Identity who(std::string name) { return *run(directory_->credentials().find(std::move(name))).value(); }

    Passkeys::Maker maker(std::string name = "anna", std::string session = "S1") {
        return {.owner = who(std::move(name)), .web_session = std::move(session), .client = "192.0.2.1"};
    }

    DirectoryResult<Passkey> add_passkey(const SoftPasskey& soft, std::string of = "anna") {
        const Passkeys::Maker wanted = maker(std::move(of));
        const std::string challenge = passkeys().begin_making(wanted);
        return run(passkeys().add(wanted, "phone", soft.make(kOrigin, challenge), kUs));
    }

    std::string challenge(std::string from = "192.0.2.1") { return passkeys().begin_sign_in(from); }

    static LoginClient web() { return {.address = "192.0.2.1", .service = LoginService::web, .tls = true}; }

    /// The account that is signed in then, or the reason in the log.
    std::string check_it(const webauthn::Assertion& shown) {
        log_.line.clear();
        const auto checked = run(authenticator_->check_passkey(shown, kUs, web()));
        if (checked) return checked->address.to_string();
        const auto at = log_.line.find("reason=");
        return at == std::string::npos ? "not asked" : log_.line.substr(at + std::string_view("reason=").size());
    }

    std::string alone(const SoftPasskey& soft, AccountId of) {
        return check_it(soft.use(kOrigin, challenge(), user_handle_of(of)));
    }

    CodeNeeded owed() { return std::get<CodeNeeded>(run(authenticator_->sign_in("anna", "secret", web())).value()); }

    AccountId bo_;
};

TEST_F(PasskeysTest, SignsInAloneUnlockedAndForItsAccountAlone) {
    SoftPasskey soft("mail.a.test");
    const auto made = add_passkey(soft);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(alone(soft, anna_), "anna@a.test");
    EXPECT_THAT(log_.line, HasSubstr("login service=web account=anna@a.test"));
    restart();
    EXPECT_EQ(alone(soft, anna_), "anna@a.test");
    EXPECT_EQ(run(passkeys().list(anna_)).value().front().used_day, day_of(clock_.now()));
    EXPECT_EQ(alone(soft, bo_), "wrong-passkey");
    EXPECT_EQ(alone(soft, AccountId(999)), "wrong-passkey") << "as an account that is there";
    EXPECT_EQ(check_it(soft.use(kOrigin, challenge(), "no handle")), "wrong-passkey");
    EXPECT_EQ(check_it(soft.use("https://evil.test", challenge(), user_handle_of(anna_))), "wrong-passkey");
    soft.flags = 0x01;
    EXPECT_EQ(alone(soft, anna_), "wrong-passkey") << "touched, not unlocked";
    soft.flags = 0x05;
    ASSERT_TRUE(run(administration().set_enabled(address("anna@a.test"), false)));
    EXPECT_EQ(alone(soft, anna_), "wrong-passkey");
    ASSERT_TRUE(run(administration().set_enabled(address("anna@a.test"), true)));
    EXPECT_EQ(alone(soft, anna_), "anna@a.test");
    ASSERT_TRUE(*run(passkeys().remove(anna_, made->id)));
    EXPECT_EQ(alone(soft, anna_), "wrong-passkey");
    EXPECT_FALSE(*run(passkeys().remove(anna_, made->id)));
}

TEST_F(PasskeysTest, AChallengeCountsOnceForFiveMinutesAndForWhatItWasMade) {
    SoftPasskey soft("mail.a.test");
    ASSERT_TRUE(add_passkey(soft));
    const webauthn::Assertion shown = soft.use(kOrigin, challenge(), user_handle_of(anna_));
    EXPECT_EQ(check_it(shown), "anna@a.test");
    EXPECT_EQ(check_it(shown), "not asked");
    EXPECT_EQ(check_it(soft.use(kOrigin, "made up", user_handle_of(anna_))), "not asked");
    const std::string late = challenge();
    clock_.passed += kPasskeyChallengeTime;
    EXPECT_EQ(check_it(soft.use(kOrigin, late, user_handle_of(anna_))), "not asked");

    const SoftPasskey other("mail.a.test");
    EXPECT_EQ(check_it(soft.use(kOrigin, passkeys().begin_making(maker()), user_handle_of(anna_))), "not asked");
    const auto made_with = [&](const std::string& asked, const Passkeys::Maker& by) {
        return run(passkeys().add(by, "x", other.make(kOrigin, asked), kUs)).has_value();
    };
    EXPECT_FALSE(made_with(challenge(), maker()));
    EXPECT_FALSE(made_with(passkeys().begin_making(maker("bo")), maker()));
    EXPECT_FALSE(made_with(passkeys().begin_making(maker()), maker("anna", "S2"))) << "another browser";
    EXPECT_EQ(run(passkeys().list(anna_)).value().size(), 1U);
}

TEST_F(PasskeysTest, StrangersTakeNoChallengeOfOthersAway) {
    SoftPasskey soft("mail.a.test");
    ASSERT_TRUE(add_passkey(soft));
    const std::string own = challenge();
    for (std::size_t at = 0; at < 2 * kChallengesPerNetworkMax; ++at)
        challenge("198.51.100.7");
    EXPECT_EQ(check_it(soft.use(kOrigin, own, user_handle_of(anna_))), "anna@a.test");
    const std::string first = challenge();
    for (std::size_t at = 0; at < kChallengesPerNetworkMax; ++at)
        challenge();
    EXPECT_EQ(check_it(soft.use(kOrigin, first, user_handle_of(anna_))), "not asked") << "the oldest gives way";
}

TEST_F(PasskeysTest, GuessingIsStoppedWhereItComesFromAndLocksNobodyOut) {
    SoftPasskey soft("mail.a.test");
    ASSERT_TRUE(add_passkey(soft));
    const SoftPasskey wrong("mail.a.test");
    std::string reason;
    for (int at = 0; at < 100 && reason != "too-many-failures"; ++at)
        reason = alone(wrong, anna_);
    EXPECT_EQ(reason, "too-many-failures");
    LoginClient elsewhere = web();
    elsewhere.address = "198.51.100.1";
    const auto shown = soft.use(kOrigin, challenge(), user_handle_of(anna_));
    EXPECT_TRUE(run(authenticator_->check_passkey(shown, kUs, elsewhere)));
    EXPECT_TRUE(run(authenticator_->sign_in("anna", "secret", elsewhere)));
}

TEST_F(PasskeysTest, ACountThatGoesBackIsRefusedAndLogged) {
    SoftPasskey soft("mail.a.test");
    soft.counter = 5;
    ASSERT_TRUE(add_passkey(soft));
    soft.counter = 6;
    EXPECT_EQ(alone(soft, anna_), "anna@a.test");
    EXPECT_EQ(alone(soft, anna_), "copied-passkey");
    restart();
    EXPECT_EQ(alone(soft, anna_), "copied-passkey");
    soft.counter = 7;
    EXPECT_EQ(alone(soft, anna_), "anna@a.test");
}

TEST_F(PasskeysTest, TurnsNoSecondFactorOnByItself) {
    SoftPasskey soft("mail.a.test");
    ASSERT_TRUE(add_passkey(soft));
    EXPECT_TRUE(std::holds_alternative<Identity>(run(authenticator_->sign_in("anna", "secret", web())).value()));
    LoginClient program = web();
    program.service = LoginService::imap;
    EXPECT_TRUE(run(authenticator_->check_password("anna", "secret", program)));
    EXPECT_EQ(run(directory_->second_factors().turn_on_passkeys(who("bo"), {})).error().code, ErrorCode::not_found);

    const auto token = run(directory_->web_sessions().begin(who("anna"), "192.0.2.1", "Browser")).value();
    const auto codes = run(directory_->second_factors().turn_on_passkeys(who("anna"), {}));
    ASSERT_TRUE(codes);
    EXPECT_EQ(codes->size(), kRecoveryCodes);
    EXPECT_FALSE(*run(directory_->web_sessions().find(token))) << "every other session has ended";
    EXPECT_FALSE(run(authenticator_->check_password("anna", "secret", program)));
    EXPECT_EQ(run(directory_->second_factors().turn_on_passkeys(who("anna"), {})).error().code, ErrorCode::exists);
    EXPECT_THAT(owed().kinds, ElementsAre("passkey"));
    EXPECT_THAT(owed().passkeys, ElementsAre(soft.id));
    soft.flags = 0x01;
    EXPECT_EQ(check_it(soft.use(kOrigin, owed().ticket)), "anna@a.test") << "beside the password a touch is enough";
    const webauthn::Assertion shown = soft.use(kOrigin, owed().ticket);
    EXPECT_EQ(check_it(shown), "anna@a.test");
    EXPECT_EQ(check_it(shown), "not asked");
    EXPECT_EQ(check_it(SoftPasskey("mail.a.test").use(kOrigin, owed().ticket)), "wrong-passkey");
    EXPECT_TRUE(run(authenticator_->check_code(owed().ticket, codes->front(), web())));
    const Passkey only = run(passkeys().list(anna_)).value().front();
    EXPECT_EQ(run(passkeys().remove(anna_, only.id)).error().code, ErrorCode::in_use) << "nobody could show any";
}

TEST_F(PasskeysTest, AnAppThatIsNotConfirmedProvesNothing) {
    SoftPasskey soft("mail.a.test");
    ASSERT_TRUE(add_passkey(soft));
    ASSERT_TRUE(run(directory_->second_factors().turn_on_passkeys(who("anna"), {})));
    const std::string secret = run(directory_->second_factors().begin_totp(who("anna"))).value();
    const auto now = [&] { return totp_code(secret, totp_step_at(clock_.now())); };
    EXPECT_FALSE(run(authenticator_->check_code(owed().ticket, now(), web())));
    ASSERT_TRUE(*run(directory_->second_factors().confirm_totp(who("anna"), now(), {})));
    EXPECT_THAT(owed().kinds, ElementsAre("totp", "passkey"));
    const Passkey only = run(passkeys().list(anna_)).value().front();
    EXPECT_TRUE(*run(passkeys().remove(anna_, only.id))) << "the app is left";
    EXPECT_THAT(owed().kinds, ElementsAre("totp"));
}

TEST_F(PasskeysTest, ThereAreSixteenAndEachOnce) {
    SoftPasskey soft("mail.a.test", webauthn::Algorithm::eddsa);
    ASSERT_TRUE(add_passkey(soft));
    EXPECT_EQ(add_passkey(soft).error().code, ErrorCode::exists);
    EXPECT_TRUE(add_passkey(soft, "bo")) << "ids are those of an account";
    for (std::size_t at = 1; at < kPasskeysMax; ++at) {
        soft.id = fmt::format("passkey {}", at);
        ASSERT_TRUE(add_passkey(soft));
    }
    soft.id = "one more";
    EXPECT_EQ(add_passkey(soft).error().code, ErrorCode::in_use);
    EXPECT_TRUE(check_passkey_name(""));
    EXPECT_TRUE(check_passkey_name("a\x07"));
    EXPECT_TRUE(check_passkey_name(std::string(101, 'a')));
    EXPECT_FALSE(check_passkey_name("電話"));
}

TEST_F(PasskeysTest, GoesAndComesBackWithItsAccountAndIsForgottenByAReset) {
    SoftPasskey soft("mail.a.test");
    ASSERT_TRUE(add_passkey(soft));
    ASSERT_TRUE(run(administration().remove_account(address("anna@a.test"))));
    EXPECT_EQ(alone(soft, anna_), "wrong-passkey");
    ASSERT_TRUE(run(administration().restore_account(address("anna@a.test"), {})));
    EXPECT_EQ(alone(soft, anna_), "anna@a.test");
    EXPECT_TRUE(*run(directory_->second_factors().reset(anna_)));
    EXPECT_EQ(alone(soft, anna_), "wrong-passkey");
    EXPECT_FALSE(*run(directory_->second_factors().reset(anna_)));
    ASSERT_TRUE(add_passkey(soft));
    ASSERT_TRUE(run(administration().remove_account(address("anna@a.test"))));
    ASSERT_TRUE(run(administration().erase_account(address("anna@a.test"))));
    EXPECT_FALSE(*run(engine_.get(kShard, records::passkeys_key(anna_))));
}

} // namespace
} // namespace tegami::directory
