#include "store/account_view_keeper.h"

#include "store/account_core.h"
#include "store/account_view_update.h"

#include <algorithm>

namespace tegami::store {

namespace {

/// What `reader` sees of it.
PublishedPicture part_of(PublishedPicture picture, AccountId reader) {
    const auto hidden = [&](const auto& each) {
        const MailboxPtr mailbox = picture.mailboxes->find(each.first);
        return !mailbox || !rights_in(mailbox->access, reader).has(kReading);
    };
    std::erase_if(picture.open, hidden);
    std::erase_if(picture.views, hidden);
    picture.mailboxes = std::make_shared<const MailboxList>(part_of(*picture.mailboxes, reader));
    picture.version = picture.mailboxes->version();
    return picture;
}

/// Errors of one mailbox, without which the account is shown.
bool is_of_mailbox(const Error& error) {
    return error.code == ErrorCode::not_found || error.code == ErrorCode::invalid || error.code == ErrorCode::damaged;
}

/// A mailbox of the picture whose view is not in memory, and which is not one of those that cannot be read.
bool is_missing(const PublishedPicture& picture, const MailboxInfo& mailbox, const std::set<MailboxId>& unreadable) {
    return mailbox.selectable && !picture.open.contains(mailbox.id) && !unreadable.contains(mailbox.id);
}

/// Brings the views of all mailboxes of the picture into memory; `held` keeps them there.
async::Awaitable<StoreResult<>> open_all(AccountPtr account, AccountCore* core, std::optional<AccountId> reader,
                                         std::vector<OpenMailboxPtr>* held, std::set<MailboxId>* unreadable) {
    PublishedPicture picture = core->published().picture();
    if (reader) picture = part_of(std::move(picture), *reader);
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
        CO_TRY_VOID(co_await open_all(account, core, reader_, &held, &unreadable));
        CO_TRY(AccountViewPtr made, co_await make_next(core, &unreadable));
        if (made) co_return made; // else a mailbox was made meanwhile
    }
}

async::Awaitable<StoreResult<AccountViewPtr>> AccountViewKeeper::bring_up_for_writer(AccountCore* core) {
    std::vector<OpenStatePtr> held;
    std::set<MailboxId> unreadable;
    for (const auto& [mailbox, row] : core->rows().mailboxes) {
        if (row.removed || !row.selectable) continue;
        if (reader_ && !rights_in(row.access, *reader_).has(kReading)) continue;
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
    if (AccountViewPtr current = latest_at(core->published().mailboxes()->version())) co_return current;
    PublishedPicture picture = core->published().picture();
    const Version version = picture.version;
    if (reader_) picture = part_of(std::move(picture), *reader_);
    const auto missing = [&](const MailboxPtr& mailbox) { return is_missing(picture, *mailbox, *unreadable); };
    if (std::ranges::any_of(picture.mailboxes->all(), missing)) co_return AccountViewPtr();
    std::map<MailboxId, OpenStatePtr> open = picture.open;
    const AccountViewPtr old = latest();
    AccountViewUpdate update(core, old.get(), std::move(picture));
    CO_TRY_VOID(co_await update.run());
    AccountViewPtr made = update.take();
    keep(made, version, std::move(open));
    co_return made;
}

AccountViewPtr AccountViewKeeper::latest() const {
    const std::lock_guard guard(guard_);
    return latest_;
}

AccountViewPtr AccountViewKeeper::latest_at(Version version) const {
    const std::lock_guard guard(guard_);
    return current_at_ == version ? latest_ : nullptr;
}

void AccountViewKeeper::keep(AccountViewPtr view, Version version, std::map<MailboxId, OpenStatePtr> open) {
    const std::size_t bytes = view->memory_bytes();
    const std::lock_guard guard(guard_);
    memory_->fetch_add(bytes - bytes_);
    bytes_ = bytes;
    current_at_ = version;
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

std::shared_ptr<AccountViewKeeper> AccountViews::part(AccountId reader) {
    std::shared_ptr<AccountViewKeeper> dropped; // freed without the mutex
    const std::lock_guard guard(guard_);
    const auto found = std::ranges::find(parts_, reader, &Part::reader);
    if (found != parts_.end()) {
        std::rotate(found, found + 1, parts_.end());
        return parts_.back().views;
    }
    if (parts_.size() == kPartsKeptMax) {
        dropped.swap(parts_.front().views);
        parts_.erase(parts_.begin());
    }
    parts_.push_back({.reader = reader, .views = std::make_shared<AccountViewKeeper>(memory_, reader)});
    return parts_.back().views;
}

void AccountViews::trim() {
    whole_.trim();
    std::vector<Part> parts;
    {
        const std::lock_guard guard(guard_);
        parts = parts_;
    }
    for (const Part& part : parts)
        part.views->trim();
}

std::size_t AccountViews::memory_bytes() const {
    std::size_t bytes = whole_.memory_bytes();
    const std::lock_guard guard(guard_);
    for (const Part& part : parts_)
        bytes += part.views->memory_bytes();
    return bytes;
}

async::Awaitable<StoreResult<AccountViewPtr>> view_account(AccountPtr account) {
    AccountCore* const core = account->core_.get();
    co_return co_await core->views().whole().bring_up(account, core);
}

async::Awaitable<StoreResult<AccountViewPtr>> view_account(AccountPtr account, AccountId reader) {
    if (reader == account->id()) co_return co_await view_account(std::move(account));
    AccountCore* const core = account->core_.get();
    const std::shared_ptr<AccountViewKeeper> views = core->views().part(reader);
    co_return co_await views->bring_up(account, core);
}

} // namespace tegami::store
