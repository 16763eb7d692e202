#include "webauthn/public_key.h"

#include "base/freer.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>
#include <utility>

namespace tegami::webauthn {

namespace {

using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<BN_clear_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freer<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freer<OSSL_PARAM_free>>;

constexpr std::size_t kCoordinateBytes = 32;
constexpr std::size_t kModulusBytesMin = 256;
constexpr std::size_t kModulusBytesMax = 512;
/// Limit: what makes a check of a signature dear.
constexpr std::size_t kExponentBytesMax = 4;
/// Limit: members of a key.
constexpr std::uint64_t kMembersMax = 16;

/// RFC 9053 §7.1, §7.2; RFC 8230 §4
enum Label : std::int64_t { kType = 1, kAlgorithm = 3, kCurve = -1, kX = -2, kY = -3, kModulus = -1, kExponent = -2 };

enum Type : std::int64_t { kOkp = 1, kEc2 = 2, kRsa = 3 };

enum Curve : std::int64_t { kP256 = 1, kEd25519 = 6 };

const unsigned char* unsigned_octets(std::string_view octets) {
    return reinterpret_cast<const unsigned char*>(octets.data());
}

/// The members that count, as they come.
struct Members {
    std::optional<std::int64_t> type, algorithm, curve;
    std::optional<std::string> at_minus_1, at_minus_2, at_minus_3;

    bool take(std::int64_t label, const CborItem& item) {
        const bool is_number = item.kind == CborItem::Kind::number;
        const bool is_octets = item.kind == CborItem::Kind::octets;
        if (label == kType) return is_number && put(type, item.number);
        if (label == kAlgorithm) return is_number && put(algorithm, item.number);
        if (label == kCurve && is_number) return put(curve, item.number);
        if (label == kModulus) return is_octets && put(at_minus_1, std::string(item.octets));
        if (label == kX) return is_octets && put(at_minus_2, std::string(item.octets));
        if (label == kY) return is_octets && put(at_minus_3, std::string(item.octets));
        return false;
    }

private:
    /// A label comes once.
    template <class T>
    static bool put(std::optional<T>& into, T value) {
        if (into) return false;
        into = std::move(value);
        return true;
    }
};

bool is_coordinate(const std::optional<std::string>& octets) {
    return octets && octets->size() == kCoordinateBytes;
}

std::optional<PublicKey> key_of(Members members) {
    if (!members.type || !members.algorithm) return std::nullopt;
    const bool has_curve = members.curve && !members.at_minus_1;
    switch (*members.algorithm) {
    case static_cast<std::int64_t>(Algorithm::es256):
        if (*members.type != kEc2 || !has_curve || *members.curve != kP256) return std::nullopt;
        if (!is_coordinate(members.at_minus_2) || !is_coordinate(members.at_minus_3)) return std::nullopt;
        return PublicKey{Algorithm::es256, *std::move(members.at_minus_2), *std::move(members.at_minus_3)};
    case static_cast<std::int64_t>(Algorithm::eddsa):
        if (*members.type != kOkp || !has_curve || *members.curve != kEd25519) return std::nullopt;
        if (!is_coordinate(members.at_minus_2) || members.at_minus_3) return std::nullopt;
        return PublicKey{Algorithm::eddsa, *std::move(members.at_minus_2), {}};
    case static_cast<std::int64_t>(Algorithm::rs256):
        if (*members.type != kRsa || members.curve || members.at_minus_3) return std::nullopt;
        if (!members.at_minus_1 || !members.at_minus_2) return std::nullopt;
        if (members.at_minus_1->size() < kModulusBytesMin || members.at_minus_1->size() > kModulusBytesMax)
            return std::nullopt;
        if (members.at_minus_2->empty() || members.at_minus_2->size() > kExponentBytesMax) return std::nullopt;
        return PublicKey{Algorithm::rs256, *std::move(members.at_minus_1), *std::move(members.at_minus_2)};
    default: return std::nullopt;
    }
}

Key key_of_parameters(const char* name, OSSL_PARAM_BLD* builder) {
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, name, nullptr));
    EVP_PKEY* key = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        return nullptr;
    return Key(key);
}

Key ecdsa_key(const PublicKey& key) {
    const std::string point = '\x04' + key.first + key.second;
    const Builder builder(OSSL_PARAM_BLD_new());
    if (OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1)
        return nullptr;
    return key_of_parameters("EC", builder.get());
}

Key rsa_key(const PublicKey& key) {
    const Number modulus(BN_bin2bn(unsigned_octets(key.first), static_cast<int>(key.first.size()), nullptr));
    const Number exponent(BN_bin2bn(unsigned_octets(key.second), static_cast<int>(key.second.size()), nullptr));
    // Even numbers are none, and with the exponent 1 everybody signs.
    if (!modulus || !exponent || !BN_is_odd(modulus.get()) || !BN_is_odd(exponent.get()) || BN_is_one(exponent.get()) ||
        static_cast<std::size_t>(BN_num_bytes(modulus.get())) < kModulusBytesMin)
        return nullptr;
    const Builder builder(OSSL_PARAM_BLD_new());
    if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1)
        return nullptr;
    return key_of_parameters("RSA", builder.get());
}

/// OpenSSL's form of it; null if it is no key.
Key openssl_key(const PublicKey& key) {
    switch (key.algorithm) {
    case Algorithm::es256: return ecdsa_key(key);
    case Algorithm::rs256: return rsa_key(key);
    case Algorithm::eddsa: break;
    }
    return Key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, unsigned_octets(key.first), key.first.size()));
}

} // namespace

std::optional<PublicKey> read_public_key(CborReader& reader) {
    const auto count = reader.map();
    if (!count || *count > kMembersMax) return std::nullopt;
    Members members;
    for (std::uint64_t at = 0; at < *count; ++at) {
        const auto label = reader.number();
        const auto item = label ? reader.next() : std::nullopt;
        if (!item || !members.take(*label, *item)) return std::nullopt;
    }
    return key_of(std::move(members));
}

std::optional<PublicKey> parse_public_key(std::string_view octets) {
    if (octets.size() > kKeyBytesMax) return std::nullopt;
    CborReader reader(octets);
    auto key = read_public_key(reader);
    if (!key || !reader.at_end()) return std::nullopt;
    return key;
}

bool is_sound(const PublicKey& key) {
    return openssl_key(key) != nullptr;
}

bool is_signed(const PublicKey& key, std::string_view octets, std::string_view signature) {
    if (signature.size() > kSignatureBytesMax) return false;
    const Key own = openssl_key(key);
    const Digest digest(EVP_MD_CTX_new());
    if (!own || !digest) return false;
    // Ed25519 hashes by itself (RFC 8032 §5.1.7).
    const EVP_MD* const hash = key.algorithm == Algorithm::eddsa ? nullptr : EVP_sha256();
    return EVP_DigestVerifyInit(digest.get(), nullptr, hash, nullptr, own.get()) == 1 &&
           EVP_DigestVerify(digest.get(), unsigned_octets(signature), signature.size(), unsigned_octets(octets),
                            octets.size()) == 1;
}

} // namespace tegami::webauthn
