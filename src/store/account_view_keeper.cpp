#include "store/account_view_keeper.h"

#include "store/account_core.h"
#include "store/account_view_update.h"

#include <algorithm>

namespace tegami::store {

namespace {

/// Errors of one mailbox, without which the account is shown.
bool is_of_mailbox(const Error& error) {
    return error.code == ErrorCode::not_found || error.code == ErrorCode::invalid || error.code == ErrorCode::damaged;
}

/// A mailbox of the picture whose view is not in memory, and which is not one of those that cannot be read.
bool is_missing(const PublishedPicture& picture, const MailboxInfo& mailbox, const std::set<MailboxId>& unreadable) {
    return mailbox.selectable && !picture.open.contains(mailbox.id) && !unreadable.contains(mailbox.id);
}

/// Brings the views of all mailboxes into memory; `held` keeps them there.
async::Awaitable<StoreResult<>> open_all(AccountPtr account, AccountCore* core, std::vector<OpenMailboxPtr>* held,
                                         std::set<MailboxId>* unreadable) {
    const PublishedPicture picture = core->published().picture();
    for (const MailboxPtr& mailbox : picture.mailboxes->all()) {
        if (!is_missing(picture, *mailbox, *unreadable)) continue;
        StoreResult<OpenMailboxPtr> opened = co_await account->open(mailbox->id);
        if (opened)
            held->push_back(*std::move(opened));
        else if (is_of_mailbox(opened.error()))
            unreadable->insert(mailbox->id);
        else
            co_return failure(opened.error());
    }
    co_return core->published().check_there();
}

/// Reads everything again where that is due.
async::Awaitable<StoreResult<>> refresh(AccountPtr account, AccountCore* core) {
    if (!core->stale()) co_return StoreResult<>{};
    const MailboxPtr inbox = account->mailboxes()->find(Role::inbox);
    const StoreResult<OpenMailboxPtr> opened = co_await account->open(inbox ? inbox->id : MailboxId());
    if (core->stale() && !opened) co_return failure(opened.error());
    co_return StoreResult<>{};
}

} // namespace

AccountViewKeeper::~AccountViewKeeper() {
    memory_->fetch_sub(bytes_);
}

async::Awaitable<StoreResult<AccountViewPtr>> AccountViewKeeper::bring_up(AccountPtr account, AccountCore* core) {
    CO_TRY_VOID(core->published().check_there());
    CO_TRY_VOID(co_await refresh(account, core));
    std::vector<OpenMailboxPtr> held;
    std::set<MailboxId> unreadable;
    for (;;) {
        CO_TRY_VOID(co_await open_all(account, core, &held, &unreadable));
        CO_TRY(AccountViewPtr made, co_await make_next(core, &unreadable));
        if (made) co_return made; // else a mailbox was made meanwhile
    }
}

async::Awaitable<StoreResult<AccountViewPtr>> AccountViewKeeper::bring_up_for_writer(AccountCore* core) {
    std::vector<OpenStatePtr> held;
    std::set<MailboxId> unreadable;
    for (const auto& [mailbox, row] : core->rows().mailboxes) {
        if (row.removed || !row.selectable) continue;
        StoreResult<OpenStatePtr> opened = co_await core->open(mailbox);
        if (opened)
            held.push_back(*std::move(opened));
        else if (is_of_mailbox(opened.error()))
            unreadable.insert(mailbox);
        else
            co_return failure(opened.error());
    }
    co_return co_await make_next(core, &unreadable);
}

/// Nothing if the view of a mailbox is not in memory.
async::Awaitable<StoreResult<AccountViewPtr>> AccountViewKeeper::make_next(AccountCore* core,
                                                                           const std::set<MailboxId>* unreadable) {
    const async::Mutex::Lock turn = co_await turn_.lock();
    const AccountViewPtr old = latest();
    if (old && old->version() == core->published().mailboxes()->version()) co_return old;
    PublishedPicture picture = core->published().picture();
    const auto missing = [&](const MailboxPtr& mailbox) { return is_missing(picture, *mailbox, *unreadable); };
    if (std::ranges::any_of(picture.mailboxes->all(), missing)) co_return AccountViewPtr();
    std::map<MailboxId, OpenStatePtr> open = picture.open;
    AccountViewUpdate update(core, old.get(), std::move(picture));
    CO_TRY_VOID(co_await update.run());
    AccountViewPtr made = update.take();
    keep(made, std::move(open));
    co_return made;
}

AccountViewPtr AccountViewKeeper::latest() const {
    const std::lock_guard guard(guard_);
    return latest_;
}

void AccountViewKeeper::keep(AccountViewPtr view, std::map<MailboxId, OpenStatePtr> open) {
    const std::size_t bytes = view->memory_bytes();
    const std::lock_guard guard(guard_);
    memory_->fetch_add(bytes - bytes_);
    bytes_ = bytes;
    latest_.swap(view);
    open_.swap(open);
}

void AccountViewKeeper::trim() {
    AccountViewPtr dropped; // freed without the mutex
    std::map<MailboxId, OpenStatePtr> open;
    const std::lock_guard guard(guard_);
    if (latest_.use_count() > 1) return;
    latest_.swap(dropped);
    open_.swap(open);
    memory_->fetch_sub(bytes_);
    bytes_ = 0;
}

std::size_t AccountViewKeeper::memory_bytes() const {
    const std::lock_guard guard(guard_);
    return bytes_;
}

async::Awaitable<StoreResult<AccountViewPtr>> view_account(AccountPtr account) {
    AccountCore* const core = account->core_.get();
    co_return co_await core->views().bring_up(account, core);
}

} // namespace tegami::store
