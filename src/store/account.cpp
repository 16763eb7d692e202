#include "store/account.h"

#include "store/account_core.h"
#include "store/append_queue.h"

namespace tegami::store {

namespace {

class SetQuota {
public:
    SetQuota(AccountCore* core, Quota quota) : core_(core), quota_(quota) {}

    async::Awaitable<StoreResult<>> run() {
        PendingCommit change = core_->begin();
        change.account.quota = quota_;
        co_return co_await core_->commit(&change);
    }

private:
    AccountCore* const core_;
    const Quota quota_;
};

class Open {
public:
    Open(AccountCore* core, MailboxId mailbox) : core_(core), mailbox_(mailbox) {}

    async::Awaitable<StoreResult<>> run() {
        CO_TRY(opened, co_await core_->open(mailbox_));
        co_return StoreResult<>{};
    }

    OpenStatePtr opened;

private:
    AccountCore* const core_;
    const MailboxId mailbox_;
};

} // namespace

OpenMailbox::OpenMailbox(MailboxId id, std::shared_ptr<const Account> account, std::shared_ptr<OpenState> open)
    : id_(id), account_(std::move(account)), open_(std::move(open)) {}

ViewPtr OpenMailbox::view() const {
    return account_->core_->published().view(*open_);
}

ListenerPtr OpenMailbox::listen(async::Executor executor) const {
    return account_->core_->published().listen(id_,
                                               std::make_shared<Listener>(std::move(executor), kChangesWaitingMax));
}

Account::Account(std::unique_ptr<AccountCore> core)
    : core_(std::move(core)), appends_(std::make_unique<AppendQueue>()) {}

Account::~Account() = default;

AccountId Account::id() const {
    return core_->id();
}

QuotaUse Account::quota() const {
    const record::AccountRow row = core_->published().row();
    return {row.quota, row.bytes, row.messages};
}

async::Awaitable<StoreResult<>> Account::set_quota(Quota quota) {
    SetQuota operation(core_.get(), quota);
    co_return co_await core_->write(&operation);
}

std::shared_ptr<const MailboxList> Account::mailboxes() const {
    return core_->published().mailboxes();
}

ListenerPtr Account::listen(async::Executor executor) const {
    return core_->published().listen(MailboxId(), std::make_shared<Listener>(std::move(executor), kChangesWaitingMax));
}

ListenerPtr Account::listen_beside(const Listener& first) const {
    return core_->published().listen(MailboxId(), std::make_shared<Listener>(first, kChangesWaitingMax));
}

async::Awaitable<StoreResult<OpenMailboxPtr>> Account::open(MailboxId mailbox) {
    const std::shared_ptr<const Account> self = shared_from_this();
    CO_TRY_VOID(core_->published().check_there());
    OpenStatePtr opened = core_->stale() ? nullptr : core_->published().find_open(mailbox);
    if (!opened) {
        Open operation(core_.get(), mailbox);
        CO_TRY_VOID(co_await core_->write(&operation));
        opened = std::move(operation.opened);
    }
    co_return std::make_shared<OpenMailbox>(mailbox, self, std::move(opened));
}

std::size_t Account::trim() {
    core_->views().trim();
    return core_->published().trim();
}

} // namespace tegami::store
