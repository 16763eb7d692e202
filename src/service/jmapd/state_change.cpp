#include "service/jmapd/state_change.h"

#include "service/jmapd/ids.h"
#include "service/jmapd/quotas.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace tegami::jmapd {

namespace {

/// The types whose records a change touched.
EventTypes types_changed(const store::Change& change) {
    EventTypes types;
    if (change.everything) return all_event_types();
    if (change.mailbox_list) types.emplace("Mailbox");
    if (change.objects.contains(store::ObjectKind::identity)) types.emplace("Identity");
    if (change.objects.contains(store::ObjectKind::submission)) types.emplace("EmailSubmission");
    if (change.objects.contains(store::ObjectKind::share_news)) types.emplace("ShareNotification");
    for (const store::MailboxChange& mailbox : change.mailboxes) {
        const bool threads = !mailbox.appended.empty() || !mailbox.expunged.empty();
        if (mailbox.mailbox_itself) types.emplace("Mailbox");
        if (!mailbox.appended.empty()) types.emplace("EmailDelivery");
        if (threads) types.emplace("Thread");
        if (threads || !mailbox.changed.empty()) {
            types.emplace("Email");
            types.emplace("Mailbox"); // its counts
        }
    }
    return types;
}

} // namespace

StateChanges::StateChanges(store::AccountPtr account, EventTypes wanted)
    : account_(std::move(account)), wanted_(std::move(wanted)), quota_(account_->quota()) {}

void StateChanges::take(const async::News<store::ChangePtr>& news) {
    const auto want = [this](const EventTypes& types) {
        std::ranges::set_intersection(types, wanted_, std::inserter(pending_, pending_.end()));
    };
    if (news.resync) take_all();
    for (const store::ChangePtr& change : news.items)
        want(types_changed(*change));
    // Quotas are no records: whatever was changed may have used more or less.
    if (quotas_of(quota_) != quotas_of(account_->quota())) want({"Quota"});
}

void StateChanges::want(EventTypes wanted) {
    wanted_ = std::move(wanted);
    std::erase_if(pending_, [this](const std::string& type) { return !wanted_.contains(type); });
}

json::object StateChanges::tell(const std::string& now) {
    json::object types;
    quota_ = account_->quota();
    for (const std::string& type : std::exchange(pending_, {}))
        types[type] = type == "Quota" ? quota_state(quota_) : now;
    json::object changed;
    changed[id_of(account_->id())] = std::move(types);
    return {{"@type", "StateChange"}, {"changed", std::move(changed)}};
}

std::string StateChanges::state_now() const {
    return state_of(account_->mailboxes()->version());
}

} // namespace tegami::jmapd
