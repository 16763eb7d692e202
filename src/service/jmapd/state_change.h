// What a client that is told of changes has not been told yet, and its next StateChange (RFC 8620 §7.1): of the user's account, and of
// those that share something with the user.
//
// 1. A shared account is told of as the user sees it (store/access.h): what happens elsewhere in it is not told, and is
//    looked at no further than in the change itself.
// 2. Whether an account shares something is asked whenever one of its changes is to be told. One that begins to is told of as all
//    changed; one that ends is told of no more.
#pragma once

#include "async/channel.h"
#include "async/mutex.h"
#include "service/jmapd/event_query.h"
#include "sharing/shares.h"
#include "store/account.h"
#include "store/change.h"
#include "json/json.h"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tegami::jmapd {

/// Limit: accounts that share something with the user whose changes one client is told of; of more, those that began first.
inline constexpr std::size_t kSharedWatchedMax = 100;

/// The types of each account in which some has changed.
using ChangedTypes = std::map<store::AccountId, EventTypes>;

/// Of one client, on one thread. Nothing is told before want().
class StateChanges {
public:
    /// `listener` is that of the user's account; whoever waits for it is woken by changes of the other accounts, too.
    StateChanges(sharing::Shares* shares, store::AccountPtr account, store::ListenerPtr listener);

    StateChanges(const StateChanges&) = delete;
    StateChanges& operator=(const StateChanges&) = delete;
    ~StateChanges();

    /// From now on the client asks for these types.
    async::Awaitable<> want(EventTypes wanted);

    /// Everything may have changed since the client was told for the last time.
    void take_all();

    /// `news` of the listener; what the other accounts have to tell is taken with it.
    async::Awaitable<> take(async::News<store::ChangePtr> news);

    /// Nothing is to be told.
    bool empty() const { return pending_.empty(); }

    /// What is to be told, which counts as told from now on: of the user's account, and of others. Of more accounts than so many the rest
    /// waits, and comes before those that were told of.
    ChangedTypes next(std::size_t accounts_max = kSharedWatchedMax + 1);

    /// What was told has not reached the client.
    void take_back(const ChangedTypes& told);

    /// The StateChange of what next() has answered a moment ago.
    json::object describe(const ChangedTypes& told);

    /// A name for where all accounts are that the client is told of: another one if something has changed in what it is told of.
    std::string state_now() const;

private:
    struct Shared;

    void add(store::AccountId account, const EventTypes& types);
    bool watches() const;
    std::vector<Shared*> all_shared() const;
    async::Awaitable<> find_shared();
    async::Awaitable<> look_at(Shared* shared);

    sharing::Shares* const shares_;
    const store::AccountPtr account_;
    const store::ListenerPtr listener_;
    EventTypes wanted_;
    ChangedTypes pending_;
    store::AccountId last_; ///< of other accounts, the last one that was told of
    store::QuotaUse quota_; ///< as the client knows it
    async::Mutex turn_;     ///< of those who look at other accounts
    std::map<store::AccountId, std::unique_ptr<Shared>> shared_;
    bool watching_ = false;
    bool owners_stale_ = false; ///< others may share something now
};

} // namespace tegami::jmapd
