// Who somebody is who logs in, and whether the secret they show is theirs. Authenticator counts, waits and remembers
// around it; what is compared, and where, is the implementation's own matter: no hash of a password leaves it.
// May be called from any thread.
#pragma once

#include "async/awaitable.h"
#include "directory/types.h"
#include "protocol/sasl/scram.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::directory {

/// Who a session acts as from now on.
struct Identity {
    AccountId account;
    EmailAddress address;
    std::uint64_t credentials_version = 0; ///< of the password that was checked, or then
    std::string app_password{};            ///< the id of the one that was shown instead; empty: none

    bool operator==(const Identity&) const = default;
};

/// The password's part in a SCRAM exchange.
struct ScramLogin {
    Identity identity;
    sasl::ScramKeys keys;
};

/// What SCRAM shows of a user who does not exist, so that nobody can tell.
struct ScramDecoy {
    std::string salt_secret; ///< the same for ever
    std::uint32_t iterations = 0;
};

class Credentials {
public:
    virtual ~Credentials() = default;

    /// Two spellings of one login are equal here, whether it exists or not.
    virtual std::string normalize_login(std::string_view login) const = 0;

    /// Who logs in with this name, a full address or a local part of
    /// the default domain; nothing for an unknown or disabled user.
    virtual async::Awaitable<DirectoryResult<std::optional<Identity>>> find(std::string login) = 0;

    /// Who has an account of this number; nothing if there is none, or it is disabled.
    virtual async::Awaitable<DirectoryResult<std::optional<Identity>>> find_by_id(AccountId account) = 0;

    /// Who has shown their password; nothing if it is wrong, or the user unknown or disabled, all at the same cost. At
    /// most as many may run at a time as the implementation has threads for: the caller sees to that.
    virtual async::Awaitable<DirectoryResult<std::optional<Identity>>> verify(std::string login,
                                                                              std::string password) = 0;

    /// For a SCRAM exchange; nothing for an unknown or disabled user, or one without such keys.
    virtual async::Awaitable<DirectoryResult<std::optional<ScramLogin>>> scram_keys(std::string login) = 0;
    virtual ScramDecoy scram_decoy() const = 0;

    /// False if the account was removed or disabled or got another password since then. Of an app password nothing is
    /// known here.
    virtual async::Awaitable<DirectoryResult<bool>> is_current(Identity identity) = 0;
};

} // namespace tegami::directory
