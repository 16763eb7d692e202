#include "p256/key.h"

#include "base/base64.h"
#include "base/freer.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <gtest/gtest.h>

#include <memory>

namespace tegami::p256 {
namespace {

/// The keys of RFC 8291 §5.
constexpr const char* kSender = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgyfWPiYE+n46HLnH0
KqZOF1fJJU3MYrct3AELtAQ+oRyhRANCAAT+M/SrDepxkU21WCP3O1SUj0EwbZIH
Mtu5pZpTKGSCIA5Zent7wmC6HCJ5mFgJkuk5cwAvMBKiiujwa7t45ewP
-----END PRIVATE KEY-----
)";
constexpr const char* kReceiver =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

TEST(P256, IsThatCurveAndNothingElse) {
    EXPECT_FALSE(Key::parse("no key"));
    const std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>> other(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384"));
    const std::unique_ptr<BIO, Freer<BIO_free>> text(BIO_new(BIO_s_mem()));
    PEM_write_bio_PKCS8PrivateKey(text.get(), other.get(), nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const long size = BIO_get_mem_data(text.get(), &data);
    EXPECT_FALSE(Key::parse(std::string(data, static_cast<std::size_t>(size))));
}

TEST(P256, IsTheSameAsText) {
    const Key key = Key::make();
    EXPECT_EQ(Key::parse(key.to_pem()).value().public_octets(), key.public_octets());
    EXPECT_EQ(Key::parse(kSender).value().to_pem(), kSender);
    EXPECT_EQ(base64::encode_url(Key::parse(kSender).value().public_octets()),
              "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8");
}

TEST(P256, AgreesOnASecret) {
    const Key sender = Key::parse(kSender).value();
    // RFC 8291, appendix A.
    EXPECT_EQ(base64::encode_url(sender.agree(base64::decode_url(kReceiver).value()).value()),
              "kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs");
    const Key other = Key::make();
    EXPECT_EQ(sender.agree(other.public_octets()), other.agree(sender.public_octets()));
}

TEST(P256, APointIsOnTheCurve) {
    std::string point = base64::decode_url(kReceiver).value();
    EXPECT_TRUE(is_public_key(point));
    EXPECT_FALSE(is_public_key(""));
    EXPECT_FALSE(is_public_key(point.substr(1)));
    EXPECT_FALSE(is_public_key(std::string(kPublicBytes, '\0')));
    point.back() ^= 1;
    EXPECT_FALSE(is_public_key(point));
    EXPECT_FALSE(Key::make().agree(point));
}

TEST(P256, ASignatureIsTwoNumbers) {
    const Key key = Key::make();
    const std::string first = key.sign("octets");
    EXPECT_EQ(first.size(), 2 * kNumberBytes);
    EXPECT_NE(key.sign("octets"), first); // each has a chance of its own
}

} // namespace
} // namespace tegami::p256
