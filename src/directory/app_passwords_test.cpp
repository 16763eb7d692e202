// Passwords of single programs: how they are written, where they open, and what ends with them.
#include "directory/app_passwords.h"

#include "async/virtual_time.h"
#include "directory/sasl_exchange.h"
#include "directory/sign_in_fixture.h"
#include "directory/snapshot.h"
#include "protocol/sasl/client.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <utility>

namespace tegami::directory {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

class AppPasswordsTest : public SignInTest {
protected:
    AppPasswords& app_passwords() { return directory_->app_passwords(); }

    AppPasswords::Made make(AppPasswordWish wish = {.name = "phone"}) {
        return run(app_passwords().add(address("anna@a.test"), std::move(wish))).value();
    }

    static LoginClient from(std::string client, LoginService service = LoginService::imap) {
        return {.address = std::move(client), .service = service, .tls = true};
    }

    std::optional<Identity> check_password(std::string password, LoginClient client = from("192.0.2.1")) {
        auto checked = run(authenticator_->check_password("anna", std::move(password), std::move(client)));
        return checked ? std::optional(*std::move(checked)) : std::nullopt;
    }

    /// A whole SCRAM exchange; who it was that logged in.
    std::optional<Identity> scram(std::string password, LoginClient client = from("192.0.2.1"), bool plus = false) {
        sasl::ServerOptions options = authenticator_->sasl_options("channel", "");
        options.enabled = {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"};
        SaslExchange exchange(*authenticator_, random_, std::move(options), std::move(client));
        sasl::ScramClient user({.user = "anna@a.test", .password = std::move(password)}, random_,
                               sasl::ScramClient::BindingSupport::none,
                               plus ? std::optional(sasl::ChannelBinding{"tls-exporter", "channel"}) : std::nullopt);
        auto step = run(exchange.start(plus ? "SCRAM-SHA-256-PLUS" : "SCRAM-SHA-256", user.first()));
        while (const auto* challenge = std::get_if<SaslExchange::Challenge>(&step)) {
            if (challenge->bytes.starts_with("v=")) {
                EXPECT_TRUE(user.verify(challenge->bytes));
                step = run(exchange.step(""));
            } else {
                step = run(exchange.step(user.final(challenge->bytes).value()));
            }
        }
        const auto* identity = std::get_if<Identity>(&step);
        return identity ? std::optional(*identity) : std::nullopt;
    }

    AppPassword listed(const std::string& id) {
        const auto all = run(app_passwords().list(anna_)).value();
        return *std::ranges::find(all, id, &AppPassword::id);
    }

    store::Version version() { return run(engine_.scan(kShard, {.rows_max = 1})).value().version; }
};

TEST_F(AppPasswordsTest, OneIsShownOnceAndOpensBesideThePasswordOverARestart) {
    const auto made = make();
    EXPECT_THAT(made.secret, testing::MatchesRegex("([a-hjkmnp-z]{6}-){4}[a-hjkmnp-z]{6}"));
    for (const store::Row& row : run(engine_.scan(kShard, {})).value().rows)
        EXPECT_FALSE(row.value.contains(made.secret) || row.value.contains(made.secret.substr(0, 6))) << row.key;
    restart();
    EXPECT_EQ(check_password(made.secret).value().app_password, made.password.id);
    EXPECT_THAT(log_.line, AllOf(HasSubstr("login service=imap account=anna@a.test"),
                                 HasSubstr("app_password=" + made.password.id)));
    EXPECT_EQ(check_password("secret").value().app_password, "");
    EXPECT_EQ(scram(made.secret).value().app_password, made.password.id);
    EXPECT_EQ(scram(made.secret, from("192.0.2.1"), true).value().app_password, made.password.id);
    EXPECT_EQ(scram("secret").value().app_password, "");
    EXPECT_EQ(scram("secret", from("192.0.2.1"), true).value().app_password, "");
    EXPECT_FALSE(scram("wrong"));
}

TEST_F(AppPasswordsTest, HowItIsTypedDoesNotMatterWhereItIsShown) {
    const std::string secret = make().secret;
    std::string other = secret;
    std::ranges::replace(other, '-', ' ');
    EXPECT_TRUE(check_password(other));
    std::erase(other, ' ');
    EXPECT_TRUE(check_password(other));
    std::string capitals = other;
    for (char& each : capitals)
        each = static_cast<char>(each - 'a' + 'A');
    EXPECT_TRUE(check_password(capitals));
    other.back() = other.back() == 'a' ? 'b' : 'a';
    EXPECT_FALSE(check_password(other));
    EXPECT_FALSE(check_password(secret + "a"));
    EXPECT_FALSE(check_password(secret.substr(1)));
}

TEST_F(AppPasswordsTest, CostsNoSlowHashAndAWrongOneCountsLikeAPassword) {
    const std::string secret = make().secret;
    workers_.jobs = 0;
    EXPECT_TRUE(check_password(secret));
    EXPECT_EQ(workers_.jobs, 0);
    std::string wrong(secret.rbegin(), secret.rend());
    LoginFailure last;
    for (int at = 0; at < 100 && last.reason != LoginFailure::Reason::too_many; ++at)
        last = run(authenticator_->check_password("anna", wrong, from("203.0.113.9"))).error();
    EXPECT_EQ(last.reason, LoginFailure::Reason::too_many);
    EXPECT_FALSE(check_password(secret, from("203.0.113.9")));
    EXPECT_FALSE(scram(secret, from("203.0.113.9")));
}

TEST_F(AppPasswordsTest, OpensItsProtocolsFromItsNetworksAndNothingElse) {
    const std::string secret =
        make({.name = "printer",
              .services = {LoginService::submission},
              .networks = {IpNetwork::parse("192.0.2.0/24").value(), IpNetwork::parse("2001:db8::/32").value()}})
            .secret;
    const std::string everywhere = make().secret;
    const auto both = [&](const LoginClient& client) {
        const bool plain = check_password(secret, client).has_value();
        EXPECT_EQ(scram(secret, client).has_value(), plain);
        return plain;
    };
    EXPECT_TRUE(both(from("192.0.2.77", LoginService::submission)));
    EXPECT_TRUE(both(from("::ffff:192.0.2.77", LoginService::submission)));
    EXPECT_TRUE(both(from("2001:db8::7", LoginService::submission)));
    EXPECT_FALSE(both(from("198.51.100.1", LoginService::submission)));
    EXPECT_THAT(log_.line, HasSubstr("service=submission account=anna@a.test client=198.51.100.1 tls=yes "
                                     "reason=wrong-network"));
    EXPECT_EQ(authenticator_->counts().failed.value("wrong-network"), 2U);
    EXPECT_FALSE(both(from("192.0.2.77", LoginService::imap)));
    EXPECT_THAT(log_.line, HasSubstr("reason=wrong-protocol"));
    EXPECT_EQ(authenticator_->counts().failed.value("wrong-credentials"), 0U);
    for (const LoginService service : kMailServices)
        EXPECT_TRUE(check_password(everywhere, from("192.0.2.1", service))) << word_of(service);
    EXPECT_FALSE(check_password(everywhere, from("192.0.2.1", LoginService::web)));
    EXPECT_TRUE(check_password("secret", from("192.0.2.1", LoginService::web)));
}

TEST_F(AppPasswordsTest, ARefusedOneLooksLikeAWrongPasswordToTheClient) {
    const std::string secret = make({.name = "x", .services = {LoginService::pop3}}).secret;
    const auto refused = run(authenticator_->check_password("anna", secret, from("198.51.100.1"))).error();
    const auto wrong = run(authenticator_->check_password("anna", "wrong", from("198.51.100.2"))).error();
    EXPECT_EQ(refused.reason, wrong.reason);
    EXPECT_EQ(refused.delay, 1s);
}

TEST_F(AppPasswordsTest, RevokingOneEndsWhatIsLoggedInWithItAndNothingElse) {
    const auto phone = make();
    const auto desk = make({.name = "desk"});
    async::VirtualTime time(1);
    std::vector<std::string> ended;
    const auto begin = [&](const std::string& password) {
        const Identity identity = check_password(password).value();
        return run(authenticator_->begin_session(identity, time.executor(),
                                                 [&ended, password] { ended.push_back(password); }))
            .value();
    };
    const auto by_phone = begin(phone.secret);
    const auto by_desk = begin(desk.secret);
    const auto by_password = begin("secret");
    const Identity late = check_password(phone.secret).value();
    EXPECT_EQ(run(app_passwords().remove(anna_, phone.password.id)), true);
    EXPECT_EQ(run(app_passwords().remove(anna_, phone.password.id)), false);
    time.run();
    EXPECT_EQ(ended, std::vector{phone.secret});
    EXPECT_FALSE(check_password(phone.secret));
    EXPECT_FALSE(scram(phone.secret));
    EXPECT_TRUE(scram(desk.secret));
    EXPECT_FALSE(run(authenticator_->begin_session(late, time.executor(), [] { FAIL(); })))
        << "revoked between the check and the session";
}

TEST_F(AppPasswordsTest, AreRecalledUntilTheyAreRevokedAndWhereTheyCount) {
    const auto made = make({.name = "x", .services = {LoginService::jmap}});
    const auto recall = [&](LoginService service = LoginService::jmap) {
        return run(authenticator_->recall("anna", made.secret, from("192.0.2.1", service)));
    };
    EXPECT_FALSE(recall());
    ASSERT_TRUE(check_password(made.secret, from("192.0.2.1", LoginService::jmap)));
    const int lines = log_.count;
    EXPECT_EQ(recall().value().app_password, made.password.id);
    EXPECT_FALSE(recall(LoginService::imap));
    EXPECT_EQ(log_.count, lines);
    ASSERT_TRUE(run(app_passwords().remove(anna_, made.password.id)));
    EXPECT_FALSE(recall());
}

TEST_F(AppPasswordsTest, TheLastUseIsADayAndANetworkAndWrittenOnceADay) {
    const auto made = make();
    EXPECT_EQ(listed(made.password.id).used_day, 0U);
    ASSERT_TRUE(check_password(made.secret, from("192.0.2.77")));
    const store::Version then = version();
    ASSERT_TRUE(check_password(made.secret, from("192.0.2.77")));
    ASSERT_TRUE(scram(made.secret, from("192.0.2.77")));
    EXPECT_EQ(version(), then);
    EXPECT_EQ(listed(made.password.id).used_day, day_of(clock_.now()));
    EXPECT_EQ(listed(made.password.id).used_from, "192.0.2.0");
    clock_.passed += 24h;
    ASSERT_TRUE(scram(made.secret, from("198.51.100.7")));
    EXPECT_EQ(listed(made.password.id).used_day, day_of(clock_.now()));
    EXPECT_EQ(listed(made.password.id).used_from, "198.51.100.0");
}

TEST_F(AppPasswordsTest, AnotherPasswordLeavesThemAndScramWorksForAll) {
    const std::string secret = make().secret;
    ASSERT_TRUE(run(administration().set_password(address("anna@a.test"), "another one")));
    for (const char* const password : {secret.c_str(), "another one"}) {
        EXPECT_TRUE(check_password(password)) << password;
        EXPECT_TRUE(scram(password)) << password;
    }
    // A password that another server hashed has no keys for SCRAM until somebody shows it; what it shows stays.
    ASSERT_TRUE(run(administration().set_password_hash(address("anna@a.test"), "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=")));
    EXPECT_TRUE(scram(secret));
    EXPECT_FALSE(scram("secret"));
    EXPECT_TRUE(check_password("secret"));
    EXPECT_TRUE(scram("secret"));
    EXPECT_TRUE(scram(secret));
}

TEST_F(AppPasswordsTest, AnAccountWithAHashOfAnotherServerHasThemToo) {
    ASSERT_TRUE(run(administration().set_password_hash(address("anna@a.test"), "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=")));
    const std::string secret = make().secret;
    EXPECT_TRUE(scram(secret));
    EXPECT_TRUE(check_password("secret"));
    EXPECT_TRUE(scram("secret"));
}

TEST_F(AppPasswordsTest, GoWithARemovedAccountAndComeBackWithIt) {
    const std::string secret = make().secret;
    ASSERT_TRUE(run(administration().set_enabled(address("anna@a.test"), false)));
    EXPECT_FALSE(check_password(secret));
    ASSERT_TRUE(run(administration().set_enabled(address("anna@a.test"), true)));
    ASSERT_TRUE(run(administration().remove_account(address("anna@a.test"))));
    EXPECT_FALSE(check_password(secret));
    ASSERT_TRUE(run(administration().restore_account(address("anna@a.test"), address("anna.old@a.test"))));
    EXPECT_TRUE(run(authenticator_->check_password("anna.old", secret, from("192.0.2.1"))));
    auto stored = run(stored_account(&engine_, address("anna.old@a.test"))).value();
    ASSERT_TRUE(run(administration().erase_account(address("anna.old@a.test"))));
    EXPECT_EQ(run(app_passwords().list(anna_)).value().size(), 0U);
    ASSERT_TRUE(run(administration().restore_account(*std::move(stored)))) << "out of a backup";
    EXPECT_TRUE(run(authenticator_->check_password("anna.old", secret, from("192.0.2.1"))));
}

TEST_F(AppPasswordsTest, ATokenStandsAloneForWhatItIsForUntilItIsRevoked) {
    const auto token = make({.name = "script", .services = {LoginService::api}});
    const auto both = make({.name = "client", .services = {LoginService::api, LoginService::jmap}});
    EXPECT_EQ(token.secret.substr(0, 9), fmt::format("tegami_{}_", anna_.value));
    EXPECT_EQ(token.secret.size(), 39U);
    const auto opens = [&](const std::string& shown, LoginService service = LoginService::api) {
        const auto checked = run(authenticator_->check_token(shown, from("192.0.2.1", service)));
        return checked ? checked->app_password : std::string(checked.error().why) + "!";
    };
    EXPECT_EQ(opens(token.secret), token.password.id);
    EXPECT_THAT(log_.line, AllOf(HasSubstr("login service=api account=anna@a.test"), HasSubstr(token.password.id)));
    const int lines = log_.count;
    EXPECT_EQ(opens(token.secret), token.password.id);
    EXPECT_EQ(log_.count, lines) << "a program shows it with every request";
    EXPECT_EQ(opens(both.secret, LoginService::jmap), both.password.id);
    EXPECT_EQ(opens(token.secret, LoginService::jmap), "wrong-protocol!");
    EXPECT_FALSE(check_password(token.secret)) << "no mail program logs in with it";
    EXPECT_EQ(check_password(both.secret, from("192.0.2.1", LoginService::jmap))->app_password, both.password.id)
        << "as a password it stands beside the name";
    const std::string letters = token.secret.substr(9);
    for (const std::string& wrong : {std::string(), std::string("tegami_"), letters, "tegami_999_" + letters,
                                     "tegami__" + letters, "Tegami_1_" + letters, token.secret + "a", make().secret})
        EXPECT_EQ(opens(wrong), "!") << wrong;
    restart();
    EXPECT_EQ(opens(token.secret), token.password.id);
    ASSERT_TRUE(run(administration().set_enabled(address("anna@a.test"), false)));
    EXPECT_EQ(opens(token.secret), "!");
    ASSERT_TRUE(run(administration().set_enabled(address("anna@a.test"), true)));
    ASSERT_TRUE(*run(app_passwords().remove(anna_, token.password.id)));
    EXPECT_EQ(opens(token.secret), "!");
    std::string last_word;
    for (int at = 0; at < 100; ++at)
        last_word = opens(token.secret);
    EXPECT_THAT(log_.line, HasSubstr("reason=too-many-failures"));
    EXPECT_TRUE(check_password("secret", from("198.51.100.1"))) << "nobody is locked out by it";
}

TEST_F(AppPasswordsTest, AnotherPasswordEndsEveryKindOfSession) {
    const auto token = make({.name = "script", .services = {LoginService::jmap}});
    const auto phone = make();
    async::VirtualTime time(1);
    std::set<std::string> ended;
    std::vector<std::unique_ptr<SessionRegistry::Entry>> running;
    const auto begin = [&](const Identity& identity, const std::string& name) {
        running.push_back(run(authenticator_->begin_session(identity, time.executor(), [&ended, name] {
                              ended.insert(name);
                          })).value());
    };
    begin(*check_password("secret"), "IMAP by password");
    begin(*check_password(phone.secret), "IMAP by app password");
    begin(*run(authenticator_->check_token(token.secret, from("192.0.2.1", LoginService::jmap))), "push by token");
    const Identity anna = *run(directory_->credentials().find("anna")).value();
    const std::string cookie = run(directory_->web_sessions().begin(anna, "192.0.2.1", "Browser")).value();
    const std::string id = run(directory_->web_sessions().find(cookie)).value()->id;
    running.push_back(run(directory_->web_sessions().attend(anna_, id, time.executor(), [&ended] {
                          ended.insert("push by cookie");
                      })).value());
    ASSERT_TRUE(run(administration().set_password(address("anna@a.test"), "another")));
    time.run();
    EXPECT_THAT(ended,
                testing::ElementsAre("IMAP by app password", "IMAP by password", "push by cookie", "push by token"));
    EXPECT_FALSE(*run(directory_->web_sessions().find(cookie)));
    EXPECT_TRUE(run(authenticator_->check_token(token.secret, from("192.0.2.1", LoginService::jmap))))
        << "tokens are revoked one by one, as app passwords are";
}

TEST_F(AppPasswordsTest, ThereAreBounds) {
    const auto refused = [&](AppPasswordWish wish) {
        return run(app_passwords().add(address("anna@a.test"), std::move(wish))).error().code;
    };
    EXPECT_EQ(refused({.name = ""}), ErrorCode::invalid);
    EXPECT_EQ(refused({.name = "a\nb"}), ErrorCode::invalid);
    EXPECT_EQ(refused({.name = "\xff"}), ErrorCode::invalid);
    EXPECT_EQ(refused({.name = std::string(101, 'a')}), ErrorCode::invalid);
    EXPECT_EQ(refused({.name = "x", .services = {}}), ErrorCode::invalid);
    EXPECT_EQ(refused({.name = "x", .services = {LoginService::imap, LoginService::api}}), ErrorCode::invalid);
    const std::vector<IpNetwork> many(17, IpNetwork::parse("192.0.2.0/24").value());
    EXPECT_EQ(refused({.name = "x", .networks = many}), ErrorCode::invalid);
    EXPECT_EQ(run(app_passwords().add(address("nobody@a.test"), {.name = "x"})).error().code, ErrorCode::not_found);
    std::string last;
    for (std::size_t at = 0; at < kAppPasswordsMax; ++at)
        last = make({.name = fmt::format("number {}", at)}).secret;
    EXPECT_THAT(run(app_passwords().add(address("anna@a.test"), {.name = "x"})).error().message,
                HasSubstr("has 64 app passwords"));
    EXPECT_TRUE(scram(last));
    EXPECT_TRUE(scram("secret"));
}

TEST(StoredAppPasswordsTest, AreReadAsTheyWereWrittenAndDamageIsSeen) {
    const StoredAppPasswords stored{.salt = "salt",
                                    .iterations = 4096,
                                    .passwords = {{.id = "abc",
                                                   .wish = {.name = "携帯",
                                                            .services = {LoginService::imap, LoginService::jmap},
                                                            .networks = {IpNetwork::parse("2001:db8::/32").value()}},
                                                   .made = Timestamp(std::chrono::microseconds(1'700'000'000'000'001)),
                                                   .used_day = 19'000,
                                                   .used_from = "192.0.2.0",
                                                   .hash = "h",
                                                   .stored_key = "s",
                                                   .server_key = "k"}}};
    const std::string row = records::encode(stored);
    EXPECT_EQ(records::decode_app_passwords(row), stored);
    for (std::size_t length = 0; length < row.size(); ++length)
        EXPECT_EQ(records::decode_app_passwords(row.substr(0, length)), std::nullopt) << length;
    EXPECT_EQ(records::decode_app_passwords(row + "x"), std::nullopt);
}

} // namespace
} // namespace tegami::directory
