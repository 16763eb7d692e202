#include "p256/key.h"

#include "base/assert.h"
#include "base/freer.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>

#include <array>
#include <utility>

namespace tegami::p256 {

namespace {

using Bio = std::unique_ptr<BIO, Freer<BIO_free>>;
using Context = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using Pkey = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG_free>>;

std::string octets_of(const BIGNUM* number) {
    std::string octets(kNumberBytes, '\0');
    const int size = BN_bn2binpad(number, reinterpret_cast<unsigned char*>(octets.data()), kNumberBytes);
    return size == static_cast<int>(kNumberBytes) ? octets : std::string();
}

std::string coordinate(const EVP_PKEY* key, const char* name) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return {};
    const Number owner(number);
    return octets_of(number);
}

bool is_p256(const EVP_PKEY* key) {
    std::array<char, 64> group{};
    std::size_t size = 0;
    if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) != 1) return false;
    return std::string_view(group.data(), size) == SN_X9_62_prime256v1;
}

/// Null if they are no point of the curve.
Pkey read_public(std::string_view octets) {
    if (octets.size() != kPublicBytes || octets.front() != '\x04') return nullptr;
    std::string group(SN_X9_62_prime256v1);
    std::string point(octets);
    const std::array<OSSL_PARAM, 3> parts{
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end()};
    const Context context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* made = nullptr;
    const bool read =
        context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
        EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(parts.data())) == 1;
    Pkey key(read ? made : nullptr);
    ERR_clear_error();
    return key;
}

} // namespace

Key::Key(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {
    if (!is_p256(key_.get())) return;
    const std::string x = coordinate(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X);
    const std::string y = coordinate(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y);
    if (!x.empty() && !y.empty()) public_octets_ = '\x04' + x + y;
}

std::optional<Key> Key::parse(const std::string& pem) {
    const Bio text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const auto no_passphrase = [](char*, int, int, void*) { return -1; };
    Pkey read(PEM_read_bio_PrivateKey(text.get(), nullptr, no_passphrase, nullptr));
    ERR_clear_error();
    if (!read) return std::nullopt;
    Key key(std::shared_ptr<evp_pkey_st>(std::move(read)));
    if (key.public_octets_.empty()) return std::nullopt;
    return key;
}

Key Key::make() {
    Pkey made(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    ASSERT(made != nullptr);
    return Key(std::shared_ptr<evp_pkey_st>(std::move(made)));
}

std::string Key::to_pem() const {
    const Bio text(BIO_new(BIO_s_mem()));
    ASSERT(PEM_write_bio_PKCS8PrivateKey(text.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(text.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string Key::sign(std::string_view octets) const {
    const Digest context(EVP_MD_CTX_new());
    std::string der(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
    std::size_t size = der.size();
    const bool done = EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
                      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(der.data()), &size,
                                     reinterpret_cast<const unsigned char*>(octets.data()), octets.size()) == 1;
    ASSERT(done);
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const Signature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
    ASSERT(signature != nullptr);
    return octets_of(ECDSA_SIG_get0_r(signature.get())) + octets_of(ECDSA_SIG_get0_s(signature.get()));
}

std::optional<std::string> Key::agree(std::string_view public_octets) const {
    const Pkey other = read_public(public_octets);
    if (!other) return std::nullopt;
    const Context context(EVP_PKEY_CTX_new(key_.get(), nullptr));
    std::string secret(kNumberBytes, '\0');
    std::size_t size = secret.size();
    const bool agreed = context && EVP_PKEY_derive_init(context.get()) == 1 &&
                        EVP_PKEY_derive_set_peer(context.get(), other.get()) == 1 &&
                        EVP_PKEY_derive(context.get(), reinterpret_cast<unsigned char*>(secret.data()), &size) == 1 &&
                        size == kNumberBytes;
    ERR_clear_error();
    return agreed ? std::optional(secret) : std::nullopt;
}

bool is_public_key(std::string_view octets) {
    return read_public(octets) != nullptr;
}

} // namespace tegami::p256
