// The public key of a passkey, a COSE key (RFC 9052 §7, RFC 9053), and its signatures. WebAuthn level 2 §5.8.5 says which forms there
// are of each algorithm.
#pragma once

#include "webauthn/cbor.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::webauthn {

/// By their numbers in COSE.
enum class Algorithm : std::int16_t {
    es256 = -7,   ///< ECDSA over P-256 with SHA-256
    eddsa = -8,   ///< Ed25519
    rs256 = -257, ///< RSASSA-PKCS1-v1_5 with SHA-256; 2048 to 4096 bits
};

/// Those that are asked for, the best one first.
inline constexpr std::array kAlgorithms{Algorithm::es256, Algorithm::eddsa, Algorithm::rs256};

/// Limit: octets of a key as it is kept; the longest of RSA has some 540.
inline constexpr std::size_t kKeyBytesMax = 640;
/// Limit: octets of a signature; the longest of RSA has 512.
inline constexpr std::size_t kSignatureBytesMax = 512;

struct PublicKey {
    Algorithm algorithm = Algorithm::es256;
    std::string first;    ///< x; of RSA the modulus
    std::string second{}; ///< y; of RSA the exponent; of Ed25519 nothing

    bool operator==(const PublicKey&) const = default;
};

/// The key that comes next; nothing if it is of no algorithm that is known, or not in its form.
std::optional<PublicKey> read_public_key(CborReader& reader);
/// The same of octets that are nothing else.
std::optional<PublicKey> parse_public_key(std::string_view octets);

/// Whether it is a key: a point that lies on its curve, a modulus that may be one.
bool is_sound(const PublicKey& key);
/// Whether the signature of `octets` is by this key.
bool is_signed(const PublicKey& key, std::string_view octets, std::string_view signature);

} // namespace tegami::webauthn
