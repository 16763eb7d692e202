// Messages that are held until a moment: their release, and their end before it.
#include "store/account_records.h"
#include "store/engine/batch_check.h"
#include "store/queue_changes.h"
#include "store/queue_records.h"

#include <algorithm>

namespace tegami::store {

namespace {

/// Messages released at once.
constexpr std::size_t kReleasedAtOnce = 64;

} // namespace

async::Awaitable<StoreResult<>> Queue::release_held(Timestamp now) {
    std::string begin = record::queue_held_key(Timestamp());
    const std::string end = record::queue_held_key(now + Duration(1));
    for (bool more = true; more;) {
        CO_TRY(const Page page, co_await engine_->scan(domain_, {begin, end, kReleasedAtOnce, false}));
        for (const Row& row : page.rows) {
            // What cannot be released now must not keep the others waiting: the next search tries again.
            const StoreResult<> released = co_await release(record::held_of_key(row.key));
            const bool leftover = !released && released.error().code == ErrorCode::not_found;
            if (!leftover) continue;
            Batch batch = new_batch();
            batch.operations.emplace_back(Delete{row.key});
            const StoreResult<Version> removed = co_await engine_->commit(std::move(batch));
            static_cast<void>(removed);
        }
        more = page.more && !page.rows.empty();
        if (more) begin = page.rows.back().key + '\0';
    }
    co_return StoreResult<>{};
}

/// Makes a held message one like any other. No error if it is that already. Errors: not_found, damaged.
async::Awaitable<StoreResult<>> Queue::release(QueueId id) {
    const std::string key = record::queue_message_key(id);
    for (int attempt = 0; attempt < kQueueAttempts; ++attempt) {
        CO_TRY(auto head, co_await engine_->get(domain_, key));
        if (!head) co_return failure(queue_not_found(id));
        auto message = record::decode_queue_message(id, *head);
        if (!message) co_return failure(damaged_record(domain_, key));
        if (!message->is_held()) co_return StoreResult<>{};
        StoreResult<> released = co_await release_at_once(*std::move(message), *std::move(head));
        if (released || released.error().code != ErrorCode::conflict) co_return released;
    }
    co_return failure(Error{ErrorCode::conflict, "the queued message changes all the time"});
}

/// First the index records of its items, in as many commits as they take; the last one changes the head.
async::Awaitable<StoreResult<>> Queue::release_at_once(QueueMessage message, std::string head) {
    CO_TRY(const std::vector<QueueItem> items, co_await items_of(message.id));
    const std::string key = record::queue_message_key(message.id);
    const Limits limits = engine_->limits();
    Batch batch = new_batch();
    for (const QueueItem& item : items) {
        // There is room for an item and the head at the end.
        if (batch.operations.size() + 7 > limits.batch_operations_max ||
            batch_bytes(batch) > limits.batch_bytes_max / 2) {
            batch.assertions.push_back({key, head});
            CO_TRY_VOID(co_await engine_->commit(std::move(batch)));
            batch = new_batch();
        }
        put_item(batch, item);
    }
    batch.assertions.push_back({key, std::move(head)});
    batch.operations.emplace_back(Delete{record::queue_held_key(*message.held_until, message.id)});
    message.released = true;
    message.held_until = std::min(*message.held_until, clock_->now());
    batch.operations.emplace_back(Put{key, record::encode_queue_message(message)});
    const StoreResult<Version> committed = co_await engine_->commit(std::move(batch));
    search_.became_due(items); // also if the outcome is not known
    CO_TRY_VOID(committed);
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> Queue::remove(QueueId id) {
    co_return co_await remove_as(id, Removal::always);
}

async::Awaitable<StoreResult<>> Queue::cancel(QueueId id) {
    co_return co_await remove_as(id, Removal::while_held);
}

async::Awaitable<StoreResult<>> Queue::remove_as(QueueId id, Removal when) {
    const std::string key = record::queue_message_key(id);
    for (int attempt = 0; attempt < kQueueAttempts; ++attempt) {
        CO_TRY(auto head, co_await engine_->get(domain_, key));
        if (!head && when == Removal::while_held) co_return failure(queue_not_found(id));
        if (!head) co_return StoreResult<>{};
        const auto message = record::decode_queue_message(id, *head);
        const bool held = message && message->is_held();
        if (!held && when == Removal::while_held) co_return failure(queue_not_found(id));
        StoreResult<std::vector<QueueItem>> items = co_await items_of(id);
        if (!items && items.error().code != ErrorCode::damaged) co_return failure(items.error());
        Batch batch = new_batch();
        batch.assertions.push_back({key, std::move(head)});
        batch.operations.emplace_back(Delete{key});
        batch.operations.emplace_back(
            DeleteRange{record::queue_item_key({id, 0}), record::queue_item_key({id.next(), 0})});
        if (message)
            batch.operations.emplace_back(
                RemoveReference{message->blob.id, record::queue_reference_tag(domain_.id, id)});
        if (held) batch.operations.emplace_back(Delete{record::queue_held_key(*message->held_until, id)});
        // Index records that do not fit are leftovers, which are passed over.
        const std::size_t room = engine_->limits().batch_operations_max - 3;
        for (std::size_t at = 0; items && !held && at < items->size() && batch.operations.size() < room; ++at)
            delete_due(batch, (*items)[at]);
        const StoreResult<Version> committed = co_await engine_->commit(std::move(batch));
        if (committed) co_return StoreResult<>{};
        if (committed.error().code != ErrorCode::conflict) co_return failure(committed.error());
    }
    co_return failure(Error{ErrorCode::conflict, "the queued message changes all the time"});
}

} // namespace tegami::store
