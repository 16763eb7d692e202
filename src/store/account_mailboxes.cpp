// Making, renaming, removing and subscribing to mailboxes.
#include "store/account_mailboxes.h"

#include "base/ascii.h"
#include "store/account_expunge.h"
#include "store/in_batches.h"
#include "store/message_pages.h"

#include <algorithm>

namespace tegami::store {

namespace {

/// Limit: subscribed names that are no mailboxes.
constexpr std::size_t kSubscribedNamesMax = 10'000;
/// Limit: pages that one turn of a removal expunges.
constexpr std::size_t kMarkedPagesPerTurn = 16;

/// RFC 9051 §2.3.1.1: rises even if a mailbox is removed and made again, or the account is: the clock gives the start,
/// the account row the order.
UidValidity new_uid_validity(const AccountCore& core, PendingCommit& part) {
    std::uint32_t& last = part.account.last_uid_validity;
    last = std::max(last + 1, std::max(core.now_seconds(), 1u));
    return UidValidity(last);
}

/// The mailbox with this last level as it will be after `pending`; 0 if there will be none.
MailboxId find_child(const PendingCommit& pending, const AccountRows& rows, MailboxId parent, std::string_view level) {
    for (const auto& [id, row] : pending.mailboxes)
        if (row.parent == parent && row.level == level && !row.removed) return id;
    return rows.find_child(parent, level);
}

/// One turn of the end of a removal.
class ExpungeRemoved {
public:
    ExpungeRemoved(AccountCore* core, MailboxId mailbox) : core_(core), mailbox_(mailbox) {}

    async::Awaitable<StoreResult<>> run() {
        const auto row = core_->rows().mailboxes.find(mailbox_);
        const bool removed = row != core_->rows().mailboxes.end() && (row->second.removed || !row->second.selectable);
        done_ = !removed || core_->rows().damaged.contains(mailbox_);
        if (done_) co_return StoreResult<>{};
        const bool forgotten = row->second.removed;
        InBatches batches(core_, 1);
        std::uint32_t next = next_;
        for (std::size_t pages = 0; pages < kMarkedPagesPerTurn && !done_; ++pages) {
            CO_TRY(const std::optional<std::uint32_t> number, co_await find_page(next));
            done_ = !number;
            if (!number) break;
            CO_TRY_VOID(co_await expunge_page(&batches, *number));
            next = *number + 1;
        }
        CO_TRY_VOID(co_await batches.commit());
        next_ = next;
        // What is left of messages that cannot be read keeps its place for repair; sweep() comes back to it.
        if (!done_ || !forgotten || damaged_) co_return StoreResult<>{};
        PendingCommit gone = core_->begin();
        gone.removed.insert(mailbox_);
        co_return co_await core_->commit(&gone);
    }

    bool done() const { return done_; }

private:
    /// The number of the first page from `next` on that has records.
    async::Awaitable<StoreResult<std::optional<std::uint32_t>>> find_page(std::uint32_t next) {
        const record::AccountRow account = core_->rows().account;
        const RecordReader reader = core_->reader();
        const std::uint32_t first_uid = account.first_uid(next);
        if (account.page_of(Uid(first_uid)) != next) co_return std::optional<std::uint32_t>(); // behind the last UID
        std::string pages = record::page_key(mailbox_, 0).substr(0, 5);
        CO_TRY(const auto page, co_await reader.next_numbered(std::move(pages), next, &damaged_));
        std::string deltas = record::delta_key(mailbox_, Uid(0)).substr(0, 5);
        CO_TRY(const auto delta, co_await reader.next_numbered(std::move(deltas), first_uid, &damaged_));
        std::optional<std::uint32_t> number;
        if (page) number = page->number;
        if (delta) number = std::min(number.value_or(~0u), account.page_of(Uid(delta->number)));
        co_return number;
    }

    async::Awaitable<StoreResult<>> expunge_page(InBatches* batches, std::uint32_t number) {
        CO_TRY(ViewPages read, co_await read_pages(core_->reader(), core_->rows().account, mailbox_, number, number));
        if (read.empty()) co_return StoreResult<>{};
        ViewPagePtr page = std::move(read.begin()->second);
        damaged_ = damaged_ || page->damaged();
        const std::size_t rows_max = messages::step_rows_max(*core_);
        std::vector<MessageRow> all;
        for (std::size_t at = 0; at < page->size(); ++at)
            all.push_back(page->row(at));
        const std::size_t commits = batches->commits();
        for (std::size_t at = 0; at < all.size(); at += rows_max) {
            const std::size_t end = std::min(all.size(), at + rows_max);
            const std::vector<MessageRow> rows(all.begin() + static_cast<std::ptrdiff_t>(at),
                                               all.begin() + static_cast<std::ptrdiff_t>(end));
            // What was read is true until a commit changes the page; then it is read again.
            const auto step = [&](PendingCommit* part) {
                return expunge(part, &rows, page, batches->commits() == commits);
            };
            CO_TRY_VOID(co_await batches->add(step));
        }
        co_return StoreResult<>{};
    }

    async::Awaitable<StoreResult<>> expunge(PendingCommit* part, const std::vector<MessageRow>* rows, ViewPagePtr page,
                                            bool as_read) {
        if (as_read) co_return messages::remove(*core_, *part, mailbox_, std::move(page), *rows, record::Gone::deleted);
        co_return co_await messages::find_and_remove(core_, part, mailbox_, *rows, record::Gone::deleted);
    }

    AccountCore* const core_;
    const MailboxId mailbox_;
    std::uint32_t next_ = 0; // page
    bool damaged_ = false;
    bool done_ = false;
};

class CreateMailbox {
public:
    CreateMailbox(AccountCore* core, std::string name, MailboxSettings settings)
        : core_(core), name_(std::move(name)), settings_(settings) {}

    async::Awaitable<StoreResult<>> run() {
        CO_TRY(made, co_await make_mailbox(core_, name_, settings_));
        co_return StoreResult<>{};
    }

    MailboxId made;

private:
    AccountCore* const core_;
    const std::string name_;
    const MailboxSettings settings_;
};

/// Nobody sees the mailbox any more; finish_removal() does the rest, after a crash by way of sweep().
class HideMailbox {
public:
    HideMailbox(AccountCore* core, MailboxId mailbox) : core_(core), mailbox_(mailbox) {}

    async::Awaitable<StoreResult<>> run() {
        const AccountRows& rows = core_->rows();
        CO_TRY(const record::MailboxRow* found, rows.find(mailbox_));
        const bool children = rows.has_children(mailbox_);
        if (found->role == Role::inbox) co_return failure(Error{ErrorCode::invalid, "INBOX cannot be removed"});
        if (children && !found->selectable) co_return failure(Error{ErrorCode::invalid, "the name has inferiors"});
        PendingCommit hidden = core_->begin();
        record::MailboxRow& row = hidden.mailbox(mailbox_, rows);
        const Role role = std::exchange(row.role, Role::none);
        row.selectable = false;
        row.access.clear();
        if (!children) {
            const std::string name = rows.name_of(mailbox_);
            row.removed = true;
            hidden.put(record::removed_mailbox_key(mailbox_),
                       record::encode(record::RemovedMailboxRow{.role = role, .name = name}));
            hidden.erase(record::name_key(row.parent, row.level));
            if (row.subscribed) {
                // RFC 9051 §6.3.7: a subscription is not taken back because the mailbox is gone.
                hidden.put(record::subscription_key(name), record::encode_text(""));
                subscribed_names(hidden, hidden, rows).insert(name);
            }
        }
        hidden.change(mailbox_).mailbox_itself = true;
        hidden.mailbox_list = true;
        co_return co_await core_->commit(&hidden);
    }

private:
    AccountCore* const core_;
    const MailboxId mailbox_;
};

class Subscribe {
public:
    Subscribe(AccountCore* core, std::string name, bool subscribed)
        : core_(core), name_(canonical_mailbox_name(name)), subscribed_(subscribed) {}

    async::Awaitable<StoreResult<>> run() {
        const AccountRows& rows = core_->rows();
        if (!is_mailbox_name(name_)) co_return failure(Error{ErrorCode::invalid, "mailbox name"});
        PendingCommit change = core_->begin();
        change.mailbox_list = true;
        const MailboxId mailbox = rows.find_name(name_);
        if (mailbox.value != 0) {
            CO_TRY(const record::MailboxRow* found, rows.find(mailbox));
            if (found->subscribed == subscribed_) co_return StoreResult<>{};
            change.mailbox(mailbox, rows).subscribed = subscribed_;
            change.change(mailbox).mailbox_itself = true;
            co_return co_await core_->commit(&change);
        }
        if (rows.subscribed_names.contains(name_) == subscribed_) co_return StoreResult<>{};
        if (subscribed_ && rows.subscribed_names.size() >= kSubscribedNamesMax)
            co_return failure(Error{ErrorCode::invalid, "too many subscriptions"});
        std::set<std::string>& names = subscribed_names(change, change, rows);
        if (subscribed_) {
            change.put(record::subscription_key(name_), record::encode_text(""));
            names.insert(name_);
        } else {
            change.erase(record::subscription_key(name_));
            names.erase(name_);
        }
        co_return co_await core_->commit(&change);
    }

private:
    AccountCore* const core_;
    const std::string name_;
    const bool subscribed_;
};

class ClaimRecent {
public:
    ClaimRecent(AccountCore* core, MailboxId mailbox) : core_(core), mailbox_(mailbox) {}

    async::Awaitable<StoreResult<>> run() {
        CO_TRY(const record::MailboxRow* found, core_->rows().find(mailbox_));
        if (found->first_recent >= found->uid_next) co_return StoreResult<>{};
        const UidSet unclaimed = UidSet::range(found->first_recent, Uid(found->uid_next.value - 1));
        PendingCommit claim = core_->begin();
        record::MailboxRow& row = claim.mailbox(mailbox_, core_->rows());
        row.first_recent = row.uid_next;
        row.recent = 0;
        claim.then([this, unclaimed] { claimed = unclaimed; });
        co_return co_await core_->commit(&claim);
    }

    UidSet claimed;

private:
    AccountCore* const core_;
    const MailboxId mailbox_;
};

/// Whom a mailbox is shared with once `part` is committed.
AccessList access_of(const PendingCommit& part, const AccountRows& rows, MailboxId mailbox) {
    if (const auto changed = part.mailboxes.find(mailbox); changed != part.mailboxes.end())
        return changed->second.access;
    return rows.mailboxes.at(mailbox).access;
}

} // namespace

std::set<std::string>& subscribed_names(PendingCommit& part, const PendingCommit& whole, const AccountRows& rows) {
    if (!part.subscribed_names) part.subscribed_names = whole.subscribed_names.value_or(rows.subscribed_names);
    return *part.subscribed_names;
}

async::Awaitable<StoreResult<MailboxId>> add_path(AccountCore* core, std::string name, MailboxSettings settings) {
    const AccountRows& rows = core->rows();
    InBatches batches(core);
    MailboxId parent;
    for (std::size_t at = 0; at <= name.size();) {
        const std::size_t end = std::min(name.find('/', at), name.size());
        const std::string level = name.substr(at, end - at);
        const std::string path = name.substr(0, end);
        const bool last = end == name.size();
        at = end + 1;
        MailboxId child = find_child(batches.pending(), rows, parent, level);
        const auto step = [&](PendingCommit* part) -> StoreResult<> {
            const bool subscribed = rows.subscribed_names.contains(path);
            MailboxSettings of_level = last ? settings : MailboxSettings();
            of_level.subscribed |= subscribed;
            TRY(child, add_mailbox(*core, *part, parent, level, of_level));
            if (!subscribed) return {};
            part->erase(record::subscription_key(path));
            subscribed_names(*part, batches.pending(), rows).erase(path);
            return {};
        };
        if (child.value == 0) {
            CO_TRY_VOID(co_await batches.add(step));
        }
        parent = child;
    }
    CO_TRY_VOID(co_await batches.commit());
    co_return parent;
}

StoreResult<MailboxId> add_mailbox(const AccountCore& core, PendingCommit& part, MailboxId parent, std::string level,
                                   MailboxSettings settings) {
    const AccountRows& rows = core.rows();
    if (rows.mailboxes.size() + part.mailboxes.size() >= kMailboxesMax)
        return failure(Error{ErrorCode::invalid, "the account has too many mailboxes"});
    if (settings.role != Role::none && rows.has_role(settings.role))
        return failure(Error{ErrorCode::exists, "another mailbox has this role"});
    const MailboxId id(part.account.next_mailbox++);
    record::MailboxRow row{.id = id, .parent = parent, .level = std::move(level), .role = settings.role};
    row.subscribed = settings.subscribed;
    row.sort_order = settings.sort_order;
    if (parent.value != 0) row.access = access_of(part, rows, parent);
    row.uid_validity = new_uid_validity(core, part);
    row.highest_modseq = part.modseq;
    row.change_floor = part.modseq;
    part.put(record::name_key(parent, row.level), record::encode_number(id.value));
    part.mailboxes.emplace(id, std::move(row));
    part.change(id).mailbox_itself = true;
    part.mailbox_list = true;
    return id;
}

async::Awaitable<StoreResult<MailboxId>> make_mailbox(AccountCore* core, std::string name, MailboxSettings settings) {
    const AccountRows& rows = core->rows();
    if (!is_mailbox_name(name)) co_return failure(Error{ErrorCode::invalid, "mailbox name"});
    const MailboxId found = rows.find_name(name);
    if (found.value == 0) {
        co_return co_await add_path(core, std::move(name), settings);
    }
    CO_TRY(const record::MailboxRow* old, rows.find(found));
    if (old->selectable) co_return failure(Error{ErrorCode::exists, "mailbox"});
    // Messages of a removal that is not at its end must not come back with the name.
    if (old->messages != 0) {
        ExpungeRemoved removal(core, found);
        while (!removal.done())
            CO_TRY_VOID(co_await removal.run());
    }
    PendingCommit revived = core->begin();
    record::MailboxRow& row = revived.mailbox(found, rows);
    row.selectable = true;
    row.role = settings.role;
    row.subscribed |= settings.subscribed;
    row.sort_order = settings.sort_order;
    row.uid_validity = new_uid_validity(*core, revived);
    row.change_floor = revived.modseq;
    revived.change(found).mailbox_itself = true;
    revived.mailbox_list = true;
    CO_TRY_VOID(co_await core->commit(&revived));
    co_return found;
}

async::Awaitable<StoreResult<>> finish_removal(AccountCore* core, MailboxId mailbox) {
    ExpungeRemoved removal(core, mailbox);
    while (!removal.done()) {
        CO_TRY_VOID(co_await core->maintain(&removal));
        co_await async::give_way();
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<MailboxId>> Account::create_mailbox(std::string name, MailboxSettings settings) {
    CreateMailbox operation(core_.get(), canonical_mailbox_name(name), settings);
    CO_TRY_VOID(co_await core_->write(&operation));
    co_return operation.made;
}

async::Awaitable<StoreResult<>> Account::remove_mailbox(MailboxId mailbox) {
    HideMailbox operation(core_.get(), mailbox);
    CO_TRY_VOID(co_await core_->write(&operation));
    co_return co_await finish_removal(core_.get(), mailbox);
}

async::Awaitable<StoreResult<>> Account::subscribe(std::string name) {
    Subscribe operation(core_.get(), std::move(name), true);
    co_return co_await core_->write(&operation);
}

async::Awaitable<StoreResult<>> Account::unsubscribe(std::string name) {
    Subscribe operation(core_.get(), std::move(name), false);
    co_return co_await core_->write(&operation);
}

async::Awaitable<StoreResult<UidSet>> Account::claim_recent(MailboxId mailbox) {
    ClaimRecent operation(core_.get(), mailbox);
    CO_TRY_VOID(co_await core_->write(&operation));
    co_return std::move(operation.claimed);
}

} // namespace tegami::store
