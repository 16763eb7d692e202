#include "store/journey.h"

#include "base/ascii.h"
#include "store/account_records.h"
#include "store/engine/scan.h"
#include "store/journey_records.h"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace tegami::store {

namespace {

/// The journey under which lost events are counted.
constexpr std::string_view kLostJourney = "lost";
constexpr std::string_view kSubjectField = "subject";

/// How a mail goes its way and who reads it is told, but not to everybody who keeps a log.
bool is_detail(std::string_view kind) {
    return kind == "routed" || kind == "dialogue" || kind == "retrieved";
}

/// Digits of a journey id that are its moment, in milliseconds.
constexpr std::size_t kMomentDigits = 12;

std::uint64_t day_of(Timestamp time) {
    const auto day = std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, day));
}

Domain domain_of(std::uint64_t day) {
    return {DomainKind::journey, day};
}

void cut(std::string& text, std::size_t bytes_max) {
    if (text.size() > bytes_max) text.resize(bytes_max);
}

/// A NUL ends the id in keys, so an id has none.
void limit(JourneyEvent& event) {
    std::erase(event.journey, '\0');
    cut(event.journey, kJourneyIdBytesMax);
    cut(event.kind, kJourneyNameBytesMax);
    cut(event.message_id, kJourneyTextBytesMax);
    if (event.fields.size() > kJourneyFieldsMax) event.fields.resize(kJourneyFieldsMax);
    if (event.addresses.size() > kJourneyAddressesMax) event.addresses.resize(kJourneyAddressesMax);
    for (JourneyField& field : event.fields) {
        cut(field.name, kJourneyNameBytesMax);
        cut(field.value, kJourneyTextBytesMax);
    }
    for (std::string& address : event.addresses)
        cut(address, kJourneyTextBytesMax);
}

/// The octets that an event takes while it waits.
std::size_t memory_of(const JourneyEvent& event) {
    std::size_t bytes = sizeof(event) + event.journey.size() + event.kind.size() + event.message_id.size();
    for (const JourneyField& field : event.fields)
        bytes += sizeof(field) + field.name.size() + field.value.size();
    for (const std::string& address : event.addresses)
        bytes += sizeof(std::string) + address.size();
    return bytes;
}

constexpr std::string_view kOtherStatus = "other";

/// The status that stands behind the code of a reply, such as 5.7.1.
std::string status_in(std::string_view reply) {
    reply.remove_prefix(std::min(reply.find(' '), reply.size()));
    reply.remove_prefix(std::min<std::size_t>(1, reply.size()));
    const std::string_view status = reply.substr(0, reply.find(' '));
    const bool is_status = std::ranges::count(status, '.') == 2 && status.size() <= 9 &&
                           std::ranges::all_of(status, [](char c) { return c == '.' || ascii::is_digit(c); });
    return std::string(is_status ? status : kOtherStatus);
}

/// The first day a journey can have events on, from its id; any day for an id that is not ours.
std::uint64_t first_day(std::string_view journey) {
    std::uint64_t moment = 0;
    const std::string_view digits = journey.substr(0, kMomentDigits);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), moment, 16);
    if (error != std::errc{} || end != digits.data() + kMomentDigits) return 0;
    return moment / 86'400'000;
}

} // namespace

Journeys::Journeys(Engine* engine, Clock* clock, RandomSource* random, Log* log, Traffic* traffic)
    : engine_(engine), clock_(clock), random_(random), log_(log), traffic_(traffic) {}

std::string Journeys::new_journey() {
    const auto moment = std::chrono::floor<std::chrono::milliseconds>(clock_->now()).time_since_epoch().count();
    return fmt::format("{:012x}{}", moment, random_->token(12));
}

void Journeys::record(JourneyEvent event) {
    if (event.time == Timestamp{}) event.time = clock_->now();
    limit(event);
    tell(event);
    const std::lock_guard guard(guard_);
    count(event);
    add(std::move(event));
}

/// Under guard_.
void Journeys::count(const JourneyEvent& event) {
    counts_.events.add(event.kind);
    if (event.kind != "rejected") {
        if (traffic_ != nullptr) traffic_->note(event, {});
        return;
    }
    const auto reply = std::ranges::find(event.fields, "reply", &JourneyField::name);
    std::string status = reply == event.fields.end() ? std::string(kOtherStatus) : status_in(reply->value);
    if (rejected_.size() >= kRejectedStatusesMax && !rejected_.contains(status)) status = kOtherStatus;
    if (traffic_ != nullptr) traffic_->note(event, status);
    ++rejected_[std::move(status)];
}

std::map<std::string, std::uint64_t> Journeys::rejected() const {
    const std::lock_guard guard(guard_);
    return rejected_;
}

/// What a mail is about stands in the journey alone: logs are kept longer and read by more people.
void Journeys::tell(const JourneyEvent& event) const {
    if (log_ == nullptr) return;
    std::vector<LogField> fields;
    fields.reserve(event.fields.size() + 2);
    fields.emplace_back("journey", event.journey);
    if (!event.message_id.empty()) fields.emplace_back("message_id", event.message_id);
    for (const JourneyField& field : event.fields)
        if (field.name != kSubjectField) fields.emplace_back(field.name, field.value);
    log_->write(is_detail(event.kind) ? LogLevel::debug : LogLevel::info, "mail " + event.kind, fields);
}

void Journeys::record_refusal(JourneyEvent event, std::string_view network) {
    const Timestamp now = clock_->now();
    event.time = now;
    limit(event);
    const std::lock_guard guard(guard_);
    count(event);
    end_hour(now);
    const auto of_network = refusals_.by_network.try_emplace(std::string(network), 0).first;
    if (refusals_.written >= kRefusalsAnHour || of_network->second >= kRefusalsAnHourOfOne) {
        ++refusals_.left_out;
        if (of_network->second == 0) refusals_.by_network.erase(of_network); // the table is bounded by what is written
        return;
    }
    ++refusals_.written;
    ++of_network->second;
    tell(event);
    add(std::move(event));
}

/// Begins the hour of `now`, if that is another one, and tells what was left out in the one before. Under guard_.
void Journeys::end_hour(Timestamp now) {
    const std::int64_t hour = std::chrono::floor<std::chrono::hours>(now).time_since_epoch().count();
    if (hour == refusals_.hour) return;
    const Refusals before = std::exchange(refusals_, Refusals{.hour = hour});
    if (before.left_out == 0) return;
    JourneyEvent event{.journey = std::string(kLostJourney), .time = now, .kind = "refusals-left-out"};
    event.fields.push_back({"count", std::to_string(before.left_out)});
    event.fields.push_back({"written", std::to_string(before.written)});
    add(std::move(event));
}

/// Under guard_.
void Journeys::add(JourneyEvent event) {
    const std::size_t bytes = memory_of(event);
    if (waiting_.size() >= kJourneyWaitingMax || waiting_bytes_ + bytes > kJourneyWaitingBytesMax) {
        ++lost_;
        counts_.lost.add();
        return;
    }
    waiting_bytes_ += bytes;
    waiting_.push_back({std::move(event), ++sequence_});
    if (!arrived_) return;
    arrived_->set();
    if (waiting_.size() >= kJourneyWaitingMax / 8 || waiting_bytes_ >= kJourneyWaitingBytesMax / 8) hurry_->set();
}

void Journeys::stop() {
    const std::lock_guard guard(guard_);
    stopping_ = true;
    if (!arrived_) return;
    arrived_->set();
    hurry_->set();
}

async::Awaitable<void> Journeys::run(async::Timers* timers) {
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    const async::Event arrived(executor);
    const async::Event hurry(executor);
    {
        const std::lock_guard guard(guard_);
        arrived_ = std::make_unique<async::Event>(arrived);
        hurry_ = std::make_unique<async::Event>(hurry);
        if (!waiting_.empty() || stopping_) arrived.set();
        if (stopping_) hurry.set();
    }
    const std::unique_ptr<async::Timer> alarm = timers->make_timer(executor);
    bool stopping = false;
    while (!stopping) {
        co_await arrived.wait();
        alarm->arm(timers->instant() + Duration(kJourneyGatherTime), [hurry] { hurry.set(); });
        co_await hurry.wait();
        alarm->disarm();
        hurry.reset();
        arrived.reset();
        {
            const std::lock_guard guard(guard_);
            stopping = stopping_;
        }
        // What cannot be written is counted as lost; the next events try again.
        const StoreResult<> written = co_await flush();
        static_cast<void>(written);
    }
    const std::lock_guard guard(guard_);
    arrived_ = nullptr;
    hurry_ = nullptr;
}

async::Awaitable<StoreResult<>> Journeys::flush() {
    std::map<std::uint64_t, std::vector<Waiting>> days;
    {
        const std::lock_guard guard(guard_);
        if (lost_ != 0) {
            JourneyEvent lost{.journey = std::string(kLostJourney), .time = clock_->now(), .kind = "events-lost"};
            lost.fields.push_back({"count", std::to_string(std::exchange(lost_, 0))});
            waiting_.push_back({std::move(lost), ++sequence_});
        }
        end_hour(clock_->now());
        for (Waiting& waiting : waiting_)
            days[day_of(waiting.event.time)].push_back(std::move(waiting));
        waiting_.clear();
        waiting_bytes_ = 0;
    }
    StoreResult<> outcome;
    while (!days.empty()) {
        auto node = days.extract(days.begin());
        const std::size_t count = node.mapped().size();
        const StoreResult<> written = co_await write_day(node.key(), std::move(node.mapped()));
        if (written) continue;
        outcome = written;
        const std::lock_guard guard(guard_);
        lost_ += count;
        counts_.lost.add(count);
    }
    co_return outcome;
}

async::Awaitable<StoreResult<>> Journeys::write_day(std::uint64_t day, std::vector<Waiting> events) {
    const Limits limits = engine_->limits();
    Batch batch{.domain = domain_of(day), .expected = {}, .assertions = {}, .operations = {}};
    std::size_t bytes = 0;
    for (const Waiting& waiting : events) {
        const JourneyEvent& event = waiting.event;
        std::vector<Put> puts{
            {record::journey_event_key(event, waiting.sequence), record::encode_journey_event(event)}};
        if (!event.message_id.empty())
            puts.push_back(
                {record::journey_message_id_prefix(event.message_id) + event.journey, record::encode_text("")});
        for (const std::string& address : event.addresses)
            puts.push_back({record::journey_address_prefix(address) + event.journey, record::encode_text("")});
        for (Put& put : puts) {
            const std::size_t size = put.key.size() + put.value.size();
            const bool full =
                batch.operations.size() == limits.batch_operations_max || bytes + size > limits.batch_bytes_max;
            if (full && !batch.operations.empty()) {
                Batch next{.domain = batch.domain, .expected = {}, .assertions = {}, .operations = {}};
                std::swap(next, batch);
                CO_TRY_VOID(co_await engine_->commit(std::move(next)));
                bytes = 0;
            }
            bytes += size;
            batch.operations.emplace_back(std::move(put));
        }
    }
    if (!batch.operations.empty()) {
        CO_TRY_VOID(co_await engine_->commit(std::move(batch)));
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<std::vector<std::uint64_t>>> Journeys::days(std::uint64_t first) {
    std::vector<std::uint64_t> days;
    std::uint64_t after = first == 0 ? 0 : first - 1;
    for (;;) {
        CO_TRY(const std::vector<Domain> some, co_await engine_->domains(DomainKind::journey, after, 1000));
        if (some.empty()) co_return days;
        for (const Domain& domain : some)
            days.push_back(domain.id);
        after = some.back().id;
    }
}

async::Awaitable<StoreResult<std::vector<JourneyEvent>>> Journeys::events(std::string journey) {
    std::vector<JourneyEvent> events;
    CO_TRY(const std::vector<std::uint64_t> all, co_await days(first_day(journey)));
    const std::string end = record::behind(record::journey_prefix(journey));
    for (const std::uint64_t day : all) {
        Scan scan(engine_, domain_of(day), {record::journey_prefix(journey), end, 500});
        while (scan.more() && events.size() < kJourneyEventsMax) {
            CO_TRY(const Page page, co_await scan.next());
            for (const Row& row : page.rows)
                if (auto event = record::decode_journey_event(row.key, row.value);
                    event && events.size() < kJourneyEventsMax)
                    events.push_back(*std::move(event));
        }
    }
    co_return events;
}

async::Awaitable<StoreResult<std::vector<std::string>>> Journeys::find(std::string prefix) {
    std::vector<std::string> found;
    CO_TRY(std::vector<std::uint64_t> all, co_await days(0));
    std::ranges::reverse(all);
    for (const std::uint64_t day : all) {
        Scan scan(engine_, domain_of(day), {prefix, record::behind(prefix), 500, true});
        while (scan.more() && found.size() < kJourneysFoundMax) {
            CO_TRY(const Page page, co_await scan.next());
            for (const Row& row : page.rows) {
                std::string journey = row.key.substr(prefix.size());
                const bool known = std::ranges::find(found, journey) != found.end();
                if (!known && found.size() < kJourneysFoundMax) found.push_back(std::move(journey));
            }
        }
    }
    co_return found;
}

async::Awaitable<StoreResult<std::vector<std::string>>> Journeys::find_message_id(std::string message_id) {
    std::string_view id = ascii::trim(message_id);
    if (id.starts_with('<') && id.ends_with('>')) id = id.substr(1, id.size() - 2);
    co_return co_await find(record::journey_message_id_prefix(id.substr(0, kJourneyTextBytesMax)));
}

async::Awaitable<StoreResult<std::vector<std::string>>> Journeys::find_address(std::string address) {
    cut(address, kJourneyTextBytesMax);
    co_return co_await find(record::journey_address_prefix(address));
}

async::Awaitable<StoreResult<>> Journeys::sweep(std::chrono::days keep) {
    const std::uint64_t first_kept = day_of(clock_->now() - keep);
    CO_TRY(const std::vector<std::uint64_t> all, co_await days(0));
    for (const std::uint64_t day : all) {
        if (day >= first_kept) continue;
        CO_TRY(const Page page, co_await engine_->scan(domain_of(day), {"", "", 1, false}));
        if (page.rows.empty()) continue;
        Batch batch{.domain = domain_of(day), .expected = {}, .assertions = {}, .operations = {}};
        batch.operations.emplace_back(DeleteRange{"", ""});
        CO_TRY_VOID(co_await engine_->commit(std::move(batch)));
    }
    co_return StoreResult<>{};
}

} // namespace tegami::store
