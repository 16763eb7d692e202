// RFC 8017 §8.2.2: what OpenSSL signs is taken, and nothing that is not exactly that.
#include "trust/dkim/rsa_verification.h"

#include "base/freer.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <gtest/gtest.h>

#include <string>

namespace tegami::dkim {
namespace {

using OpensslKey = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using OpensslContext = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;

unsigned char* octets_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

OpensslKey make_rsa_key(int bits, unsigned long exponent) {
    const OpensslContext context(EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nullptr));
    const Number number(BN_new());
    EVP_PKEY* key = nullptr;
    EXPECT_TRUE(BN_set_word(number.get(), exponent) == 1 && EVP_PKEY_keygen_init(context.get()) == 1 &&
                EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), bits) == 1 &&
                EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), number.get()) == 1 &&
                EVP_PKEY_keygen(context.get(), &key) == 1);
    return OpensslKey(key);
}

/// `hash`: the one that the signature is said to be of.
std::string signature_of(EVP_PKEY* key, std::string digest, const EVP_MD* hash = EVP_sha256()) {
    const OpensslContext context(EVP_PKEY_CTX_new(key, nullptr));
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
    std::size_t size = signature.size();
    EXPECT_TRUE(EVP_PKEY_sign_init(context.get()) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
                EVP_PKEY_CTX_set_signature_md(context.get(), hash) == 1 &&
                EVP_PKEY_sign(context.get(), octets_of(signature), &size, octets_of(digest), digest.size()) == 1);
    return signature;
}

/// The signature with the modulus added, which is the same number to whoever does not look at its size.
std::string with_modulus(EVP_PKEY* key, std::string signature) {
    BIGNUM* modulus = nullptr;
    EXPECT_EQ(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &modulus), 1);
    const Number owned(modulus);
    const Number number(BN_bin2bn(octets_of(signature), static_cast<int>(signature.size()), nullptr));
    BN_add(number.get(), number.get(), modulus);
    std::string sum(static_cast<std::size_t>(BN_num_bytes(number.get())), '\0');
    BN_bn2bin(number.get(), octets_of(sum));
    return sum;
}

void verify_rsa_with(int bits, unsigned long exponent) {
    const OpensslKey key = make_rsa_key(bits, exponent);
    const RsaVerification verification(key.get());
    for (int number = 0; number < 12; ++number) {
        std::string digest(32, static_cast<char>('a' + number));
        const std::string signature = signature_of(key.get(), digest);
        EXPECT_TRUE(verification.verifies(digest, signature));
        std::string other = signature;
        other[static_cast<std::size_t>(number) * 7 % other.size()] ^= 1;
        EXPECT_FALSE(verification.verifies(digest, other));
        EXPECT_FALSE(verification.verifies(digest, '\0' + signature));
        EXPECT_FALSE(verification.verifies(digest, signature.substr(1)));
        EXPECT_FALSE(verification.verifies(digest, with_modulus(key.get(), signature)));
        digest.back() ^= 1;
        EXPECT_FALSE(verification.verifies(digest, signature));
    }
    const std::string digest(32, 'd');
    EXPECT_FALSE(verification.verifies(digest, signature_of(key.get(), digest, EVP_sha3_256())))
        << "another hash's name in it";
    const auto size = static_cast<std::size_t>(bits) / 8;
    for (const char octet : {'\0', '\1', '\xff'})
        EXPECT_FALSE(verification.verifies(digest, std::string(size - 1, '\0') + octet));
    EXPECT_FALSE(verification.verifies(digest, std::string(size, '\xff')));
    EXPECT_FALSE(verification.verifies(digest, ""));
}

TEST(RsaVerification, TakesWhatIsSigned) {
    verify_rsa_with(2048, RSA_F4);
}

TEST(RsaVerification, OtherExponents) {
    verify_rsa_with(1024, 3);
    verify_rsa_with(1024, 0x10000000f);
}

} // namespace
} // namespace tegami::dkim
