// RFC 4422, RFC 4616, RFC 5802, RFC 7677, RFC 5929, RFC 9266
#include "protocol/sasl/server.h"

#include "base/base64.h"
#include "protocol/sasl/client.h"

#include <gtest/gtest.h>

namespace tegami::sasl {
namespace {

using namespace std::string_literals;

const Credentials kAlice{.user = "alice@a.test", .password = "geheim"};

ScramKeys keys_of(std::string_view password) {
    return derive_scram_keys(password, "sixteen octets!!", kScramIterationsMin);
}

ServerOptions options(std::vector<ChannelBinding> bindings = {}) {
    return {.enabled = {kMechanisms.begin(), kMechanisms.end()},
            .channel_bindings = std::move(bindings),
            .fake_salt_secret = "server secret"};
}

/// Exchanges with nonces from a seed.
struct SaslServer : ::testing::Test {
    SeededRandom random{7};

    static FailureReason failed(const Outcome& outcome) {
        const auto* failure = std::get_if<Failure>(&outcome);
        EXPECT_NE(failure, nullptr);
        return failure ? failure->reason : FailureReason{255};
    }

    template <class T>
    static T get(const Outcome& outcome) {
        const T* value = std::get_if<T>(&outcome);
        EXPECT_NE(value, nullptr) << "other outcome: " << outcome.index();
        return value ? *value : T{};
    }

    /// Runs SCRAM to its end; the client's last check included.
    Outcome scram(Server& server, ScramClient& client, std::string_view mechanism,
                  std::optional<ScramSecrets> secrets) {
        Outcome outcome = server.start(mechanism, client.first());
        if (!std::holds_alternative<NeedScramSecrets>(outcome)) return outcome;
        outcome = server.scram_secrets_found(std::move(secrets), "user");
        const auto final_message = client.final(get<Challenge>(outcome).bytes);
        EXPECT_TRUE(final_message);
        outcome = server.step(*final_message);
        if (!std::holds_alternative<Challenge>(outcome)) return outcome;
        EXPECT_TRUE(client.verify(get<Challenge>(outcome).bytes));
        return server.step("");
    }
};

TEST_F(SaslServer, OffersWhatIsEnabledAndUsuallyNoPlus) {
    ServerOptions usual{.channel_bindings = {{"tls-exporter", "x"}}};
    EXPECT_EQ(mechanisms(usual), (std::vector<std::string>{"SCRAM-SHA-256", "PLAIN", "LOGIN"}));
    usual.enabled = {"SCRAM-SHA-256-PLUS", "LOGIN"};
    EXPECT_EQ(mechanisms(usual), usual.enabled);
    usual.enabled = {"SCRAM-SHA-256"};
    EXPECT_EQ(mechanisms(usual), usual.enabled);
    EXPECT_FALSE(take_passwords(usual.enabled));
    for (const std::string_view name : {"PLAIN", "LOGIN", "SCRAM-SHA-256-PLUS"})
        EXPECT_EQ(failed(Server(usual, random).start(name, {})), FailureReason::unknown_mechanism) << name;
}

TEST_F(SaslServer, AClientThatCouldBindIsTakenWhereBindingIsNotOffered) {
    Server server({.channel_bindings = {{"tls-exporter", "x"}}}, random);
    EXPECT_TRUE(std::holds_alternative<NeedScramSecrets>(server.start("SCRAM-SHA-256", "y,,n=a,r=b")));
}

TEST_F(SaslServer, AnnouncesPlusOnlyWithChannelBindings) {
    EXPECT_EQ(mechanisms(options()), (std::vector<std::string>{"SCRAM-SHA-256", "PLAIN", "LOGIN"}));
    EXPECT_EQ(mechanisms(options({{"tls-exporter", "x"}})).front(), "SCRAM-SHA-256-PLUS");
    ServerOptions without_passwords = options();
    without_passwords.offer_password_mechanisms = false;
    EXPECT_EQ(mechanisms(without_passwords), std::vector<std::string>{"SCRAM-SHA-256"});
    without_passwords.offer_scram = false;
    EXPECT_TRUE(mechanisms(without_passwords).empty());
}

TEST_F(SaslServer, OnlyOfferedMechanismsStart) {
    for (const std::string_view name : {"CRAM-MD5", "", "plain", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-1"}) {
        Server server(options(), random);
        EXPECT_EQ(failed(server.start(name, std::nullopt)), FailureReason::unknown_mechanism) << name;
    }
}

TEST_F(SaslServer, PlainWithAndWithoutInitialResponse) {
    for (const bool initial : {true, false}) {
        Server server(options(), random);
        const std::string message = plain_message(kAlice);
        Outcome outcome = initial ? server.start("PLAIN", message) : server.start("PLAIN", std::nullopt);
        if (!initial) {
            EXPECT_EQ(get<Challenge>(outcome).bytes, "");
            outcome = server.step(message);
        }
        const auto need = get<NeedPassword>(outcome);
        EXPECT_EQ(need.authcid, "alice@a.test");
        EXPECT_EQ(need.authzid, "alice@a.test");
        EXPECT_EQ(need.password, "geheim");
        EXPECT_EQ(get<Success>(server.password_checked(true)).authcid, "alice@a.test");
    }
}

TEST_F(SaslServer, PlainKeepsTheAuthorizationIdentityApart) {
    Server server(options(), random);
    const auto need = get<NeedPassword>(server.start("PLAIN", plain_message(kAlice, "boss@a.test")));
    EXPECT_EQ(need.authzid, "boss@a.test");
    EXPECT_EQ(need.authcid, "alice@a.test");
    EXPECT_EQ(get<Success>(server.password_checked(true)).authzid, "boss@a.test");
}

TEST_F(SaslServer, WrongPasswordFailsWithTheName) {
    Server server(options(), random);
    server.start("PLAIN", plain_message(kAlice));
    const auto failure = get<Failure>(server.password_checked(false));
    EXPECT_EQ(failure.reason, FailureReason::wrong_credentials);
    EXPECT_EQ(failure.authcid, "alice@a.test");
}

TEST_F(SaslServer, MalformedPlain) {
    for (const std::string& message :
         {""s, "alice"s, "\0alice"s, "\0alice\0"s, "\0\0pass"s, "\0alice\0pa\0ss"s, "a\0b"s,
          "\0alice\0"s + std::string(kPasswordBytesMax + 1, 'x'),
          "\0"s + std::string(kIdentityBytesMax + 1, 'x') + "\0p"s, std::string(kIdentityBytesMax + 1, 'x') + "\0a\0p"s,
          std::string(kResponseBytesMax + 1, 'x')}) {
        Server server(options(), random);
        EXPECT_EQ(failed(server.start("PLAIN", message)), FailureReason::malformed) << message.size();
    }
}

TEST_F(SaslServer, LoginAsksTwice) {
    Server server(options(), random);
    EXPECT_EQ(get<Challenge>(server.start("LOGIN", std::nullopt)).bytes, "Username:");
    EXPECT_EQ(get<Challenge>(server.step(*login_response(kAlice, 0))).bytes, "Password:");
    EXPECT_EQ(get<NeedPassword>(server.step(*login_response(kAlice, 1))).password, "geheim");
    EXPECT_EQ(get<Success>(server.password_checked(true)).authcid, "alice@a.test");
    EXPECT_EQ(login_response(kAlice, 2), std::nullopt);
}

TEST_F(SaslServer, LoginTakesTheNameAsInitialResponse) {
    Server server(options(), random);
    EXPECT_EQ(get<Challenge>(server.start("LOGIN", "alice@a.test")).bytes, "Password:");
    EXPECT_EQ(failed(server.step("")), FailureReason::malformed);
}

TEST_F(SaslServer, ScramEndsInSuccessAfterTheServersProof) {
    Server server(options(), random);
    ScramClient client(kAlice, random);
    EXPECT_EQ(get<Success>(scram(server, client, "SCRAM-SHA-256", secrets_of(keys_of("geheim")))).authcid,
              "alice@a.test");
}

TEST_F(SaslServer, ScramWithoutInitialResponseBeginsWithAnEmptyChallenge) {
    Server server(options(), random);
    ScramClient client(kAlice, random);
    EXPECT_EQ(get<Challenge>(server.start("SCRAM-SHA-256", std::nullopt)).bytes, "");
    EXPECT_EQ(get<NeedScramSecrets>(server.step(client.first())).authcid, "alice@a.test");
}

TEST_F(SaslServer, ScramNamesWithCommasAndEqualSigns) {
    Server server(options(), random);
    ScramClient client({.user = "a,b=c", .password = "geheim"}, random);
    EXPECT_EQ(get<Success>(scram(server, client, "SCRAM-SHA-256", secrets_of(keys_of("geheim")))).authcid, "a,b=c");
}

TEST_F(SaslServer, ScramWrongPasswordAndUnknownUserLookTheSame) {
    Server known(options(), random);
    ScramClient wrong({.user = "alice@a.test", .password = "falsch"}, random);
    EXPECT_EQ(failed(scram(known, wrong, "SCRAM-SHA-256", secrets_of(keys_of("geheim")))),
              FailureReason::wrong_credentials);

    Server unknown(options(), random);
    ScramClient nobody({.user = "nobody@a.test", .password = "falsch"}, random);
    EXPECT_EQ(failed(scram(unknown, nobody, "SCRAM-SHA-256", std::nullopt)), FailureReason::wrong_credentials);
}

TEST_F(SaslServer, InventedSaltsStayAndDifferByUserAndServer) {
    const auto salt_of = [&](std::string_view user, std::string_view secret) {
        ServerOptions with = options();
        with.fake_salt_secret = secret;
        Server server(with, random);
        server.start("SCRAM-SHA-256", "n,,n=" + std::string(user) + ",r=abc");
        const std::string first = get<Challenge>(server.scram_secrets_found(std::nullopt, user)).bytes;
        return first.substr(first.find(",s="));
    };
    EXPECT_EQ(salt_of("x", "one"), salt_of("x", "one"));
    EXPECT_NE(salt_of("x", "one"), salt_of("y", "one"));
    EXPECT_NE(salt_of("x", "one"), salt_of("x", "two"));
    EXPECT_TRUE(salt_of("x", "one").ends_with(",i=4096"));
}

TEST_F(SaslServer, DamagedKeysNeverLetIn) {
    for (ScramKeys keys : {ScramKeys{}, ScramKeys{"salt", 4096, "short", "short"},
                           ScramKeys{"", 4096, std::string(32, 'a'), std::string(32, 'b')}}) {
        Server server(options(), random);
        ScramClient client(kAlice, random);
        EXPECT_EQ(failed(scram(server, client, "SCRAM-SHA-256", secrets_of(keys))), FailureReason::wrong_credentials);
    }
}

/// Several secrets of one user, as a directory has them: salt and iterations are the same.
ScramSecrets several(std::initializer_list<std::string_view> passwords) {
    ScramSecrets all = secrets_of(keys_of(*passwords.begin()));
    all.verifiers.clear();
    for (const std::string_view password : passwords)
        all.verifiers.push_back(secrets_of(keys_of(password)).verifiers.front());
    return all;
}

TEST_F(SaslServer, ScramTellsWhichSecretWasProvedWithAndWithoutBinding) {
    for (const std::string_view mechanism : {"SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"}) {
        const bool plus = mechanism.ends_with("PLUS");
        Server server(options({{"tls-exporter", "x"}}), random);
        ScramClient client(kAlice, random, ScramClient::BindingSupport::none,
                           plus ? std::optional(ChannelBinding{"tls-exporter", "x"}) : std::nullopt);
        EXPECT_EQ(get<Success>(scram(server, client, mechanism, several({"falsch", "geheim", "anders"}))).verifier, 1U);
    }
}

TEST_F(SaslServer, AProvedSecretThatMayNotBeUsedIsWrongForTheClientAndNamedToTheCaller) {
    ScramSecrets all = several({"falsch", "geheim"});
    all.verifiers[1].usable = false;
    const auto ended = [&](std::optional<ScramSecrets> secrets) {
        Server server(options(), random);
        ScramClient client(kAlice, random);
        return get<Failure>(scram(server, client, "SCRAM-SHA-256", std::move(secrets)));
    };
    EXPECT_EQ(ended(all).reason, FailureReason::wrong_credentials);
    EXPECT_EQ(ended(all).unusable, 1U);
    EXPECT_EQ(ended(several({"falsch"})).reason, FailureReason::wrong_credentials);
    EXPECT_EQ(ended(several({"falsch"})).unusable, std::nullopt);
    all.verifiers.clear();
    EXPECT_EQ(ended(all).reason, FailureReason::wrong_credentials);
    EXPECT_EQ(ended(std::nullopt).unusable, std::nullopt);
}

TEST_F(SaslServer, PlusBindsToTheChannel) {
    for (const std::string type : {"tls-exporter", "tls-server-end-point", "tls-unique"}) {
        const std::vector<ChannelBinding> ours{
            {"tls-exporter", "one"}, {"tls-server-end-point", "two"}, {"tls-unique", "three"}};
        const std::string data = type == "tls-exporter" ? "one" : type == "tls-unique" ? "three" : "two";
        Server server(options(ours), random);
        ScramClient client(kAlice, random, ScramClient::BindingSupport::none, ChannelBinding{type, data});
        EXPECT_EQ(get<Success>(scram(server, client, "SCRAM-SHA-256-PLUS", secrets_of(keys_of("geheim")))).authcid,
                  "alice@a.test");
    }
}

TEST_F(SaslServer, PlusRefusesAnotherChannel) {
    Server server(options({{"tls-exporter", "ours"}}), random);
    ScramClient client(kAlice, random, ScramClient::BindingSupport::none, ChannelBinding{"tls-exporter", "theirs"});
    EXPECT_EQ(failed(scram(server, client, "SCRAM-SHA-256-PLUS", secrets_of(keys_of("geheim")))),
              FailureReason::channel_binding);
}

TEST_F(SaslServer, PlusRefusesUnknownBindingTypes) {
    Server server(options({{"tls-exporter", "ours"}}), random);
    ScramClient client(kAlice, random, ScramClient::BindingSupport::none, ChannelBinding{"tls-unique", "ours"});
    EXPECT_EQ(failed(scram(server, client, "SCRAM-SHA-256-PLUS", secrets_of(keys_of("geheim")))),
              FailureReason::unsupported_request);
}

// RFC 5802 §6: a client that could bind and was not told of PLUS notices the lie through 'y'.
TEST_F(SaslServer, DowngradeIsNoticed) {
    Server server(options({{"tls-exporter", "ours"}}), random);
    ScramClient client(kAlice, random, ScramClient::BindingSupport::supported_but_not_offered);
    EXPECT_EQ(failed(scram(server, client, "SCRAM-SHA-256", secrets_of(keys_of("geheim")))),
              FailureReason::channel_binding);
}

TEST_F(SaslServer, WithoutPlusOfferedTheFlagYIsFine) {
    Server server(options(), random);
    ScramClient client(kAlice, random, ScramClient::BindingSupport::supported_but_not_offered);
    EXPECT_EQ(get<Success>(scram(server, client, "SCRAM-SHA-256", secrets_of(keys_of("geheim")))).authcid,
              "alice@a.test");
}

TEST_F(SaslServer, ClientsWithoutBindingMayUseTheMechanismWithoutPlus) {
    Server server(options({{"tls-exporter", "ours"}}), random);
    ScramClient client(kAlice, random);
    EXPECT_EQ(get<Success>(scram(server, client, "SCRAM-SHA-256", secrets_of(keys_of("geheim")))).authcid,
              "alice@a.test");
}

TEST_F(SaslServer, MechanismAndFlagMustAgree) {
    Server plus(options({{"tls-exporter", "ours"}}), random);
    EXPECT_EQ(failed(plus.start("SCRAM-SHA-256-PLUS", "n,,n=a,r=b")), FailureReason::malformed);
    Server plain(options({{"tls-exporter", "ours"}}), random);
    EXPECT_EQ(failed(plain.start("SCRAM-SHA-256", "p=tls-exporter,,n=a,r=b")), FailureReason::channel_binding);
}

TEST_F(SaslServer, MalformedFirstMessages) {
    for (const std::string& message : {""s,
                                       "n"s,
                                       "n,"s,
                                       "n,,"s,
                                       "n,,n=a"s,
                                       "n,,r=b,n=a"s,
                                       "n,,n=,r=b"s,
                                       "n,,n=a,r="s,
                                       "x,,n=a,r=b"s,
                                       ",,n=a,r=b"s,
                                       "n,a,n=a,r=b"s,
                                       "n,a=,n=a,r=b"s,
                                       "n,a==,n=a,r=b"s,
                                       "n,,n=a=,r=b"s,
                                       "n,,n=a\0,r=b"s,
                                       "n,,n=a,r=b c"s,
                                       "n,,n=a,r="s + std::string(600, 'x'),
                                       "n,,n="s + std::string(600, 'x') + ",r=b"s,
                                       "p=,,n=a,r=b"s,
                                       "nn,,n=a,r=b"s}) {
        Server server(options(), random);
        const Outcome outcome = server.start("SCRAM-SHA-256", message);
        EXPECT_TRUE(std::holds_alternative<Failure>(outcome)) << message;
    }
    Server server(options(), random);
    EXPECT_EQ(failed(server.start("SCRAM-SHA-256", "n,,m=x,n=a,r=b")), FailureReason::unsupported_request);
}

TEST_F(SaslServer, ScramAuthorizationIdentityAndExtensions) {
    Server server(options(), random);
    EXPECT_EQ(get<NeedScramSecrets>(server.start("SCRAM-SHA-256", "n,a=boss,n=alice,r=abc,x=future")).authcid, "alice");
}

/// Changes each octet of the client's last message in turn: none may log in.
TEST_F(SaslServer, NoChangedOctetOfTheFinalMessageIsAccepted) {
    const ScramKeys keys = keys_of("geheim");
    const auto final_message = [&](Server& server, SeededRandom& seeded) {
        ScramClient client(kAlice, seeded);
        server.start("SCRAM-SHA-256", client.first());
        return *client.final(get<Challenge>(server.scram_secrets_found(secrets_of(keys), "user")).bytes);
    };
    SeededRandom first_seed(3);
    Server reference(options(), first_seed);
    const std::string good = final_message(reference, first_seed);
    EXPECT_TRUE(std::holds_alternative<Challenge>(reference.step(good)));
    for (std::size_t at = 0; at < good.size(); ++at) {
        SeededRandom seed(3);
        Server server(options(), seed);
        std::string changed = final_message(server, seed);
        ASSERT_EQ(changed, good);
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        EXPECT_TRUE(std::holds_alternative<Failure>(server.step(changed))) << at;
        SeededRandom again(3);
        Server cut(options(), again);
        EXPECT_TRUE(std::holds_alternative<Failure>(cut.step(final_message(cut, again).substr(0, at)))) << at;
    }
}

TEST_F(SaslServer, TheClientChecksTheServer) {
    ScramClient client(kAlice, random);
    const std::string first = client.first();
    const std::string nonce = first.substr(first.find("r=") + 2);
    EXPECT_EQ(client.final("r=other,s=QUFB,i=4096").error(), ClientError::malformed);
    EXPECT_EQ(client.final("r=" + nonce + ",s=QUFB,i=4096").error(), ClientError::malformed);
    EXPECT_EQ(client.final("r=" + nonce + "x,s=QUFB,i=0").error(), ClientError::malformed);
    EXPECT_EQ(client.final("r=" + nonce + "x,s=,i=4096").error(), ClientError::malformed);
    EXPECT_EQ(client.final("m=x,r=" + nonce + "x,s=QUFB,i=4096").error(), ClientError::malformed);
    EXPECT_EQ(client.final("r=" + nonce + "x,s=QUFB,i=4000000000").error(), ClientError::too_many_iterations);
    EXPECT_EQ(client.verify("v=QUFB").error(), ClientError::wrong_server_signature);
    ASSERT_TRUE(client.final("r=" + nonce + "x,s=QUFB,i=4096"));
    EXPECT_EQ(client.verify("v=QUFB").error(), ClientError::wrong_server_signature);
    EXPECT_EQ(client.verify("e=other-error").error(), ClientError::refused);
    EXPECT_EQ(client.verify("").error(), ClientError::malformed);
}

} // namespace
} // namespace tegami::sasl
