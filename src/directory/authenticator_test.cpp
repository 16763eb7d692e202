#include "directory/authenticator.h"

#include "async/task_group.h"
#include "async/virtual_time.h"
#include "directory/directory_fixture.h"
#include "directory/records.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <utility>

namespace tegami::directory {
namespace {

LoginClient from(std::string address) {
    return {.address = std::move(address), .service = LoginService::imap, .tls = true};
}

class Lines final : public Log {
public:
    void write(LogLevel, std::string_view event, LogFields fields) override {
        std::string line(event);
        for (const LogField& field : fields)
            line += fmt::format(" {}={}", field.name, field.value);
        all.push_back(std::move(line));
    }

    std::vector<std::string> all;
};

using namespace std::chrono_literals;
using Reason = LoginFailure::Reason;

class AuthenticatorTest : public DirectoryTest {
protected:
    AuthenticatorTest() : id_(add("anna@a.test", "secret")) { restart(); }

    Authenticator::Dependencies authenticator_dependencies(Directory* directory) {
        return {.credentials = directory->credentials(),
                .app_passwords = directory->app_passwords(),
                .second_factors = directory->second_factors(),
                .passkeys = directory->passkeys(),
                .sessions = directory->sessions(),
                .known_networks = directory->known_networks(),
                .clock = clock_,
                .random = random_,
                .log = log_};
    }

    void restart() {
        reopen();
        authenticator_ = std::make_unique<Authenticator>(authenticator_dependencies(directory_.get()));
        workers_.jobs = 0;
    }

    /// Passwords hashed since the start.
    int hashes() const { return workers_.jobs; }

    Result<Identity, LoginFailure> check(std::string login, std::string password, std::string client = "192.0.2.1") {
        return run(authenticator_->check_password(std::move(login), std::move(password), from(std::move(client))));
    }

    AccountId id_;
    std::uint64_t version_ = account(id_)->credentials_version;
    Lines log_;
    std::unique_ptr<Authenticator> authenticator_;
};

TEST_F(AuthenticatorTest, WritesOneLineForEachOutcome) {
    EXPECT_TRUE(check("Anna@A.test", "secret"));
    EXPECT_FALSE(check("anna", "wrong"));
    EXPECT_FALSE(check("nobody", "wrong", "2001:db8::1"));
    engine_.fail(store::MemoryEngine::Call::get, 1, store::ErrorCode::unavailable);
    EXPECT_FALSE(check("anna", "secret"));
    static_cast<void>(authenticator_->failed("anna", from("192.0.2.2"), "malformed"));
    authenticator_->abandoned(from("192.0.2.2"));
    EXPECT_THAT(log_.all,
                ::testing::ElementsAre(
                    "login service=imap account=anna@a.test client=192.0.2.1 tls=yes",
                    "login failed service=imap account=anna client=192.0.2.1 tls=yes reason=wrong-credentials",
                    "login failed service=imap account=nobody client=2001:db8::1 tls=yes reason=wrong-credentials",
                    "login failed service=imap account=anna client=192.0.2.1 tls=yes reason=unavailable",
                    "login failed service=imap account=anna client=192.0.2.2 tls=yes reason=malformed",
                    "login failed service=imap account= client=192.0.2.2 tls=yes reason=abandoned"));
}

TEST_F(AuthenticatorTest, KnowsTheOwnerByAddressAndByLocalPart) {
    const Identity anna{.account = id_, .address = address("anna@a.test"), .credentials_version = version_};
    EXPECT_EQ(check("anna@a.test", "secret").value(), anna);
    EXPECT_EQ(check("ANNA", "secret").value(), anna);
}

TEST_F(AuthenticatorTest, OtherDomainsNeedTheFullAddress) {
    const AccountId bo = add("bo@b.test", "other");
    EXPECT_EQ(check("bo@b.test", "other")->account, bo);
    EXPECT_EQ(check("bo", "other").error().reason, Reason::wrong_credentials);
}

TEST_F(AuthenticatorTest, UnknownUsersLookAndCostTheSame) {
    const auto wrong = check("anna@a.test", "guess", "192.0.2.1");
    const int jobs = hashes();
    const auto unknown = check("nobody@a.test", "guess", "192.0.2.2");
    EXPECT_EQ(hashes(), 2 * jobs);
    ASSERT_FALSE(wrong);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(wrong.error().reason, unknown.error().reason);
    EXPECT_EQ(wrong.error().delay, unknown.error().delay);
    EXPECT_EQ(wrong.error().delay, 1s);
    EXPECT_FALSE(check("nobody@a.test", "decoy", "192.0.2.3")) << "the decoy's own password opens nothing";
    EXPECT_FALSE(check("@@", "x", "192.0.2.4"));
}

TEST_F(AuthenticatorTest, ADisabledAccountLooksLikeAWrongPassword) {
    ASSERT_TRUE(check("anna", "secret"));
    ASSERT_TRUE(run(administration().set_enabled(address("anna@a.test"), false)));
    EXPECT_EQ(check("anna", "secret").error().reason, Reason::wrong_credentials);
    EXPECT_FALSE(run(authenticator_->scram_candidates("anna", from("192.0.2.1"))).value());
    ASSERT_TRUE(run(administration().set_enabled(address("anna@a.test"), true)));
    EXPECT_TRUE(check("anna", "secret"));
}

TEST_F(AuthenticatorTest, RemembersASuccessForAWhile) {
    ASSERT_TRUE(check("anna", "secret"));
    ASSERT_TRUE(check("anna@a.test", "secret"));
    EXPECT_EQ(hashes(), 1);
    EXPECT_FALSE(check("anna", "Secret"));
    EXPECT_EQ(hashes(), 2);
    clock_.passed += 6min;
    ASSERT_TRUE(check("anna", "secret"));
    EXPECT_EQ(hashes(), 3);
}

TEST_F(AuthenticatorTest, ANewPasswordVoidsTheMemory) {
    ASSERT_TRUE(check("anna", "secret"));
    ASSERT_TRUE(run(administration().set_password(address("anna@a.test"), "fresh")));
    EXPECT_FALSE(check("anna", "secret"));
    EXPECT_TRUE(check("anna", "fresh"));
    ASSERT_TRUE(run(administration().remove_account(address("anna@a.test"))));
    EXPECT_FALSE(check("anna", "fresh"));
    add("anna@a.test", "again");
    EXPECT_FALSE(check("anna", "fresh"));
}

TEST_F(AuthenticatorTest, RecallsAPasswordThatWasShownAMomentAgo) {
    const auto recall = [&](std::string password, std::string client = "192.0.2.1") {
        return run(authenticator_->recall("anna", std::move(password), from(std::move(client))));
    };
    EXPECT_FALSE(recall("secret"));
    const Identity anna = check("anna", "secret").value();
    const std::size_t lines = log_.all.size();
    EXPECT_EQ(recall("secret"), anna);
    EXPECT_EQ(recall("secret", "203.0.113.9"), anna);
    EXPECT_FALSE(recall("Secret"));
    EXPECT_FALSE(recall(std::string(2000, 's')));
    EXPECT_EQ(log_.all.size(), lines);
    EXPECT_EQ(hashes(), 1);
    // Whoever is refused learns nothing by guessing on.
    while (check("anna", "guess", "203.0.113.9").error().reason != Reason::too_many) {
    }
    EXPECT_FALSE(recall("secret", "203.0.113.9"));
    EXPECT_EQ(recall("secret"), anna);
    ASSERT_TRUE(run(administration().set_enabled(address("anna@a.test"), false)));
    EXPECT_FALSE(recall("secret"));
    ASSERT_TRUE(run(administration().set_enabled(address("anna@a.test"), true)));
    ASSERT_TRUE(run(administration().set_password(address("anna@a.test"), "fresh")));
    EXPECT_FALSE(recall("secret"));
    ASSERT_TRUE(check("anna", "fresh"));
    clock_.passed += 6min;
    EXPECT_FALSE(recall("fresh"));
}

TEST_F(AuthenticatorTest, RefusesAfterManyFailuresExceptWhereTheOwnerIsKnown) {
    ASSERT_TRUE(check("anna", "secret", "192.0.2.1"));
    Reason reason = Reason::wrong_credentials;
    int tried = 0;
    while (reason == Reason::wrong_credentials && ++tried < 100)
        reason = check("anna", "guess", "203.0.113.9").error().reason;
    EXPECT_EQ(reason, Reason::too_many);
    EXPECT_EQ(check("anna", "secret", "203.0.113.9").error().reason, Reason::too_many);
    EXPECT_EQ(run(authenticator_->scram_candidates("anna", from("203.0.113.9"))).error().reason, Reason::too_many);
    EXPECT_TRUE(check("anna", "secret", "192.0.2.1"));
}

// A restart forgets who failed, but not where the owner has logged in from.
TEST_F(AuthenticatorTest, KnowsThePlacesOfTheOwnerAfterARestart) {
    ASSERT_TRUE(check("anna", "secret", "192.0.2.1"));
    restart();
    for (int at = 0; at < 100; ++at)
        EXPECT_FALSE(check("anna", "guess", "203.0." + std::to_string(at) + ".9"));
    EXPECT_EQ(check("anna", "secret", "198.51.100.1").error().reason, Reason::too_many) << "a new place";
    EXPECT_TRUE(check("anna", "secret", "192.0.2.44")) << "a known one";
}

/// Never gets to its work.
class StuckPool final : public async::WorkerPool {
public:
    void submit(Job job) override { jobs.push_back(std::move(job)); }

    void work() {
        for (Job& job : std::exchange(jobs, {}))
            job();
    }

    std::vector<Job> jobs;
};

async::Awaitable<> try_password(Authenticator* authenticator, std::string login, std::string client,
                                std::vector<std::optional<Reason>>* outcomes) {
    const auto checked = co_await authenticator->check_password(std::move(login), "guess", from(std::move(client)));
    outcomes->push_back(checked ? std::nullopt : std::optional<Reason>(checked.error().reason));
}

TEST_F(AuthenticatorTest, TooManyAtOnceAreRefusedQuickly) {
    async::VirtualTime time(1);
    StuckPool stuck;
    const auto directory =
        run(Directory::open(dependencies(stuck), {.default_domain = domain("a.test"), .cost = kCheap})).value();
    Authenticator authenticator(authenticator_dependencies(directory.get()),
                                {.checks = {.running_max = 2, .waiting_max = 5, .waiting_per_login_max = 5}});
    std::vector<std::optional<Reason>> outcomes;
    async::TaskGroup tasks(time.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    for (int at = 0; at < 20; ++at)
        tasks.spawn("login", try_password(&authenticator, "user" + std::to_string(at),
                                          "10.0." + std::to_string(at) + ".1", &outcomes));
    time.run_for(Duration::zero());
    EXPECT_EQ(stuck.jobs.size(), 2U) << "one for each thread";
    EXPECT_EQ(outcomes, (std::vector<std::optional<Reason>>(13, Reason::unavailable)));
    while (tasks.running() != 0) {
        stuck.work();
        time.run_for(Duration::zero());
    }
    EXPECT_EQ(outcomes.size(), 20U);
    EXPECT_EQ(outcomes.back(), Reason::wrong_credentials);
}

TEST_F(AuthenticatorTest, ASessionBeginsOnlyForAnAccountAsItWasChecked) {
    const Identity before = check("anna", "secret").value();
    const auto begin = [&](const Identity& identity) {
        return run(authenticator_->begin_session(identity, context_.get_executor(), [] { FAIL(); })).has_value();
    };
    EXPECT_TRUE(begin(before));
    ASSERT_TRUE(run(administration().set_password(address("anna@a.test"), "fresh")));
    EXPECT_FALSE(begin(before)) << "the password was changed between the check and the session";
    const Identity after = check("anna", "fresh").value();
    EXPECT_TRUE(begin(after));
    ASSERT_TRUE(run(administration().set_enabled(address("anna@a.test"), false)));
    EXPECT_FALSE(begin(after));
    ASSERT_TRUE(run(administration().remove_account(address("anna@a.test"))));
    EXPECT_FALSE(begin(after));
}

TEST_F(AuthenticatorTest, SessionsEndWhenTheirAccountChanges) {
    async::VirtualTime time(1);
    const auto changes = [&](auto change) {
        int ended = 0;
        const Identity anna{.account = id_, .address = address("anna@a.test"), .credentials_version = version_};
        const auto session = run(authenticator_->begin_session(anna, time.executor(), [&] { ++ended; }));
        EXPECT_TRUE(session.has_value());
        EXPECT_TRUE(change());
        time.run();
        return ended == 1;
    };
    EXPECT_TRUE(
        changes([&] { return run(administration().set_password(address("anna@a.test"), "fresh")).has_value(); }));
    ++version_;
    EXPECT_TRUE(changes([&] { return run(administration().set_enabled(address("anna@a.test"), false)).has_value(); }));
    EXPECT_TRUE(run(administration().set_enabled(address("anna@a.test"), true)));
    EXPECT_TRUE(changes([&] { return run(administration().remove_account(address("anna@a.test"))).has_value(); }));
}

TEST_F(AuthenticatorTest, FailuresOfTheStoreAreNobodysFault) {
    engine_.fail(store::MemoryEngine::Call::get, 1, store::ErrorCode::unavailable);
    EXPECT_EQ(check("anna", "secret").error().reason, Reason::unavailable);
    EXPECT_TRUE(check("anna", "secret"));
}

TEST_F(AuthenticatorTest, GivesScramKeysOfThePassword) {
    const auto found = run(authenticator_->scram_candidates("anna", from("192.0.2.1"))).value();
    ASSERT_TRUE(found);
    ASSERT_EQ(found->identities.size(), 1U);
    EXPECT_EQ(found->identities.front().account, id_);
    const sasl::ScramSecrets& shown = found->secrets;
    EXPECT_EQ(shown, sasl::secrets_of(sasl::derive_scram_keys("secret", shown.salt, shown.iterations)));
    EXPECT_FALSE(run(authenticator_->scram_candidates("nobody", from("192.0.2.1"))).value());
}

TEST_F(AuthenticatorTest, CountsWhatTheDriverDecided) {
    const Identity anna{.account = id_, .address = address("anna@a.test")};
    EXPECT_EQ(authenticator_->failed("anna", from("192.0.2.1"), "malformed"), 1s);
    EXPECT_EQ(authenticator_->failed("Anna@a.test", from("192.0.2.2"), "malformed"), 2s) << "one login, two spellings";
    run(authenticator_->succeeded("anna", from("192.0.2.1"), anna));
    EXPECT_EQ(log_.all.back(), "login service=imap account=anna@a.test client=192.0.2.1 tls=yes");
}

TEST_F(AuthenticatorTest, RefusesEndlessPasswordsWithoutHashing) {
    EXPECT_EQ(check("anna", std::string(100'000, 'x')).error().reason, Reason::wrong_credentials);
    EXPECT_EQ(hashes(), 0);
}

TEST(PasswordTest, UseTheCostAskedForAndSaltsThatDiffer) {
    SystemRandom random;
    const PasswordCost cost{.memory_kib = 32, .passes = 3, .scram_iterations = 4096};
    const StoredCredentials one = derive_credentials("p", Salts::make(random), cost);
    const StoredCredentials two = derive_credentials("p", Salts::make(random), cost);
    EXPECT_TRUE(one.hash.starts_with("$argon2id$v=19$m=32,t=3,p=1$")) << one.hash;
    EXPECT_NE(one.hash, two.hash);
    EXPECT_NE(one.scram.salt, two.scram.salt);
    EXPECT_EQ(one.scram.iterations, 4096U);
    EXPECT_TRUE(verify_password("p", one.hash));
    EXPECT_FALSE(verify_password("q", one.hash));
    EXPECT_FALSE(verify_password("p", "$argon2id$broken"));
    EXPECT_FALSE(verify_password("p", ""));
}

// RFC 8265 §4.2: two keyboards, one password.
TEST(PasswordTest, EqualSpellingsAreOnePassword) {
    SystemRandom random;
    const StoredCredentials made =
        derive_credentials("J\xc3\xb6rg", Salts::make(random), {.memory_kib = 16, .passes = 1});
    EXPECT_TRUE(verify_password("Jo\xcc\x88rg", made.hash));
}

TEST(PasswordTest, GeneratedPasswordsAreEasyToCopy) {
    SystemRandom random;
    const std::string password = generate_password(random);
    EXPECT_EQ(password.size(), 23U);
    EXPECT_EQ(password.find_first_of("il01oABCDEFGHIJKLMNOPQRSTUVWXYZ"), std::string::npos);
    EXPECT_NE(password, generate_password(random));
    EXPECT_EQ(check_new_password(password), std::nullopt);
}

TEST(RecordsTest, ReadWhatTheyWrote) {
    const Account account{.id = AccountId(7),
                          .address = address("\"an na\"@a.test"),
                          .quota_bytes = 1ULL << 40,
                          .enabled = false,
                          .created = Timestamp(std::chrono::microseconds(1'700'000'000'000'001)),
                          .credentials_version = 9};
    EXPECT_EQ(records::decode_account(records::encode(account)), account);
    Account moved = account;
    moved.foreign_hash = "SSHA";
    EXPECT_EQ(records::decode_account(records::encode(moved)), moved);
    EXPECT_EQ(records::decode_account(records::encode(account) + '\0'), std::nullopt) << "another way to write nothing";
    const Alias alias{.address = address("x@a.test"), .targets = {address("y@a.test"), address("z@b.test")}};
    EXPECT_EQ(records::decode_alias(records::encode(alias)), alias);
    for (const auto mode : {tls_policy::StsMode::testing, tls_policy::StsMode::enforce, tls_policy::StsMode::none}) {
        const DomainSettings settings{.name = domain("a.test"), .catch_all = {}, .sts_mode = mode};
        EXPECT_EQ(records::decode_domain(records::encode(settings)), settings);
    }
    // As rows were before there were policies.
    const DomainSettings usual{.name = domain("a.test"), .catch_all = {}};
    EXPECT_EQ(records::encode(usual), std::string("\x01\x06") + "a.test" + std::string("\0\x01+", 3));
    EXPECT_EQ(records::decode_number(records::encode_number(12345)), 12345U);
    EXPECT_EQ(records::decode_id_key(records::id_key(AccountId(77))), AccountId(77));
}

TEST(RecordsTest, RefuseDamageAtEveryOctet) {
    const std::string good = records::encode(Alias{.address = address("x@a.test"), .targets = {address("y@a.test")}});
    for (std::size_t length = 0; length < good.size(); ++length)
        EXPECT_EQ(records::decode_alias(good.substr(0, length)), std::nullopt) << length;
    EXPECT_EQ(records::decode_alias(good + "x"), std::nullopt);
    EXPECT_EQ(records::decode_alias("\x02" + good.substr(1)), std::nullopt) << "another format version";
    EXPECT_EQ(records::decode_domain(""), std::nullopt);
    EXPECT_EQ(records::decode_account(good), std::nullopt);
    EXPECT_EQ(records::decode_credentials(std::string("\x01\xff", 2)), std::nullopt);
}

} // namespace
} // namespace tegami::directory
