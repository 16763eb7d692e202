#include "store/tally.h"

#include "store/account_records.h"
#include "store/engine/scan.h"
#include "store/tally_records.h"

#include <boost/asio/this_coro.hpp>
#include <fmt/chrono.h>

#include <algorithm>
#include <set>

namespace tegami::store {

namespace {

/// Limit: rows that one commit counts.
constexpr std::size_t kTallyRowsAtOnce = 200;
/// What a row or a place takes in memory besides its octets.
constexpr std::size_t kTallyNodeBytes = 100;

std::chrono::sys_days tally_day_of(Timestamp time) {
    return std::max(std::chrono::floor<std::chrono::days>(time), std::chrono::sys_days());
}

} // namespace

void Tally::count(TallyKind kind, std::string_view domain, std::string_view row, std::uint64_t count) {
    const TallyPlace place{.kind = kind, .day = tally_day_of(clock_->now()), .domain = std::string(domain)};
    const std::lock_guard guard(guard_);
    if (!add(place, row, count) || !arrived_) return;
    arrived_->set();
    if (waiting_bytes_ >= kTallyWaitingBytesMax / 4) hurry_->set();
}

/// Under guard_. False if nothing waits because of it.
bool Tally::add(const TallyPlace& place, std::string_view row, std::uint64_t count) {
    const auto has_room = [&](std::size_t bytes) { return waiting_bytes_ + bytes <= kTallyWaitingBytesMax; };
    auto at = waiting_.find(place);
    if (at == waiting_.end()) {
        const std::size_t bytes = place.domain.size() + kTallyNodeBytes;
        if (!has_room(bytes)) {
            left_out_ += count;
            return false;
        }
        waiting_bytes_ += bytes;
        at = waiting_.try_emplace(place).first;
    }
    Counts& counts = at->second;
    if (const auto known = counts.rows.find(row); known != counts.rows.end()) {
        known->second += count;
    } else if (const std::size_t bytes = row.size() + kTallyNodeBytes;
               row.size() > kTallyRowBytesMax || counts.rows.size() >= kTallyRowsMax || !has_room(bytes)) {
        counts.left_out += count;
    } else {
        waiting_bytes_ += bytes;
        counts.rows.emplace(row, count);
    }
    return true;
}

/// Counts of a place wait again.
void Tally::give_back(const TallyPlace& place, const Counts& counts) {
    const std::lock_guard guard(guard_);
    for (const auto& [row, count] : counts.rows)
        add(place, row, count);
    if (counts.left_out == 0) return;
    const auto at = waiting_.find(place);
    (at != waiting_.end() ? at->second.left_out : left_out_) += counts.left_out;
}

/// Counts that are being written; those that were not when it ends wait again.
class Tally::Taken {
public:
    explicit Taken(Tally& tally) : tally_(tally) {
        const std::lock_guard guard(tally_.guard_);
        places.swap(tally_.waiting_);
        tally_.waiting_bytes_ = 0;
    }

    ~Taken() {
        for (const auto& [place, counts] : places)
            tally_.give_back(place, counts);
    }

    Taken(const Taken&) = delete;
    Taken& operator=(const Taken&) = delete;

    std::map<TallyPlace, Counts> places;

private:
    Tally& tally_;
};

async::Awaitable<> Tally::run(async::Timers* timers) {
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    const async::Event arrived(executor);
    const async::Event hurry(executor);
    {
        const std::lock_guard guard(guard_);
        arrived_ = std::make_unique<async::Event>(arrived);
        hurry_ = std::make_unique<async::Event>(hurry);
        if (!waiting_.empty()) arrived.set();
    }
    const std::unique_ptr<async::Timer> alarm = timers->make_timer(executor);
    while (true) {
        co_await arrived.wait();
        alarm->arm(timers->instant() + Duration(kTallyGatherTime), [hurry] { hurry.set(); });
        co_await hurry.wait();
        alarm->disarm();
        hurry.reset();
        arrived.reset();
        const StoreResult<> written = co_await flush();
        if (!written) log_->warning("counts for reports were not written", {{"reason", written.error().detail}});
        const std::lock_guard guard(guard_);
        if (!waiting_.empty()) arrived.set();
    }
}

async::Awaitable<StoreResult<>> Tally::flush() {
    const async::Mutex::Lock one_at_a_time = co_await writing_.lock();
    Taken taken(*this);
    std::uint64_t left_out = 0;
    {
        const std::lock_guard guard(guard_);
        left_out = std::exchange(left_out_, 0);
    }
    if (left_out != 0) log_->warning("too much to count for reports", {{"left_out", left_out}});
    while (!taken.places.empty()) {
        const auto first = taken.places.begin();
        CO_TRY_VOID(co_await write(first->first, &first->second));
        taken.places.erase(first);
    }
    co_return StoreResult<>{};
}

/// Takes out of `counts` what is written.
async::Awaitable<StoreResult<>> Tally::write(TallyPlace place, Counts* counts) {
    while (!counts->rows.empty() || counts->left_out != 0)
        CO_TRY_VOID(co_await write_some(place, counts));
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> Tally::write_some(TallyPlace place, Counts* counts) {
    const Limits limits = engine_->limits();
    const Domain domain = record::tally_domain(place.day);
    const std::string sum_key = record::tally_sum_key(place);
    const std::string day_key = record::tally_day_key(place.kind);
    TallySum sum{.place = place};
    CO_TRY(const std::optional<std::string> before, co_await engine_->get(domain, sum_key));
    if (before) sum = record::decode_tally_sum(place.day, sum_key, *before).value_or(sum);
    TallyDay day;
    CO_TRY(const std::optional<std::string> day_before, co_await engine_->get(domain, day_key));
    if (day_before) day = record::decode_tally_day(*day_before).value_or(day);
    if (!before && day.places >= limits_.places_max) {
        tell_full(place);
        counts->rows.clear();
        counts->left_out = 0;
        co_return StoreResult<>{};
    }
    day.places += before ? 0 : 1;

    Batch batch{.domain = domain, .expected = {}, .assertions = {}, .operations = {}};
    std::size_t bytes = 2 * (sum_key.size() + day_key.size());
    Counts taken;
    taken.left_out = counts->left_out;
    std::set<std::string> keys;
    for (auto at = counts->rows.begin(); at != counts->rows.end() && taken.rows.size() < kTallyRowsAtOnce; ++at) {
        TallyRow row{.octets = at->first, .count = at->second};
        std::string key = record::tally_row_key(place, row.octets);
        if (!keys.insert(key).second) break; // another one with this hash: the next commit sees what this one wrote
        CO_TRY(const std::optional<std::string> known, co_await engine_->get(domain, key));
        const auto old = known ? record::decode_tally_row(*known) : std::nullopt;
        const std::uint64_t row_bytes = key.size() + row.octets.size();
        const bool day_full = !known && day.bytes + row_bytes > limits_.bytes_max;
        if (day_full) tell_full(place);
        if ((old && old->octets != row.octets) || (!known && sum.rows >= kTallyRowsMax) || day_full) {
            sum.left_out += row.count;
        } else {
            if (old) row.count += old->count;
            Put put{std::move(key), record::encode_tally_row(row)};
            bytes += put.key.size() + put.value.size();
            const bool full =
                batch.operations.size() + 3 > limits.batch_operations_max || bytes > limits.batch_bytes_max;
            if (full && !batch.operations.empty()) break;
            sum.rows += known ? 0 : 1;
            day.bytes += known ? 0 : row_bytes;
            batch.operations.emplace_back(std::move(put));
        }
        taken.rows.insert(*at);
    }
    sum.left_out += taken.left_out;
    batch.operations.emplace_back(Put{sum_key, record::encode_tally_sum(sum)});
    batch.operations.emplace_back(Put{day_key, record::encode_tally_day(day)});
    // What may have been written is not counted twice, also if this is cancelled meanwhile.
    counts->left_out -= taken.left_out;
    for (const auto& [octets, count] : taken.rows)
        counts->rows.erase(octets);
    const auto written = co_await engine_->commit(std::move(batch));
    if (written) co_return StoreResult<>{};
    if (written.error().code != ErrorCode::unknown) {
        counts->left_out += taken.left_out;
        counts->rows.merge(taken.rows);
    }
    co_return failure(written.error());
}

/// Once a day and kind.
void Tally::tell_full(const TallyPlace& place) {
    if (std::exchange(told_[place.kind], place.day) == place.day) return;
    log_->warning("reports of this day will not have everything: there is too much to count",
                  {{"about", place.kind == TallyKind::dmarc ? "letters" : "tls"},
                   {"day", fmt::format("{:%F}", place.day)},
                   {"domains_max", limits_.places_max},
                   {"bytes_max", limits_.bytes_max}});
}

async::Awaitable<StoreResult<std::vector<std::chrono::sys_days>>> Tally::days(std::chrono::sys_days first) {
    std::vector<std::chrono::sys_days> days;
    std::uint64_t after = record::tally_domain(first).id;
    if (after > 0) --after;
    for (;;) {
        CO_TRY(const std::vector<Domain> some, co_await engine_->domains(DomainKind::tally, after, 1000));
        if (some.empty()) co_return days;
        for (const Domain& domain : some)
            days.emplace_back(std::chrono::days(static_cast<std::int64_t>(domain.id)));
        after = some.back().id;
    }
}

async::Awaitable<StoreResult<std::vector<TallySum>>> Tally::sums(TallyKind kind, std::chrono::sys_days day,
                                                                 std::string after) {
    const std::string prefix = record::tally_sum_prefix(kind);
    std::vector<TallySum> sums;
    Scan scan(engine_, record::tally_domain(day),
              {.begin = after.empty() ? prefix : prefix + after + '\0',
               .end = record::behind(prefix),
               .rows_max = kTallySumsMax});
    while (scan.more() && sums.size() < kTallySumsMax) {
        CO_TRY(const Page page, co_await scan.next());
        for (const Row& row : page.rows)
            if (auto sum = record::decode_tally_sum(day, row.key, row.value); sum && sums.size() < kTallySumsMax)
                sums.push_back(*std::move(sum));
    }
    co_return sums;
}

async::Awaitable<StoreResult<TallyPage>> Tally::rows(TallyPlace place, std::string from) {
    const std::string prefix = record::tally_row_prefix(place);
    if (from.empty()) from = prefix;
    Range range{.begin = std::move(from), .end = record::behind(prefix)};
    CO_TRY(const Page found, co_await engine_->scan(record::tally_domain(place.day), std::move(range)));
    TallyPage page;
    for (const Row& row : found.rows)
        if (auto decoded = record::decode_tally_row(row.value)) page.rows.push_back(*std::move(decoded));
    if (found.more && !found.rows.empty()) page.next = found.rows.back().key + '\0';
    co_return page;
}

async::Awaitable<StoreResult<>> Tally::forget(TallyPlace place) {
    const async::Mutex::Lock one_at_a_time = co_await writing_.lock();
    const std::string prefix = record::tally_row_prefix(place);
    Batch batch{.domain = record::tally_domain(place.day), .expected = {}, .assertions = {}, .operations = {}};
    batch.operations.emplace_back(DeleteRange{prefix, record::behind(prefix)});
    batch.operations.emplace_back(Delete{record::tally_sum_key(place)});
    CO_TRY_VOID(co_await engine_->commit(std::move(batch)));
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> Tally::sweep(std::chrono::days keep) {
    const std::chrono::sys_days first_kept = tally_day_of(clock_->now() - keep);
    CO_TRY(const std::vector<std::chrono::sys_days> all, co_await days({}));
    for (const std::chrono::sys_days day : all) {
        if (day >= first_kept) continue;
        CO_TRY(const Page page, co_await engine_->scan(record::tally_domain(day), {"", "", 1, false}));
        if (page.rows.empty()) continue;
        Batch batch{.domain = record::tally_domain(day), .expected = {}, .assertions = {}, .operations = {}};
        batch.operations.emplace_back(DeleteRange{"", ""});
        CO_TRY_VOID(co_await engine_->commit(std::move(batch)));
    }
    co_return StoreResult<>{};
}

} // namespace tegami::store
