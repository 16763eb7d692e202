#include "service/jmapd/state_change.h"

#include "async/turns.h"
#include "protocol/sasl/scram.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/quotas.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace tegami::jmapd {

namespace {

/// Of an account that is not the user's. EmailDelivery is not among them: it is there to wake a phone for one's own mail (RFC 8621
/// §1.5), not for that of a team.
const EventTypes& types_shared() {
    static const EventTypes kTypes{"Email", "Mailbox", "Thread"};
    return kTypes;
}

EventTypes common(const EventTypes& left, const EventTypes& right) {
    EventTypes both;
    std::ranges::set_intersection(left, right, std::inserter(both, both.end()));
    return both;
}

void add_types_of_messages(const store::MailboxChange& mailbox, EventTypes& types) {
    const bool threads = !mailbox.appended.empty() || !mailbox.expunged.empty();
    if (threads) types.emplace("Thread");
    if (threads || !mailbox.changed.empty()) {
        types.emplace("Email");
        types.emplace("Mailbox"); // its counts
    }
}

/// The types whose records a change touched.
EventTypes types_changed(const store::Change& change) {
    EventTypes types;
    if (change.everything) return all_event_types();
    if (change.mailbox_list) types.emplace("Mailbox");
    if (change.objects.contains(store::ObjectKind::identity)) types.emplace("Identity");
    if (change.objects.contains(store::ObjectKind::submission)) types.emplace("EmailSubmission");
    if (change.objects.contains(store::ObjectKind::share_news)) types.emplace("ShareNotification");
    for (const store::MailboxChange& mailbox : change.mailboxes) {
        if (mailbox.mailbox_itself) types.emplace("Mailbox");
        if (!mailbox.appended.empty()) types.emplace("EmailDelivery");
        add_types_of_messages(mailbox, types);
    }
    return types;
}

/// The types whose records a change may have touched, as `reader` sees the account. Which mailboxes there are is not looked at
/// here: where one came, went or changed its name or its list of rights, a Mailbox may have changed.
EventTypes types_changed(const store::Change& change, store::AccountId reader) {
    EventTypes types;
    if (change.everything) return types_shared();
    if (change.mailbox_list) types.emplace("Mailbox");
    for (const store::MailboxChange& mailbox : change.mailboxes) {
        if (mailbox.mailbox_itself) types.emplace("Mailbox");
        if (mailbox.info && store::rights_in(mailbox.info->access, reader).has(store::kReading))
            add_types_of_messages(mailbox, types);
    }
    return types;
}

} // namespace

/// Another account, which shares something with the user, did, or is about to.
struct StateChanges::Shared {
    struct Part {
        store::Version version;
        std::uint64_t number = 0; ///< MailboxList::part(); 0: the user sees nothing

        std::string state() const { return state_of(version, number); }

        bool operator==(const Part&) const = default;
    };

    store::AccountPtr account;
    store::ListenerPtr listener;
    Part part{};        ///< as it was looked at for the last time
    EventTypes types{}; ///< that may have changed since
    bool looks = true;  ///< something may have
};

StateChanges::StateChanges(sharing::Shares* shares, store::AccountPtr account, store::ListenerPtr listener)
    : shares_(shares), account_(std::move(account)), listener_(std::move(listener)), quota_(account_->quota()) {}

StateChanges::~StateChanges() = default;

async::Awaitable<> StateChanges::want(EventTypes wanted) {
    if (!wanted_.contains("Quota")) quota_ = account_->quota();
    wanted_ = std::move(wanted);
    for (auto& [account, types] : pending_)
        types = common(types, wanted_);
    std::erase_if(pending_, [](const auto& each) { return each.second.empty(); });
    const async::Mutex::Lock turn = co_await turn_.lock();
    if (watching_ == watches()) co_return;
    watching_ = watches();
    shared_.clear();
    if (!watching_) co_return;
    co_await find_shared();
    for (Shared* const shared : all_shared())
        co_await look_at(shared);
}

void StateChanges::take_all() {
    add(account_->id(), wanted_);
    for (const auto& [id, shared] : shared_)
        if (shared->part.number != 0) add(id, types_shared());
}

async::Awaitable<> StateChanges::take(async::News<store::ChangePtr> news) {
    owners_stale_ |= news.resync;
    if (news.resync) add(account_->id(), wanted_);
    for (const store::ChangePtr& change : news.items) {
        add(account_->id(), types_changed(*change));
        owners_stale_ |= change->everything || change->objects.contains(store::ObjectKind::share);
    }
    // Quotas are no records: whatever was changed may have used more or less.
    if (quotas_of(quota_) != quotas_of(account_->quota())) add(account_->id(), {"Quota"});
    const async::Mutex::Lock turn = co_await turn_.lock();
    if (!watching_) co_return;
    if (owners_stale_) co_await find_shared();
    for (Shared* const shared : all_shared()) {
        const auto theirs = shared->listener->take();
        if (theirs.resync) shared->types = types_shared();
        for (const store::ChangePtr& change : theirs.items)
            shared->types.merge(types_changed(*change, account_->id()));
        if (!shared->looks && shared->types.empty()) continue;
        const Shared::Part before = shared->part;
        const EventTypes types = shared->types;
        co_await look_at(shared);
        if (shared->part == before) continue;
        const store::AccountId id = shared->account->id();
        if (shared->part.number == 0) pending_.erase(id);
        if (shared->part.number == 0) continue;
        add(id, shared->part.number == before.number ? types : types_shared());
    }
}

void StateChanges::take_back(const ChangedTypes& told) {
    for (const auto& [account, types] : told)
        add(account, types);
}

ChangedTypes StateChanges::next(std::size_t accounts_max) {
    ChangedTypes told;
    told.insert(pending_.extract(account_->id()));
    while (!pending_.empty() && told.size() < accounts_max) {
        auto at = pending_.upper_bound(last_);
        if (at == pending_.end()) at = pending_.begin();
        last_ = at->first;
        told.insert(pending_.extract(at));
    }
    return told;
}

json::object StateChanges::describe(const ChangedTypes& told) {
    json::object changed;
    for (const auto& [account, types] : told) {
        const bool own = account == account_->id();
        if (own) quota_ = account_->quota();
        const std::string state = own ? state_of(account_->mailboxes()->version()) : shared_.at(account)->part.state();
        json::object states;
        for (const std::string& type : types)
            states[type] = type == "Quota" ? quota_state(quota_) : state;
        changed[id_of(account)] = std::move(states);
    }
    return {{"@type", "StateChange"}, {"changed", std::move(changed)}};
}

std::string StateChanges::state_now() const {
    std::string others;
    for (const auto& [id, shared] : shared_)
        if (shared->part.number != 0) others += id_of(id) + " " + shared->part.state() + "\n";
    std::uint64_t number = 0;
    if (!others.empty())
        for (const char octet : sasl::sha256(others).substr(0, sizeof number))
            number = number << 8 | static_cast<unsigned char>(octet);
    return state_of(account_->mailboxes()->version(), number);
}

void StateChanges::add(store::AccountId account, const EventTypes& types) {
    EventTypes mine = common(types, wanted_);
    if (!mine.empty()) pending_[account].merge(mine);
}

/// Whether something is asked for that other accounts have, too.
bool StateChanges::watches() const {
    return !common(wanted_, types_shared()).empty();
}

/// Those that are watched now. They stay as long as the caller has the turn.
std::vector<StateChanges::Shared*> StateChanges::all_shared() const {
    std::vector<Shared*> all;
    for (const auto& [id, shared] : shared_)
        all.push_back(shared.get());
    return all;
}

/// Which accounts are to be watched.
async::Awaitable<> StateChanges::find_shared() {
    owners_stale_ = true; // until it is done
    const auto owners = co_await shares_->owners_noted(account_, kSharedWatchedMax);
    if (!owners) co_return;
    owners_stale_ = false;
    std::map<store::AccountId, std::unique_ptr<Shared>> now;
    for (const store::AccountPtr& owner : *owners) {
        const auto known = shared_.find(owner->id());
        now[owner->id()] =
            known != shared_.end()
                ? std::move(known->second)
                : std::make_unique<Shared>(Shared{.account = owner, .listener = owner->listen_beside(*listener_)});
    }
    shared_.swap(now);
    std::erase_if(pending_,
                  [this](const auto& each) { return each.first != account_->id() && !shared_.contains(each.first); });
}

/// Takes what the user sees of it now, and forgets what may have changed before.
async::Awaitable<> StateChanges::look_at(Shared* shared) {
    const auto found = co_await shares_->find_shared(account_->id(), shared->account->id());
    if (!found) co_return; // with the next change
    Shared::Part part;
    if (*found) {
        const store::MailboxList seen = store::part_of(*(*found)->mailboxes(), account_->id());
        part = {.version = seen.version(), .number = seen.part()};
    }
    shared->part = part;
    shared->types.clear();
    shared->looks = false;
    co_await async::give_way();
}

} // namespace tegami::jmapd
