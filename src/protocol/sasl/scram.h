// The arithmetic of SCRAM-SHA-256 (RFC 5802 §3, RFC 7677): keys derived from a password, proofs and signatures.
// The directory stores ScramKeys instead of the password; they cannot be used to log in elsewhere.
// Nothing here decides anything: the exchanges are in server.h and client.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::sasl {

/// RFC 7677 §4 asks for at least 4096 iterations of PBKDF2.
inline constexpr std::uint32_t kScramIterationsMin = 4096;
/// Limit: what a server may make our client compute.
inline constexpr std::uint32_t kScramIterationsMax = 1'000'000;
/// SHA-256 gives 32 octets; so long are all keys and proofs.
inline constexpr std::size_t kScramKeyBytes = 32;

/// What a server keeps of a password (RFC 5802 §3); never enough to impersonate the user.
struct ScramKeys {
    std::string salt;
    std::uint32_t iterations = 0;
    std::string stored_key;
    std::string server_key;

    bool operator==(const ScramKeys&) const = default;
};

/// What one secret of a user is proved against.
struct ScramVerifier {
    std::string stored_key;
    std::string server_key;
    bool usable = true; ///< false: who proves it is refused as if it were wrong

    bool operator==(const ScramVerifier&) const = default;
};

/// All secrets of a user. Salt and iterations are shown before anybody knows which of them the client has, so they share them.
struct ScramSecrets {
    std::string salt;
    std::uint32_t iterations = 0;
    std::vector<ScramVerifier> verifiers; ///< none: nobody gets in, which the client cannot tell from a wrong password

    bool operator==(const ScramSecrets&) const = default;
};

/// Those of a user who has one.
ScramSecrets secrets_of(const ScramKeys& keys);

/// Octets equal, in a time that depends on the lengths only.
bool equal_in_constant_time(std::string_view a, std::string_view b);

std::string sha256(std::string_view octets);
std::string hmac_sha256(std::string_view key, std::string_view octets);

/// SaltedPassword: PBKDF2 with HMAC-SHA-256. Takes milliseconds: never on an I/O thread.
std::string salted_password(std::string_view password, std::string_view salt, std::uint32_t iterations);

/// The keys a directory stores for `password`, which is normalised first (prepare_password).
/// Takes milliseconds: never on an I/O thread.
ScramKeys derive_scram_keys(std::string_view password, std::string_view salt, std::uint32_t iterations);

/// The OpaqueString profile (RFC 8265 §4.2): non-ASCII spaces become spaces, then NFC; the same password typed on
/// two keyboards gives the same octets. Returns nothing for text the profile forbids (empty, control characters,
/// unassigned code points, not UTF-8); see usable_password for what to do then.
std::optional<std::string> prepare_password(std::string_view password);

/// The prepared password, or the octets as they are if they cannot be prepared: older programs send passwords in
/// other charsets, and both sides of a comparison fall back alike.
std::string usable_password(std::string_view password);

} // namespace tegami::sasl
