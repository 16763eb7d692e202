// Tells those who are not connected of changes: Web Push (RFC 8620 §7.2, RFC 8030). Each subscription is a task of its own, which
// knows what its client has not been told yet, as an event stream does, and tells it all at once.
//
// 1. Nothing is sent to an address before its client has shown the code that was sent there first, and once, but for failures.
// 2. Before each push the subscription is read anew: one that has ended is told of nothing.
// 3. The address is a stranger's choice: net/web_client.h reaches no host inside, redirects are not followed, and of an answer the
//    status alone is looked at.
// 4. What cannot be delivered waits in no queue: the newest state is told later, after pauses that grow. A slow push service has a
//    few places of its own and keeps nobody else waiting; an account has a few, too.
// 5. A push says which types have changed and the account's state, nothing of the letters. What changed while the server was not
//    running is told with what changes next.
#pragma once

#include "async/task_group.h"
#include "async/timer.h"
#include "base/log.h"
#include "base/random.h"
#include "directory/push_subscriptions.h"
#include "net/web_client.h"
#include "p256/key.h"
#include "service/jmapd/account_slots.h"
#include "sharing/shares.h"
#include "store/store.h"
#include "json/json.h"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace tegami::jmapd {

/// What it takes to push.
struct PushSettings {
    directory::PushSubscriptions& subscriptions; ///< outlives it
    net::WebClient web;
    p256::Key key;            ///< that push services know the server by
    std::uint16_t port = 443; ///< of push services
};

class Pusher {
public:
    /// All of them outlive it.
    struct Dependencies {
        const PushSettings& push;
        store::Store& store;
        sharing::Shares& shares;
        async::Timers& timers;
        RandomSource& random;
        Log& log;
        std::string contact; ///< where those who run a push service find who runs this server
    };

    explicit Pusher(Dependencies dependencies) : with_(std::move(dependencies)) {}

    Pusher(const Pusher&) = delete;
    Pusher& operator=(const Pusher&) = delete;

    /// Begins with the subscriptions that are there; those that come later are tasks of the group, too. Returns when all are
    /// looked after.
    async::Awaitable<> run(async::TaskGroup* group);

    /// A subscription has come, changed or gone. From any thread.
    void wake(store::AccountId account, std::string id);

private:
    using Name = std::pair<store::AccountId, std::string>;
    struct Seat;
    class Sitting;

    enum class Delivery : std::uint8_t {
        done,
        gone,  ///< the push service does not know the subscription any more
        later, ///< it may work another time
        busy,  ///< nobody was asked: too much is under way
    };

    struct Push {
        net::WebUrl url;
        directory::PushSubscription to;
        json::object what;
        Duration ttl{};
        std::string_view urgency;
        std::string topic{}; ///< a later push with the same takes its place; empty: none does
    };

    struct Outcome {
        Delivery delivery = Delivery::later;
        Duration pause{}; ///< that the push service asks for; zero: none
    };

    void wake(Name name, bool asked);
    async::Awaitable<> serve(Name name, std::shared_ptr<Seat> seat);
    async::Awaitable<> attend(const Name* name, Seat* seat);
    async::Awaitable<Outcome> deliver(store::AccountId account, Push push);
    bool leave(const Name& name, const Seat& seat);
    net::WebQuestion question_for(const Push& push) const;

    const Dependencies with_;
    AccountSlots account_slots_{4};
    Slots<std::string> host_slots_{16};
    Slots<int> all_slots_{256};
    std::mutex guard_;
    async::TaskGroup* group_ = nullptr;
    std::map<Name, std::shared_ptr<Seat>> seats_;
};

} // namespace tegami::jmapd
