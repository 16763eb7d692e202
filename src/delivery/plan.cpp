#include "delivery/plan.h"

#include "base/assert.h"

#include <algorithm>
#include <set>

namespace tegami::delivery {

namespace {

class Planner {
public:
    explicit Planner(store::Role folder) : folder_(folder) {}

    Plan plan(const std::vector<reception::AcceptedRecipient>& recipients) && {
        for (const reception::AcceptedRecipient& recipient : recipients)
            plan_.refusals.push_back(add(recipient));
        return std::move(plan_);
    }

private:
    std::optional<Refusal> add(const reception::AcceptedRecipient& recipient) {
        ASSERT(!recipient.accounts.empty() || !recipient.remote.empty() || recipient.for_server);
        if (accounts_.size() + addresses_.size() + recipient.accounts.size() + recipient.remote.size() > kCopiesMax)
            return Refusal{.status = "4.5.3", .text = "the message has too many recipients, please send it to fewer"};
        plan_.for_server |= recipient.for_server;
        for (const directory::LocalRecipient& local : recipient.accounts)
            if (accounts_.insert(local.account).second)
                plan_.placements.push_back({.to = local, .folder = folder_, .original = recipient.address});
        for (const message::EmailAddress& address : recipient.remote)
            if (addresses_.insert(address).second)
                plan_.forwards.push_back({.to = address, .original = recipient.address});
        return std::nullopt;
    }

    store::Role folder_;
    Plan plan_;
    std::set<store::AccountId> accounts_;
    std::set<message::EmailAddress> addresses_;
};

} // namespace

const Refusal* Plan::refusal() const {
    const auto refused = std::ranges::find_if(refusals, [](const auto& refusal) { return refusal.has_value(); });
    return refused == refusals.end() ? nullptr : &**refused;
}

Plan make_plan(const std::vector<reception::AcceptedRecipient>& recipients, store::Role folder) {
    return Planner(folder).plan(recipients);
}

} // namespace tegami::delivery
