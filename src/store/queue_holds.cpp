#include "store/queue_holds.h"

#include "async/turns.h"
#include "base/ascii.h"
#include "store/account_records.h"
#include "store/engine/batch_check.h"
#include "store/engine/scan.h"
#include "store/queue_changes.h"
#include "store/queue_records.h"
#include "store/record_coding.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace tegami::store {

namespace {

/// Messages whose time is made longer in one commit.
constexpr std::size_t kRenewedAtOnce = 32;

/// What was on hold since then has waited through no fault of its own.
void add_time(QueueMessage& message, Timestamp since, Timestamp now) {
    message.expires += std::max(Duration(0), now - std::max(since, message.waits_since()));
}

/// The time of a destination on hold does not count.
async::Awaitable<StoreResult<>> leave_out_hold(Engine* engine, Domain shard, std::vector<QueueId> messages,
                                               Timestamp since, Timestamp now) {
    for (int attempt = 0; attempt < kQueueAttempts; ++attempt) {
        Batch batch{.domain = shard, .expected = {}, .assertions = {}, .operations = {}};
        for (const QueueId id : messages) {
            const std::string key = record::queue_message_key(id);
            CO_TRY(auto head, co_await engine->get(shard, key));
            auto message = head ? record::decode_queue_message(id, *head) : std::nullopt;
            if (!message) continue; // gone, or for repair
            add_time(*message, since, now);
            batch.assertions.push_back({key, std::move(head)});
            batch.operations.emplace_back(Put{key, record::encode_queue_message(*message)});
        }
        if (batch.operations.empty()) co_return StoreResult<>{};
        const StoreResult<Version> committed = co_await engine->commit(std::move(batch));
        if (committed) co_return StoreResult<>{};
        if (committed.error().code != ErrorCode::conflict) co_return failure(committed.error());
    }
    co_return failure(Error{ErrorCode::unavailable, "the queued messages change all the time"});
}

} // namespace

bool QueueChoice::has(const QueueItem& item, const QueueRecipient& each) const {
    if (!each.is_waiting()) return false;
    if (destination && item.destination != *destination) return false;
    return !recipient ||
           (each.address.domain == recipient->domain && ascii::iequals(each.address.local_part, recipient->local_part));
}

async::Awaitable<StoreResult<QueueHolds::Recipients>> QueueHolds::hold(QueueId id, QueueChoice chosen, QueueHold hold) {
    const Step stop = [hold = std::move(hold)](QueueItem&, QueueRecipient& recipient) { recipient.hold = hold; };
    co_return co_await change(id, std::move(chosen), stop);
}

async::Awaitable<StoreResult<QueueHolds::Recipients>> QueueHolds::release(QueueId id, QueueChoice chosen) {
    const Step let_go = [now = clock_->now()](QueueItem& item, QueueRecipient& recipient) {
        if (recipient.hold) item.next_due = now;
        recipient.hold.reset();
    };
    co_return co_await change(id, std::move(chosen), let_go);
}

async::Awaitable<StoreResult<QueueHolds::Recipients>> QueueHolds::give_up(QueueId id, QueueChoice chosen,
                                                                          std::string reply) {
    const Step fail = [now = clock_->now(), reply = std::move(reply)](QueueItem& item, QueueRecipient& recipient) {
        recipient.state = RecipientState::failed;
        recipient.hold.reset();
        recipient.last_attempt = now;
        recipient.last_server.clear();
        recipient.last_reply = reply;
        item.next_due = now;
    };
    co_return co_await change(id, std::move(chosen), fail);
}

/// Items that are changed in one commit.
struct QueueHolds::Part {
    std::string head_key;
    std::string head; ///< as it was read: whether its sender holds the message, too
    QueueMessage message;
    std::optional<Timestamp> since; ///< the first hold that ends, in all commits
    Batch batch;
    std::vector<QueueItem> items;
    Recipients recipients;

    void add(Batch changes, QueueItem after) {
        std::ranges::move(changes.assertions, std::back_inserter(batch.assertions));
        std::ranges::move(changes.operations, std::back_inserter(batch.operations));
        items.push_back(std::move(after));
    }

    bool has_room_for(const Batch& more, const Limits& limits) const {
        const std::size_t operations = batch.operations.size() + batch.assertions.size() + more.operations.size() +
                                       more.assertions.size() + 1; // the head
        return batch.operations.empty() ||
               (operations <= limits.batch_operations_max &&
                batch_bytes(batch) + batch_bytes(more) + head.size() + head_key.size() <= limits.batch_bytes_max);
    }
};

async::Awaitable<StoreResult<QueueHolds::Recipients>> QueueHolds::change(QueueId id, QueueChoice chosen, Step step) {
    Recipients changed;
    for (int attempt = 0; attempt < kQueueAttempts; ++attempt) {
        const StoreResult<> done = co_await change_once(id, &chosen, &step, &changed);
        if (done) co_return changed;
        if (done.error().code != ErrorCode::conflict) co_return failure(done.error());
    }
    co_return failure(Error{ErrorCode::unavailable, "the queued message changes all the time"});
}

async::Awaitable<StoreResult<>> QueueHolds::change_once(QueueId id, const QueueChoice* chosen, const Step* step,
                                                        Recipients* changed) {
    Part part{.head_key = record::queue_message_key(id),
              .head = {},
              .message = {},
              .since = {},
              .batch = {.domain = domain_, .expected = {}, .assertions = {}, .operations = {}},
              .items = {},
              .recipients = {}};
    CO_TRY(const auto head, co_await engine_->get(domain_, part.head_key));
    if (!head) co_return failure(queue_not_found(id));
    auto message = record::decode_queue_message(id, *head);
    if (!message) co_return failure(damaged_record(domain_, part.head_key));
    part.head = *head;
    part.message = *std::move(message);
    Scan scan(
        engine_, domain_,
        {.begin = record::queue_item_key({id, 0}), .end = record::queue_item_key({id.next(), 0}), .rows_max = 100});
    while (scan.more()) {
        CO_TRY(const Page page, co_await scan.next());
        for (const Row& row : page.rows) {
            const auto before = record::decode_queue_item(record::item_of_key(row.key), row.value);
            if (!before) co_return failure(damaged_record(domain_, row.key));
            QueueItem after = *before;
            Recipients done;
            for (QueueRecipient& recipient : after.recipients) {
                if (!chosen->has(after, recipient)) continue;
                const QueueRecipient was = recipient;
                (*step)(after, recipient);
                if (recipient != was) done.push_back(recipient.address);
                if (was.hold && !recipient.hold && recipient.is_waiting())
                    part.since = std::min(part.since.value_or(Timestamp::max()), was.hold->since);
            }
            if (done.empty()) continue;
            Batch one{.domain = domain_, .expected = {}, .assertions = {{row.key, row.value}}, .operations = {}};
            delete_due(one, *before);
            if (part.message.is_held())
                one.operations.emplace_back(Put{row.key, record::encode_queue_item(after)});
            else
                put_item(one, after);
            if (!part.has_room_for(one, engine_->limits())) {
                CO_TRY_VOID(co_await commit(&part, changed));
            }
            part.add(std::move(one), std::move(after));
            std::ranges::move(done, std::back_inserter(part.recipients));
        }
        co_await async::give_way();
    }
    if (part.since && !part.batch.operations.empty()) {
        add_time(part.message, *part.since, clock_->now());
        part.batch.operations.emplace_back(Put{part.head_key, record::encode_queue_message(part.message)});
    }
    co_return co_await commit(&part, changed);
}

/// Nothing is in the part afterwards.
async::Awaitable<StoreResult<>> QueueHolds::commit(Part* part, Recipients* changed) {
    if (part->batch.operations.empty()) co_return StoreResult<>{};
    part->batch.assertions.push_back({part->head_key, part->head});
    Batch batch{.domain = domain_, .expected = {}, .assertions = {}, .operations = {}};
    std::swap(batch, part->batch);
    const StoreResult<Version> committed = co_await engine_->commit(std::move(batch));
    search_->became_due(std::exchange(part->items, {})); // also if the outcome is not known
    Recipients recipients = std::exchange(part->recipients, {});
    if (!committed) co_return failure(committed.error());
    std::ranges::move(recipients, std::back_inserter(*changed));
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> QueueHolds::hold_destination(message::Domain domain, QueueHold hold) {
    CO_TRY(const auto known, co_await destinations());
    if (known.size() >= kHeldDestinationsMax && !known.contains(domain))
        co_return failure(
            Error{ErrorCode::invalid, fmt::format("no more than {} destinations can be held", kHeldDestinationsMax)});
    Batch batch{.domain = domain_, .expected = {}, .assertions = {}, .operations = {}};
    batch.operations.emplace_back(Put{record::queue_hold_key(std::move(domain)), record::encode_queue_hold(hold)});
    CO_TRY_VOID(co_await engine_->commit(std::move(batch)));
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<bool>> QueueHolds::release_destination(message::Domain domain) {
    const QueueDestination destination = std::move(domain);
    const std::string key = record::queue_hold_key(destination);
    CO_TRY(const auto hold, co_await engine_->get(domain_, key));
    if (!hold) co_return false;
    const QueueHold ends = record::decode_queue_hold(*hold).value_or(QueueHold{.since = clock_->now()});
    Scan scan(engine_, domain_,
              {.begin = record::queue_destination_key(destination, Timestamp()),
               .end = record::queue_destination_end(destination),
               .rows_max = std::min(kRenewedAtOnce, engine_->limits().batch_operations_max / 2)});
    while (scan.more()) {
        CO_TRY(const Page page, co_await scan.next());
        std::set<QueueId> messages;
        for (const Row& row : page.rows)
            messages.insert(record::item_of_key(row.key).message);
        std::vector<QueueId> all(messages.begin(), messages.end());
        CO_TRY_VOID(co_await leave_out_hold(engine_, domain_, std::move(all), ends.since, clock_->now()));
        co_await async::give_way();
    }
    Batch batch{.domain = domain_, .expected = {}, .assertions = {}, .operations = {}};
    batch.operations.emplace_back(Delete{key});
    const StoreResult<Version> committed = co_await engine_->commit(std::move(batch));
    // What had come due was passed over; also if the outcome is not known.
    search_->look_again(destination);
    search_->end(record::queue_due_key(Timestamp()));
    if (!committed) co_return failure(committed.error());
    co_return true;
}

async::Awaitable<StoreResult<std::optional<QueueHold>>> QueueHolds::of(QueueDestination destination) {
    if (std::holds_alternative<AccountId>(destination)) co_return std::optional<QueueHold>();
    CO_TRY(const auto value, co_await engine_->get(domain_, record::queue_hold_key(destination)));
    if (!value) co_return std::optional<QueueHold>();
    // What cannot be read is a hold all the same: verify() names it.
    co_return record::decode_queue_hold(*value).value_or(QueueHold());
}

async::Awaitable<StoreResult<std::map<message::Domain, QueueHold>>> QueueHolds::destinations() {
    std::map<message::Domain, QueueHold> all;
    const std::string begin(record::kQueueHoldPrefix);
    Scan scan(engine_, domain_, {.begin = begin, .end = record::behind(begin), .rows_max = 100});
    while (scan.more()) {
        CO_TRY(const Page page, co_await scan.next());
        for (const Row& row : page.rows) {
            const auto destination = record::decode_destination(std::string_view(row.key).substr(begin.size()));
            const auto* const domain = destination ? std::get_if<message::Domain>(&*destination) : nullptr;
            if (domain) all.emplace(*domain, record::decode_queue_hold(row.value).value_or(QueueHold()));
        }
    }
    co_return all;
}

} // namespace tegami::store
