#include "store/account_view_keeper.h"

#include "store/account_core.h"
#include "store/account_view_update.h"

namespace tegami::store {

namespace {

/// The account as of now, with the views of all its mailboxes in memory; `held` keeps them there meanwhile.
async::Awaitable<StoreResult<PublishedPicture>> whole_picture(AccountPtr account, AccountCore* core,
                                                              std::vector<OpenMailboxPtr>* held) {
    for (;;) {
        PublishedPicture picture = core->published().picture();
        const std::size_t before = held->size();
        for (const MailboxPtr& mailbox : picture.mailboxes->all()) {
            if (!mailbox->selectable || picture.open.contains(mailbox->id)) continue;
            StoreResult<OpenMailboxPtr> opened = co_await account->open(mailbox->id);
            if (opened) {
                held->push_back(*std::move(opened));
                continue;
            }
            const ErrorCode code = opened.error().code;
            const bool theirs =
                code == ErrorCode::not_found || code == ErrorCode::invalid || code == ErrorCode::damaged;
            if (!theirs) co_return failure(opened.error());
        }
        CO_TRY_VOID(core->published().check_there());
        if (held->size() == before) co_return picture;
    }
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
    const async::Mutex::Lock turn = co_await turn_.lock();
    const AccountViewPtr old = latest();
    if (old && old->version() == core->published().mailboxes()->version()) co_return old;
    std::vector<OpenMailboxPtr> held;
    CO_TRY(PublishedPicture picture, co_await whole_picture(account, core, &held));
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
