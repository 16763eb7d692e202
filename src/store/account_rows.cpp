#include "store/account_rows.h"

#include "base/ascii.h"
#include "store/engine/scan.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::store {

namespace {

/// The id in a K key or in what is left of one.
std::size_t keyword_in(std::string_view key) {
    std::string id(key.substr(std::min<std::size_t>(1, key.size())));
    id.resize(4);
    return record::number32(id, 0) >> 16;
}

/// Gives a row to the mailboxes that cannot be read: those that are
/// `there`, those of `perhaps` that have a name, and their parents.
async::Awaitable<StoreResult<>> name_damaged(RecordReader reader, AccountRows* rows, std::set<MailboxId> there,
                                             UidSet perhaps) {
    std::vector<DamagedKeys> lost;
    CO_TRY(const std::vector<Row> index, co_await reader.around("N", "O", &lost));
    std::map<MailboxId, std::pair<MailboxId, std::string>> names;
    for (const Row& row : index) {
        const auto number = record::decode_number(row.value);
        if (!number) continue;
        const MailboxId id(static_cast<std::uint32_t>(*number));
        names.emplace(id, std::pair{MailboxId(record::number32(row.key, 1)), row.key.substr(5)});
        if (perhaps.contains(Uid(id.value)) && !rows->mailboxes.contains(id)) there.insert(id);
    }
    while (!there.empty()) {
        const MailboxId id = there.extract(there.begin()).value();
        record::MailboxRow row{.id = id, .level = fmt::format("Damaged {}", id.value), .selectable = false};
        if (const auto name = names.find(id); name != names.end()) {
            row.parent = name->second.first;
            row.level = name->second.second;
        }
        if (row.parent.value == 0 && row.level == "INBOX") row.role = Role::inbox;
        if (row.parent.value != 0 && !rows->mailboxes.contains(row.parent)) there.insert(row.parent);
        rows->mailboxes.emplace(id, std::move(row));
        rows->damaged.insert(id);
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> read_mailboxes(RecordReader reader, AccountRows* rows) {
    UidSet perhaps; // mailboxes that cannot be read, if they are there
    std::string prefix = record::mailbox_key(MailboxId()).substr(0, 1);
    CO_TRY(const std::vector<NumberedRow> found,
           co_await reader.numbered(std::move(prefix), 0, rows->account.next_mailbox - 1, &perhaps));
    std::set<MailboxId> there;
    for (const auto& [number, row] : found) {
        const MailboxId id(number);
        auto mailbox = record::decode_mailbox(id, row.value);
        if (mailbox) {
            rows->mailboxes.emplace(id, *std::move(mailbox));
            continue;
        }
        reader.tell_damage(record_name(rows->domain, row.key));
        there.insert(id);
    }
    // Whoever is the parent of another is there.
    for (const auto& [id, row] : rows->mailboxes)
        if (row.parent.value != 0 && !rows->mailboxes.contains(row.parent)) there.insert(row.parent);
    if (!there.empty() || !perhaps.empty()) {
        CO_TRY_VOID(co_await name_damaged(reader, rows, std::move(there), std::move(perhaps)));
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<std::shared_ptr<const KeywordNames>>> read_keywords(RecordReader reader) {
    auto keywords = std::make_shared<KeywordNames>();
    const auto set = [&](std::size_t id, std::string name) {
        if (keywords->size() <= id) keywords->resize(id + 1);
        (*keywords)[id] = std::move(name);
    };
    std::vector<DamagedKeys> damaged;
    CO_TRY(const std::vector<Row> rows, co_await reader.around("K", "L", &damaged));
    for (const Row& row : rows) {
        auto word = record::decode_text(row.value);
        if (!word) reader.tell_damage(record_name(reader.domain(), row.key));
        set(keyword_in(row.key), word.value_or(""));
    }
    // The engine may know single keys where it cannot walk. What it does not know counts as taken.
    for (const DamagedKeys& keys : damaged) {
        const std::size_t first = keys.begin <= "K" ? 0 : keyword_in(keys.begin);
        for (std::size_t id = first; id < kKeywordsPerAccountMax; ++id) {
            const std::string key = record::keyword_key(static_cast<std::uint16_t>(id));
            if (!keys.end.empty() && key >= keys.end) break;
            const auto value = co_await reader.get(key);
            if (!value && value.error().code != ErrorCode::damaged) co_return failure(value.error());
            if (value && !*value) continue;
            set(id, value ? record::decode_text(**value).value_or("") : "");
        }
    }
    co_return keywords;
}

} // namespace

async::Awaitable<StoreResult<AccountRows>> read_account_rows(Engine* engine, Domain domain, Log* log) {
    Scan own(engine, domain, {record::account_key(), record::behind(record::account_key()), 1});
    CO_TRY(const Page found, co_await own.next());
    if (found.rows.empty()) co_return failure(Error{ErrorCode::not_found, "account"});
    const auto account = record::decode_account(found.rows.front().value);
    if (!account) co_return failure(damaged_record(domain, found.rows.front().key));
    AccountRows rows{.domain = domain, .version = found.version, .account = *account};
    const RecordReader reader(engine, domain, found.version, log);
    CO_TRY_VOID(co_await read_mailboxes(reader, &rows));
    std::vector<DamagedKeys> lost; // subscriptions that cannot be read are none
    CO_TRY(const std::vector<Row> subscriptions, co_await reader.around("R", "S", &lost));
    for (const Row& row : subscriptions)
        rows.subscribed_names.insert(row.key.substr(1));
    CO_TRY(rows.keywords, co_await read_keywords(reader));
    co_return rows;
}

StoreResult<const record::MailboxRow*> AccountRows::find(MailboxId mailbox) const {
    const auto found = mailboxes.find(mailbox);
    if (found == mailboxes.end() || found->second.removed) return failure(Error{ErrorCode::not_found, "mailbox"});
    if (damaged.contains(mailbox)) return failure(damaged_record(domain, record::mailbox_key(mailbox)));
    return &found->second;
}

StoreResult<const record::MailboxRow*> AccountRows::find_selectable(MailboxId mailbox) const {
    TRY(const record::MailboxRow* const found, find(mailbox));
    if (!found->selectable) return failure(Error{ErrorCode::invalid, "mailbox only holds inferiors"});
    return found;
}

MailboxId AccountRows::find_child(MailboxId parent, std::string_view level) const {
    for (const auto& [id, row] : mailboxes)
        if (row.parent == parent && row.level == level && !row.removed) return id;
    return {};
}

MailboxId AccountRows::find_name(std::string_view name) const {
    MailboxId at;
    for (const std::string_view level : ascii::split(name, '/')) {
        at = find_child(at, level);
        if (at.value == 0) break;
    }
    return at;
}

std::string AccountRows::name_of(MailboxId mailbox) const {
    std::string name;
    while (mailbox.value != 0) {
        const record::MailboxRow& row = mailboxes.at(mailbox);
        name = name.empty() ? row.level : row.level + '/' + name;
        mailbox = row.parent;
    }
    return name;
}

bool AccountRows::has_children(MailboxId mailbox) const {
    return std::ranges::any_of(
        mailboxes, [&](const auto& entry) { return entry.second.parent == mailbox && !entry.second.removed; });
}

bool AccountRows::is_below(MailboxId mailbox, MailboxId ancestor) const {
    while (mailbox.value != 0 && mailbox != ancestor)
        mailbox = mailboxes.at(mailbox).parent;
    return mailbox == ancestor;
}

bool AccountRows::has_role(Role role) const {
    return std::ranges::any_of(mailboxes,
                               [&](const auto& entry) { return entry.second.role == role && !entry.second.removed; });
}

} // namespace tegami::store
