// For tests: TLSA records (RFC 6698 §2.1) of certificates in a PEM file.
#pragma once

#include "protocol/dns/record.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <memory>
#include <string>

namespace tegami::net::testing {

/// A record about the certificate at `depth` (0 is the server's own) that matches it.
inline dns::TlsaData tlsa_of(const std::string& path, std::size_t depth, std::uint8_t usage, std::uint8_t selector,
                             std::uint8_t matching) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file(path.c_str(), "r"), BIO_free);
    std::unique_ptr<X509, decltype(&X509_free)> one(nullptr, X509_free);
    for (std::size_t at = 0; at <= depth; ++at)
        one.reset(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
    EXPECT_NE(one, nullptr);
    unsigned char* octets = nullptr;
    const int size =
        selector == 0 ? i2d_X509(one.get(), &octets) : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(one.get()), &octets);
    std::string whole(octets, octets + size);
    OPENSSL_free(octets);
    if (matching != 0) {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        unsigned digest_size = 0;
        EVP_Digest(whole.data(), whole.size(), digest.data(), &digest_size, matching == 1 ? EVP_sha256() : EVP_sha512(),
                   nullptr);
        whole.assign(digest.begin(), digest.begin() + digest_size);
    }
    return {.usage = usage, .selector = selector, .matching = matching, .association = std::move(whole)};
}

} // namespace tegami::net::testing
