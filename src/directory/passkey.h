// A passkey of an account (src/webauthn): it signs in alone, because its owner unlocks it; and where a second factor is in force it is
// one, because its owner has it. Pure.
#pragma once

#include "base/clock.h"
#include "directory/types.h"
#include "webauthn/ceremony.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::directory {

/// Limit: passkeys of one account.
inline constexpr std::size_t kPasskeysMax = 16;
/// Limit: octets of what somebody calls one.
inline constexpr std::size_t kPasskeyNameBytesMax = 100;

struct Passkey {
    std::string id; ///< what people call it by; not secret
    std::string name;
    webauthn::Credential credential;
    Timestamp made{};
    std::uint64_t used_day = 0; ///< of the last use, since 1970; 0: never

    bool operator==(const Passkey&) const = default;
};

/// What is wrong with a name, or nothing.
std::optional<Error> check_passkey_name(std::string_view name);

/// What a passkey gives back as its user: the account's number, which says nothing about who it is.
std::string user_handle_of(AccountId account);
/// Nothing if it is none that we gave.
std::optional<AccountId> account_of_handle(std::string_view handle);

} // namespace tegami::directory
