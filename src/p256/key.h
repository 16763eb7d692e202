// A private key of the curve P-256: it signs (ES256, RFC 7518 §3.4) and agrees on a secret with somebody else's public key.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace tegami::p256 {

/// Octets of a coordinate, and of each half of a signature.
inline constexpr std::size_t kNumberBytes = 32;
/// Octets of a public key: an uncompressed point, 0x04 and two coordinates.
inline constexpr std::size_t kPublicBytes = 1 + 2 * kNumberBytes;

class Key {
public:
    /// Of PEM text; nothing if it is no such key, or behind a passphrase.
    static std::optional<Key> parse(const std::string& pem);
    /// A new one.
    static Key make();

    /// As PEM text (PKCS #8), to be kept where nobody else reads it.
    std::string to_pem() const;

    /// The public key, kPublicBytes octets.
    const std::string& public_octets() const { return public_octets_; }

    /// 64 octets.
    std::string sign(std::string_view octets) const;

    /// The secret shared with whoever has the private key to these public octets (RFC 8291 §3.1): 32 octets. Nothing if
    /// they are no point of the curve.
    std::optional<std::string> agree(std::string_view public_octets) const;

private:
    explicit Key(std::shared_ptr<evp_pkey_st> key);

    std::shared_ptr<evp_pkey_st> key_;
    std::string public_octets_; ///< empty: it is none of this curve
};

/// Whether these octets are an uncompressed point of the curve.
bool is_public_key(std::string_view octets);

} // namespace tegami::p256
