#include "trust/dkim/rsa_verification.h"

#include "base/assert.h"
#include "base/freer.h"
#include "trust/dkim/sha256.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <string>

namespace tegami::dkim {

namespace {

// What can fail below for another reason than the octets is memory, without which the process cannot go on either.

using NumberContext = std::unique_ptr<BN_CTX, Freer<BN_CTX_free>>;

NumberContext new_context() {
    NumberContext context(BN_CTX_new());
    ASSERT(context);
    return context;
}

BIGNUM* number_of(const EVP_PKEY* key, const char* name) {
    BIGNUM* number = nullptr;
    ASSERT(EVP_PKEY_get_bn_param(key, name, &number) == 1);
    return number;
}

BIGNUM* number_of(std::string_view octets) {
    BIGNUM* const number =
        BN_bin2bn(reinterpret_cast<const unsigned char*>(octets.data()), static_cast<int>(octets.size()), nullptr);
    ASSERT(number != nullptr);
    return number;
}

/// EMSA-PKCS1-v1_5 (RFC 8017 §9.2) of a digest of zeros; `size` has room for it.
std::string encoded_zeros(std::size_t size) {
    constexpr std::string_view kSha256("\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
                                       19);
    const std::size_t padding = size - kSha256.size() - kDigestBytes - 3;
    return std::string("\0\1", 2).append(padding, '\xff').append(1, '\0').append(kSha256).append(kDigestBytes, '\0');
}

} // namespace

void RsaVerification::Free::operator()(BIGNUM* number) const {
    BN_free(number);
}

void RsaVerification::Free::operator()(BN_MONT_CTX* reduction) const {
    BN_MONT_CTX_free(reduction);
}

RsaVerification::RsaVerification(EVP_PKEY* key)
    : modulus_(number_of(key, OSSL_PKEY_PARAM_RSA_N)), exponent_(number_of(key, OSSL_PKEY_PARAM_RSA_E)),
      size_(static_cast<std::size_t>(BN_num_bytes(modulus_.get()))), encoded_zeros_(number_of(encoded_zeros(size_))),
      reduction_(BN_MONT_CTX_new()) {
    ASSERT(reduction_);
    const NumberContext context = new_context();
    if (BN_MONT_CTX_set(reduction_.get(), modulus_.get(), context.get()) != 1) reduction_.reset();
}

bool RsaVerification::verifies(std::string_view digest, std::string_view signature) const {
    if (!reduction_ || signature.size() != size_ || digest.size() != kDigestBytes) return false;
    const NumberContext context = new_context();
    const Number number(number_of(signature));
    const Number power(BN_new());
    ASSERT(power);
    if (BN_cmp(number.get(), modulus_.get()) >= 0) return false;
    // RFC 8017 §5.2.2
    if (BN_is_word(exponent_.get(), RSA_F4)) {
        // 65537 is sixteen squares and one product, which with a factor that is not in Montgomery's form leaves it, too.
        bool done = BN_to_montgomery(power.get(), number.get(), reduction_.get(), context.get()) == 1;
        for (int square = 0; square < 16; ++square)
            done = done &&
                   BN_mod_mul_montgomery(power.get(), power.get(), power.get(), reduction_.get(), context.get()) == 1;
        done =
            done && BN_mod_mul_montgomery(power.get(), power.get(), number.get(), reduction_.get(), context.get()) == 1;
        if (!done) return false;
    } else if (BN_mod_exp_mont(power.get(), number.get(), exponent_.get(), modulus_.get(), context.get(),
                               reduction_.get()) != 1) {
        return false;
    }
    // RFC 8017 §8.2.2 step 4: octets of one size are equal if their numbers are, and the digest stands at the end.
    const Number expected(number_of(digest));
    ASSERT(BN_add(expected.get(), expected.get(), encoded_zeros_.get()) == 1);
    return BN_cmp(power.get(), expected.get()) == 0;
}

} // namespace tegami::dkim
