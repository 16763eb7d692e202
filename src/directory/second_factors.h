// The second factors of accounts, kept in the directory's rows. docs/formats/directory.md, row `f`; second_factor.h says what
// becomes of one.
//
// They stay when the password changes, and come back with an account that was removed. Turning one on ends every session of the
// account but the one that did it.
// May be called from any thread.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "base/random.h"
#include "directory/credentials.h"
#include "directory/roles.h"
#include "directory/second_factor.h"
#include "directory/session_registry.h"
#include "directory/types.h"
#include "store/engine/engine.h"

#include <optional>
#include <string>
#include <vector>

namespace tegami::directory {

class SecondFactors {
public:
    /// All of them outlive it.
    struct Dependencies {
        store::Engine& engine;
        SessionRegistry& sessions;
        const Roles& roles;
        const Clock& clock;
        RandomSource& random;
        bool required_for_roles; ///< whoever has a role must have one
    };

    explicit SecondFactors(Dependencies dependencies) : dependencies_(dependencies) {}

    /// Those of an account; one without any has an empty one. `required` also where a role asks for it.
    async::Awaitable<DirectoryResult<SecondFactor>> find(AccountId account);

    /// A new secret for an app, as octets, in force once it is confirmed. Errors: exists (one is in force), not_found (no such
    /// account), unavailable.
    async::Awaitable<DirectoryResult<std::string>> begin_totp(Identity owner);
    /// Puts it in force, and makes recovery codes, told once; nothing if the code is none of the secret. `keep` is the web session
    /// that goes on. Errors: exists, not_found (none was begun, or the account has changed), unavailable.
    async::Awaitable<DirectoryResult<std::optional<std::vector<std::string>>>>
    confirm_totp(Identity owner, std::string code, std::string keep);

    /// Requires one of an account, or does not any more; what is logged in with the password ends. Errors: not_found (the account has
    /// changed), unavailable.
    async::Awaitable<DirectoryResult<>> require(Account account, bool required);

    /// Whether this is a code of a factor in force; it counts no second time.
    async::Awaitable<DirectoryResult<bool>> use_code(AccountId account, std::string code);
    /// Others in the place of those there are, told once. Errors: not_found (no factor is in force).
    async::Awaitable<DirectoryResult<std::vector<std::string>>> renew_recovery_codes(AccountId account);
    /// Puts the passkeys of the account in force as its second factor, and makes recovery codes, told once. `keep` as above.
    /// Errors: exists (a factor is in force), not_found (there is no passkey, or the account has changed), unavailable.
    async::Awaitable<DirectoryResult<std::vector<std::string>>> turn_on_passkeys(Identity owner, std::string keep);
    /// Turns all off: the password alone signs in again, to set up another one where one is required. Whether one was in force.
    /// Passkeys stay.
    async::Awaitable<DirectoryResult<bool>> remove(AccountId account);
    /// The same, and forgets the passkeys. Whether there was anything.
    async::Awaitable<DirectoryResult<bool>> reset(AccountId account);

private:
    /// A factor as it will be, and what must not change meanwhile.
    struct Change {
        SecondFactor factor;
        std::vector<store::KeyAssertion> same;
    };

    async::Awaitable<DirectoryResult<SecondFactor>> stored(AccountId account);
    async::Awaitable<DirectoryResult<>> put_in_force(Identity owner, Change change, std::string keep);

    Dependencies dependencies_;
};

} // namespace tegami::directory
