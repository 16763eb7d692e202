// RFC 6238, RFC 4226: codes beside the password. What they open, how often they count, and what else opens then.
#include "directory/second_factors.h"

#include "async/virtual_time.h"
#include "directory/sasl_exchange.h"
#include "directory/sign_in_fixture.h"
#include "directory/snapshot.h"
#include "protocol/sasl/client.h"

#include <gmock/gmock.h>

#include <set>
#include <utility>

namespace tegami::directory {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Totp, GivesTheCodesOfTheStandard) {
    // RFC 6238 Appendix B, the last six digits.
    constexpr std::string_view kSecret = "12345678901234567890";
    const auto code_at = [&](std::int64_t seconds) {
        return totp_code(kSecret, totp_step_at(Timestamp(std::chrono::seconds(seconds))));
    };
    EXPECT_EQ(code_at(59), "287082");
    EXPECT_EQ(code_at(1'111'111'109), "081804");
    EXPECT_EQ(code_at(1'111'111'111), "050471");
    EXPECT_EQ(code_at(1'234'567'890), "005924");
    EXPECT_EQ(code_at(2'000'000'000), "279037");
    EXPECT_EQ(code_at(20'000'000'000), "353130");
}

TEST(Totp, TakesOneStepEitherWayAndNoneTwice) {
    const Timestamp now(std::chrono::seconds(1'234'567'890));
    const std::uint64_t step = totp_step_at(now);
    const auto found = [&](std::uint64_t of, std::uint64_t last_used) {
        return find_totp_step("secret", totp_code("secret", of), last_used, now);
    };
    for (const std::uint64_t each : {step - 1, step, step + 1}) {
        EXPECT_EQ(found(each, 0), each);
        EXPECT_EQ(found(each, each), std::nullopt);
    }
    EXPECT_EQ(found(step - 1, step), std::nullopt) << "older than the one used last";
    EXPECT_EQ(found(step - 2, 0), std::nullopt);
    EXPECT_EQ(found(step + 2, 0), std::nullopt);
    EXPECT_EQ(find_totp_step("secret", "", 0, now), std::nullopt);
}

TEST(Totp, SecretsAreWrittenAsAppsReadThem) {
    // RFC 4648 §10, without padding
    for (const auto& [octets, text] : {std::pair{"", ""}, std::pair{"f", "MY"}, std::pair{"fo", "MZXQ"},
                                       std::pair{"foo", "MZXW6"}, std::pair{"foobar", "MZXW6YTBOI"}})
        EXPECT_EQ(base32(octets), text);
    EXPECT_EQ(totp_uri("foobar", "mail.a.test", "an na+x@a.test"),
              "otpauth://totp/mail.a.test:an%20na%2Bx%40a.test?secret=MZXW6YTBOI&issuer=mail.a.test&algorithm=SHA1"
              "&digits=6&period=30");
}

class SecondFactorsTest : public SignInTest {
protected:
    SecondFactors& factors() { return directory_->second_factors(); }

    Identity anna() { return *run(directory_->credentials().find("anna@a.test")).value(); }

    std::string code(int steps_later = 0) const {
        return totp_code(secret_, totp_step_at(clock_.now()) + static_cast<std::uint64_t>(steps_later));
    }

    /// Codes of this step and those before it have been used then.
    std::vector<std::string> turn_on(std::string keep = {}) {
        secret_ = run(factors().begin_totp(anna())).value();
        return run(factors().confirm_totp(anna(), code(), std::move(keep))).value().value();
    }

    static LoginClient from(std::string client = "192.0.2.1", LoginService service = LoginService::web) {
        return {.address = std::move(client), .service = service, .tls = true};
    }

    Result<SignIn, LoginFailure> sign_in(std::string password = "secret", std::string client = "192.0.2.1") {
        return run(authenticator_->sign_in("anna", std::move(password), from(std::move(client))));
    }

    std::string ticket() { return std::get<CodeNeeded>(sign_in().value()).ticket; }

    Result<Identity, CodeFailure> check_code(std::string ticket, std::string code) {
        return run(authenticator_->check_code(std::move(ticket), std::move(code), from()));
    }

    bool opens(LoginService service, std::string password = "secret") {
        return run(authenticator_->check_password("anna", std::move(password), from("192.0.2.1", service))).has_value();
    }

    bool scram(std::string password) {
        SaslExchange exchange(*authenticator_, random_, authenticator_->sasl_options("", ""),
                              from("192.0.2.1", LoginService::imap));
        sasl::ScramClient client({.user = "anna@a.test", .password = std::move(password)}, random_);
        auto step = run(exchange.start("SCRAM-SHA-256", client.first()));
        step = run(exchange.step(client.final(std::get<SaslExchange::Challenge>(step).bytes).value()));
        return std::holds_alternative<SaslExchange::Challenge>(step) &&
               std::holds_alternative<Identity>(run(exchange.step("")));
    }

    std::string secret_;
};

TEST_F(SecondFactorsTest, IsInForceOnceACodeOfItWasShown) {
    EXPECT_TRUE(std::holds_alternative<Identity>(sign_in().value()));
    secret_ = run(factors().begin_totp(anna())).value();
    EXPECT_EQ(run(factors().confirm_totp(anna(), "000000", "")).value(), std::nullopt);
    EXPECT_FALSE(run(factors().find(anna_))->in_force());
    EXPECT_TRUE(std::holds_alternative<Identity>(sign_in().value()));
    EXPECT_FALSE(run(factors().use_code(anna_, code())).value()) << "one that is not in force";
    restart();
    const auto codes = run(factors().confirm_totp(anna(), code(), "")).value().value();
    EXPECT_EQ(std::set(codes.begin(), codes.end()).size(), 10U);
    restart();
    EXPECT_THAT(run(factors().find(anna_))->kinds(false), ElementsAre("totp"));
    EXPECT_EQ(run(factors().begin_totp(anna())).error().code, ErrorCode::exists);
    EXPECT_EQ(run(factors().confirm_totp(anna(), code(1), "")).error().code, ErrorCode::exists);
    for (const store::Row& row : run(engine_.scan(kShard, {})).value().rows)
        for (const std::string& each : codes)
            EXPECT_FALSE(row.value.contains(each)) << row.key;
}

TEST_F(SecondFactorsTest, SigningInTakesThePasswordAndThenACode) {
    turn_on();
    const auto owed = std::get<CodeNeeded>(sign_in().value());
    EXPECT_THAT(owed.kinds, ElementsAre("totp"));
    EXPECT_EQ(sign_in("wrong").error().reason, LoginFailure::Reason::wrong_credentials) << "nothing is said of a code";
    EXPECT_EQ(check_code(owed.ticket, code(1))->account, anna_);
    EXPECT_EQ(log_.line, "login service=web account=anna@a.test client=192.0.2.1 tls=yes");
    EXPECT_EQ(check_code(owed.ticket, code(1)).error().ticket, "") << "a ticket counts once";
    EXPECT_FALSE(check_code(ticket(), code(1))) << "so does a code";
    restart();
    EXPECT_FALSE(check_code(ticket(), code(1))) << "also over a restart";
    clock_.passed += 30s;
    EXPECT_TRUE(check_code(ticket(), code(1)));
}

TEST_F(SecondFactorsTest, AWrongCodeGetsAnotherTryUntilTheGuardHasEnough) {
    turn_on();
    std::string next = ticket();
    for (int at = 0; at < 3; ++at) {
        const auto wrong = check_code(next, "000000").error();
        EXPECT_EQ(wrong.failure.reason, LoginFailure::Reason::wrong_credentials);
        EXPECT_GE(wrong.failure.delay, 1s);
        EXPECT_THAT(log_.line, HasSubstr("login failed service=web account=anna@a.test client=192.0.2.1 tls=yes "
                                         "reason=wrong-code"));
        ASSERT_NE(wrong.ticket, next);
        next = wrong.ticket;
    }
    // The right password in between forgives nothing.
    LoginFailure::Reason last{};
    for (int at = 0; at < 100 && last != LoginFailure::Reason::too_many; ++at) {
        const auto again = sign_in();
        last = again ? check_code(std::get<CodeNeeded>(*again).ticket, "000000").error().failure.reason
                     : again.error().reason;
    }
    EXPECT_EQ(last, LoginFailure::Reason::too_many);
}

TEST_F(SecondFactorsTest, ATicketIsOverAfterFiveMinutesAndAnAccountHasFew) {
    turn_on();
    const std::string late = ticket();
    clock_.passed += 5min;
    EXPECT_EQ(check_code(late, code(1)).error().ticket, "");
    const std::string first = ticket();
    for (std::size_t at = 0; at < kTicketsPerAccountMax; ++at)
        static_cast<void>(ticket());
    EXPECT_EQ(check_code(first, code(1)).error().ticket, "");
    EXPECT_TRUE(check_code(ticket(), code(1)));
}

TEST_F(SecondFactorsTest, RecoveryCodesCountOnceEach) {
    const auto codes = turn_on();
    EXPECT_TRUE(check_code(ticket(), codes[3]));
    EXPECT_FALSE(check_code(ticket(), codes[3]));
    std::string typed = codes[4];
    std::ranges::replace(typed, '-', ' ');
    EXPECT_TRUE(check_code(ticket(), typed));
    EXPECT_EQ(run(factors().find(anna_))->recovery_hashes.size(), 8U);
    const auto others = run(factors().renew_recovery_codes(anna_)).value();
    EXPECT_FALSE(check_code(ticket(), codes[5]));
    EXPECT_TRUE(check_code(ticket(), others[0]));
}

TEST_F(SecondFactorsTest, ProgramsTakeAppPasswordsOnlyWhileItIsInForce) {
    ASSERT_TRUE(opens(LoginService::imap)) << "which is remembered";
    ASSERT_TRUE(opens(LoginService::jmap));
    turn_on();
    const std::string app_password =
        run(directory_->app_passwords().add(address("anna@a.test"), {.name = "phone"}))->secret;
    for (const LoginService service : kMailServices) {
        EXPECT_FALSE(opens(service)) << word_of(service);
        EXPECT_THAT(log_.line, HasSubstr("reason=second-factor"));
        EXPECT_TRUE(opens(service, app_password)) << word_of(service);
    }
    EXPECT_FALSE(run(authenticator_->recall("anna", "secret", from("192.0.2.1", LoginService::jmap))));
    EXPECT_FALSE(scram("secret"));
    EXPECT_THAT(log_.line, HasSubstr("reason=second-factor"));
    EXPECT_TRUE(scram(app_password));
    EXPECT_FALSE(sign_in(app_password)) << "an app password opens no web face";
    EXPECT_EQ(run(factors().remove(anna_)), true);
    EXPECT_EQ(run(factors().remove(anna_)), false);
    EXPECT_TRUE(opens(LoginService::imap));
    EXPECT_TRUE(scram("secret"));
    EXPECT_TRUE(std::holds_alternative<Identity>(sign_in().value()));
}

TEST_F(SecondFactorsTest, WhereOneIsRequiredThePasswordOpensNothingButWhatSetsOneUp) {
    const auto account_now = [&] { return *run(administration().account_at(address("anna@a.test"))).value(); };
    const std::string token = run(directory_->web_sessions().begin(anna(), "192.0.2.1", "Browser")).value();
    const auto owes = [&] { return run(directory_->web_sessions().find(token)).value()->owes_factor; };
    const std::string app_password =
        run(directory_->app_passwords().add(address("anna@a.test"), {.name = "phone"})).value().secret;
    EXPECT_FALSE(owes());
    ASSERT_TRUE(run(factors().require(account_now(), true)));
    restart();
    EXPECT_TRUE(owes());
    EXPECT_TRUE(std::holds_alternative<Identity>(sign_in().value())) << "to set one up";
    for (const LoginService service :
         {LoginService::imap, LoginService::pop3, LoginService::submission, LoginService::jmap}) {
        EXPECT_FALSE(opens(service)) << word_of(service);
        EXPECT_THAT(log_.line, HasSubstr("reason=second-factor"));
        EXPECT_TRUE(opens(service, app_password));
    }
    EXPECT_FALSE(scram("secret"));
    EXPECT_TRUE(scram(app_password));

    const std::string keep = run(directory_->web_sessions().find(token)).value()->id;
    turn_on(keep);
    EXPECT_FALSE(owes()) << "one is in force";
    EXPECT_TRUE(*run(factors().remove(anna_)));
    EXPECT_TRUE(owes()) << "it is still required";
    EXPECT_FALSE(opens(LoginService::imap));
    EXPECT_FALSE(*run(factors().reset(anna_)));
    EXPECT_TRUE(owes());
    ASSERT_TRUE(run(factors().require(account_now(), false)));
    EXPECT_FALSE(owes());
    EXPECT_TRUE(opens(LoginService::imap));
    EXPECT_FALSE(*run(engine_.get(kShard, records::second_factor_key(anna_)))) << "no row is left";
}

TEST_F(SecondFactorsTest, ARoleAsksForOneWhereTheOperatorWantsThat) {
    ASSERT_TRUE(run(directory_->roles().set(*account(anna_), {RoleKind::auditor})));
    EXPECT_TRUE(opens(LoginService::imap));
    auto opened = run(Directory::open(
        dependencies(workers_), {.default_domain = domain("a.test"), .cost = kCheap, .second_factor_for_roles = true}));
    ASSERT_TRUE(opened);
    SecondFactors& strict = (*opened)->second_factors();
    EXPECT_TRUE(run(strict.find(anna_))->is_owed());
    EXPECT_FALSE(*run(engine_.get(kShard, records::second_factor_key(anna_)))) << "it follows from the role";
    const std::string secret = run(strict.begin_totp(anna())).value();
    ASSERT_TRUE(*run(strict.confirm_totp(anna(), totp_code(secret, totp_step_at(clock_.now())), "")));
    EXPECT_FALSE(run(strict.find(anna_))->is_owed());
    ASSERT_TRUE(*run(strict.remove(anna_)));
    ASSERT_TRUE(run((*opened)->roles().set(*account(anna_), {})));
    EXPECT_TRUE(run(strict.find(anna_))->password_suffices());
}

TEST_F(SecondFactorsTest, TurningItOnEndsEverySessionButOne) {
    async::VirtualTime time(1);
    std::vector<std::string> ended;
    const auto end = [&](std::string name) { return [&ended, name] { ended.push_back(name); }; };
    WebSessions& web = directory_->web_sessions();
    const std::string mine = run(web.begin(anna(), "192.0.2.1", "Browser/1")).value();
    const std::string other = run(web.begin(anna(), "192.0.2.9", "Browser/2")).value();
    const std::string mine_id = run(web.find(mine)).value()->id;
    const std::string other_id = run(web.find(other)).value()->id;
    const auto stream = run(web.attend(anna_, mine_id, time.executor(), end("mine"))).value();
    const auto other_stream = run(web.attend(anna_, other_id, time.executor(), end("other"))).value();
    const Identity decided =
        run(authenticator_->check_password("anna", "secret", from("", LoginService::imap))).value();
    const auto imap = run(authenticator_->begin_session(decided, time.executor(), end("imap"))).value();
    turn_on(mine_id);
    time.run();
    EXPECT_THAT(ended, testing::UnorderedElementsAre("other", "imap"));
    EXPECT_TRUE(run(web.find(mine)).value());
    EXPECT_FALSE(run(web.find(other)).value());
    EXPECT_FALSE(run(authenticator_->begin_session(decided, time.executor(), [] { FAIL(); })))
        << "the password was shown before";
    EXPECT_FALSE(run(web.begin(decided, "192.0.2.9", "Browser/2")));
}

TEST_F(SecondFactorsTest, StaysWithAnotherPasswordAndWithARemovedAccount) {
    turn_on();
    ASSERT_TRUE(run(administration().set_password(address("anna@a.test"), "another one")));
    EXPECT_TRUE(std::holds_alternative<CodeNeeded>(sign_in("another one").value()));
    ASSERT_TRUE(run(administration().remove_account(address("anna@a.test"))));
    ASSERT_TRUE(run(administration().restore_account(address("anna@a.test"), {})));
    EXPECT_TRUE(std::holds_alternative<CodeNeeded>(sign_in("another one").value()));
    auto stored = run(stored_account(&engine_, address("anna@a.test"))).value();
    ASSERT_TRUE(run(administration().erase_account(address("anna@a.test"))));
    EXPECT_FALSE(run(factors().find(anna_))->in_force());
    ASSERT_TRUE(run(administration().restore_account(*std::move(stored)))) << "out of a backup";
    EXPECT_TRUE(std::holds_alternative<CodeNeeded>(sign_in("another one").value()));
}

TEST_F(SecondFactorsTest, AStoreThatCannotAnswerLetsNobodyIn) {
    turn_on();
    for (int call = 1; call < 6; ++call) {
        engine_.fail(store::MemoryEngine::Call::get, call, store::ErrorCode::unavailable);
        EXPECT_FALSE(opens(LoginService::imap)) << call;
        const auto signed_in = sign_in();
        EXPECT_FALSE(signed_in && std::holds_alternative<Identity>(*signed_in)) << call;
    }
    ASSERT_TRUE(run(engine_.commit(
        {.domain = kShard, .operations = {store::Put{records::second_factor_key(anna_), "\x01garbage"}}})));
    EXPECT_FALSE(opens(LoginService::imap)) << "nobody knows what it said";
    EXPECT_FALSE(sign_in());
    ASSERT_TRUE(run(factors().find(anna_)).error().message.contains("damaged"));
    ASSERT_TRUE(
        run(engine_.commit({.domain = kShard, .operations = {store::Delete{records::second_factor_key(anna_)}}})));
}

TEST(SecondFactorRow, IsReadAsItWasWrittenAndDamageIsSeen) {
    const SecondFactor factor{.totp = {.secret = "12345678901234567890", .confirmed = true, .last_step = 55'555'555},
                              .recovery_hashes = {"one", "two"}};
    const std::string row = records::encode(factor);
    EXPECT_EQ(records::decode_second_factor(row), factor);
    EXPECT_EQ(records::decode_second_factor(records::encode(SecondFactor())), SecondFactor());
    for (std::size_t length = 0; length < row.size(); ++length)
        EXPECT_EQ(records::decode_second_factor(row.substr(0, length)), std::nullopt) << length;
    EXPECT_EQ(records::decode_second_factor(row + "x"), std::nullopt);
    std::string unknown = row;
    unknown[2] = '\x02';
    EXPECT_EQ(records::decode_second_factor(unknown), std::nullopt) << "a kind of a later version";
}

} // namespace
} // namespace tegami::directory
