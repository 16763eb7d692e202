// Reading the messages of a mailbox, as far as its records can be read.
//
// 1. A page with a record that cannot be read is marked damaged: its messages that can be read are shown; the others
//    are neither shown nor expunged, and stay in the mailbox's counts. Nothing writes over the damaged record.
// 2. A D record is a whole message, so a damaged P hides only the messages without one; a damaged D hides one.
#include "store/account_state.h"
#include "store/engine/scan.h"

namespace tegami::store {

namespace {

/// Limit: rows of one scan; a page of a thousand rows of pages would keep the thread for milliseconds.
constexpr std::size_t kScanRows = 200;
/// Pages taken apart before others on this thread get their turn.
constexpr std::size_t kPagesPerTurn = 128;
/// Limit: keys looked up one by one where a scan cannot read; beyond, all of them count as unreadable.
constexpr std::uint64_t kProbesMax = 100'000;
constexpr std::uint64_t kNumbers = std::uint64_t{1} << 32;

std::string numbered_key(const std::string& prefix, std::uint64_t number) {
    if (number >= kNumbers) return record::behind(prefix);
    std::string key = prefix;
    for (int shift = 24; shift >= 0; shift -= 8)
        key.push_back(static_cast<char>(number >> shift));
    return key;
}

/// The lowest number whose key is not below `key`.
std::uint64_t lowest_number(const std::string& prefix, std::string_view key) {
    if (key <= std::string_view(prefix)) return 0;
    if (!key.starts_with(prefix)) return kNumbers;
    std::string number(key.substr(prefix.size()));
    const bool between = number.size() > 4;
    number.resize(4);
    return std::uint64_t{record::number32(number, 0)} + (between ? 1 : 0);
}

} // namespace

void AccountState::tell_damage(std::string record) const {
    if (options_.log != nullptr)
        options_.log->error("damage in the store: this cannot be read", {{"record", std::move(record)}});
}

async::Awaitable<StoreResult<std::vector<AccountState::NumberedRow>>>
AccountState::read_numbered(std::string prefix, std::uint32_t first, std::uint32_t last, UidSet* unreadable) {
    std::vector<NumberedRow> rows;
    std::vector<std::uint32_t> probed;
    std::string begin = numbered_key(prefix, first);
    std::string end = numbered_key(prefix, std::uint64_t{last} + 1);
    Scan scan(engine_, domain_, {std::move(begin), std::move(end), kScanRows, false, true});
    while (scan.more()) {
        CO_TRY(Page page, co_await scan.next());
        for (Row& row : page.rows)
            rows.push_back({record::number32(row.key, prefix.size()), std::move(row)});
        for (const DamagedKeys& keys : page.damaged) {
            tell_damage(damaged_keys_name(domain_, keys));
            const std::uint64_t from = std::max<std::uint64_t>(first, lowest_number(prefix, keys.begin));
            const std::uint64_t to = std::min(std::uint64_t{last} + 1, lowest_number(prefix, keys.end));
            if (from >= to) continue;
            if (probed.size() + to - from > kProbesMax) {
                unreadable->add(
                    UidRange{Uid(static_cast<std::uint32_t>(from)), Uid(static_cast<std::uint32_t>(to - 1))});
                continue;
            }
            for (std::uint64_t number = from; number < to; ++number)
                probed.push_back(static_cast<std::uint32_t>(number));
        }
    }
    // The engine may know single keys where it cannot walk: that there is none, or a younger value.
    for (const std::uint32_t number : probed) {
        std::string key = numbered_key(prefix, number);
        const auto value = co_await engine_->get(domain_, key);
        if (!value && value.error().code != ErrorCode::damaged) co_return failure(value.error());
        if (!value)
            unreadable->add(Uid(number));
        else if (*value)
            rows.push_back({number, {std::move(key), **value}});
    }
    if (!probed.empty()) std::ranges::sort(rows, {}, &NumberedRow::number);
    co_return rows;
}

ViewPagePtr AccountState::make_page(std::uint32_t number, PageColumns columns, const std::vector<record::Delta>* deltas,
                                    const Damage& damage) const {
    std::size_t records = 0;
    if (deltas != nullptr) {
        columns = record::overlay(std::move(columns), *deltas);
        records = deltas->size();
    }
    if (!damage.pages.contains(number)) {
        if (columns.count() == 0) return nullptr;
        return std::make_shared<ViewPage>(std::move(columns), static_cast<std::uint32_t>(records));
    }
    PageColumns known{.first_uid = columns.first_uid};
    for (std::size_t at = 0; at < columns.count(); ++at)
        if (!damage.uids.contains(Uid(columns.first_uid + columns.offset[at]))) known.push_back(columns.row(at));
    return std::make_shared<ViewPage>(std::move(known), static_cast<std::uint32_t>(records), true);
}

async::Awaitable<StoreResult<AccountState::Pages>> AccountState::read_pages(MailboxId mailbox, std::uint32_t first,
                                                                            std::uint32_t last) {
    Damage damage;
    std::map<std::uint32_t, std::vector<record::Delta>> deltas;
    std::string prefix = record::delta_key(mailbox, Uid(0)).substr(0, 5);
    const Uid last_uid(first_uid(last) + (row_.page_uids() - 1));
    CO_TRY(const std::vector<NumberedRow> delta_rows,
           co_await read_numbered(std::move(prefix), first_uid(first), last_uid.value, &damage.uids));
    for (const auto& [uid, row] : delta_rows) {
        auto delta = record::decode_delta(Uid(uid), row.value);
        if (delta) {
            deltas[page_of(Uid(uid))].push_back(*std::move(delta));
            continue;
        }
        tell_damage(record_name(domain_, row.key));
        damage.uids.add(Uid(uid));
    }
    for (const UidRange& range : damage.uids.ranges())
        for (std::uint64_t page = page_of(range.first); page <= page_of(range.last); ++page)
            damage.pages.insert(static_cast<std::uint32_t>(page));
    UidSet unreadable;
    prefix = record::page_key(mailbox, 0).substr(0, 5);
    CO_TRY(std::vector<NumberedRow> page_rows, co_await read_numbered(std::move(prefix), first, last, &unreadable));
    for (const UidRange& range : unreadable.ranges())
        for (std::uint64_t page = range.first.value; page <= range.last.value; ++page)
            damage.pages.insert(static_cast<std::uint32_t>(page));
    Pages pages;
    const auto add = [&](std::uint32_t number, PageColumns columns) {
        const auto over = deltas.find(number);
        const std::vector<record::Delta>* const rows = over == deltas.end() ? nullptr : &over->second;
        if (ViewPagePtr page = make_page(number, std::move(columns), rows, damage))
            pages.emplace(number, std::move(page));
    };
    std::size_t taken = 0;
    for (auto& [number, row] : page_rows) {
        if (++taken % kPagesPerTurn == 0) {
            co_await async::give_way();
        }
        auto page = record::open_page(first_uid(number), row_.page_uids(), std::move(row.value));
        if (page && page->columns.count() != 0 && !deltas.contains(number) && !damage.pages.contains(number)) {
            pages.emplace(number, std::make_shared<ViewPage>(*std::move(page)));
            continue;
        }
        if (page) {
            record::read_later(page->later, page->columns);
            add(number, std::move(page->columns));
            continue;
        }
        tell_damage(record_name(domain_, row.key));
        damage.pages.insert(number);
    }
    for (const auto& [number, rows] : deltas)
        if (!pages.contains(number)) add(number, PageColumns{.first_uid = first_uid(number)});
    for (const std::uint32_t number : damage.pages)
        if (!pages.contains(number)) add(number, PageColumns{.first_uid = first_uid(number)});
    co_return pages;
}

async::Awaitable<StoreResult<ViewPtr>> AccountState::read_view(MailboxId mailbox) {
    const record::MailboxRow row = rows_.at(mailbox);
    const std::uint32_t last = page_of(Uid(std::max(row.uid_next.value, 2u) - 1));
    CO_TRY(Pages read, co_await read_pages(mailbox, 0, last));
    std::vector<ViewPagePtr> pages;
    pages.reserve(read.size() + 1);
    for (auto& [number, page] : read)
        pages.push_back(std::move(page));
    co_return std::make_shared<MailboxView>(mailbox, version_, row.uid_validity, row.uid_next, keywords_,
                                            row_.page_uids(), std::move(pages));
}

} // namespace tegami::store
