// The push subscriptions of accounts, kept in the directory's rows. docs/formats/directory.md, rows `u` and `v`.
//
// One ends with what it was made with: the web session, the app password, or the account's password; with the account; and at its
// own time. Whoever reads them sees none that has ended, and takes what has ended out of the row, so that its address and its
// keys are gone (RFC 8620 §7.2).
// May be called from any thread.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "directory/push_subscription.h"
#include "directory/session_registry.h"
#include "directory/types.h"
#include "store/engine/engine.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tegami::directory {

class PushSubscriptions {
public:
    /// All of them outlive it.
    struct Dependencies {
        store::Engine& engine;
        SessionRegistry& sessions;
        const Clock& clock;
    };

    explicit PushSubscriptions(Dependencies dependencies) : dependencies_(dependencies) {}

    /// The key that push services know the server by: the one that is kept, which is `fresh` from now on if there is none.
    async::Awaitable<DirectoryResult<std::string>> server_key(std::string fresh);

    /// Errors: invalid (kPushSubscriptionsMax), not_found (what it was made with has just ended), unavailable.
    async::Awaitable<DirectoryResult<>> add(AccountId account, PushSubscription subscription);
    /// The one made last at the end.
    async::Awaitable<DirectoryResult<std::vector<PushSubscription>>> list(AccountId account);
    /// Whether there is one with this id.
    async::Awaitable<DirectoryResult<bool>> change(AccountId account, std::string id,
                                                   std::function<void(PushSubscription&)> change);
    /// Whether there was one.
    async::Awaitable<DirectoryResult<bool>> remove(AccountId account, std::string id);
    /// Those that have any.
    async::Awaitable<DirectoryResult<std::vector<AccountId>>> accounts();

    /// `end` is called on `executor` when what a subscription was made with may have ended: list() says.
    std::unique_ptr<SessionRegistry::Entry> attend(AccountId account, const PushOwner& owner, async::Executor executor,
                                                   std::function<void()> end);

private:
    async::Awaitable<DirectoryResult<std::vector<std::string>>> ended(AccountId account,
                                                                      const std::vector<PushSubscription>* all);
    async::Awaitable<DirectoryResult<bool>> take_out(AccountId account, std::vector<std::string> ids);

    Dependencies dependencies_;
};

} // namespace tegami::directory
