// The app passwords of accounts, kept in the directory's rows. docs/formats/directory.md, row `p`; app_password.h says what
// one is.
//
// They stay when the account's own password changes or the account is disabled, and come back with an account that was removed.
// May be called from any thread.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "base/random.h"
#include "directory/app_password.h"
#include "directory/engine_credentials.h"
#include "directory/session_registry.h"
#include "directory/types.h"
#include "store/engine/engine.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace tegami::async {
class WorkerPool;
}

namespace tegami::directory {

class AppPasswords {
public:
    /// All of them outlive it.
    struct Dependencies {
        store::Engine& engine;
        const EngineCredentials& credentials;
        SessionRegistry& sessions;
        async::WorkerPool& workers; ///< for the keys of SCRAM
        const Clock& clock;
        RandomSource& random;
    };

    struct Made {
        AppPassword password;
        std::string secret; ///< as it is shown, once
    };

    explicit AppPasswords(Dependencies dependencies) : dependencies_(dependencies) {}

    /// Errors: invalid (check_wish; there are kAppPasswordsMax already), not_found (no such account), unavailable.
    async::Awaitable<DirectoryResult<Made>> add(EmailAddress address, AppPasswordWish wish);
    /// The one made last at the end.
    async::Awaitable<DirectoryResult<std::vector<AppPassword>>> list(AccountId account);
    /// Revokes one: what is logged in with it ends. Whether there was one.
    async::Awaitable<DirectoryResult<bool>> remove(AccountId account, std::string id);

    /// With the salt that they share; nothing if there are none.
    async::Awaitable<DirectoryResult<std::optional<StoredAppPasswords>>> stored(AccountId account);
    /// The one that somebody shows; nothing if it is none of the account's.
    async::Awaitable<DirectoryResult<std::optional<AppPassword>>> find(AccountId account, std::string shown);
    /// Notes that one was used; written at most once a day.
    async::Awaitable<DirectoryResult<>> note_use(AccountId account, std::string id, std::string network);

private:
    async::Awaitable<DirectoryResult<StoredAppPasswords>> shared_with(Account account);

    Dependencies dependencies_;
};

} // namespace tegami::directory
