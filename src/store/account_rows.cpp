// Reading what an account keeps in memory (its own row, mailboxes, subscriptions, keywords), as far as its records can
// be read.
//
// 1. Without its own row (A) an account cannot be opened: nobody knows which ids are free.
// 2. A mailbox whose row (B) cannot be read gets a row that only has its name, from the name index (N), so that the
//    ones below it keep theirs. It is in `damaged_`: no operation touches it, and nothing writes over its record.
// 3. A keyword whose record (K) cannot be read has an empty name, and its id is taken.
#include "store/account_state.h"
#include "store/engine/scan.h"

#include <fmt/format.h>

namespace tegami::store {

namespace {

/// Limit: rows of one scan.
constexpr std::size_t kScanRows = 200;

/// The id in a K key or in what is left of one.
std::size_t keyword_in(std::string_view key) {
    std::string id(key.substr(std::min<std::size_t>(1, key.size())));
    id.resize(4);
    return record::number32(id, 0) >> 16;
}

} // namespace

async::Awaitable<StoreResult<>> AccountState::read_rows() {
    CO_TRY(const Page found, co_await engine_->scan(domain_, {record::account_key(), record::behind("A"), 1, false}));
    if (found.rows.empty()) co_return failure(Error{ErrorCode::not_found, "account"});
    const auto account = record::decode_account(found.rows.front().value);
    if (!account) co_return failure(damaged_record(domain_, found.rows.front().key));
    CO_TRY(Mailboxes mailboxes, co_await read_mailboxes(MailboxId(account->next_mailbox - 1)));
    std::set<std::string> names;
    std::vector<DamagedKeys> lost; // subscriptions that cannot be read are none
    CO_TRY(const std::vector<Row> subscriptions, co_await scan_around("R", "S", &lost));
    for (const Row& row : subscriptions)
        names.insert(row.key.substr(1));
    CO_TRY(std::shared_ptr<const KeywordNames> keywords, co_await read_keywords());
    const std::lock_guard guard(guard_);
    version_ = found.version;
    row_ = *account;
    removed_ = account->removed;
    rows_ = std::move(mailboxes.rows);
    damaged_ = std::move(mailboxes.damaged);
    subscribed_names_ = std::move(names);
    keywords_ = std::move(keywords);
    email_cache_.clear();
    rebuild_infos();
    co_return removed_ ? StoreResult<>(failure(Error{ErrorCode::not_found, "account is removed"})) : StoreResult<>();
}

/// The rows that can be read; each range that cannot is told of and added to `damaged`.
async::Awaitable<StoreResult<std::vector<Row>>> AccountState::scan_around(std::string begin, std::string end,
                                                                          std::vector<DamagedKeys>* damaged) {
    std::vector<Row> rows;
    Scan scan(engine_, domain_, {std::move(begin), std::move(end), kScanRows, false, true});
    while (scan.more()) {
        CO_TRY(Page page, co_await scan.next());
        std::ranges::move(page.rows, std::back_inserter(rows));
        for (DamagedKeys& keys : page.damaged) {
            tell_damage(damaged_keys_name(domain_, keys));
            damaged->push_back(std::move(keys));
        }
    }
    co_return rows;
}

async::Awaitable<StoreResult<AccountState::Mailboxes>> AccountState::read_mailboxes(MailboxId last) {
    Mailboxes found;
    UidSet perhaps; // mailboxes that cannot be read, if they are there
    std::string prefix = record::mailbox_key(MailboxId()).substr(0, 1);
    CO_TRY(const std::vector<NumberedRow> rows, co_await read_numbered(std::move(prefix), 0, last.value, &perhaps));
    std::set<MailboxId> there;
    for (const auto& [number, row] : rows) {
        const MailboxId id(number);
        auto mailbox = record::decode_mailbox(id, row.value);
        if (mailbox) {
            found.rows.emplace(id, *std::move(mailbox));
            continue;
        }
        tell_damage(record_name(domain_, row.key));
        there.insert(id);
    }
    // Whoever is the parent of another is there.
    for (const auto& [id, row] : found.rows)
        if (row.parent.value != 0 && !found.rows.contains(row.parent)) there.insert(row.parent);
    if (!there.empty() || !perhaps.empty()) {
        CO_TRY_VOID(co_await name_damaged(&found, std::move(there), std::move(perhaps)));
    }
    co_return found;
}

/// Gives a row to the mailboxes that cannot be read: those that are `there`, those of `perhaps` that have a name, and
/// their parents.
async::Awaitable<StoreResult<>> AccountState::name_damaged(Mailboxes* mailboxes, std::set<MailboxId> there,
                                                           UidSet perhaps) {
    std::vector<DamagedKeys> lost;
    CO_TRY(const std::vector<Row> rows, co_await scan_around("N", "O", &lost));
    std::map<MailboxId, std::pair<MailboxId, std::string>> names;
    for (const Row& row : rows) {
        const auto number = record::decode_number(row.value);
        if (!number) continue;
        const MailboxId id(static_cast<std::uint32_t>(*number));
        names.emplace(id, std::pair{MailboxId(record::number32(row.key, 1)), row.key.substr(5)});
        if (perhaps.contains(Uid(id.value)) && !mailboxes->rows.contains(id)) there.insert(id);
    }
    while (!there.empty()) {
        const MailboxId id = there.extract(there.begin()).value();
        record::MailboxRow row{.id = id, .level = fmt::format("Damaged {}", id.value), .selectable = false};
        if (const auto name = names.find(id); name != names.end()) {
            row.parent = name->second.first;
            row.level = name->second.second;
        }
        if (row.parent.value == 0 && row.level == "INBOX") row.role = Role::inbox;
        if (row.parent.value != 0 && !mailboxes->rows.contains(row.parent)) there.insert(row.parent);
        mailboxes->rows.emplace(id, std::move(row));
        mailboxes->damaged.insert(id);
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<std::shared_ptr<const KeywordNames>>> AccountState::read_keywords() {
    auto keywords = std::make_shared<KeywordNames>();
    const auto set = [&](std::size_t id, std::string name) {
        if (keywords->size() <= id) keywords->resize(id + 1);
        (*keywords)[id] = std::move(name);
    };
    std::vector<DamagedKeys> damaged;
    CO_TRY(const std::vector<Row> rows, co_await scan_around("K", "L", &damaged));
    for (const Row& row : rows) {
        auto word = record::decode_text(row.value);
        if (!word) tell_damage(record_name(domain_, row.key));
        set(keyword_in(row.key), word.value_or(""));
    }
    // The engine may know single keys where it cannot walk. What it does not know counts as taken.
    for (const DamagedKeys& keys : damaged) {
        const std::size_t first = keys.begin <= "K" ? 0 : keyword_in(keys.begin);
        for (std::size_t id = first; id < kKeywordsPerAccountMax; ++id) {
            const std::string key = record::keyword_key(static_cast<std::uint16_t>(id));
            if (!keys.end.empty() && key >= keys.end) break;
            const auto value = co_await engine_->get(domain_, key);
            if (!value && value.error().code != ErrorCode::damaged) co_return failure(value.error());
            if (value && !*value) continue;
            set(id, value ? record::decode_text(**value).value_or("") : "");
        }
    }
    co_return keywords;
}

} // namespace tegami::store
