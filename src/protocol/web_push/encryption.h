// A message for a browser that its push service cannot read: RFC 8291 over the content encoding aes128gcm (RFC 8188).
#pragma once

#include "p256/key.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::web_push {

inline constexpr std::size_t kSaltBytes = 16;
/// Of the secret that a browser has made for its subscription.
inline constexpr std::size_t kSecretBytes = 16;
/// Limit: octets of an encrypted message that every push service takes (RFC 8030 §7.2), and so of its text.
inline constexpr std::size_t kMessageBytesMax = 4096;
inline constexpr std::size_t kTextBytesMax = kMessageBytesMax - (kSaltBytes + 4 + 1 + p256::kPublicBytes) - 1 - 16;

/// What a browser has made for its subscription.
struct Receiver {
    std::string public_key; ///< p256::kPublicBytes octets
    std::string secret;     ///< kSecretBytes octets

    bool operator==(const Receiver&) const = default;
};

/// Whether something can be encrypted for it.
bool is_receiver(const Receiver& receiver);

/// The body of the request; nothing if is_receiver() says no. `text` has at most kTextBytesMax octets, and `once` and `salt`
/// were made for it alone.
std::optional<std::string> encrypt(std::string_view text, const Receiver& receiver, const p256::Key& once,
                                   std::string_view salt);

/// RFC 8188 §2: one record with this text, under keys that follow from `secret` and `salt`.
std::string encode_aes128gcm(std::string_view text, std::string_view secret, std::string_view salt,
                             std::string_view key_id);

} // namespace tegami::web_push
