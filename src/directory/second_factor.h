// What somebody shows beside the password to sign in to the web face. Pure.
//
// 1. A kind of factor is in force once its owner has shown that they can use it, and has turned it on. A passkey alone turns nothing
//    on: it signs in, and the password goes on as before.
// 2. With a factor in force the password alone opens nothing: programs log in with app passwords.
// 3. The operator can require one: then it is as in 2. before there is one, too.
// 4. A code counts once: the step of the last one is kept, and a recovery code goes when it is used.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "directory/totp.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::directory {

/// How many recovery codes are made at a time.
inline constexpr std::size_t kRecoveryCodes = 10;

/// A secret that an app has (RFC 6238).
struct TotpFactor {
    std::string secret;          ///< octets; empty: there is none
    bool confirmed = false;      ///< a code of it was shown
    std::uint64_t last_step = 0; ///< whose code was used last

    bool operator==(const TotpFactor&) const = default;
};

/// The factors of one account.
struct SecondFactor {
    TotpFactor totp;
    bool by_passkeys = false;                 ///< turned on with the passkeys of the account (passkeys.h)
    bool required = false;                    ///< the operator asks for one
    std::vector<std::string> recovery_hashes; ///< of those not used yet

    bool in_force() const { return totp.confirmed || by_passkeys; }

    /// The password alone opens nothing but what sets one up.
    bool is_owed() const { return required && !in_force(); }

    /// Whether the password alone opens everything.
    bool password_suffices() const { return !required && !in_force(); }

    /// What may be shown, by its words: "totp", "passkey". With a factor in force each passkey is one, whatever turned it on.
    std::vector<std::string> kinds(bool has_passkeys) const;

    bool operator==(const SecondFactor&) const = default;
};

/// Ten new recovery codes as they are shown, once, and the hashes of them.
struct RecoveryCodes {
    std::vector<std::string> shown;
    std::vector<std::string> hashes;

    static RecoveryCodes make(RandomSource& random);
};

/// Whether this is a code that counts now: of the app, or a recovery code. It is used up in `factor`, which is to be kept then.
/// Blanks and hyphens in it do not matter.
bool use_code(SecondFactor& factor, std::string_view code, Timestamp now);

} // namespace tegami::directory
