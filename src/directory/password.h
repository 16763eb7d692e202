// What proves that somebody is the owner of an account: an argon2id hash (RFC 9106) for mechanisms that show the
// password, and SCRAM-SHA-256 keys (RFC 7677) for those that do not. Both are made from one password.
// These functions take tens of milliseconds: they run on the worker pool, never on an I/O thread.
#pragma once

#include "base/random.h"
#include "directory/types.h"
#include "protocol/sasl/scram.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::directory {

/// Limit: a password in octets; sasl::kPasswordBytesMax is the same for what a client sends.
inline constexpr std::size_t kNewPasswordBytesMax = 1024;

/// What is wrong with a password that cannot be kept, or nothing.
std::optional<Error> check_new_password(std::string_view password);

/// Limit: the shortest password that somebody may choose, in characters.
inline constexpr std::size_t kNewPasswordCharactersMin = 8;

/// What is wrong with a password that somebody chose: that it is too short, or cannot be kept. Passwords that are there
/// already go on working.
std::optional<Error> check_chosen_password(std::string_view password);

/// Whether the password is among those that are guessed first: a common one, one character again and again, or the address
/// of its account or a part of it.
bool is_guessed_first(std::string_view password, const EmailAddress& address);

/// How much work one guess costs. The default is what OWASP recommends for argon2id.
struct PasswordCost {
    std::uint32_t memory_kib = 19 * 1024;
    std::uint32_t passes = 2;
    std::uint32_t lanes = 1;
    std::uint32_t scram_iterations = 25'000;
};

/// What is stored of a password.
struct StoredCredentials {
    /// The encoded form `$argon2id$v=19$…`, which names its own cost and salt; or one that another server made,
    /// `{SCHEME}…` (foreign_hash.h).
    std::string hash;
    sasl::ScramKeys scram; ///< of another server's hash there are none

    /// Whether another server made the hash.
    bool is_foreign() const { return hash.starts_with('{'); }

    bool operator==(const StoredCredentials&) const = default;
};

/// Random salts for one call of derive_credentials: made before the work is handed to another thread.
struct Salts {
    std::string argon2id;
    std::string scram;

    static Salts make(RandomSource& random);
};

/// The credentials for this password.
StoredCredentials derive_credentials(std::string_view password, const Salts& salts, const PasswordCost& cost);

/// True if `password` is the one that was hashed. False also for a hash that cannot be read.
bool verify_password(std::string_view password, const std::string& argon2id);

/// A password that nobody needs to think of: four groups of five letters and digits, 99 bits.
std::string generate_password(RandomSource& random);

} // namespace tegami::directory
