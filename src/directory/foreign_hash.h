// Hashes of passwords that other servers made, taken over so that nobody needs a new password when they move here: the
// forms of crypt(3) and those that Dovecot writes with the name of the scheme in braces. Such a hash says nothing about
// SCRAM; the first login that shows the password replaces it by our own (EngineCredentials).
//
// Not taken: forms that look at a part of the password only (DES), and those whose check would cost more than about a
// second or 128 MiB. Checks take up to that long: they run on the worker pool, never on an I/O thread.
#pragma once

#include "directory/types.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::directory {

/// Limit: a hash as it is given, without its scheme.
inline constexpr std::size_t kForeignHashBytesMax = 1024;
/// Limit: rounds of SHA-256-CRYPT and SHA-512-CRYPT; about half a second.
inline constexpr std::uint64_t kShaCryptRoundsMax = 1'000'000;
/// Limit: the cost of bcrypt, the logarithm of its rounds; about a second.
inline constexpr std::uint64_t kBcryptCostMax = 14;
/// Limit: what one check with argon2 or yescrypt takes, and what one with argon2 goes over in all its passes, in KiB.
inline constexpr std::uint64_t kForeignMemoryKibMax = 128 * 1024;
inline constexpr std::uint64_t kForeignWorkKibMax = 1024 * 1024;

struct ForeignHash {
    std::string scheme;         ///< as Dovecot calls it: `SSHA`, `SHA512-CRYPT`
    std::string stored;         ///< `{SCHEME}value`, the one spelling that is kept
    bool quick = false;         ///< to check: within a few milliseconds
    std::string_view warning{}; ///< why it is weak, as a part of a sentence; empty if it is not
};

/// Whether the text is meant as a hash and not as a password: it begins with a scheme in braces or like crypt(3).
bool is_foreign_hash(std::string_view text);

/// What comes after `{PLAIN}`, `{CLEAR}` or `{CLEARTEXT}`: a password.
std::optional<std::string_view> clear_password(std::string_view text);

/// Reads what is_foreign_hash() names. An error never has the hash in it.
DirectoryResult<ForeignHash> parse_foreign_hash(std::string_view text);

/// True if `password`, in the octets that came, is the one that was hashed. False also for what cannot be read.
bool verify_foreign_hash(const std::string& password, const ForeignHash& hash);

} // namespace tegami::directory
