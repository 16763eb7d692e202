// Who is signed in to the web face, kept in the directory's rows, so that a restart signs nobody out. docs/formats/directory.md,
// row `w`; web_session.h says what becomes of one session.
//
// An account that is removed or disabled or gets another password has none any more: the batch that does so takes the row.
// May be called from any thread.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "base/random.h"
#include "directory/credentials.h"
#include "directory/second_factors.h"
#include "directory/session_registry.h"
#include "directory/types.h"
#include "directory/web_session.h"
#include "store/engine/engine.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tegami::directory {

class WebSessions {
public:
    /// All of them outlive it.
    struct Dependencies {
        store::Engine& engine;
        Credentials& credentials;
        SecondFactors& second_factors;
        SessionRegistry& sessions;
        const Clock& clock;
        RandomSource& random;
    };

    /// Whose token was shown.
    struct Found {
        Identity identity;
        std::string id; ///< of the session
        Timestamp since{};
        bool owes_factor = false; ///< it opens nothing but what sets up a second factor (SecondFactor::is_owed)
    };

    explicit WebSessions(Dependencies dependencies) : dependencies_(dependencies) {}

    /// A session of somebody whose password has just been checked; the token, which is told once. Errors: not_found (the
    /// account has changed meanwhile), unavailable.
    async::Awaitable<DirectoryResult<std::string>> begin(Identity identity, std::string client, std::string agent);
    /// Nothing if no session has this token, or its account cannot log in.
    async::Awaitable<DirectoryResult<std::optional<Found>>> find(std::string token);
    /// Another token for this one, if it is time; nothing: it stays.
    async::Awaitable<DirectoryResult<std::optional<std::string>>> replace(std::string token);
    /// What runs as long as the session does: `end` is called on `executor` when it is over. Nothing if it is already.
    async::Awaitable<DirectoryResult<std::unique_ptr<SessionRegistry::Entry>>>
    attend(AccountId account, std::string id, async::Executor executor, std::function<void()> end);

    /// Those that are not over, the one begun last at the end.
    async::Awaitable<DirectoryResult<std::vector<WebSession>>> list(AccountId account);
    /// Ends one, or all if `id` is empty; how many there were.
    async::Awaitable<DirectoryResult<std::size_t>> end(AccountId account, std::string id);

private:
    async::Awaitable<DirectoryResult<>> note(AccountId account, std::string hash);

    Dependencies dependencies_;
};

/// Ends all sessions of all accounts, in an engine that nobody else uses: of a backup that is brought back, in which those would
/// live again that were ended since.
async::Awaitable<DirectoryResult<>> forget_web_sessions(store::Engine* engine);

} // namespace tegami::directory
