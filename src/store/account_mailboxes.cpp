// Making, renaming, removing and subscribing to mailboxes.
#include "base/ascii.h"
#include "store/account_state.h"

namespace tegami::store {

namespace {

/// Limit: subscribed names that are no mailboxes.
constexpr std::size_t kSubscribedNamesMax = 10'000;

} // namespace

MailboxId AccountState::find_child(const Transaction& transaction, MailboxId parent, std::string_view level) const {
    for (const auto* rows : {&transaction.mailboxes, &rows_})
        for (const auto& [id, row] : *rows)
            if (row.parent == parent && row.level == level && !row.removed) return id;
    return {};
}

MailboxId AccountState::find_name(std::string_view name) const {
    const Transaction nothing;
    MailboxId at;
    for (const std::string_view level : ascii::split(name, '/')) {
        at = find_child(nothing, at, level);
        if (at.value == 0) break;
    }
    return at;
}

bool AccountState::has_children(MailboxId mailbox) const {
    return std::ranges::any_of(
        rows_, [&](const auto& entry) { return entry.second.parent == mailbox && !entry.second.removed; });
}

bool AccountState::is_below(MailboxId mailbox, MailboxId ancestor) const {
    while (mailbox.value != 0 && mailbox != ancestor)
        mailbox = rows_.at(mailbox).parent;
    return mailbox == ancestor;
}

/// RFC 9051 §2.3.1.1: rises even if a mailbox is removed and made again, or the account is: the clock gives the start,
/// the account row the order.
UidValidity AccountState::new_uid_validity(Transaction& transaction) const {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(clock_->now().time_since_epoch()).count();
    const auto seconds = static_cast<std::uint32_t>(std::clamp<std::int64_t>(now, 1, 0xffff'0000));
    std::uint32_t& last = transaction.account.last_uid_validity;
    last = std::max(last + 1, seconds);
    return UidValidity(last);
}

StoreResult<MailboxId> AccountState::add_mailbox(Transaction& transaction, MailboxId parent, std::string level,
                                                 Role role, bool subscribed) const {
    if (rows_.size() + transaction.mailboxes.size() >= kMailboxesMax)
        return failure(Error{ErrorCode::invalid, "the account has too many mailboxes"});
    const bool role_taken = role != Role::none && std::ranges::any_of(rows_, [&](const auto& entry) {
                                return entry.second.role == role && !entry.second.removed;
                            });
    if (role_taken) return failure(Error{ErrorCode::exists, "another mailbox has this role"});
    const MailboxId id(transaction.account.next_mailbox++);
    record::MailboxRow row{.id = id, .parent = parent, .level = std::move(level), .role = role};
    row.subscribed = subscribed;
    row.uid_validity = new_uid_validity(transaction);
    row.highest_modseq = transaction.modseq;
    row.vanished_floor = transaction.modseq;
    transaction.put(record::name_key(parent, row.level), record::encode_number(id.value));
    transaction.mailboxes.emplace(id, std::move(row));
    transaction.change(id).mailbox_itself = true;
    transaction.mailbox_list = true;
    return id;
}

/// Each level is a commit of its own where they do not fit one batch: parents without the child are no harm.
async::Awaitable<StoreResult<MailboxId>> AccountState::add_path(std::string name, Role role) {
    Transaction whole = begin_transaction();
    MailboxId parent;
    std::string path;
    for (std::size_t at = 0; at <= name.size();) {
        const std::size_t end = std::min(name.find('/', at), name.size());
        const std::string level = name.substr(at, end - at);
        path = name.substr(0, end);
        at = end + 1;
        MailboxId child = find_child(whole, parent, level);
        if (child.value == 0) {
            const bool last = end == name.size();
            Transaction part = Transaction::part_of(whole);
            const bool subscribed = subscribed_names_.contains(path);
            CO_TRY(child, add_mailbox(part, parent, level, last ? role : Role::none, subscribed));
            if (!fits(whole, part)) {
                CO_TRY_VOID(co_await commit(&whole));
                whole = begin_transaction();
                part = Transaction::part_of(whole);
                CO_TRY(child, add_mailbox(part, parent, level, last ? role : Role::none, subscribed));
            }
            if (subscribed) {
                part.erase(record::subscription_key(path));
                part.subscribed_names = whole.subscribed_names.value_or(subscribed_names_);
                part.subscribed_names->erase(path);
            }
            whole.merge(std::move(part));
        }
        parent = child;
    }
    CO_TRY_VOID(co_await commit(&whole));
    co_return parent;
}

async::Awaitable<StoreResult<MailboxId>> AccountState::create_mailbox(std::string name, Role role) {
    const Lock lock = co_await writer_.lock();
    CO_TRY_VOID(co_await fresh());
    co_return co_await create_locked(canonical_mailbox_name(name), role);
}

async::Awaitable<StoreResult<MailboxId>> AccountState::create_locked(std::string name, Role role) {
    if (!is_mailbox_name(name)) co_return failure(Error{ErrorCode::invalid, "mailbox name"});
    const MailboxId found = find_name(name);
    if (found.value == 0) {
        co_return co_await add_path(std::move(name), role);
    }
    CO_TRY_VOID(find_mailbox(found));
    if (rows_.at(found).selectable) co_return failure(Error{ErrorCode::exists, "mailbox"});
    Transaction revived = begin_transaction();
    record::MailboxRow& row = mailbox_in(revived, found);
    row.selectable = true;
    row.role = role;
    row.uid_validity = new_uid_validity(revived);
    row.vanished_floor = revived.modseq;
    revived.change(found).mailbox_itself = true;
    revived.mailbox_list = true;
    CO_TRY_VOID(co_await commit(&revived));
    co_return found;
}

async::Awaitable<StoreResult<>> AccountState::rename_mailbox(MailboxId mailbox, std::string new_name) {
    const Lock lock = co_await writer_.lock();
    CO_TRY_VOID(co_await fresh());
    CO_TRY_VOID(find_mailbox(mailbox));
    new_name = canonical_mailbox_name(new_name);
    if (!is_mailbox_name(new_name)) co_return failure(Error{ErrorCode::invalid, "mailbox name"});
    if (find_name(new_name).value != 0) co_return failure(Error{ErrorCode::exists, "mailbox"});
    if (rows_.at(mailbox).role == Role::inbox) {
        co_return co_await rename_inbox(mailbox, std::move(new_name));
    }
    const std::string old_name = name_of(mailbox);
    if (new_name.starts_with(old_name + '/')) co_return failure(Error{ErrorCode::invalid, "a name below itself"});
    // Inferiors get longer names too; their limit holds as well.
    for (const auto& [id, row] : rows_)
        if (!row.removed && is_below(id, mailbox) && id != mailbox &&
            !is_mailbox_name(new_name + name_of(id).substr(old_name.size())))
            co_return failure(Error{ErrorCode::invalid, "the name of an inferior would be too long"});
    const std::size_t last = new_name.rfind('/');
    MailboxId parent;
    if (last != std::string::npos) {
        parent = find_name(std::string_view(new_name).substr(0, last));
        if (parent.value == 0) {
            CO_TRY(parent, co_await add_path(new_name.substr(0, last), Role::none));
        }
    }
    Transaction renamed = begin_transaction();
    record::MailboxRow& row = mailbox_in(renamed, mailbox);
    renamed.erase(record::name_key(row.parent, row.level));
    row.parent = parent;
    row.level = new_name.substr(last == std::string::npos ? 0 : last + 1);
    renamed.put(record::name_key(row.parent, row.level), record::encode_number(mailbox.value));
    for (const auto& [id, other] : rows_) {
        if (other.removed || !is_below(id, mailbox)) continue;
        renamed.change(id).mailbox_itself = true;
        const std::string name = new_name + name_of(id).substr(old_name.size());
        if (!subscribed_names_.contains(name) || damaged_.contains(id)) continue;
        mailbox_in(renamed, id).subscribed = true;
        renamed.erase(record::subscription_key(name));
        if (!renamed.subscribed_names) renamed.subscribed_names = subscribed_names_;
        renamed.subscribed_names->erase(name);
    }
    renamed.mailbox_list = true;
    co_return co_await commit(&renamed);
}

/// RFC 9051 §6.3.6: the messages move to a new mailbox, INBOX is left empty, and its inferiors stay where they are.
async::Awaitable<StoreResult<>> AccountState::rename_inbox(MailboxId inbox, std::string new_name) {
    CO_TRY(const MailboxId made, co_await add_path(std::move(new_name), Role::none));
    CO_TRY_VOID(co_await copy_locked(inbox, UidSet::all(), made, true));
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> AccountState::remove_mailbox(MailboxId mailbox) {
    const Lock lock = co_await writer_.lock();
    CO_TRY_VOID(co_await fresh());
    CO_TRY(const record::MailboxRow* found, find_mailbox(mailbox));
    const bool children = has_children(mailbox);
    if (found->role == Role::inbox) co_return failure(Error{ErrorCode::invalid, "INBOX cannot be removed"});
    if (children && !found->selectable) co_return failure(Error{ErrorCode::invalid, "the name has inferiors"});
    // First nobody sees it any more, then its messages go; sweep() ends what a crash interrupts.
    Transaction hidden = begin_transaction();
    record::MailboxRow& row = mailbox_in(hidden, mailbox);
    const Role role = std::exchange(row.role, Role::none);
    row.selectable = false;
    if (!children) {
        const std::string name = name_of(mailbox);
        row.removed = true;
        hidden.put(record::removed_mailbox_key(mailbox),
                   record::encode(record::RemovedMailboxRow{.role = role, .name = name}));
        hidden.erase(record::name_key(row.parent, row.level));
        if (row.subscribed) {
            // RFC 9051 §6.3.7: a subscription is not taken back because the mailbox is gone.
            hidden.put(record::subscription_key(name), record::encode_text(""));
            hidden.subscribed_names = subscribed_names_;
            hidden.subscribed_names->insert(name);
        }
    }
    hidden.change(mailbox).mailbox_itself = true;
    hidden.mailbox_list = true;
    CO_TRY_VOID(co_await commit(&hidden));
    co_return co_await finish_removal(mailbox);
}

async::Awaitable<StoreResult<>> AccountState::finish_removal(MailboxId mailbox) {
    CO_TRY(const ViewPtr view, co_await read_view(mailbox));
    Transaction whole = begin_transaction();
    for (const ViewPagePtr& page : view->pages()) {
        for (std::size_t at = 0; at < page->size(); at += unit_rows_max()) {
            std::vector<MessageRow> rows;
            for (std::size_t i = at; i < std::min(page->size(), at + unit_rows_max()); ++i)
                rows.push_back(page->row(i));
            Transaction part = Transaction::part_of(whole);
            CO_TRY_VOID(co_await expunge_part(&part, mailbox, rows, record::Gone::deleted));
            if (!fits(whole, part)) {
                CO_TRY_VOID(co_await commit(&whole));
                whole = begin_transaction();
                part = Transaction::part_of(whole);
                CO_TRY_VOID(co_await expunge_part(&part, mailbox, rows, record::Gone::deleted));
            }
            whole.merge(std::move(part));
        }
    }
    CO_TRY_VOID(co_await commit(&whole));
    // What is left of messages that cannot be read keeps its place for repair; sweep() comes back to it.
    const bool damaged = std::ranges::any_of(view->pages(), [](const ViewPagePtr& page) { return page->damaged(); });
    if (!rows_.at(mailbox).removed || damaged) co_return StoreResult<>{};
    Transaction gone = begin_transaction();
    gone.removed.insert(mailbox);
    co_return co_await commit(&gone);
}

async::Awaitable<StoreResult<>> AccountState::finish_removals() {
    std::vector<MailboxId> unfinished;
    for (const auto& [id, row] : rows_)
        if (row.removed || (!row.selectable && row.messages != 0)) unfinished.push_back(id);
    for (const MailboxId mailbox : unfinished)
        CO_TRY_VOID(co_await finish_removal(mailbox));
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> AccountState::subscribe(std::string name, bool subscribed) {
    const Lock lock = co_await writer_.lock();
    CO_TRY_VOID(co_await fresh());
    name = canonical_mailbox_name(name);
    if (!is_mailbox_name(name)) co_return failure(Error{ErrorCode::invalid, "mailbox name"});
    Transaction change = begin_transaction();
    change.mailbox_list = true;
    const MailboxId mailbox = find_name(name);
    if (mailbox.value != 0) {
        CO_TRY_VOID(find_mailbox(mailbox));
        if (rows_.at(mailbox).subscribed == subscribed) co_return StoreResult<>{};
        mailbox_in(change, mailbox).subscribed = subscribed;
        change.change(mailbox).mailbox_itself = true;
        co_return co_await commit(&change);
    }
    if (subscribed_names_.contains(name) == subscribed) co_return StoreResult<>{};
    if (subscribed && subscribed_names_.size() >= kSubscribedNamesMax)
        co_return failure(Error{ErrorCode::invalid, "too many subscriptions"});
    change.subscribed_names = subscribed_names_;
    if (subscribed) {
        change.put(record::subscription_key(name), record::encode_text(""));
        change.subscribed_names->insert(name);
    } else {
        change.erase(record::subscription_key(name));
        change.subscribed_names->erase(name);
    }
    co_return co_await commit(&change);
}

async::Awaitable<StoreResult<Uid>> AccountState::claim_recent(MailboxId mailbox) {
    const Lock lock = co_await writer_.lock();
    CO_TRY_VOID(co_await fresh());
    CO_TRY(const record::MailboxRow* found, find_mailbox(mailbox));
    const Uid first = found->first_recent;
    if (first == found->uid_next) co_return first;
    Transaction claim = begin_transaction();
    record::MailboxRow& row = mailbox_in(claim, mailbox);
    row.first_recent = row.uid_next;
    row.recent = 0;
    CO_TRY_VOID(co_await commit(&claim));
    co_return first;
}

} // namespace tegami::store
