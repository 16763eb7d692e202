#include "store/account.h"

#include "store/account_state.h"

namespace tegami::store {

namespace {

class OpenHandle final : public OpenMailbox {
public:
    OpenHandle(MailboxId id, std::shared_ptr<Account> account, AccountState* state, OpenStatePtr open)
        : id_(id), account_(std::move(account)), state_(state), open_(std::move(open)) {}

    MailboxId id() const override { return id_; }

    ViewPtr view() const override { return state_->view(*open_); }

    ListenerPtr listen(async::Executor executor) override { return state_->listen(id_, std::move(executor)); }

private:
    const MailboxId id_;
    const std::shared_ptr<Account> account_; // owns *state_
    AccountState* const state_;
    const OpenStatePtr open_;
};

} // namespace

Account::Account(std::unique_ptr<AccountState> state) : state_(std::move(state)) {}

Account::~Account() = default;

AccountId Account::id() const {
    return state_->id();
}

QuotaUse Account::quota() const {
    return state_->quota();
}

async::Awaitable<StoreResult<>> Account::set_quota(Quota quota) {
    return state_->set_quota(quota);
}

std::shared_ptr<const MailboxList> Account::mailboxes() const {
    return state_->mailboxes();
}

async::Awaitable<StoreResult<MailboxId>> Account::create_mailbox(std::string name, Role role) {
    return state_->create_mailbox(std::move(name), role);
}

async::Awaitable<StoreResult<>> Account::rename_mailbox(MailboxId mailbox, std::string new_name) {
    return state_->rename_mailbox(mailbox, std::move(new_name));
}

async::Awaitable<StoreResult<>> Account::remove_mailbox(MailboxId mailbox) {
    return state_->remove_mailbox(mailbox);
}

async::Awaitable<StoreResult<>> Account::subscribe(std::string name) {
    return state_->subscribe(std::move(name), true);
}

async::Awaitable<StoreResult<>> Account::unsubscribe(std::string name) {
    return state_->subscribe(std::move(name), false);
}

async::Awaitable<StoreResult<OpenMailboxPtr>> Account::open(MailboxId mailbox) {
    const std::shared_ptr<Account> self = shared_from_this();
    CO_TRY(OpenStatePtr opened, co_await state_->open(mailbox));
    co_return std::make_shared<OpenHandle>(mailbox, self, state_.get(), std::move(opened));
}

ListenerPtr Account::listen(async::Executor executor) {
    return state_->listen(MailboxId(), std::move(executor));
}

async::Awaitable<StoreResult<AppendResult>> Account::append(std::vector<NewMessage> messages,
                                                            std::optional<std::string> delivery_tag) {
    return state_->append(std::move(messages), std::move(delivery_tag));
}

async::Awaitable<StoreResult<FlagResult>> Account::change_flags(MailboxId mailbox, UidSet uids, FlagChange change,
                                                                std::optional<Modseq> unchanged_since) {
    return state_->change_flags(mailbox, std::move(uids), std::move(change), unchanged_since);
}

async::Awaitable<StoreResult<ExpungeResult>> Account::expunge(MailboxId mailbox, UidSet uids, Expunge which) {
    return state_->expunge(mailbox, std::move(uids), which);
}

async::Awaitable<StoreResult<CopyResult>> Account::copy(MailboxId from, UidSet uids, MailboxId to) {
    return state_->copy(from, std::move(uids), to, false);
}

async::Awaitable<StoreResult<CopyResult>> Account::move(MailboxId from, UidSet uids, MailboxId to) {
    return state_->copy(from, std::move(uids), to, true);
}

async::Awaitable<StoreResult<ExpungedPage>> Account::expunged(std::string from, std::size_t count_max) {
    return state_->expunged(std::move(from), count_max);
}

async::Awaitable<StoreResult<UndeleteResult>> Account::undelete(std::vector<ExpungedPlace> places) {
    return state_->undelete(std::move(places));
}

async::Awaitable<StoreResult<Uid>> Account::claim_recent(MailboxId mailbox) {
    return state_->claim_recent(mailbox);
}

async::Awaitable<StoreResult<std::vector<MessageDetails>>> Account::details(MailboxId mailbox, std::vector<Uid> uids) {
    return state_->details(mailbox, std::move(uids));
}

async::Awaitable<StoreResult<std::vector<StoreResult<EmailRow>>>> Account::emails(std::vector<EmailId> ids) {
    return state_->emails(std::move(ids));
}

async::Awaitable<StoreResult<std::vector<EmailId>>> Account::thread(ThreadId thread) {
    return state_->thread(thread);
}

async::Awaitable<StoreResult<std::optional<AccountChanges>>> Account::changes_since(Version since) {
    return state_->changes_since(since);
}

async::Awaitable<StoreResult<>> Account::sweep() {
    return state_->sweep();
}

std::size_t Account::trim() {
    return state_->trim();
}

} // namespace tegami::store
