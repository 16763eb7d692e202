#include "base/base64.h"
#include "protocol/web_push/encryption.h"
#include "protocol/web_push/vapid.h"

#include <gtest/gtest.h>

namespace tegami::web_push {
namespace {

using base64::decode_url;
using base64::encode_url;

/// RFC 8291 §5
constexpr const char* kSender = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgyfWPiYE+n46HLnH0
KqZOF1fJJU3MYrct3AELtAQ+oRyhRANCAAT+M/SrDepxkU21WCP3O1SUj0EwbZIH
Mtu5pZpTKGSCIA5Zent7wmC6HCJ5mFgJkuk5cwAvMBKiiujwa7t45ewP
-----END PRIVATE KEY-----
)";

Receiver receiver() {
    return {.public_key = *decode_url("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6"
                                      "SRpkNtoIAiw4"),
            .secret = *decode_url("BTBZMqHH6r4Tts7J_aSIgg")};
}

TEST(WebPush, EncryptsTheExampleOfTheStandard) {
    const auto body = encrypt("When I grow up, I want to be a watermelon", receiver(), *p256::Key::parse(kSender),
                              *decode_url("DGv6ra1nlYgDCS1FRnbzlw"));
    EXPECT_EQ(encode_url(body.value()), "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
                                        "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
                                        "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN");
}

// RFC 8188 §3.1
TEST(WebPush, EncodesTheExampleOfTheContentEncoding) {
    EXPECT_EQ(encode_url(encode_aes128gcm("I am the walrus", *decode_url("yqdlZ-tYemfogSmv7Ws5PQ"),
                                          *decode_url("I1BsxtFttlv3u_Oo94xnmw"), "")),
              "I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg");
}

TEST(WebPush, AMessageOfTheGreatestLengthIsStillOneThatServicesTake) {
    const auto body = encrypt(std::string(kTextBytesMax, 'a'), receiver(), p256::Key::make(), std::string(16, 's'));
    EXPECT_EQ(body.value().size(), kMessageBytesMax);
}

TEST(WebPush, KeysThatAreNoneEncryptNothing) {
    Receiver wrong = receiver();
    EXPECT_TRUE(is_receiver(wrong));
    wrong.secret.pop_back();
    EXPECT_FALSE(is_receiver(wrong));
    EXPECT_FALSE(encrypt("text", wrong, p256::Key::make(), std::string(16, 's')));
    wrong = receiver();
    wrong.public_key.back() ^= 1; // beside the curve
    EXPECT_FALSE(is_receiver(wrong));
    EXPECT_FALSE(encrypt("text", wrong, p256::Key::make(), std::string(16, 's')));
    EXPECT_FALSE(is_receiver({}));
}

// RFC 8292 §2.4
TEST(WebPush, SaysWhoSendsIt) {
    const p256::Key key = p256::Key::make();
    const std::string said = vapid_authorization(key, {.audience = "https://push.example.net",
                                                       .contact = "mailto:push@example.com",
                                                       .expires = Timestamp(std::chrono::seconds(1453523768))});
    EXPECT_TRUE(said.starts_with("vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS"
                                 "5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0."))
        << said;
    EXPECT_TRUE(said.ends_with(", k=" + encode_url(key.public_octets()))) << said;
    EXPECT_EQ(application_server_key(key).size(), 87U);
}

} // namespace
} // namespace tegami::web_push
