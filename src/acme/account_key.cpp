#include "acme/account_key.h"

#include "acme/jws.h"
#include "acme/openssl_types.h"
#include "base/assert.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>

namespace tegami::acme {

namespace {

/// Octets of a coordinate, and of each half of a signature.
constexpr int kNumberBytes = 32;

std::string octets_of(const BIGNUM* number) {
    std::string octets(kNumberBytes, '\0');
    const int size = BN_bn2binpad(number, reinterpret_cast<unsigned char*>(octets.data()), kNumberBytes);
    return size == kNumberBytes ? octets : std::string();
}

std::string coordinate(const EVP_PKEY* key, const char* name) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return {};
    const Number owner(number);
    return octets_of(number);
}

bool is_p256(const EVP_PKEY* key) {
    std::string group(64, '\0');
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) != 1) return false;
    return std::string_view(group).substr(0, size) == SN_X9_62_prime256v1;
}

} // namespace

Result<AccountKey, std::string> AccountKey::parse(const std::string& pem) {
    Key key = read_key(pem);
    if (!key || !is_p256(key.get())) return failure(std::string("it is no ECDSA P-256 key in PEM form"));
    const std::string x = coordinate(key.get(), OSSL_PKEY_PARAM_EC_PUB_X);
    const std::string y = coordinate(key.get(), OSSL_PKEY_PARAM_EC_PUB_Y);
    if (x.empty() || y.empty()) return failure(std::string("its public part cannot be read"));
    AccountKey made;
    made.public_json_ =
        fmt::format(R"({{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}})", encode_base64url(x), encode_base64url(y));
    made.key_ = std::shared_ptr<EVP_PKEY>(key.release(), EVP_PKEY_free);
    return made;
}

std::string AccountKey::create() {
    return new_key_pem();
}

std::string AccountKey::authorization_for(std::string_view token) const {
    return fmt::format("{}.{}", token, encode_base64url(sha256(public_json_)));
}

std::string AccountKey::sign(std::string_view octets) const {
    const Digest context(EVP_MD_CTX_new());
    std::string der(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
    std::size_t size = der.size();
    const bool done = EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
                      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(der.data()), &size,
                                     reinterpret_cast<const unsigned char*>(octets.data()), octets.size()) == 1;
    ASSERT(done);
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const EcSignature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
    ASSERT(signature != nullptr);
    return octets_of(ECDSA_SIG_get0_r(signature.get())) + octets_of(ECDSA_SIG_get0_s(signature.get()));
}

} // namespace tegami::acme
