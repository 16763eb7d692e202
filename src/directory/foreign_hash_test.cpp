#include "directory/foreign_hash.h"

#include "directory/authenticator.h"
#include "directory/directory_fixture.h"
#include "protocol/sasl/client.h"

#include <fmt/format.h>

#include <string>

namespace tegami::directory {
namespace {

constexpr std::string_view kPassword = "Blåbær 7";

struct Vector {
    std::string_view scheme; ///< as it is called here
    std::string_view text;
    std::string_view password = kPassword;
    bool weak = false;
};

// Made by Dovecot (doveadm pw) and by crypt(3) of Debian 12; the others are from the specification of SHA-crypt and the
// tests of the argon2 reference.
constexpr Vector kVectors[] = {
    {"SHA512-CRYPT", "{SHA512-CRYPT}$6$Bh5Q9kwSA19768b4$"
                     "RAG6ieXsMQs20T0aWNcwPje2JqqiqTRzTRPU1DL8CfMzWf68SUu1Zk1ficTbqviotmu9wJv0YRD9AIsBSSkGt."},
    {"SHA512-CRYPT",
     "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
     "Hello world!"},
    {"SHA256-CRYPT", "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA", "Hello world!"},
    {"SHA256-CRYPT", "{sha256-crypt}$5$AxCBZQq76ulWPA8n$h8kkvZXIlpPOZDQMN29atCVl6Yjt..M4FEEB5tzEQ02"},
    {"MD5-CRYPT", "{MD5}$1$wkN.9gPT$1v7/3cHA6wz8XfKHxhsl8.", kPassword, true},
    {"BLF-CRYPT", "{BLF-CRYPT}$2y$05$b8B7eADaO0HZPXpRttkjv.4Zw9Y2bbcfIncsl4SVh2eK3k0PECVQG"},
    {"BLF-CRYPT", "{CRYPT}$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"},
    {"YESCRYPT", "$y$j75$LdJMENpBABJJ3hIHjB1Bi.$Kmfm2JN3yMETbOVsGEF88KZoiTFisv7lE8V3I1LiAv."},
    {"SSHA", "{SSHA}BURj9VEnLgXpS3i9cllAre3f2RvNXv5a"},
    {"SSHA256", "{SSHA256}KcItdVEGgl0yF5SZUE80sNiONyaygoe4qOU9Ef8J35GkCdDN"},
    {"SSHA512",
     "{SSHA512}nx3gpqwVRYXswBsr3rikvBJG7KP5x86q9ot64Nru1Fi9y3kCHPjI8LXNG3ItoZEo4SY7Q3O8VqgiTu1Kxvz5sDSxlGo="},
    {"SHA", "{SHA}Zg2Q2FGl/N6DDfmUQk52fkOe8AM=", kPassword, true},
    {"SHA", "{SHA.HEX}660d90d851a5fcde830df994424e767e439ef003", kPassword, true},
    {"SHA256", "{SHA256}xzwQRG9oCFCB1+FyA3elw7qk2slQiF0I/mqchJM9hmk=", kPassword, true},
    {"SHA512", "{SHA512}2sP1JsYWu5MaQrwNKv+Wy4qvS4FzHoi1r3GkN/zHZegFHYH+Lc3nFzCTpI6nJUvjQ/OeFW90M2Iba6IyphZnUw==",
     kPassword, true},
    {"SMD5", "{SMD5}r6YzBePfZocenCvzhik+RDfj9Yo=", kPassword, true},
    {"PLAIN-MD5", "{PLAIN-MD5}009bc82c52d26e5e8751235a9bc38c67", kPassword, true},
    {"LDAP-MD5", "{MD5}AJvILFLSbl6HUSNam8OMZw==", kPassword, true},
    {"ARGON2I",
     "{ARGON2I}$argon2i$v=19$m=32768,t=4,p=1$+YBVHbzcVoezaFabA2FJzg$JVJBYyFfzRGYJNM6NSHouuyd8IyV0trBSuNcEu4ZE8Q"},
    {"ARGON2ID", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "password"},
};

TEST(ForeignHash, ChecksWhatOtherServersMade) {
    for (const Vector& vector : kVectors) {
        const auto hash = parse_foreign_hash(vector.text);
        ASSERT_TRUE(hash) << vector.text << ": " << hash.error().message;
        EXPECT_TRUE(is_foreign_hash(vector.text));
        EXPECT_EQ(hash->scheme, vector.scheme);
        EXPECT_EQ(!hash->warning.empty(), vector.weak) << vector.text;
        EXPECT_TRUE(verify_foreign_hash(std::string(vector.password), *hash)) << vector.text;
        if (!hash->quick) continue; // the same code again
        EXPECT_FALSE(verify_foreign_hash(std::string(vector.password) + "x", *hash)) << vector.text;
        EXPECT_FALSE(verify_foreign_hash("", *hash)) << vector.text;
        EXPECT_FALSE(verify_foreign_hash(std::string(vector.password) + '\0', *hash)) << vector.text;
        const auto again = parse_foreign_hash(hash->stored);
        ASSERT_TRUE(again) << hash->stored;
        EXPECT_EQ(again->stored, hash->stored);
        EXPECT_TRUE(verify_foreign_hash(std::string(vector.password), *again)) << vector.text;
    }
}

TEST(ForeignHash, RefusesWhatWouldCostTooMuchOrIsNone) {
    const std::string bcrypt(53, 'x');
    const std::string yes(43, 'x');
    const std::string argon2(43, 'A');

    const struct {
        std::string text;
        std::string_view reason;
    } cases[] = {
        {"$6$rounds=999999999$salt$" + std::string(86, 'x'), "rounds 999999999"},
        {"$5$rounds=99999999999999999999$salt$" + std::string(43, 'x'), "no complete hash of the scheme SHA256-CRYPT"},
        {"$5$rounds=10$salt$" + std::string(43, 'x'), "no complete hash"},
        {"$2y$31$" + bcrypt, "cost 31"},
        {"$2y$03$" + bcrypt, "no complete hash of the scheme BLF-CRYPT"},
        {"$y$jFT$salt$" + yes, "memory in KiB 1048576"},
        {"$y$jxT$salt$" + yes, "no complete hash of the scheme YESCRYPT"},
        {"$argon2id$v=19$m=16777216,t=3,p=1$c29tZXNhbHQ$" + argon2, "memory in KiB 16777216"},
        {"$argon2id$v=19$m=131072,t=9,p=1$c29tZXNhbHQ$" + argon2, "passes over memory in KiB 1179648"},
        {"$argon2id$v=19$m=4294967295,t=4294967295,p=1$c29tZXNhbHQ$" + argon2, "memory in KiB"},
        {"$argon2id$v=19$m=256,t=0,p=1$c29tZXNhbHQ$" + argon2, "no complete hash of the scheme ARGON2ID"},
        {"$argon2id$v=19$m=256,t=1,p=16777215$c29tZXNhbHQ$" + argon2, "no complete hash"},
        {"{SSHA}Zg2Q2FGl/N6DDfmUQk52fkOe8AM=", "no complete hash of the scheme SSHA"},
        {"{SHA}short", "no complete hash of the scheme SHA"},
        {"{SHA512-CRYPT}$1$wkN.9gPT$1v7/3cHA6wz8XfKHxhsl8.", "no complete hash of the scheme SHA512-CRYPT"},
        {"{CRYPT}rl.3StKT.4T8M", "$1$, $5$, $6$"},
        {"{OTP}x", "the scheme OTP are not taken"},
        {"{SHA}" + std::string(2000, 'x'), "no hash"},
        {"{SSHA}a b", "no hash"},
    };

    for (const auto& [text, reason] : cases) {
        const auto hash = parse_foreign_hash(text);
        ASSERT_FALSE(hash) << text;
        EXPECT_NE(hash.error().message.find(reason), std::string::npos) << hash.error().message;
        EXPECT_EQ(hash.error().message.find("xxx"), std::string::npos) << "a hash is a secret";
    }
    for (const std::string_view password : {"{}", "{a b}c", "{unclosed", "$5", "$2$", "secret", ""})
        EXPECT_FALSE(is_foreign_hash(password)) << password;
    EXPECT_EQ(clear_password("{PLAIN}$6$x"), "$6$x");
    EXPECT_EQ(clear_password("{cleartext}a b"), "a b");
    EXPECT_EQ(clear_password("{PLAIN.B64}x"), std::nullopt);
}

/// An account whose password another server hashed, and logins to it.
class MovedAccount : public DirectoryTest {
protected:
    class Nothing final : public Log {
    public:
        void write(LogLevel, std::string_view, LogFields) override {}
    };

    MovedAccount() {
        add("old@a.test");
        const std::vector<ImportEntry> entries{{.address = "anna@a.test", .hash = std::string(kVectors[8].text)},
                                               {.address = "bob@a.test", .hash = "{PLAIN}short"},
                                               {.address = "carol@a.test", .hash = "$2y$31$"}};
        const auto outcomes = run(administration().import_accounts(entries));
        EXPECT_EQ(outcomes[0], std::nullopt);
        EXPECT_EQ(outcomes[1], std::nullopt) << "a password that is there already may be short";
        EXPECT_NE(outcomes[2], std::nullopt);
        authenticator_.emplace(Authenticator::Dependencies{.credentials = directory_->credentials(),
                                                           .app_passwords = directory_->app_passwords(),
                                                           .second_factors = directory_->second_factors(),
                                                           .passkeys = directory_->passkeys(),
                                                           .sessions = directory_->sessions(),
                                                           .known_networks = directory_->known_networks(),
                                                           .clock = clock_,
                                                           .random = random_,
                                                           .log = log_});
    }

    std::string scheme_of(std::string_view text) {
        return run(administration().account_at(address(text))).value()->foreign_hash;
    }

    bool shows(std::string login, std::string password) {
        const LoginClient client{.address = "192.0.2.1", .service = LoginService::imap, .tls = true};
        return run(authenticator_->check_password(std::move(login), std::move(password), client)).has_value();
    }

    /// The salt that SCRAM shows, and whether a login with this password succeeds.
    std::pair<std::string, bool> scram(std::string login, std::string password = std::string(kPassword)) {
        sasl::Server server(authenticator_->sasl_options("", ""), random_);
        sasl::ScramClient client({.user = login, .password = std::move(password)}, random_);
        server.start("SCRAM-SHA-256", client.first());
        const auto found = run(directory_->credentials().scram_keys(login)).value();
        const auto secrets = found ? std::optional(sasl::secrets_of(found->keys)) : std::nullopt;
        const auto first = server.scram_secrets_found(secrets, authenticator_->login_name(login));
        const std::string challenge = std::get<sasl::Challenge>(first).bytes;
        const bool succeeds = std::holds_alternative<sasl::Challenge>(server.step(client.final(challenge).value()));
        return {challenge.substr(challenge.find(",s=")), succeeds};
    }

    Nothing log_;
    std::optional<Authenticator> authenticator_;
};

TEST_F(MovedAccount, GetsOurOwnHashAndScramKeysWithTheFirstPasswordShown) {
    EXPECT_EQ(scheme_of("anna@a.test"), "SSHA");
    EXPECT_EQ(scheme_of("bob@a.test"), "");
    EXPECT_TRUE(scram("bob@a.test", "short").second);
    const auto [salt, early] = scram("anna@a.test");
    EXPECT_FALSE(early);
    EXPECT_FALSE(shows("anna@a.test", "wrong"));
    EXPECT_EQ(scheme_of("anna@a.test"), "SSHA");
    {
        const Identity anna = *run(directory_->credentials().find("anna")).value();
        const auto session = run(authenticator_->begin_session(anna, context_.get_executor(), [] { FAIL(); }));
        EXPECT_TRUE(shows("anna", std::string(kPassword)));
        context_.poll();
    }
    EXPECT_EQ(scheme_of("anna@a.test"), "");
    EXPECT_EQ(scram("anna@a.test"), std::pair(salt, true)) << "from outside nothing has changed";
    EXPECT_FALSE(scram("anna@a.test", "wrong").second);
    EXPECT_EQ(scram("ANNA").first, salt);
    reopen();
    EXPECT_TRUE(run(directory_->credentials().verify("anna", std::string(kPassword))).value());
    EXPECT_FALSE(run(directory_->credentials().verify("anna", "wrong")).value());
}

TEST_F(MovedAccount, LooksLikeOneThatDoesNotExistUntilThen) {
    EXPECT_EQ(scram("nobody").first, scram("NoBody@A.test").first) << "as real accounts do";
    workers_.jobs = 0;
    EXPECT_FALSE(shows("anna", "wrong"));
    EXPECT_EQ(workers_.jobs, 1);
}

TEST_F(MovedAccount, KeepsThePasswordThatCameMeanwhile) {
    const auto before = *run(directory_->credentials().find("anna")).value();
    ASSERT_TRUE(run(administration().set_password(address("anna@a.test"), "a new password")));
    EXPECT_EQ(scheme_of("anna@a.test"), "");
    EXPECT_FALSE(shows("anna", std::string(kPassword)));
    EXPECT_TRUE(shows("anna", "a new password"));
    ASSERT_TRUE(run(administration().set_password_hash(address("anna@a.test"), std::string(kVectors[8].text))));
    EXPECT_EQ(scheme_of("anna@a.test"), "SSHA");
    EXPECT_FALSE(shows("anna", "a new password")) << "nothing is remembered of it";
    EXPECT_TRUE(shows("anna", std::string(kPassword)));
    EXPECT_NE(run(directory_->credentials().find("anna")).value(), before);
}

TEST_F(MovedAccount, KeepsWhatIsNoTextAsItCame) {
    // SHA-1 of a password in Latin-1, which our own form would not take.
    const std::string hash = "{SHA.HEX}8b31f4083151c9b013f9bf85c064980b03707962";
    ASSERT_TRUE(run(administration().set_password_hash(address("anna@a.test"), hash)));
    EXPECT_TRUE(shows("anna", "p\xe4ss"));
    EXPECT_EQ(scheme_of("anna@a.test"), "SHA");
}

} // namespace
} // namespace tegami::directory
