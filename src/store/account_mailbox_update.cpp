// Changing a mailbox: its name and place, and what people have set of it.
#include "store/account_expunge.h"
#include "store/account_mailboxes.h"

namespace tegami::store {

namespace {

class UpdateMailbox {
public:
    UpdateMailbox(AccountCore* core, MailboxId mailbox, MailboxUpdate update)
        : core_(core), mailbox_(mailbox), update_(std::move(update)) {
        if (update_.name) update_.name = canonical_mailbox_name(*update_.name);
    }

    async::Awaitable<StoreResult<>> run() {
        const AccountRows& rows = core_->rows();
        CO_TRY(const record::MailboxRow* const found, rows.find(mailbox_));
        if (update_.role && *update_.role != found->role) CO_TRY_VOID(check_role(*found));
        const std::string old_name = rows.name_of(mailbox_);
        const bool renamed = update_.name && *update_.name != old_name;
        std::optional<MailboxId> parent;
        if (renamed) {
            CO_TRY_VOID(check_names(*found, old_name));
            CO_TRY(parent, co_await find_parent());
        }
        CO_TRY(AccessList access, changed_access(*found));
        PendingCommit change = core_->begin();
        record::MailboxRow& row = change.mailbox(mailbox_, rows);
        row.access = std::move(access);
        row.role = update_.role.value_or(row.role);
        row.sort_order = update_.sort_order.value_or(row.sort_order);
        if (parent) {
            change.erase(record::name_key(row.parent, row.level));
            row.parent = *parent;
            row.level = update_.name->substr(update_.name->rfind('/') + 1);
            change.put(record::name_key(row.parent, row.level), record::encode_number(mailbox_.value));
            rename_below(change, old_name);
        }
        row.subscribed = update_.subscribed.value_or(row.subscribed);
        if (row == rows.mailboxes.at(mailbox_)) co_return StoreResult<>{};
        change.change(mailbox_).mailbox_itself = true;
        change.mailbox_list = true;
        co_return co_await core_->commit(&change);
    }

private:
    /// Whom the mailbox is shared with afterwards.
    StoreResult<AccessList> changed_access(const record::MailboxRow& row) const {
        if (update_.grants.empty()) return row.access;
        if (!row.selectable) return failure(Error{ErrorCode::invalid, "there is nothing in it to share"});
        auto access = changed(row.access, update_.grants);
        if (!access) return failure(Error{ErrorCode::invalid, "a mailbox is shared with too many"});
        return *std::move(access);
    }

    StoreResult<> check_role(const record::MailboxRow& row) const {
        if (row.role == Role::inbox || *update_.role == Role::inbox)
            return failure(Error{ErrorCode::invalid, "INBOX is INBOX"});
        if (*update_.role != Role::none && core_->rows().has_role(*update_.role))
            return failure(Error{ErrorCode::exists, "another mailbox has this role"});
        return {};
    }

    StoreResult<> check_names(const record::MailboxRow& row, const std::string& old_name) const {
        const AccountRows& rows = core_->rows();
        const std::string& name = *update_.name;
        if (row.role == Role::inbox) return failure(Error{ErrorCode::invalid, "INBOX is INBOX"});
        if (!is_mailbox_name(name)) return failure(Error{ErrorCode::invalid, "mailbox name"});
        if (rows.find_name(name).value != 0) return failure(Error{ErrorCode::exists, "mailbox"});
        if (name.starts_with(old_name + '/')) return failure(Error{ErrorCode::invalid, "a name below itself"});
        // Inferiors get longer names too; their limit holds as well.
        for (const auto& [id, each] : rows.mailboxes)
            if (!each.removed && rows.is_below(id, mailbox_) && id != mailbox_ &&
                !is_mailbox_name(name + rows.name_of(id).substr(old_name.size())))
                return failure(Error{ErrorCode::invalid, "the name of an inferior would be too long"});
        return {};
    }

    /// The mailbox above the new name, which is made if it is not there.
    async::Awaitable<StoreResult<MailboxId>> find_parent() {
        const std::size_t last = update_.name->rfind('/');
        if (last == std::string::npos) co_return MailboxId();
        const std::string name = update_.name->substr(0, last);
        const MailboxId parent = core_->rows().find_name(name);
        if (parent.value != 0) co_return parent;
        co_return co_await add_path(core_, name, MailboxSettings());
    }

    /// The mailbox and its inferiors have other names; subscriptions to these are theirs now.
    void rename_below(PendingCommit& renamed, const std::string& old_name) const {
        const AccountRows& rows = core_->rows();
        for (const auto& [id, other] : rows.mailboxes) {
            if (other.removed || !rows.is_below(id, mailbox_)) continue;
            renamed.change(id).mailbox_itself = true;
            const std::string name = *update_.name + rows.name_of(id).substr(old_name.size());
            if (!rows.subscribed_names.contains(name) || rows.damaged.contains(id)) continue;
            renamed.mailbox(id, rows).subscribed = true;
            renamed.erase(record::subscription_key(name));
            subscribed_names(renamed, renamed, rows).erase(name);
        }
    }

    AccountCore* const core_;
    const MailboxId mailbox_;
    MailboxUpdate update_;
};

/// RFC 9051 §6.3.6: INBOX is left empty, its messages go to a new mailbox, and its inferiors stay where they are.
class RenameInbox {
public:
    RenameInbox(AccountCore* core, MailboxId inbox, std::string new_name)
        : core_(core), inbox_(inbox), new_name_(canonical_mailbox_name(new_name)) {}

    async::Awaitable<StoreResult<>> run() {
        if (!move_) {
            if (!is_mailbox_name(new_name_)) co_return failure(Error{ErrorCode::invalid, "mailbox name"});
            if (core_->rows().find_name(new_name_).value != 0) co_return failure(Error{ErrorCode::exists, "mailbox"});
            CO_TRY(const MailboxId made, co_await add_path(core_, new_name_, MailboxSettings()));
            move_.emplace(core_, inbox_, UidSet::all(), made, true);
        }
        co_return co_await move_->run();
    }

private:
    AccountCore* const core_;
    const MailboxId inbox_;
    const std::string new_name_;
    std::optional<CopyMessages> move_; // once the new mailbox is made
};

} // namespace

async::Awaitable<StoreResult<>> Account::update_mailbox(MailboxId mailbox, MailboxUpdate update) {
    UpdateMailbox operation(core_.get(), mailbox, std::move(update));
    co_return co_await core_->write(&operation);
}

async::Awaitable<StoreResult<>> Account::rename_mailbox(MailboxId mailbox, std::string new_name) {
    const MailboxPtr inbox = mailboxes()->find(Role::inbox);
    if (!inbox || inbox->id != mailbox) {
        MailboxUpdate update{.name = std::move(new_name)};
        co_return co_await update_mailbox(mailbox, std::move(update));
    }
    RenameInbox operation(core_.get(), mailbox, std::move(new_name));
    co_return co_await core_->write(&operation);
}

} // namespace tegami::store
