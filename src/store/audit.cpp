#include "store/audit.h"

#include "message/utf8.h"
#include "store/audit_records.h"

#include <algorithm>
#include <utility>

namespace tegami::store {

namespace {

std::uint64_t audit_day_of(Timestamp time) {
    const auto day = std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, day));
}

void cut_texts(AuditRow& row) {
    for (std::string* const text : {&row.who, &row.from, &row.operation, &row.about, &row.parameters, &row.refusal})
        if (text->size() > kAuditTextBytesMax) *text = message::utf8_prefix(*text, kAuditTextBytesMax);
}

/// Where a page goes on: below this number of this day.
std::string position(std::uint64_t day, std::uint32_t number) {
    std::string octets;
    bytes::append_big_endian(octets, day);
    bytes::append_big_endian(octets, number);
    return octets;
}

} // namespace

async::Awaitable<StoreResult<std::uint32_t>> Audit::next_number(std::uint64_t day) {
    Range last{.begin = {}, .end = {}, .rows_max = 1, .reverse = true};
    CO_TRY(const Page page, co_await engine_->scan(record::audit_domain(day), std::move(last)));
    if (page.rows.empty()) co_return 0;
    const auto number = record::audit_number(page.rows.front().key);
    if (!number) co_return failure(Error{ErrorCode::damaged, "the audit log"});
    co_return *number + 1;
}

async::Awaitable<StoreResult<AuditPlace>> Audit::begin(AuditRow row) {
    row.time = clock_->now();
    cut_texts(row);
    const async::Mutex::Lock one_at_a_time = co_await writing_.lock();
    AuditPlace place{.day = audit_day_of(row.time)};
    CO_TRY(place.number, co_await next_number(place.day));
    if (place.number >= kAuditRowsADayMax)
        co_return failure(Error{ErrorCode::invalid, "the audit log takes no more today"});
    Batch batch{.domain = record::audit_domain(place.day), .expected = {}, .assertions = {}, .operations = {}};
    batch.operations.emplace_back(Put{record::audit_key(place.number), record::encode_audit(row)});
    CO_TRY_VOID(co_await engine_->commit(std::move(batch)));
    co_return place;
}

async::Awaitable<StoreResult<>> Audit::finish(AuditPlace place, std::uint32_t status, std::string refusal) {
    const Domain domain = record::audit_domain(place.day);
    const std::string key = record::audit_key(place.number);
    CO_TRY(const std::optional<std::string> value, co_await engine_->get(domain, key));
    auto row = value ? record::decode_audit(key, *value) : std::nullopt;
    if (!row) co_return failure(Error{ErrorCode::damaged, "a row of the audit log"});
    row->status = status;
    row->refusal = std::move(refusal);
    cut_texts(*row);
    Batch batch{.domain = domain, .expected = {}, .assertions = {}, .operations = {}};
    batch.operations.emplace_back(Put{key, record::encode_audit(*row)});
    CO_TRY_VOID(co_await engine_->commit(std::move(batch)));
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> Audit::add(AuditRow row) {
    CO_TRY_VOID(co_await begin(std::move(row)));
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<std::vector<std::uint64_t>>> Audit::days(std::uint64_t first) {
    std::vector<std::uint64_t> days;
    std::uint64_t after = first == 0 ? 0 : first - 1;
    for (;;) {
        CO_TRY(const std::vector<Domain> some, co_await engine_->domains(DomainKind::audit, after, 1000));
        if (some.empty()) co_return days;
        for (const Domain& domain : some)
            days.push_back(domain.id);
        after = some.back().id;
    }
}

async::Awaitable<StoreResult<AuditPage>> Audit::page(Timestamp since, std::function<bool(const AuditRow&)> wanted,
                                                     std::string from) {
    bytes::Reader in(from);
    std::uint64_t day_max = from.empty() ? UINT64_MAX : in.big_endian<std::uint64_t>();
    std::uint32_t below = from.empty() ? UINT32_MAX : in.big_endian<std::uint32_t>();
    if (!from.empty() && !in.complete()) co_return failure(Error{ErrorCode::invalid, "no such page"});
    CO_TRY(std::vector<std::uint64_t> all, co_await days(audit_day_of(since)));
    std::ranges::reverse(all);
    AuditPage page;
    std::size_t looked_at = 0;
    for (const std::uint64_t day : all) {
        if (day > day_max) continue;
        if (day < std::exchange(day_max, day)) below = UINT32_MAX;
        for (bool more = true; more;) {
            Range range{
                .begin = record::audit_key(0), .end = record::audit_key(below), .rows_max = 500, .reverse = true};
            CO_TRY(const Page some, co_await engine_->scan(record::audit_domain(day), std::move(range)));
            more = some.more;
            for (const Row& each : some.rows) {
                if (page.rows.size() == kAuditPageMax || looked_at == kAuditLookedAtMax) {
                    page.next = position(day, below);
                    co_return page;
                }
                ++looked_at;
                below = record::audit_number(each.key).value_or(0);
                auto row = record::decode_audit(each.key, each.value);
                if (row && row->time < since) co_return page;
                if (row && wanted(*row)) page.rows.push_back(*std::move(row));
            }
        }
    }
    co_return page;
}

async::Awaitable<StoreResult<>> Audit::sweep(std::chrono::days keep) {
    const std::uint64_t first_kept = audit_day_of(clock_->now() - keep);
    CO_TRY(const std::vector<std::uint64_t> all, co_await days(0));
    for (const std::uint64_t day : all) {
        if (day >= first_kept) continue;
        Range one{.begin = {}, .end = {}, .rows_max = 1};
        CO_TRY(const Page page, co_await engine_->scan(record::audit_domain(day), std::move(one)));
        if (page.rows.empty()) continue;
        Batch batch{.domain = record::audit_domain(day), .expected = {}, .assertions = {}, .operations = {}};
        batch.operations.emplace_back(DeleteRange{"", ""});
        CO_TRY_VOID(co_await engine_->commit(std::move(batch)));
    }
    co_return StoreResult<>{};
}

} // namespace tegami::store
