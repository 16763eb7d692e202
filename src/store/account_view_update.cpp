#include "store/account_view_update.h"

#include "async/turns.h"
#include "store/email_pages.h"

#include <algorithm>

namespace tegami::store {

namespace {

/// Rows taken in, and threads counted, before others on the thread get their turn.
constexpr std::size_t kRowsTakenInPerTurn = 256;
/// Mailboxes and pages that are found to be the same.
constexpr std::size_t kComparedPerTurn = 2000;

std::uint32_t seconds_of(Timestamp time) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(seconds, 0, 0xffff'ffff));
}

/// By how many a count changes.
void change(std::uint32_t& count, int sign, bool counted = true) {
    if (counted) count += static_cast<std::uint32_t>(sign);
}

} // namespace

AccountViewUpdate::AccountViewUpdate(AccountCore* core, const AccountView* old, PublishedPicture now)
    : core_(core), old_(old),
      view_(old == nullptr ? std::make_shared<AccountView>() : std::make_shared<AccountView>(*old)) {
    view_->version_ = now.version;
    view_->mailboxes_ = std::move(now.mailboxes);
    view_->keywords_ = std::move(now.keywords);
    view_->messages_ = std::move(now.views);
    view_->shown_.reset();
    if (view_->mailboxes_->part() != 0) {
        view_->shown_.emplace();
        for (const MailboxPtr& mailbox : view_->mailboxes_->all())
            if (mailbox->selectable) view_->shown_->insert(mailbox->id);
    }
    const MailboxPtr trash = view_->mailboxes_->find(Role::trash);
    const MailboxPtr old_trash = old == nullptr ? nullptr : old->mailboxes_->find(Role::trash);
    if (trash) trash_ = trash->id;
    from_scratch_ = old == nullptr || (old_trash ? old_trash->id : MailboxId()) != trash_;
}

async::Awaitable<StoreResult<>> AccountViewUpdate::run() {
    const AccountView nothing;
    const std::map<MailboxId, ViewPtr>& before = old_ == nullptr ? nothing.messages_ : old_->messages_;
    const std::map<MailboxId, ViewPtr>& after = view_->messages_;
    std::size_t compared = 0;
    for (const auto& [mailbox, old] : before) {
        if (++compared % kComparedPerTurn == 0) co_await async::give_way();
        if (after.contains(mailbox)) continue;
        CO_TRY_VOID(co_await compare(mailbox, old, nullptr));
    }
    for (const auto& [mailbox, now] : after) {
        if (++compared % kComparedPerTurn == 0) co_await async::give_way();
        const auto old = before.find(mailbox);
        const ViewPtr was = old == before.end() ? nullptr : old->second;
        if (was == now) continue;
        CO_TRY_VOID(co_await compare(mailbox, was, now));
    }
    if (from_scratch_) co_await count_everything();
    std::erase_if(view_->counts_, [](const auto& each) { return each.second == EmailCounts(); });
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> AccountViewUpdate::compare(MailboxId mailbox, ViewPtr old, ViewPtr now) {
    static const std::vector<ViewPagePtr> kNone;
    const std::vector<ViewPagePtr>& before = old ? old->pages() : kNone;
    const std::vector<ViewPagePtr>& after = now ? now->pages() : kNone;
    std::size_t compared = 0;
    for (std::size_t at = 0, then = 0; at < after.size() || then < before.size();) {
        const ViewPage* page = at < after.size() ? after[at].get() : nullptr;
        const ViewPage* was = then < before.size() ? before[then].get() : nullptr;
        if (page != nullptr && was != nullptr && page->first_uid() != was->first_uid())
            (page->first_uid() < was->first_uid() ? was : page) = nullptr;
        at += page != nullptr ? 1 : 0;
        then += was != nullptr ? 1 : 0;
        if (++compared % kComparedPerTurn == 0) co_await async::give_way();
        if (page == was) continue;
        compare_pages(was, page);
        for (std::size_t row = 0; row < rows_.size(); row += kRowsTakenInPerTurn) {
            CO_TRY_VOID(co_await take_in(mailbox, row, std::min(rows_.size(), row + kRowsTakenInPerTurn)));
            co_await async::give_way();
        }
    }
    co_return StoreResult<>{};
}

/// Fills rows_ with what differs. One of the two may be null.
void AccountViewUpdate::compare_pages(const ViewPage* old, const ViewPage* now) {
    rows_.clear();
    const std::size_t old_size = old == nullptr ? 0 : old->size();
    const std::size_t now_size = now == nullptr ? 0 : now->size();
    const auto edit = [&](const ViewPage& page, std::size_t at, bool there) {
        rows_.push_back({static_cast<std::uint32_t>(page.email(at).value), page.uid(at), page.flags(at), there});
    };
    for (std::size_t at = 0, then = 0; at < now_size || then < old_size;) {
        if (at == now_size || (then < old_size && old->uid(then) < now->uid(at))) {
            edit(*old, then++, false);
        } else if (then == old_size || now->uid(at) < old->uid(then)) {
            edit(*now, at++, true);
        } else {
            if (old->flags(then) != now->flags(at)) edit(*now, at, true);
            ++then;
            ++at;
        }
    }
}

/// Finds out about emails among the rows of which there is no place yet; what cannot be read is left out.
async::Awaitable<StoreResult<>> AccountViewUpdate::read_new_emails(std::size_t begin, std::size_t end) {
    new_emails_.clear();
    std::vector<EmailId> wanted;
    for (std::size_t at = begin; at < end; ++at) {
        if (!rows_[at].there) continue;
        const std::uint32_t email = rows_[at].email;
        view_->by_email_.each_from({.email = email}, [&](const EmailPlace& place) {
            if (place.email == email) new_emails_.insert_or_assign(email, Known{place.thread, place.received});
            return false;
        });
        if (!new_emails_.contains(email)) wanted.emplace_back(email);
    }
    if (wanted.empty()) co_return StoreResult<>{};
    CO_TRY(const auto found, co_await emails::find_many(core_, wanted));
    for (std::size_t at = 0; at < wanted.size(); ++at) {
        if (!found[at] || !*found[at]) continue;
        const record::EmailRecord& email = **found[at];
        new_emails_.insert_or_assign(email.id, Known{email.thread, seconds_of(email.internal_date)});
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> AccountViewUpdate::take_in(MailboxId mailbox, std::size_t begin, std::size_t end) {
    CO_TRY_VOID(co_await read_new_emails(begin, end));
    std::vector<PlacesByEmail::Edit> edits;
    edits.reserve(end - begin);
    for (std::size_t at = begin; at < end; ++at) {
        const RowEdit& row = rows_[at];
        EmailPlace place{.email = row.email, .mailbox = mailbox, .uid = row.uid, .flags = row.flags};
        if (row.there) {
            const auto known = new_emails_.find(row.email);
            if (known == new_emails_.end()) continue;
            place.thread = known->second.thread;
            place.received = known->second.received;
            edits.push_back({place, true});
            continue;
        }
        view_->by_email_.each_from(place, [&](const EmailPlace& old) {
            const bool here = old.email == place.email && old.mailbox == mailbox && old.uid == place.uid;
            if (here) edits.push_back({old, false});
            return false;
        });
    }
    std::ranges::sort(edits, std::less<>(), &PlacesByEmail::Edit::value);
    take_in_emails(edits);
    co_return StoreResult<>{};
}

void AccountViewUpdate::take_in_emails(const std::vector<PlacesByEmail::Edit>& edits) {
    std::vector<std::uint32_t> threads;
    std::vector<ThreadPlace> emails;
    for (const auto& edit : edits) {
        threads.push_back(edit.value.thread);
        emails.push_back({edit.value.thread, edit.value.email});
    }
    std::ranges::sort(threads);
    threads.erase(std::ranges::unique(threads).begin(), threads.end());
    std::ranges::sort(emails);
    emails.erase(std::ranges::unique(emails).begin(), emails.end());
    if (!from_scratch_)
        for (const std::uint32_t thread : threads)
            count(thread, -1);
    view_->by_email_.apply(edits);
    std::vector<SortedPages<ThreadPlace>::Edit> in_threads;
    for (const ThreadPlace& place : emails) {
        bool there = false;
        view_->by_email_.each_from({.email = place.email}, [&](const EmailPlace& first) {
            there = first.email == place.email;
            return false;
        });
        in_threads.push_back({place, there});
    }
    view_->by_thread_.apply(in_threads);
    if (!from_scratch_)
        for (const std::uint32_t thread : threads)
            count(thread, 1);
}

/// Adds what the thread, as it is in the view, counts in its mailboxes, or takes it away.
void AccountViewUpdate::count(std::uint32_t thread, int sign) {
    std::vector<MailboxId> in_thread;
    std::vector<MailboxId> in_email;
    bool unread_in_trash = false;
    bool unread_elsewhere = false;
    const auto count_email = [&](std::uint32_t email) {
        in_email.clear();
        bool seen = true;
        bool draft = false;
        view_->by_email_.each_from({.email = email}, [&](const EmailPlace& place) {
            if (place.email != email) return false;
            if (!place.visible()) return true;
            seen = seen && place.flags.has(Flag::seen);
            draft = draft || place.flags.has(Flag::draft);
            if (in_email.empty() || in_email.back() != place.mailbox) in_email.push_back(place.mailbox);
            return true;
        });
        const bool unread = !seen && !draft;
        for (const MailboxId mailbox : in_email) {
            EmailCounts& counts = view_->counts_[mailbox];
            change(counts.emails, sign);
            change(counts.unread_emails, sign, unread);
            (mailbox == trash_ ? unread_in_trash : unread_elsewhere) |= unread;
            in_thread.push_back(mailbox);
        }
    };
    view_->by_thread_.each_from({.thread = thread}, [&](const ThreadPlace& place) {
        if (place.thread != thread) return false;
        count_email(place.email);
        return true;
    });
    std::ranges::sort(in_thread);
    in_thread.erase(std::ranges::unique(in_thread).begin(), in_thread.end());
    for (const MailboxId mailbox : in_thread) {
        EmailCounts& counts = view_->counts_[mailbox];
        change(counts.threads, sign);
        change(counts.unread_threads, sign, mailbox == trash_ ? unread_in_trash : unread_elsewhere);
    }
}

async::Awaitable<> AccountViewUpdate::count_everything() {
    view_->counts_.clear();
    std::optional<std::uint32_t> counted;
    for (const auto& page : view_->by_thread_.pages()) {
        for (const ThreadPlace& place : *page) {
            if (place.thread == counted) continue;
            counted = place.thread;
            count(place.thread, 1);
        }
        co_await async::give_way();
    }
}

} // namespace tegami::store
