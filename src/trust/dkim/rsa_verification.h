// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2.2), on OpenSSL's numbers and not through its EVP: what there is to prepare
// is kept with the key, and for the exponent that every mail's key has it takes five sixths of the time.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

extern "C" {
struct evp_pkey_st;
struct bignum_st;
struct bn_mont_ctx_st;
}

namespace tegami::dkim {

class RsaVerification {
public:
    /// Of an RSA key, not shorter than kRsaBitsMin (trust/dkim/key.h).
    explicit RsaVerification(evp_pkey_st* key);

    /// Whether `signature` is one of the digest; safe to call from several threads.
    bool verifies(std::string_view digest, std::string_view signature) const;

private:
    struct Free {
        void operator()(bignum_st* number) const;
        void operator()(bn_mont_ctx_st* reduction) const;
    };

    using Number = std::unique_ptr<bignum_st, Free>;

    Number modulus_;
    Number exponent_;
    std::size_t size_;                                ///< octets of the modulus, and of every signature
    Number encoded_zeros_;                            ///< what a signature of a digest of zeros is the root of
    std::unique_ptr<bn_mont_ctx_st, Free> reduction_; ///< null: no key has such a modulus, and nothing verifies
};

} // namespace tegami::dkim
