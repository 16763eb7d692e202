// RFC 5802 §3, RFC 7677, RFC 8265 §4.2
#include "protocol/sasl/scram.h"

#include "base/base64.h"
#include "protocol/sasl/message_syntax.h"

#include <gtest/gtest.h>

namespace tegami::sasl {
namespace {

TEST(Scram, KeysOfTheExampleInRfc7677ProveItsExchange) {
    const std::string salt = *base64::decode("W22ZaJ0SNY7soEsUEjb6gQ==");
    const ScramKeys keys = derive_scram_keys("pencil", salt, 4096);
    const std::string auth_message = "n=user,r=rOprNGfwEbeRWgbNEkqO,"
                                     "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                                     "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
                                     "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    const std::string proof = *base64::decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    const std::string client_key = combine(proof, hmac_sha256(keys.stored_key, auth_message));
    EXPECT_EQ(sha256(client_key), keys.stored_key);
    EXPECT_EQ(base64::encode(hmac_sha256(keys.server_key, auth_message)),
              "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

TEST(Scram, KeysDependOnPasswordSaltAndIterations) {
    const ScramKeys keys = derive_scram_keys("secret", "0123456789abcdef", 4096);
    EXPECT_EQ(keys, derive_scram_keys("secret", "0123456789abcdef", 4096));
    EXPECT_NE(keys.stored_key, derive_scram_keys("Secret", "0123456789abcdef", 4096).stored_key);
    EXPECT_NE(keys.stored_key, derive_scram_keys("secret", "0123456789abcdeg", 4096).stored_key);
    EXPECT_NE(keys.stored_key, derive_scram_keys("secret", "0123456789abcdef", 4097).stored_key);
    EXPECT_NE(keys.stored_key, keys.server_key);
}

TEST(Scram, ComparisonLooksAtEveryOctet) {
    EXPECT_TRUE(equal_in_constant_time("", ""));
    EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
    EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
    EXPECT_FALSE(equal_in_constant_time("abc", "xbc"));
    EXPECT_FALSE(equal_in_constant_time("abc", "abcd"));
}

TEST(PreparePassword, TheExamplesOfRfc8265) {
    EXPECT_EQ(prepare_password("correct horse battery staple"), "correct horse battery staple");
    EXPECT_EQ(prepare_password("Correct Horse Battery Staple"), "Correct Horse Battery Staple");
    EXPECT_EQ(prepare_password("\u03c0\u00df\u00e5"), "\u03c0\u00df\u00e5");
    EXPECT_EQ(prepare_password("Jack of \u2666s"), "Jack of \u2666s");
    EXPECT_EQ(prepare_password("foo\u1680bar"), "foo bar");
    EXPECT_EQ(prepare_password(""), std::nullopt);
    EXPECT_EQ(prepare_password("my cat is a \x09 by"), std::nullopt);
}

TEST(PreparePassword, TwoKeyboardsOnePassword) {
    EXPECT_EQ(prepare_password("caf\u00e9"), prepare_password("cafe\u0301"));
    EXPECT_EQ(prepare_password("a\u00a0b"), "a b");
    EXPECT_EQ(prepare_password("a\u3000b"), "a b");
    // Width stays (RFC 8265 §4.2.2): full-width letters are another password.
    EXPECT_NE(prepare_password("\uff41"), prepare_password("a"));
}

TEST(PreparePassword, OtherCharsetsAreUsedAsTheyAre) {
    EXPECT_EQ(prepare_password("p\xe4ss"), std::nullopt);
    EXPECT_EQ(usable_password("p\xe4ss"), "p\xe4ss");
    EXPECT_EQ(prepare_password("\xed\xa0\x80"), std::nullopt);
    EXPECT_EQ(prepare_password("a\u200bb"), std::nullopt);
    EXPECT_EQ(prepare_password("\ufdd0"), std::nullopt);
    EXPECT_EQ(derive_scram_keys("cafe\u0301", "salt-salt", 4096), derive_scram_keys("caf\u00e9", "salt-salt", 4096));
}

TEST(MessageSyntax, NamesRoundTrip) {
    for (const std::string name : {"user", "a,b", "a=b", "=2C", "=,=,", "\u65e5\u672c"})
        EXPECT_EQ(decode_saslname(encode_saslname(name)), name);
    for (const std::string_view bad : {"", "=", "=2", "=2D", "a=", "=2c", "a,b"})
        EXPECT_EQ(decode_saslname(bad), std::nullopt) << bad;
    EXPECT_EQ(decode_saslname(std::string_view("a\0b", 3)), std::nullopt);
}

TEST(MessageSyntax, AttributesInOrder) {
    std::string_view rest = "r=abc,s=,i=4096";
    EXPECT_EQ(take_attribute(rest, 's'), std::nullopt);
    EXPECT_EQ(take_attribute(rest, 'r'), "abc");
    EXPECT_EQ(take_attribute(rest, 's'), "");
    EXPECT_EQ(take_attribute(rest, 'i'), "4096");
    EXPECT_EQ(rest, "");
    EXPECT_EQ(take_attribute(rest, 'i'), std::nullopt);
}

} // namespace
} // namespace tegami::sasl
