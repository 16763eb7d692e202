// The end of an attempt: what it came to is written, items end, and the report about those who failed goes into the
// queue with the same commit.
#include "store/account_records.h"
#include "store/queue_changes.h"
#include "store/queue_records.h"

#include <algorithm>
#include <map>

namespace tegami::store {

namespace {

/// Nothing more is to happen for it.
bool is_over(const QueueRecipient& recipient) {
    return recipient.state == RecipientState::delivered || recipient.state == RecipientState::reported;
}

/// Who manages the server has put recipients on hold, released them or given them up while somebody worked on the item: that
/// stays, except where the attempt has ended it. Neither adds nor takes away recipients.
void keep_decisions(const QueueItem& before, QueueItem& after) {
    for (std::size_t at = 0; at < std::min(before.recipients.size(), after.recipients.size()); ++at) {
        const QueueRecipient& stored = before.recipients[at];
        QueueRecipient& tried = after.recipients[at];
        if (!tried.is_waiting()) continue;
        tried.hold = stored.hold;
        if (stored.state != RecipientState::failed) continue;
        tried = stored;
        after.next_due = std::min(after.next_due, before.next_due);
    }
}

} // namespace

/// What is in the queue of the items to be concluded: those that are still as they were read.
struct Queue::Changes {
    std::string head;
    QueueMessage message;

    struct Change {
        std::string value; ///< as stored
        QueueItem before;
        QueueItem after;
    };

    std::vector<Change> items;
};

async::Awaitable<StoreResult<std::optional<QueueId>>> Queue::conclude(std::vector<QueueItem> items,
                                                                      std::optional<QueuedMessage> report) {
    // An item is an assertion and at most five operations (its record, its index records before and after); the head is
    // an assertion, a record and a reference.
    const std::size_t at_once = std::max<std::size_t>(1, (engine_->limits().batch_operations_max - 3) / 6);
    if (report || items.size() <= at_once) co_return co_await conclude_at_once(std::move(items), std::move(report));
    bool any = false;
    for (std::size_t begin = 0; begin < items.size(); begin += at_once) {
        const auto first = items.begin() + static_cast<std::ptrdiff_t>(begin);
        const auto end = items.begin() + static_cast<std::ptrdiff_t>(std::min(begin + at_once, items.size()));
        std::vector<QueueItem> part(first, end);
        const auto concluded = co_await conclude_at_once(std::move(part), {});
        if (!concluded && concluded.error().code != ErrorCode::not_found) co_return failure(concluded.error());
        any = any || concluded;
    }
    if (!any) co_return failure(queue_not_found(items.front().id.message));
    co_return std::optional<QueueId>();
}

async::Awaitable<StoreResult<std::optional<QueueId>>> Queue::conclude_at_once(std::vector<QueueItem> items,
                                                                              std::optional<QueuedMessage> report) {
    const QueueId id = items.front().id.message;
    const std::string head_key = record::queue_message_key(id);
    for (int attempt = 0; attempt < kQueueAttempts; ++attempt) {
        Changes changes;
        CO_TRY_VOID(co_await read_changes(&items, &changes));
        if (changes.items.empty()) co_return failure(queue_not_found(id));
        if (report && changes.items.size() != items.size())
            co_return failure(Error{ErrorCode::conflict, "an item to be reported has changed"});
        Batch batch = new_batch();
        std::uint32_t left = changes.message.items;
        std::vector<QueueItem> due;
        for (Changes::Change& change : changes.items) {
            const std::string key = record::queue_item_key(change.before.id);
            batch.assertions.push_back({key, std::move(change.value)});
            delete_due(batch, change.before);
            if (change.after.recipients.empty()) {
                batch.operations.emplace_back(Delete{key});
                --left;
            } else {
                put_item(batch, change.after);
                due.push_back(std::move(change.after));
            }
        }
        // The head is asserted only if it changes: items of one message that go on do not wait for each other.
        if (left != changes.message.items) {
            batch.assertions.push_back({head_key, std::move(changes.head)});
            changes.message.items = left;
            if (left > 0) {
                batch.operations.emplace_back(Put{head_key, record::encode_queue_message(changes.message)});
            } else {
                batch.operations.emplace_back(Delete{head_key});
                batch.operations.emplace_back(
                    RemoveReference{changes.message.blob.id, record::queue_reference_tag(domain_.id, id)});
            }
        }
        std::optional<QueueId> report_id;
        if (report) {
            number(*report, fresh_id());
            report_id = report->message.id;
            add_message(batch, *report);
            due.insert(due.end(), report->items.begin(), report->items.end());
            if (!fits(batch, engine_->limits()))
                co_return failure(Error{ErrorCode::invalid, "the report does not fit into one batch"});
        }
        const StoreResult<Version> committed = co_await engine_->commit(std::move(batch));
        search_.became_due(due);
        if (committed) co_return report_id;
        if (committed.error().code != ErrorCode::conflict) co_return failure(committed.error());
    }
    co_return failure(Error{ErrorCode::unavailable, "the queued message changes all the time"});
}

async::Awaitable<StoreResult<>> Queue::read_changes(const std::vector<QueueItem>* items, Changes* changes) {
    const QueueId id = items->front().id.message;
    const std::string head_key = record::queue_message_key(id);
    CO_TRY(auto head, co_await engine_->get(domain_, head_key));
    if (!head) co_return failure(queue_not_found(id));
    auto message = record::decode_queue_message(id, *head);
    if (!message) co_return failure(damaged_record(domain_, head_key));
    changes->head = *std::move(head);
    changes->message = *std::move(message);
    for (const QueueItem& item : *items) {
        const std::string key = record::queue_item_key(item.id);
        CO_TRY(auto value, co_await engine_->get(domain_, key));
        auto before = value ? record::decode_queue_item(item.id, *value) : std::nullopt;
        if (value && !before) co_return failure(damaged_record(domain_, key));
        if (!before || before->revision != item.revision) continue; // somebody else has concluded it
        QueueItem after = item;
        ++after.revision;
        keep_decisions(*before, after);
        std::erase_if(after.recipients, is_over);
        changes->items.push_back({*std::move(value), *std::move(before), std::move(after)});
    }
    co_return StoreResult<>{};
}

} // namespace tegami::store
