#include "store/account_state.h"

#include <algorithm>
#include <bit>

namespace tegami::store {

namespace {

constexpr std::uint8_t kPageBitsMax = 10;
constexpr std::uint8_t kEmailBitsMax = 8;

/// The largest exponent up to `bits_max` of a page whose worst case still fits one value of the engine.
std::uint8_t page_bits(std::size_t value_bytes_max, std::size_t row_bytes, std::uint8_t bits_max) {
    const std::size_t rows = std::max<std::size_t>(4, value_bytes_max / row_bytes);
    return std::min(bits_max, static_cast<std::uint8_t>(std::bit_width(rows) - 1));
}

/// Sets the flag unless it is told that all went well, however the scope is left.
class UnlessDone {
public:
    explicit UnlessDone(bool* flag) : flag_(flag) { *flag_ = true; }

    UnlessDone(const UnlessDone&) = delete;
    UnlessDone& operator=(const UnlessDone&) = delete;

    void done() { *flag_ = false; }

private:
    bool* flag_;
};

} // namespace

AccountState::AccountState(Engine* engine, Clock* clock, AccountOptions options, AccountId id)
    : engine_(engine), clock_(clock), options_(options), id_(id), domain_{DomainKind::account, id.value},
      limits_(engine->limits()) {}

async::Awaitable<StoreResult<>> AccountState::create(Quota quota) {
    const Lock lock = co_await writer_.lock();
    CO_TRY(const Page found, co_await engine_->scan(domain_, {record::account_key(), record::behind("A"), 1, false}));
    if (!found.rows.empty()) co_return failure(Error{ErrorCode::exists, "account"});
    version_ = found.version;
    Transaction whole(version_.next(), {});
    whole.account.created = clock_->now();
    whole.account.quota = quota;
    whole.account.page_bits = page_bits(limits_.value_bytes_max, record::kPageRowBytesMax, kPageBitsMax);
    whole.account.email_bits = page_bits(limits_.value_bytes_max, record::kEmailRowBytesMax, kEmailBitsMax);
    whole.account.log_floor = version_;
    static const std::pair<const char*, Role> kFirst[] = {{"INBOX", Role::inbox}, {"Drafts", Role::drafts},
                                                          {"Sent", Role::sent},   {"Junk", Role::junk},
                                                          {"Trash", Role::trash}, {"Archive", Role::archive}};
    for (const auto& [name, role] : kFirst) {
        Transaction part = Transaction::part_of(whole);
        CO_TRY_VOID(add_mailbox(part, MailboxId(), name, role, true));
        if (!fits(whole, part)) {
            CO_TRY_VOID(co_await commit(&whole));
            whole = begin_transaction();
            part = Transaction::part_of(whole);
            CO_TRY_VOID(add_mailbox(part, MailboxId(), name, role, true));
        }
        whole.merge(std::move(part));
    }
    co_return co_await commit(&whole);
}

async::Awaitable<StoreResult<>> AccountState::load() {
    const Lock lock = co_await writer_.lock();
    co_return co_await read_rows();
}

async::Awaitable<StoreResult<>> AccountState::fresh() {
    CO_TRY_VOID(check_shown());
    co_return co_await refresh();
}

async::Awaitable<StoreResult<>> AccountState::refresh() {
    if (removed_) co_return failure(Error{ErrorCode::not_found, "account is removed"});
    if (!stale_) co_return StoreResult<>{};
    CO_TRY_VOID(co_await read_rows());
    CO_TRY_VOID(co_await read_views_again());
    stale_ = false;
    tell_everything();
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> AccountState::read_views_again() {
    std::vector<MailboxId> mailboxes;
    {
        const std::lock_guard guard(guard_);
        for (const auto& [mailbox, open] : open_)
            mailboxes.push_back(mailbox);
    }
    for (const MailboxId mailbox : mailboxes) {
        const auto row = rows_.find(mailbox);
        const bool gone = row == rows_.end() || row->second.removed || !row->second.selectable;
        if (!gone) {
            CO_TRY(ViewPtr view, co_await read_view(mailbox));
            const std::lock_guard guard(guard_);
            if (const auto open = open_.find(mailbox); open != open_.end()) open->second->view = std::move(view);
        } else {
            const std::lock_guard guard(guard_);
            open_.erase(mailbox);
        }
    }
    co_return StoreResult<>{};
}

std::string AccountState::name_of(MailboxId mailbox) const {
    std::string name;
    while (mailbox.value != 0) {
        const record::MailboxRow& row = rows_.at(mailbox);
        name = name.empty() ? row.level : row.level + '/' + name;
        mailbox = row.parent;
    }
    return name;
}

MailboxPtr AccountState::make_info(const record::MailboxRow& row) const {
    auto info = std::make_shared<MailboxInfo>();
    info->id = row.id;
    info->parent = row.parent;
    info->name = name_of(row.id);
    info->role = row.role;
    info->subscribed = row.subscribed;
    info->selectable = row.selectable;
    info->damaged = damaged_.contains(row.id);
    info->uid_validity = row.uid_validity;
    info->uid_next = row.uid_next;
    info->highest_modseq = row.highest_modseq;
    info->first_recent = row.first_recent;
    info->messages = row.messages;
    info->unseen = row.unseen;
    info->deleted = row.deleted;
    info->recent = row.recent;
    info->size_bytes = row.size_bytes;
    return info;
}

void AccountState::rebuild_infos() {
    infos_.clear();
    for (const auto& [id, row] : rows_)
        if (!row.removed) infos_.emplace(id, make_info(row));
    list_ = nullptr;
}

StoreResult<const record::MailboxRow*> AccountState::find_mailbox(MailboxId mailbox) const {
    const auto found = rows_.find(mailbox);
    if (found == rows_.end() || found->second.removed) return failure(Error{ErrorCode::not_found, "mailbox"});
    if (damaged_.contains(mailbox)) return failure(damaged_record(domain_, record::mailbox_key(mailbox)));
    return &found->second;
}

void AccountState::write_rows(Transaction& transaction) const {
    record::LogRow log{.time = clock_->now(), .mailbox_list = transaction.mailbox_list, .mailboxes = {}};
    for (auto& [mailbox, change] : transaction.changes) {
        const bool messages = !change.appended.empty() || !change.changed.empty() || !change.expunged.empty();
        if (!messages) continue;
        log.mailboxes.push_back({mailbox, change.appended, change.changed, change.expunged});
        if (const auto row = transaction.mailboxes.find(mailbox); row != transaction.mailboxes.end())
            row->second.highest_modseq = transaction.modseq;
    }
    for (const auto& [mailbox, row] : transaction.mailboxes) {
        const auto old = rows_.find(mailbox);
        if (damaged_.contains(mailbox)) continue;
        if (!transaction.removed.contains(mailbox) && (old == rows_.end() || old->second != row))
            transaction.put(record::mailbox_key(mailbox), record::encode(row));
    }
    for (const MailboxId mailbox : transaction.removed)
        transaction.erase(record::mailbox_key(mailbox));
    if (transaction.account != row_) transaction.put(record::account_key(), record::encode(transaction.account));
    if (log.mailbox_list || !log.mailboxes.empty())
        transaction.put(record::log_key(transaction.modseq), record::encode(log));
}

bool AccountState::fits(const Transaction& whole, const Transaction& part) const {
    if (whole.operations.empty() && whole.mailboxes.empty()) return true; // nothing to commit first
    // What write_rows() adds: the account, the mailboxes and the log entry with its ranges.
    std::size_t ranges = 0;
    for (const Transaction* each : {&whole, &part})
        for (const auto& [mailbox, change] : each->changes)
            ranges +=
                change.appended.ranges().size() + change.changed.ranges().size() + change.expunged.ranges().size();
    std::size_t bytes = whole.bytes + part.bytes + 100 + 40 + ranges * 10;
    for (const auto& [mailbox, row] : part.mailboxes)
        bytes += 80 + row.level.size() + 20;
    const std::size_t operations = whole.operations.size() + part.operations.size() + part.mailboxes.size() + 2;
    return bytes <= limits_.batch_bytes_max && operations <= limits_.batch_operations_max &&
           ranges * 10 + 100 <= limits_.value_bytes_max;
}

async::Awaitable<StoreResult<>> AccountState::commit(Transaction* transaction) {
    write_rows(*transaction);
    if (transaction->operations.empty()) co_return StoreResult<>{};
    Batch batch{.domain = domain_, .expected = version_, .assertions = {}, .operations = {}};
    batch.operations = std::move(transaction->operations);
    // An exception out of the engine (cancellation) leaves open whether the batch is durable.
    UnlessDone unknown(&stale_);
    const StoreResult<Version> version = co_await engine_->commit(std::move(batch));
    if (!version) {
        if (version.error().code != ErrorCode::conflict) unknown.done();
        co_return failure(version.error());
    }
    unknown.done();
    publish(*transaction, *version);
    co_return StoreResult<>{};
}

void AccountState::publish_view(Transaction& transaction, MailboxId mailbox) {
    const auto open = open_.find(mailbox);
    if (open == open_.end()) return;
    const MailboxView& old = *open->second->view;
    std::vector<ViewPagePtr> pages;
    pages.reserve(old.pages().size() + 1);
    auto changed = transaction.pages.lower_bound({mailbox, 0});
    const auto take_changed_to = [&](std::uint64_t page) {
        for (; changed != transaction.pages.end() && changed->first.first == mailbox && changed->first.second < page;
             ++changed)
            if (changed->second) pages.push_back(changed->second);
    };
    for (const ViewPagePtr& page : old.pages()) {
        const std::uint32_t number = page_of(Uid(page->first_uid()));
        take_changed_to(number);
        const bool replaced = changed != transaction.pages.end() && changed->first == PagePlace{mailbox, number};
        if (!replaced) pages.push_back(page);
        take_changed_to(std::uint64_t{number} + 1);
    }
    take_changed_to(std::uint64_t{1} << 32);
    const record::MailboxRow& row = rows_.at(mailbox);
    open->second->view = std::make_shared<MailboxView>(mailbox, version_, row.uid_validity, row.uid_next, keywords_,
                                                       row_.page_uids(), std::move(pages));
}

void AccountState::publish(Transaction& transaction, Version version) {
    auto told = std::make_shared<Change>();
    told->version = version;
    told->mailbox_list = transaction.mailbox_list;
    {
        const std::lock_guard guard(guard_);
        version_ = version;
        row_ = transaction.account;
        removed_ = row_.removed;
        if (transaction.keywords) keywords_ = std::move(transaction.keywords);
        if (transaction.subscribed_names) subscribed_names_ = *std::move(transaction.subscribed_names);
        for (auto& [id, row] : transaction.mailboxes)
            rows_.insert_or_assign(id, row);
        for (const MailboxId id : transaction.removed)
            rows_.erase(id);
        for (const auto& [page, emails] : transaction.email_pages)
            email_cache_.erase(page);
        if (transaction.mailbox_list) {
            rebuild_infos();
        } else {
            for (const auto& [id, row] : transaction.mailboxes)
                if (const auto info = infos_.find(id); info != infos_.end()) info->second = make_info(rows_.at(id));
        }
        list_ = nullptr;
        for (auto& [id, row] : transaction.mailboxes) {
            if (rows_.contains(id) && !row.removed && row.selectable)
                publish_view(transaction, id);
            else
                open_.erase(id);
        }
        for (auto& [id, change] : transaction.changes) {
            if (const auto info = infos_.find(id); info != infos_.end()) change.info = info->second;
            if (const auto open = open_.find(id); open != open_.end()) change.view = open->second->view;
            told->mailboxes.push_back(std::move(change));
        }
    }
    if (!told->mailboxes.empty() || told->mailbox_list) tell(told);
}

void AccountState::tell(const ChangePtr& change) {
    std::vector<ListenerPtr> listeners;
    {
        const std::lock_guard guard(guard_);
        std::erase_if(listeners_, [](const ListenerEntry& entry) { return entry.listener.expired(); });
        for (const ListenerEntry& entry : listeners_) {
            const bool concerned = entry.mailbox.value == 0 || change->everything || change->find(entry.mailbox);
            if (!concerned) continue;
            if (ListenerPtr listener = entry.listener.lock()) listeners.push_back(std::move(listener));
        }
    }
    for (const ListenerPtr& listener : listeners)
        listener->post(change);
}

void AccountState::tell_everything() {
    auto change = std::make_shared<Change>();
    change->version = version_;
    change->mailbox_list = true;
    change->everything = true;
    tell(change);
}

const MailboxChange* Change::find(MailboxId mailbox) const {
    const auto found = std::ranges::find(mailboxes, mailbox, &MailboxChange::mailbox);
    return found == mailboxes.end() ? nullptr : &*found;
}

QuotaUse AccountState::quota() const {
    const std::lock_guard guard(guard_);
    return {row_.quota, row_.bytes, row_.messages};
}

async::Awaitable<StoreResult<>> AccountState::set_quota(Quota quota) {
    const Lock lock = co_await writer_.lock();
    CO_TRY_VOID(co_await fresh());
    Transaction change = begin_transaction();
    change.account.quota = quota;
    co_return co_await commit(&change);
}

std::shared_ptr<const MailboxList> AccountState::mailboxes() const {
    const std::lock_guard guard(guard_);
    if (!list_) {
        std::vector<MailboxPtr> mailboxes;
        mailboxes.reserve(infos_.size());
        for (const auto& [id, info] : infos_)
            mailboxes.push_back(info);
        list_ = std::make_shared<MailboxList>(
            std::move(mailboxes), std::vector<std::string>(subscribed_names_.begin(), subscribed_names_.end()),
            version_);
    }
    return list_;
}

ListenerPtr AccountState::listen(MailboxId mailbox, async::Executor executor) {
    auto listener = std::make_shared<Listener>(std::move(executor), kChangesWaitingMax);
    const std::lock_guard guard(guard_);
    std::erase_if(listeners_, [](const ListenerEntry& entry) { return entry.listener.expired(); });
    listeners_.push_back({mailbox, listener});
    return listener;
}

ViewPtr AccountState::view(const OpenState& open) const {
    const std::lock_guard guard(guard_);
    return open.view;
}

ViewPtr AccountState::loaded_view(MailboxId mailbox) const {
    const std::lock_guard guard(guard_);
    const auto open = open_.find(mailbox);
    return open == open_.end() ? nullptr : open->second->view;
}

std::size_t AccountState::trim() {
    {
        const std::lock_guard guard(guard_);
        std::erase_if(open_, [](const auto& entry) { return entry.second.use_count() == 1; });
    }
    return memory_bytes();
}

std::size_t AccountState::memory_bytes() const {
    const std::lock_guard guard(guard_);
    std::size_t bytes = 0;
    for (const auto& [id, open] : open_)
        bytes += open->view->memory_bytes();
    return bytes;
}

bool AccountState::is_removed() const {
    const std::lock_guard guard(guard_);
    return removed_;
}

void AccountState::set_hidden(bool hidden) {
    const std::lock_guard guard(guard_);
    hidden_ = hidden;
}

StoreResult<> AccountState::check_shown() const {
    const std::lock_guard guard(guard_);
    if (hidden_) return failure(Error{ErrorCode::not_found, "account is removed"});
    return {};
}

async::Awaitable<StoreResult<OpenStatePtr>> AccountState::open(MailboxId mailbox) {
    CO_TRY_VOID(check_shown());
    {
        const std::lock_guard guard(guard_);
        if (const auto found = open_.find(mailbox); found != open_.end() && !removed_) co_return found->second;
    }
    const Lock lock = co_await writer_.lock();
    CO_TRY_VOID(co_await fresh());
    co_return co_await open_locked(mailbox);
}

async::Awaitable<StoreResult<OpenStatePtr>> AccountState::open_locked(MailboxId mailbox) {
    CO_TRY(const record::MailboxRow* row, find_mailbox(mailbox));
    if (!row->selectable) co_return failure(Error{ErrorCode::invalid, "mailbox only holds inferiors"});
    {
        const std::lock_guard guard(guard_);
        if (const auto found = open_.find(mailbox); found != open_.end()) co_return found->second;
    }
    CO_TRY(ViewPtr view, co_await read_view(mailbox));
    auto opened = std::make_shared<OpenState>(OpenState{std::move(view)});
    const std::lock_guard guard(guard_);
    open_.emplace(mailbox, opened);
    co_return opened;
}

} // namespace tegami::store
