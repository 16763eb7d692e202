// What a client that is told of changes has not been told yet, and its next StateChange (RFC 8620 §7.1).
#pragma once

#include "async/channel.h"
#include "service/jmapd/event_query.h"
#include "store/account.h"
#include "store/change.h"
#include "json/json.h"

#include <string>

namespace tegami::jmapd {

class StateChanges {
public:
    /// `wanted`: the types that the client asks for.
    StateChanges(store::AccountPtr account, EventTypes wanted);

    /// Everything may have changed since the client was told for the last time.
    void take_all() { pending_ = wanted_; }

    void take(const async::News<store::ChangePtr>& news);

    /// From now on the client asks for these.
    void want(EventTypes wanted);

    /// Nothing is to be told.
    bool empty() const { return pending_.empty(); }

    const EventTypes& pending() const { return pending_; }

    /// What was told has not reached the client.
    void take_back(const EventTypes& told) { pending_.insert(told.begin(), told.end()); }

    /// What is to be told, which is told with it; `now` is the account's state (state_now()).
    json::object tell(const std::string& now);

    /// The state of all types but Quota, which has its own (quotas.h).
    std::string state_now() const;

private:
    const store::AccountPtr account_;
    EventTypes wanted_;
    EventTypes pending_;
    store::QuotaUse quota_; ///< as the client knows it
};

} // namespace tegami::jmapd
