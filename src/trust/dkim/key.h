// Keys: the records that publish them (RFC 6376 §3.6.1, RFC 8463 §4.2), and the pairs that sign.
//
// Private keys live inside OpenSSL, which wipes them; pem() is the one way out.
#pragma once

#include "base/result.h"
#include "trust/dkim/rsa_verification.h"
#include "trust/dkim/signature.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

extern "C" {
struct evp_pkey_st;
}

namespace tegami::dkim {

/// Limits: below is what RFC 8301 §3.2 forbids, above it allows to refuse.
inline constexpr int kRsaBitsMin = 1024;
inline constexpr int kRsaBitsMax = 8192;

/// Limit: of the public exponent of a key we verify with; everybody uses three octets, and work grows with it.
inline constexpr std::size_t kRsaExponentBytesMax = 9;

struct KeyRecord {
    std::optional<KeyType> type = KeyType::rsa; ///< nothing: one we do not know
    std::string octets;                         ///< `p=`; empty: revoked
    bool for_sha256 = true;                     ///< `h=`
    bool for_email = true;                      ///< `s=`
    bool testing = false;                       ///< `t=y`
    bool exact_identity = false;                ///< `t=s`
};

/// A TXT record's strings joined. Fault: key_syntax, with the tag.
Result<KeyRecord, Fault> parse_key_record(std::string_view text);

struct FreeKey {
    void operator()(evp_pkey_st* key) const;
};

using KeyHandle = std::unique_ptr<evp_pkey_st, FreeKey>;

class PublicKey {
public:
    /// The `p=` of a record of this type. Faults: key_syntax, key_of_other_type (also: no type we know), key_too_short,
    /// key_too_long.
    static Result<PublicKey, Fault> create(const KeyRecord& record);

    /// Whether `signature` is one of the digest; safe to call from several threads.
    bool verifies(std::string_view digest, std::string_view signature) const;

    KeyType type() const { return type_; }

private:
    PublicKey(KeyHandle key, KeyType type);

    KeyHandle key_;
    std::optional<RsaVerification> rsa_;
    KeyType type_;
};

/// The key, if it may be used for a mail's signature of this type (RFC 6376 §6.1.2 steps 6 to 8). Faults:
/// key_not_for_email, key_not_for_hash, key_revoked, and those of create().
Result<PublicKey, Fault> usable_key(const KeyRecord& record, KeyType wanted);

enum class PrivateKeyFault : std::uint8_t {
    unreadable, ///< no key in PEM or DER without a password, or one whose parts do not fit
    wrong_type, ///< neither RSA nor Ed25519
    too_short,  ///< RFC 8301 §3.2
    too_long,
};

class PrivateKey {
public:
    /// RSA-2048 or Ed25519, from OpenSSL's own generator.
    static PrivateKey generate(KeyType type);
    /// PEM or DER, PKCS #8 or PKCS #1; never asks for a password.
    static Result<PrivateKey, PrivateKeyFault> load(std::string_view octets);

    KeyType type() const { return type_; }

    /// PKCS #8 in PEM. Secret: the caller looks after it.
    std::string pem() const;
    /// What to publish: "v=DKIM1; k=rsa; p=…".
    std::string record() const;
    /// The signature of a digest; safe to call from several threads.
    std::string sign(std::string_view digest) const;

private:
    PrivateKey(KeyHandle key, KeyType type) : key_(std::move(key)), type_(type) {}

    KeyHandle key_;
    KeyType type_;
};

} // namespace tegami::dkim
