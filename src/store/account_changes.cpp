#include "store/account_changes.h"

#include "async/turns.h"
#include "store/account_core.h"
#include "store/email_pages.h"
#include "store/engine/scan.h"
#include "store/page_records.h"

#include <algorithm>
#include <set>
#include <unordered_map>

namespace tegami::store {

namespace {

constexpr std::size_t kStepsPerTurn = 256;
/// Events are kept by ranges of this many UIDs.
constexpr int kRangeBits = 10;

enum class What : std::uint8_t { appended, changed, marked, expunged };

/// Something happened to a message.
struct Event {
    Uid uid;
    What what;
    Version version;
};

/// A message that was expunged, as it was.
struct GoneRow {
    std::uint32_t email = 0;
    MailboxId mailbox;
    Uid uid;
    Flags flags;

    bool operator<(const GoneRow& other) const {
        if (email != other.email) return email < other.email;
        if (mailbox != other.mailbox) return mailbox < other.mailbox;
        return uid < other.uid;
    }
};

struct MailboxHistory {
    std::optional<Version> made;
    std::optional<Version> removed;
    bool itself = false;  ///< changed between the two versions
    bool touched = false; ///< a message of it did
    bool expunged = false;
};

using UidRangePlace = std::pair<MailboxId, std::uint32_t>;

UidRangePlace range_of(MailboxId mailbox, Uid uid) {
    return {mailbox, uid.value >> kRangeBits};
}

template <class Set, class Values>
void add_all(Set& set, Values values) {
    std::ranges::sort(values);
    values.erase(std::ranges::unique(values).begin(), values.end());
    std::vector<typename Set::Edit> edits;
    edits.reserve(values.size());
    for (const auto& value : values)
        edits.push_back({value, true});
    set.apply(edits);
}

/// Where a thing was there before and is there now, it was updated.
template <class Id>
void sort_in(ChangedIds<Id>& changed, Id id, bool before, bool after) {
    if (before && after) changed.updated.push_back(id);
    if (before && !after) changed.destroyed.push_back(id);
    if (!before && after) changed.created.push_back(id);
}

class ReadChanges {
public:
    ReadChanges(AccountCore* core, AccountViewPtr view, Version since, Version until)
        : core_(core), view_(std::move(view)), since_(since), until_(until) {}

    /// False if it is not known.
    async::Awaitable<StoreResult<bool>> run() {
        CO_TRY(const bool log, co_await read_log());
        if (!log) co_return false;
        CO_TRY(const bool gone, co_await read_gone());
        // After both: what the sweep has taken meanwhile was missed.
        if (!gone || core_->published().row().log_floor > since_) co_return false;
        co_await find_emails();
        CO_TRY_VOID(co_await find_threads_of_gone());
        co_await sort_emails();
        co_await sort_threads();
        co_await sort_mailboxes();
        co_return true;
    }

    AccountChanges result;

private:
    async::Awaitable<StoreResult<bool>> read_log() {
        Scan scan(core_->dependencies().engine, core_->domain(),
                  {.begin = record::log_key(since_.next()),
                   .end = record::log_key(view_->version().next()),
                   .around_damage = true});
        std::size_t events = 0;
        while (scan.more()) {
            CO_TRY(const Page page, co_await scan.next());
            if (!page.damaged.empty()) co_return false;
            for (const Row& row : page.rows) {
                const std::optional<record::LogRow> log = record::decode_log(row.value);
                if (!log) co_return false;
                const Version version(record::number64(row.key, 1));
                for (const MailboxChanges& mailbox : log->mailboxes) {
                    if (!view_->shows(mailbox.mailbox)) continue;
                    see(mailbox, version);
                    for (const auto& [what, uids] :
                         {std::pair{What::appended, &mailbox.appended}, std::pair{What::changed, &mailbox.changed},
                          std::pair{What::marked, &mailbox.marked}, std::pair{What::expunged, &mailbox.expunged}}) {
                        // That a message changed later says nothing of what it was before.
                        if (what == What::changed && version > until_) continue;
                        events += uids->size();
                        if (events > kChangesReadMax) co_return false;
                        CO_TRY_VOID(co_await add_events(mailbox.mailbox, uids, what, version));
                    }
                }
                if (++steps_ % kStepsPerTurn == 0) co_await async::give_way();
            }
        }
        co_return true;
    }

    void see(const MailboxChanges& change, Version version) {
        using Itself = MailboxChanges::Itself;
        MailboxHistory& history = mailboxes_[change.mailbox];
        if (change.itself == Itself::made) history.made = version;
        if (change.itself == Itself::removed) history.removed = version;
        history.expunged = history.expunged || !change.expunged.empty();
        if (version > until_) return;
        history.itself = history.itself || change.itself == Itself::changed;
        history.touched =
            history.touched || !change.appended.empty() || !change.changed.empty() || !change.expunged.empty();
    }

    async::Awaitable<StoreResult<>> add_events(MailboxId mailbox, const UidSet* uids, What what, Version version) {
        std::size_t added = 0;
        for (const UidRange& range : uids->ranges())
            for (std::uint64_t uid = range.first.value; uid <= range.last.value; ++uid) {
                const Uid each(static_cast<std::uint32_t>(uid));
                events_[range_of(mailbox, each)].push_back({each, what, version});
                if (++added % (kStepsPerTurn * 8) == 0) co_await async::give_way();
            }
        co_return StoreResult<>{};
    }

    /// Which emails the expunged messages were.
    async::Awaitable<StoreResult<bool>> read_gone() {
        const record::AccountRow account = core_->published().row();
        for (const auto& [mailbox, history] : mailboxes_) {
            if (!history.expunged) continue;
            Scan scan(core_->dependencies().engine, core_->domain(),
                      {.begin = record::vanished_key(mailbox, since_.next(), 0),
                       .end = record::vanished_key(mailbox, view_->version().next(), 0),
                       .rows_max = kRecordsPerScan,
                       .around_damage = true});
            while (scan.more()) {
                CO_TRY(const Page page, co_await scan.next());
                if (!page.damaged.empty()) co_return false;
                for (const Row& row : page.rows) {
                    const std::uint32_t number = account.page_of(Uid(record::number32(row.key, 13)));
                    const auto vanished =
                        record::decode_vanished(account.first_uid(number), account.page_uids(), row.value);
                    if (!vanished) co_return false;
                    add_gone(mailbox, vanished->rows);
                    co_await async::give_way();
                }
            }
        }
        co_return true;
    }

    void add_gone(MailboxId mailbox, const PageColumns& rows) {
        std::vector<SortedPages<GoneRow>::Edit> edits;
        edits.reserve(rows.count());
        for (std::size_t at = 0; at < rows.count(); ++at) {
            const Uid uid(rows.first_uid + rows.offset[at]);
            const GoneRow gone{rows.email[at], mailbox, uid, Flags::from_bits(rows.flags[at])};
            edits.push_back({gone, true});
            gone_uids_[range_of(mailbox, uid)].emplace_back(uid, gone.email);
        }
        std::ranges::sort(edits, std::less<>(), &SortedPages<GoneRow>::Edit::value);
        gone_.apply(edits);
    }

    /// The emails of all messages to which something happened: touched_ up to `until`, later_ after it.
    async::Awaitable<> find_emails() {
        for (auto& [place, events] : events_) {
            std::ranges::sort(events, std::less<>(),
                              [](const Event& event) { return std::pair(event.uid, event.version); });
            std::vector<std::pair<Uid, std::uint32_t>>& gone = gone_uids_[place];
            std::ranges::sort(gone);
            const ViewPtr messages = view_->messages(place.first);
            std::vector<std::uint32_t> touched;
            std::vector<std::uint32_t> later;
            for (std::size_t at = 0; at < events.size();) {
                const Uid uid = events[at].uid;
                const bool in_time = events[at].version <= until_;
                while (at < events.size() && events[at].uid == uid)
                    ++at;
                const auto row = messages ? messages->find(uid) : std::nullopt;
                const auto was = std::ranges::lower_bound(gone, uid, {}, &std::pair<Uid, std::uint32_t>::first);
                std::optional<std::uint32_t> email;
                if (row) email = static_cast<std::uint32_t>(row->email.value);
                if (!email && was != gone.end() && was->first == uid) email = was->second;
                if (email) (in_time ? touched : later).push_back(*email); // else it was brought back
                if (++steps_ % kStepsPerTurn == 0) co_await async::give_way();
            }
            add_all(touched_, std::move(touched));
            add_all(later_, std::move(later));
        }
    }

    /// The threads of emails of which no message is left.
    async::Awaitable<StoreResult<>> find_threads_of_gone() {
        std::vector<EmailId> wanted;
        for (const auto* set : {&touched_, &later_})
            for (const auto& page : set->pages()) {
                for (const std::uint32_t email : *page)
                    if (view_->places(EmailId(email)).empty()) wanted.emplace_back(email);
                co_await async::give_way();
            }
        for (std::size_t at = 0; at < wanted.size(); at += kStepsPerTurn) {
            const auto begin = wanted.begin() + static_cast<std::ptrdiff_t>(at);
            const auto count = static_cast<std::ptrdiff_t>(std::min(kStepsPerTurn, wanted.size() - at));
            std::vector<EmailId> some(begin, begin + count);
            CO_TRY(const auto found, co_await emails::find_many(core_, std::move(some)));
            std::vector<ThreadPlace> places;
            for (const auto& email : found) {
                if (!email || !*email) continue;
                gone_threads_.emplace((*email)->id, (*email)->thread);
                places.push_back({(*email)->thread, (*email)->id});
            }
            add_all(gone_by_thread_, std::move(places));
            co_await async::give_way();
        }
        co_return StoreResult<>{};
    }

    std::optional<std::uint32_t> thread_of(std::uint32_t email) const {
        const std::vector<EmailPlace> places = view_->places(EmailId(email));
        if (!places.empty()) return places.front().thread;
        const auto gone = gone_threads_.find(email);
        if (gone == gone_threads_.end()) return std::nullopt;
        return gone->second;
    }

    /// Whether a message was there, and visible, at a version: back from what it is now, or was when it was expunged.
    bool visible_at(MailboxId mailbox, Uid uid, Flags flags, bool there, Version at) const {
        bool deleted = flags.has(Flag::deleted);
        const auto events = events_.find(range_of(mailbox, uid));
        if (events == events_.end()) return there && !deleted;
        const auto mine = std::ranges::equal_range(events->second, uid, {}, &Event::uid);
        for (auto event = mine.end(); event != mine.begin();) {
            --event;
            if (event->version <= at) break;
            if (event->what == What::appended) there = false;
            if (event->what == What::expunged) there = true;
            if (event->what == What::marked) deleted = !deleted;
        }
        return there && !deleted;
    }

    bool visible_at(std::uint32_t email, Version at) const {
        bool visible = false;
        view_->by_email().each_from({.email = email}, [&](const EmailPlace& place) {
            if (place.email != email) return false;
            visible = visible_at(place.mailbox, place.uid, place.flags, true, at);
            return !visible;
        });
        if (visible) return true;
        gone_.each_from({.email = email}, [&](const GoneRow& row) {
            if (row.email != email) return false;
            visible = visible_at(row.mailbox, row.uid, row.flags, false, at);
            return !visible;
        });
        return visible;
    }

    async::Awaitable<> sort_emails() {
        for (const auto& page : touched_.pages()) {
            std::vector<std::uint32_t> threads;
            std::vector<std::uint32_t> grown;
            for (const std::uint32_t email : *page) {
                const bool before = visible_at(email, since_);
                const bool after = visible_at(email, until_);
                sort_in(result.emails, EmailId(email), before, after);
                const auto thread = thread_of(email);
                if (!thread) continue;
                threads.push_back(*thread);
                if (before != after) grown.push_back(*thread);
                if (++steps_ % kStepsPerTurn == 0) co_await async::give_way();
            }
            add_all(touched_threads_, std::move(threads));
            add_all(changed_threads_, std::move(grown));
        }
    }

    async::Awaitable<> sort_threads() {
        for (const auto& page : changed_threads_.pages())
            for (const std::uint32_t thread : *page) {
                bool before = false;
                bool after = false;
                std::vector<EmailId> emails = view_->all_of_thread(ThreadId(thread));
                gone_by_thread_.each_from({.thread = thread}, [&](const ThreadPlace& place) {
                    if (place.thread == thread) emails.emplace_back(place.email);
                    return place.thread == thread;
                });
                for (const EmailId email : emails) {
                    before = before || visible_at(static_cast<std::uint32_t>(email.value), since_);
                    after = after || visible_at(static_cast<std::uint32_t>(email.value), until_);
                    if (++steps_ % kStepsPerTurn == 0) co_await async::give_way();
                }
                sort_in(result.threads, ThreadId(thread), before, after);
            }
    }

    bool existed(MailboxId mailbox, const MailboxHistory& history, Version at) const {
        if (history.made && *history.made > at) return false;
        if (history.removed) return *history.removed > at;
        return view_->mailboxes()->find(mailbox) != nullptr;
    }

    async::Awaitable<> sort_mailboxes() {
        std::set<MailboxId> counted;
        for (const auto& page : touched_threads_.pages())
            for (const std::uint32_t thread : *page)
                for (const EmailId email : view_->all_of_thread(ThreadId(thread))) {
                    for (const EmailPlace& place : view_->places(email))
                        counted.insert(place.mailbox);
                    if (++steps_ % kStepsPerTurn == 0) co_await async::give_way();
                }
        for (const MailboxId mailbox : counted)
            mailboxes_[mailbox].touched = true;
        for (const auto& [id, history] : mailboxes_) {
            const bool before = existed(id, history, since_);
            const bool after = existed(id, history, until_);
            if (before && after && !history.itself && !history.touched) continue;
            sort_in(result.mailboxes, id, before, after);
            if (before && after && history.itself) result.only_counts = false;
            if (++steps_ % kStepsPerTurn == 0) co_await async::give_way();
        }
    }

    /// Limit: records of expunged messages of one scan; each may hold a page of them.
    static constexpr std::size_t kRecordsPerScan = 16;

    AccountCore* const core_;
    const AccountViewPtr view_;
    const Version since_;
    const Version until_;
    std::size_t steps_ = 0;
    std::map<UidRangePlace, std::vector<Event>> events_;
    std::map<MailboxId, MailboxHistory> mailboxes_;
    SortedPages<GoneRow> gone_;
    std::map<UidRangePlace, std::vector<std::pair<Uid, std::uint32_t>>> gone_uids_;
    SortedPages<std::uint32_t> touched_;
    SortedPages<std::uint32_t> later_;
    std::unordered_map<std::uint32_t, std::uint32_t> gone_threads_;
    SortedPages<ThreadPlace> gone_by_thread_;
    SortedPages<std::uint32_t> touched_threads_;
    SortedPages<std::uint32_t> changed_threads_;
};

} // namespace

async::Awaitable<StoreResult<std::optional<AccountChanges>>> changes_between(AccountPtr account, AccountViewPtr view,
                                                                             Version since, Version until) {
    using Answer = StoreResult<std::optional<AccountChanges>>;
    AccountCore* const core = account->core_.get();
    CO_TRY_VOID(core->published().check_there());
    // Of a part nothing may have changed for longer than the log reaches back.
    if (since == until && until == view->version()) co_return Answer(AccountChanges());
    if (since > until || until > view->version() || core->published().row().log_floor > since)
        co_return Answer(std::nullopt);
    if (since == until) co_return Answer(AccountChanges());
    ReadChanges read(core, std::move(view), since, until);
    CO_TRY(const bool known, co_await read.run());
    if (!known) co_return Answer(std::nullopt);
    co_return Answer(std::move(read.result));
}

} // namespace tegami::store
