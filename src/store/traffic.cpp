#include "store/traffic.h"

#include "base/ascii.h"
#include "store/journey.h"
#include "store/tally_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tegami::store {

namespace {

/// Kinds of events that are counted, and the field that says whose domain they are about; a letter is about each domain once.
struct Counted {
    std::string_view kind;
    std::string_view field;
};

constexpr std::array kCounted{
    Counted{"received", "to"}, Counted{"submitted", "account"}, Counted{"stored", "account"}, Counted{"rejected", "to"},
    Counted{"relayed", ""},    Counted{"deferred", ""},         Counted{"refused", ""},
};

void add_up(TrafficCounts& into, std::string_view name, std::uint64_t count) {
    const auto known = into.find(name);
    if (known != into.end())
        known->second += count;
    else if (into.size() < kTrafficCountsMax)
        into.emplace(name, count);
}

std::string_view domain_in(std::string_view address) {
    const auto at = address.rfind('@');
    return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

} // namespace

/// Under guard_.
void Traffic::add(TrafficHour hour, std::string_view what, std::string_view domain) {
    TrafficCounts& counts = waiting_[hour];
    add_up(counts, domain.empty() ? std::string(what) : fmt::format("{} @{}", what, domain), 1);
}

void Traffic::note(const JourneyEvent& event, std::string_view status) {
    const auto counted = std::ranges::find(kCounted, event.kind, &Counted::kind);
    if (counted == kCounted.end()) return;
    std::vector<std::string> domains;
    bool junk = false;
    for (const JourneyField& field : event.fields) {
        junk = junk || (event.kind == "stored" && field.name == kJunkField);
        if (counted->field.empty() || field.name != counted->field) continue;
        std::string domain = ascii::lower(std::string(domain_in(field.value)));
        if (std::ranges::find(domains, domain) == domains.end() && is_ours_(domain))
            domains.push_back(std::move(domain));
    }
    domains.emplace_back(); // all together
    const TrafficHour hour = std::chrono::floor<std::chrono::hours>(event.time);
    const std::lock_guard guard(guard_);
    for (const std::string& domain : domains) {
        add(hour, event.kind, domain);
        if (junk) add(hour, "junk", domain);
    }
    if (!status.empty()) add(hour, fmt::format("{} {}", event.kind, status), {});
}

async::Awaitable<> Traffic::run(async::Timers* timers, Log* log) {
    for (;;) {
        co_await async::sleep(timers, kTrafficGatherTime);
        const StoreResult<> written = co_await flush();
        if (!written) log->warning("counts of mail were not written", {{"reason", written.error().detail}});
    }
}

async::Awaitable<StoreResult<>> Traffic::flush() {
    const async::Mutex::Lock one_at_a_time = co_await writing_.lock();
    for (;;) {
        TrafficHour hour{};
        TrafficCounts counts;
        {
            const std::lock_guard guard(guard_);
            if (waiting_.empty()) co_return StoreResult<>{};
            auto first = waiting_.extract(waiting_.begin());
            hour = first.key();
            counts = std::move(first.mapped());
        }
        const StoreResult<> written = co_await write(hour, counts);
        if (written) continue;
        if (written.error().code != ErrorCode::unknown) {
            const std::lock_guard guard(guard_);
            for (const auto& [name, count] : counts)
                add_up(waiting_[hour], name, count);
        }
        co_return written;
    }
}

async::Awaitable<StoreResult<>> Traffic::write(TrafficHour hour, TrafficCounts counts) {
    const Domain domain = record::tally_domain(std::chrono::floor<std::chrono::days>(hour));
    const auto of_day = hour - std::chrono::floor<std::chrono::days>(hour);
    const std::string key = record::traffic_key(static_cast<unsigned>(of_day / std::chrono::hours(1)));
    CO_TRY(const std::optional<std::string> value, co_await engine_->get(domain, key));
    TrafficCounts all = value ? record::decode_traffic(*value).value_or(TrafficCounts()) : TrafficCounts();
    for (const auto& [name, count] : counts)
        add_up(all, name, count);
    Batch batch{.domain = domain, .expected = {}, .assertions = {}, .operations = {}};
    batch.operations.emplace_back(Put{key, record::encode_traffic(all)});
    CO_TRY_VOID(co_await engine_->commit(std::move(batch)));
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<std::vector<std::pair<TrafficHour, TrafficCounts>>>>
Traffic::hours(std::chrono::sys_days day) {
    std::vector<std::pair<TrafficHour, TrafficCounts>> hours;
    Range range{.begin = record::traffic_key(0), .end = record::traffic_key(24)};
    CO_TRY(const Page page, co_await engine_->scan(record::tally_domain(day), std::move(range)));
    for (const Row& row : page.rows) {
        const std::optional<unsigned> hour = record::hour_of_traffic_key(row.key);
        auto counts = record::decode_traffic(row.value);
        if (hour && counts) hours.emplace_back(day + std::chrono::hours(*hour), *std::move(counts));
    }
    co_return hours;
}

} // namespace tegami::store
