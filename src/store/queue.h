// The queue: messages that still have somewhere to go, in the engine domain q/<shard>. docs/formats/queue.md.
//
// 1. add() returns when the entry and its bytes would survive a power cut.
// 2. An entry is due at one moment; whoever works on it keeps in memory that he does, so that after a crash it is
//    simply due again. Working on it twice is harmless: local deliveries carry delivery_tag().
// 3. Several local recipients (design: no queue in between): add() first, then each account's append with the tag,
//    then update() marks the recipient; the last one removes the entry.
// It does not decide when to retry: relay/ plans, and writes its plan here.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "store/engine/engine.h"
#include "store/ids.h"

#include <atomic>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tegami::store {

/// The values are on disk: never renumber.
enum class RecipientState : std::uint8_t {
    pending = 0,   ///< not tried yet
    deferred = 1,  ///< tried, to be tried again
    delivered = 2, ///< the next server, or the mailbox, has it
    failed = 3,    ///< given up: a bounce is due or was sent
};

enum class RecipientRoute : std::uint8_t {
    remote = 0, ///< relay by MX or as routed
    local = 1,  ///< `target` is the account's id in decimal
};

struct QueueRecipient {
    std::string address;     ///< as in RCPT TO, without brackets
    std::string original;    ///< ORCPT of RFC 3461 §4.2 as received, or empty
    std::uint8_t notify = 0; ///< RFC 3461 §4.1: bits 1 never, 2 success, 4 failure, 8 delay; 0 is not given
    RecipientRoute route = RecipientRoute::remote;
    std::string target;
    RecipientState state = RecipientState::pending;
    bool reported = false; ///< a bounce or success report about it was made
    std::uint32_t attempts = 0;
    Timestamp last_attempt{};
    std::string last_server; ///< who gave last_reply
    std::string last_reply;  ///< the other side's words, or our own reason

    bool operator==(const QueueRecipient&) const = default;
};

struct QueueEntry {
    QueueId id;               ///< given by add()
    std::string reverse_path; ///< empty for <>
    std::vector<QueueRecipient> recipients;
    BlobRef blob;
    Timestamp created{};
    Timestamp next_due{};
    Timestamp expires{};
    bool body_8bit = false;
    bool smtputf8 = false;
    std::string envelope_id;  ///< ENVID of RFC 3461 §4.4
    bool return_full = false; ///< RET=FULL of RFC 3461 §4.3
    std::string submitter;    ///< who logged in to send it, or empty
    std::string origin;       ///< the client that gave it to us, for reports
    std::string journey;      ///< journey id
    std::uint32_t attempts = 0;
    std::uint32_t delay_reports = 0; ///< delay warnings sent

    bool operator==(const QueueEntry&) const = default;
};

/// Limit: recipients of an entry; RFC 5321 §4.5.3.1.8 asks for at least 100 in a transaction.
inline constexpr std::size_t kQueueRecipientsMax = 10'000;
/// Limit: octets of each text of an entry; longer ones are cut.
inline constexpr std::size_t kQueueTextBytesMax = 2000;
/// Limit: entries that one call of due() or list() returns.
inline constexpr std::size_t kQueuePageMax = 100;

struct QueuePage {
    std::vector<QueueEntry> entries;
    bool more = false;
};

class Queue {
public:
    /// Engine and clock outlive it. One Queue object per shard and process.
    Queue(Engine* engine, Clock* clock, std::uint64_t shard = 0);

    /// Durable on return. Errors: invalid, no_space, unavailable.
    async::Awaitable<StoreResult<QueueId>> add(QueueEntry entry);
    /// Entries due at `now` but not those of `except`, the longest due first; at most kQueuePageMax. Those due after
    /// `latest` are due too: nobody plans so far ahead, so the clock was wrong when that was planned, or is now.
    async::Awaitable<StoreResult<std::vector<QueueEntry>>>
    due(Timestamp now, std::size_t count_max, std::set<QueueId> except = {}, std::optional<Timestamp> latest = {});
    /// When the next entry is due; nothing if the queue is empty.
    async::Awaitable<StoreResult<std::optional<Timestamp>>> next_due();
    /// Errors: not_found, damaged.
    async::Awaitable<StoreResult<QueueEntry>> get(QueueId id);
    /// Writes the state of the entry, its due time and the recipients at these positions. Errors: not_found.
    async::Awaitable<StoreResult<>> update(QueueEntry entry, std::vector<std::size_t> recipients);
    /// Brings the entry up to date (as update() does) or, if no recipient has anything left to happen, removes it; adds
    /// `report`, the bounce about some of its recipients, in the same commit: after a crash both are there or neither.
    /// Returns the report's id. Errors: not_found, invalid (more than one engine batch holds), no_space, unavailable.
    async::Awaitable<StoreResult<std::optional<QueueId>>>
    conclude(QueueEntry entry, std::vector<std::size_t> recipients, std::optional<QueueEntry> report);
    /// Removes the entry and its hold on the bytes; no error if it is gone already.
    async::Awaitable<StoreResult<>> remove(QueueId id);
    /// In order of ids, those above `after`; at most kQueuePageMax.
    async::Awaitable<StoreResult<QueuePage>> list(QueueId after, std::size_t count_max);
    /// Makes the entry due now. Errors: not_found.
    async::Awaitable<StoreResult<>> retry(QueueId id);

    /// Names the delivery to one recipient for Account::append.
    std::string delivery_tag(QueueId id, std::size_t recipient) const;

private:
    QueueId fresh_id();
    async::Awaitable<StoreResult<>> add_due(std::string begin, std::string end, std::size_t count_max,
                                            const std::set<QueueId>* except, std::vector<QueueEntry>* entries);
    async::Awaitable<StoreResult<QueueEntry>> read(QueueId id, std::string head);
    async::Awaitable<StoreResult<>> write_recipients(QueueId id, std::vector<QueueRecipient> recipients,
                                                     std::vector<std::size_t> positions);
    async::Awaitable<StoreResult<>> replace_head(QueueId id, std::optional<QueueEntry> entry, Timestamp due,
                                                 std::vector<Operation> more);

    Engine* engine_;
    Clock* clock_;
    Domain domain_;
    std::atomic<std::uint64_t> last_id_ = 0;
};

} // namespace tegami::store
