// Journeys: what happened to each message, kept some days, for "where is my mail?". docs/formats/journey.md.
//
// 1. record() never waits and never fails: events wait in bounded memory for run(), which writes them in batches.
// 2. Events of one journey are written in the order they were recorded. A crash may lose the last ones: the mail
//    itself never depends on them. Events lost for lack of room are counted in an event of their own.
// 3. One engine domain per day, so that forgetting a day is one range.
// 4. Each event of a message that is kept here is a line of the log as well, `mail KIND`, in the same words
//    (docs/logs.md).
#pragma once

#include "async/awaitable.h"
#include "async/event.h"
#include "async/timer.h"
#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/random.h"
#include "store/engine/engine.h"
#include "store/traffic.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tegami::store {

struct JourneyField {
    std::string name;
    std::string value;

    bool operator==(const JourneyField&) const = default;
};

struct JourneyEvent {
    std::string journey; ///< from new_journey()
    Timestamp time{};    ///< set by record() if it is zero
    std::string kind;    ///< a short word: "received", "stored", "relayed", "deferred", "bounced", "retrieved"
    std::vector<JourneyField> fields;
    std::string message_id;             ///< without brackets; findable by it if given
    std::vector<std::string> addresses; ///< findable by them, without regard to case

    bool operator==(const JourneyEvent&) const = default;
};

/// Limit: octets of a journey id, of a kind or name, of a value or address (longer ones are cut); fields and addresses
/// of an event (further ones are left out).
inline constexpr std::size_t kJourneyIdBytesMax = 40;
inline constexpr std::size_t kJourneyNameBytesMax = 40;
inline constexpr std::size_t kJourneyTextBytesMax = 1000;
inline constexpr std::size_t kJourneyFieldsMax = 80;
inline constexpr std::size_t kJourneyAddressesMax = 100;
/// Limit: events that wait to be written, and their octets.
inline constexpr std::size_t kJourneyWaitingMax = 20'000;
inline constexpr std::size_t kJourneyWaitingBytesMax = 8U << 20;
/// How long events wait for others; not so long if an eighth of what may wait is there.
inline constexpr auto kJourneyGatherTime = std::chrono::milliseconds(200);
/// Limit: refusals of strangers that are written in an hour, in all and of one network: about 10 MB a day at most.
inline constexpr std::size_t kRefusalsAnHour = 1000;
inline constexpr std::size_t kRefusalsAnHourOfOne = 20;
/// Limit: different statuses of refusals that are counted apart.
inline constexpr std::size_t kRejectedStatusesMax = 64;
/// A field of "stored": the letter was put among the junk.
inline constexpr std::string_view kJunkField = "junk";
/// Limit: journeys that a look-up names, events that one journey shows.
inline constexpr std::size_t kJourneysFoundMax = 200;
inline constexpr std::size_t kJourneyEventsMax = 2000;

/// What happened since the start, whether it was written or not.
struct JourneyCounts {
    /// Events by their kind.
    WordCounters<18> events{{"submitted", "received", "rejected", "stored", "queued", "relayed", "deferred",
                             "unreachable", "unroutable", "refused", "bounced", "reported", "discarded", "report-sent",
                             "report-kept", "retrieved", "checked", "other"}};
    Counter lost; ///< events that could not be written
};

class Journeys {
public:
    /// All of them outlive it; without a log nothing is written there, without traffic nothing is counted there.
    Journeys(Engine* engine, Clock* clock, RandomSource* random, Log* log = nullptr, Traffic* traffic = nullptr);

    /// A new id: sorts by time, cannot be guessed.
    std::string new_journey();

    /// From any thread; returns at once.
    void record(JourneyEvent event);
    /// The same for what a stranger was refused: only so many an hour are written, because strangers decide how many
    /// there are. The others are counted in an event of their own. `network` is where the stranger comes from.
    void record_refusal(JourneyEvent event, std::string_view network);
    /// Writes events until it is cancelled or stop() is called: those of kJourneyGatherTime together, so that messages
    /// do not wait for syncs of what is only told about them. For one task; `timers` outlive it.
    async::Awaitable<void> run(async::Timers* timers);
    /// Ends run() after what waits is written; from any thread.
    void stop();
    /// Writes what waits now.
    async::Awaitable<StoreResult<>> flush();

    /// The events of a journey, in order; empty if there are none.
    async::Awaitable<StoreResult<std::vector<JourneyEvent>>> events(std::string journey);
    /// Journeys by Message-ID (with or without brackets), newest first.
    async::Awaitable<StoreResult<std::vector<std::string>>> find_message_id(std::string message_id);
    /// Journeys that an address took part in, newest first.
    async::Awaitable<StoreResult<std::vector<std::string>>> find_address(std::string address);

    const JourneyCounts& counts() const { return counts_; }

    /// Letters and recipients that were rejected, by the status of the reply (RFC 3463), "other" for those without.
    std::map<std::string, std::uint64_t> rejected() const;

    /// Forgets whole days that ended before now - `keep`.
    async::Awaitable<StoreResult<>> sweep(std::chrono::days keep);

private:
    struct Waiting {
        JourneyEvent event;
        std::uint64_t sequence = 0;
    };

    /// Refusals of the present hour.
    struct Refusals {
        std::int64_t hour = 0;
        std::size_t written = 0;
        std::uint64_t left_out = 0;
        std::map<std::string, std::size_t, std::less<>> by_network; ///< written
    };

    void tell(const JourneyEvent& event) const;
    void count(const JourneyEvent& event);
    void add(JourneyEvent event);
    void end_hour(Timestamp now);
    async::Awaitable<StoreResult<>> write_day(std::uint64_t day, std::vector<Waiting> events);
    async::Awaitable<StoreResult<std::vector<std::uint64_t>>> days(std::uint64_t first);
    async::Awaitable<StoreResult<std::vector<std::string>>> find(std::string prefix);

    Engine* engine_;
    Clock* clock_;
    RandomSource* random_;
    Log* log_;
    Traffic* traffic_;
    JourneyCounts counts_;
    mutable std::mutex guard_;
    std::map<std::string, std::uint64_t> rejected_;
    std::vector<Waiting> waiting_;
    std::size_t waiting_bytes_ = 0;
    Refusals refusals_;
    std::uint64_t lost_ = 0;
    std::uint64_t sequence_ = 0;
    bool stopping_ = false;
    /// Of the task in run(): something waits, and it should not wait longer.
    std::unique_ptr<async::Event> arrived_;
    std::unique_ptr<async::Event> hurry_;
};

} // namespace tegami::store
