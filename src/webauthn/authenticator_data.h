// What an authenticator says (WebAuthn level 2 §6.1), and what comes around it when a passkey is made (§6.5).
#pragma once

#include "webauthn/public_key.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::webauthn {

/// Limit: octets of the id of a passkey (§7.1 of level 3).
inline constexpr std::size_t kCredentialIdBytesMax = 1023;
/// Limit: octets of authenticator data: the longest id and key, and some extensions.
inline constexpr std::size_t kAuthenticatorDataBytesMax = 4096;
/// Limit: octets of an attestation object; statements of makers that were not asked for may be in it.
inline constexpr std::size_t kAttestationBytesMax = 8192;

/// A passkey that was made just now (§6.5.1).
struct AttestedCredential {
    std::string id;
    std::string key; ///< its public key as it came (COSE)
    PublicKey parsed_key;

    bool operator==(const AttestedCredential&) const = default;
};

struct AuthenticatorData {
    std::string relying_party_hash; ///< SHA-256 of the id of who it is for
    bool user_present = false;
    bool user_verified = false; ///< by a finger, a face or a PIN
    std::uint32_t counter = 0;  ///< of signatures; 0: it does not count
    std::optional<AttestedCredential> attested{};

    bool operator==(const AuthenticatorData&) const = default;
};

/// Nothing if it is not that, to the last octet.
std::optional<AuthenticatorData> parse_authenticator_data(std::string_view octets);

/// The authenticator data in an attestation object, with a passkey in it; nothing if it is none. What its statement says is passed
/// over: nobody's word is taken for who made the authenticator.
std::optional<AuthenticatorData> parse_attestation(std::string_view octets);

} // namespace tegami::webauthn
