#include "trust/dkim/sha256.h"

#include "base/assert.h"

#include <openssl/evp.h>

namespace tegami::dkim {

// What can fail below is memory, without which the process cannot go on either.

namespace {

/// Looked up once: a look-up takes locks.
const EVP_MD* sha256() {
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return algorithm;
}

} // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const {
    EVP_MD_CTX_free(context);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    ASSERT(context_ && EVP_DigestInit_ex(context_.get(), sha256(), nullptr) == 1);
}

Sha256 Sha256::copy() const {
    Sha256 other;
    ASSERT(EVP_MD_CTX_copy_ex(other.context_.get(), context_.get()) == 1);
    return other;
}

void Sha256::update(std::string_view octets) {
    ASSERT(EVP_DigestUpdate(context_.get(), octets.data(), octets.size()) == 1);
}

std::string Sha256::digest() const& {
    return copy().digest();
}

std::string Sha256::digest() && {
    std::string out(kDigestBytes, '\0');
    ASSERT(EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(out.data()), nullptr) == 1);
    return out;
}

} // namespace tegami::dkim
