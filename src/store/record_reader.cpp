#include "store/record_reader.h"

#include "store/account_records.h"
#include "store/engine/scan.h"

#include <algorithm>

namespace tegami::store {

namespace {

/// Limit: rows of one scan; a page of a thousand rows of pages would keep the thread for milliseconds.
constexpr std::size_t kScanRows = 200;
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

void RecordReader::tell_damage(std::string record) const {
    if (log_ != nullptr) log_->error("damage in the store: this cannot be read", {{"record", std::move(record)}});
}

async::Awaitable<StoreResult<std::vector<Row>>> RecordReader::around(std::string begin, std::string end,
                                                                     std::vector<DamagedKeys>* damaged) const {
    std::vector<Row> rows;
    Scan scan(engine_, domain_, {std::move(begin), std::move(end), kScanRows, false, true}, version_);
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

async::Awaitable<StoreResult<std::vector<NumberedRow>>>
RecordReader::numbered(std::string prefix, std::uint32_t first, std::uint32_t last, UidSet* unreadable) const {
    std::vector<NumberedRow> rows;
    std::vector<std::uint32_t> probed;
    std::string begin = numbered_key(prefix, first);
    std::string end = numbered_key(prefix, std::uint64_t{last} + 1);
    Scan scan(engine_, domain_, {std::move(begin), std::move(end), kScanRows, false, true}, version_);
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
    if (!probed.empty()) {
        CO_TRY_VOID(co_await probe(std::move(prefix), std::move(probed), &rows, unreadable));
    }
    co_return rows;
}

/// The engine may know single keys where it cannot walk: that there is none, or a younger value.
async::Awaitable<StoreResult<>> RecordReader::probe(std::string prefix, std::vector<std::uint32_t> numbers,
                                                    std::vector<NumberedRow>* rows, UidSet* unreadable) const {
    for (const std::uint32_t number : numbers) {
        std::string key = numbered_key(prefix, number);
        const auto value = co_await engine_->get(domain_, key);
        if (!value && value.error().code != ErrorCode::damaged) co_return failure(value.error());
        if (!value)
            unreadable->add(Uid(number));
        else if (*value)
            rows->push_back({number, {std::move(key), **value}});
    }
    std::ranges::sort(*rows, {}, &NumberedRow::number);
    co_return co_await check_version();
}

async::Awaitable<StoreResult<std::optional<NumberedRow>>>
RecordReader::next_numbered(std::string prefix, std::uint32_t first, bool* damaged) const {
    std::string begin = numbered_key(prefix, first);
    std::string end = record::behind(prefix);
    Scan scan(engine_, domain_, {std::move(begin), std::move(end), 1, false, true}, version_);
    CO_TRY(Page page, co_await scan.next());
    *damaged = *damaged || !page.damaged.empty();
    if (page.rows.empty()) co_return std::optional<NumberedRow>();
    Row& row = page.rows.front();
    co_return NumberedRow{record::number32(row.key, prefix.size()), std::move(row)};
}

async::Awaitable<StoreResult<std::optional<std::string>>> RecordReader::get(std::string key) const {
    return engine_->get(domain_, std::move(key));
}

/// get() does not say which version it read.
async::Awaitable<StoreResult<>> RecordReader::check_version() const {
    Scan scan(engine_, domain_, {record::account_key(), record::behind(record::account_key()), 1}, version_);
    CO_TRY_VOID(co_await scan.next());
    co_return StoreResult<>{};
}

} // namespace tegami::store
