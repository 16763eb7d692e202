// A passkey in software: an authenticator and the browser before it, for tests of what they say to.
#pragma once

#include "base/base64.h"
#include "base/freer.h"
#include "webauthn/credential_json.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace tegami::webauthn {

/// The head of a CBOR item, below 65536.
inline std::string cbor_head(unsigned kind, std::size_t value) {
    std::string head(1, static_cast<char>(kind << 5U));
    if (value < 24) {
        head[0] = static_cast<char>(head[0] | static_cast<char>(value));
    } else if (value < 256) {
        head[0] = static_cast<char>(head[0] | 24);
        head += static_cast<char>(value);
    } else {
        head[0] = static_cast<char>(head[0] | 25);
        head += static_cast<char>(value >> 8U);
        head += static_cast<char>(value & 0xFFU);
    }
    return head;
}

inline std::string cbor_number(int value) {
    return value < 0 ? cbor_head(1, static_cast<std::size_t>(-1 - value))
                     : cbor_head(0, static_cast<std::size_t>(value));
}

inline std::string cbor_octets(std::string_view octets) {
    return cbor_head(2, octets.size()) + std::string(octets);
}

inline std::string cbor_text(std::string_view text) {
    return cbor_head(3, text.size()) + std::string(text);
}

class SoftPasskey {
public:
    explicit SoftPasskey(std::string party_id, Algorithm algorithm = Algorithm::es256)
        : party_id(std::move(party_id)), algorithm_(algorithm), key_(new_key(algorithm)) {}

    // What it says of itself, and of where it is; a test changes one of it.
    std::string id = "a passkey of a test";
    std::string party_id;
    std::uint32_t counter = 0; ///< of the next signature
    std::uint8_t flags = 0x05; ///< touched, and unlocked
    std::string extensions{};  ///< a CBOR map
    bool cross_origin = false;

    Registration make(std::string_view origin, std::string_view challenge) const {
        const std::string credential = std::string(16, '\0') + static_cast<char>(id.size() >> 8U) +
                                       static_cast<char>(id.size() & 0xFFU) + id + cose_key();
        return {.client_data = client_data("webauthn.create", origin, challenge),
                .attestation = cbor_head(5, 3) + cbor_text("fmt") + cbor_text("none") + cbor_text("attStmt") +
                               cbor_head(5, 0) + cbor_text("authData") + cbor_octets(data(0x40, credential))};
    }

    Assertion use(std::string_view origin, std::string_view challenge, std::string user_handle = {}) const {
        Assertion assertion{.id = id,
                            .client_data = client_data("webauthn.get", origin, challenge),
                            .authenticator_data = data(0, {}),
                            .signature = {},
                            .user_handle = std::move(user_handle)};
        assertion.signature = sign(assertion.authenticator_data + sha256(assertion.client_data));
        return assertion;
    }

    std::string cose_key() const {

        const std::string algorithm = cbor_number(3) + cbor_number(static_cast<int>(algorithm_));
        if (algorithm_ == Algorithm::rs256)
            return cbor_head(5, 4) + cbor_number(1) + cbor_number(3) + algorithm + cbor_number(-1) +
                   cbor_octets(number(OSSL_PKEY_PARAM_RSA_N)) + cbor_number(-2) +
                   cbor_octets(number(OSSL_PKEY_PARAM_RSA_E));
        if (algorithm_ == Algorithm::eddsa) {
            std::string x(32, '\0');
            std::size_t size = x.size();
            EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(x.data()), &size);
            return cbor_head(5, 4) + cbor_number(1) + cbor_number(1) + algorithm + cbor_number(-1) + cbor_number(6) +
                   cbor_number(-2) + cbor_octets(x);
        }
        return cbor_head(5, 5) + cbor_number(1) + cbor_number(2) + algorithm + cbor_number(-1) + cbor_number(1) +
               cbor_number(-2) + cbor_octets(number(OSSL_PKEY_PARAM_EC_PUB_X, 32)) + cbor_number(-3) +
               cbor_octets(number(OSSL_PKEY_PARAM_EC_PUB_Y, 32));
    }

    std::string sign(std::string_view octets) const {
        const Digest digest(EVP_MD_CTX_new());
        const EVP_MD* const hash = algorithm_ == Algorithm::eddsa ? nullptr : EVP_sha256();
        EVP_DigestSignInit(digest.get(), nullptr, hash, nullptr, key_.get());
        std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
        std::size_t size = signature.size();
        EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       reinterpret_cast<const unsigned char*>(octets.data()), octets.size());
        signature.resize(size);
        return signature;
    }

    static std::string sha256(std::string_view octets) {
        std::string hash(32, '\0');
        EVP_Digest(octets.data(), octets.size(), reinterpret_cast<unsigned char*>(hash.data()), nullptr, EVP_sha256(),
                   nullptr);
        return hash;
    }

private:
    using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
    using Digest = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
    using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;

    static Key new_key(Algorithm algorithm) {
        if (algorithm == Algorithm::rs256) return Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}));
        if (algorithm == Algorithm::eddsa) return Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
        return Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    }

    std::string number(const char* name, int size = 0) const {
        BIGNUM* raw = nullptr;
        EVP_PKEY_get_bn_param(key_.get(), name, &raw);
        const Number value(raw);
        std::string octets(static_cast<std::size_t>(size == 0 ? BN_num_bytes(raw) : size), '\0');
        BN_bn2binpad(raw, reinterpret_cast<unsigned char*>(octets.data()), static_cast<int>(octets.size()));
        return octets;
    }

    std::string client_data(std::string_view type, std::string_view origin, std::string_view challenge) const {
        return fmt::format(R"({{"type":"{}","challenge":"{}","origin":"{}","crossOrigin":{}}})", type,
                           base64::encode_url(challenge), origin, cross_origin);
    }

    std::string data(std::uint8_t more_flags, std::string_view credential) const {
        std::string octets = sha256(party_id);
        octets += static_cast<char>(flags | more_flags | (extensions.empty() ? 0x00 : 0x80));
        for (const unsigned shift : {24U, 16U, 8U, 0U})
            octets += static_cast<char>(counter >> shift & 0xFFU);
        return octets + std::string(credential) + extensions;
    }

    Algorithm algorithm_;
    Key key_;
};

/// As a page sends it.
inline std::string json_of(const Registration& registration) {
    return fmt::format(
        R"({{"type":"public-key","id":"aWQ","response":{{"clientDataJSON":"{}","attestationObject":"{}"}}}})",
        base64::encode_url(registration.client_data), base64::encode_url(registration.attestation));
}

inline std::string json_of(const Assertion& assertion) {
    return fmt::format(
        R"({{"type":"public-key","id":"{}","response":{{"clientDataJSON":"{}","authenticatorData":"{}","signature":"{}","userHandle":"{}"}}}})",
        base64::encode_url(assertion.id), base64::encode_url(assertion.client_data),
        base64::encode_url(assertion.authenticator_data), base64::encode_url(assertion.signature),
        base64::encode_url(assertion.user_handle));
}

} // namespace tegami::webauthn
