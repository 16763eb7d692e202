#include "store/queue_changes.h"

#include "store/account_records.h"
#include "store/engine/batch_check.h"
#include "store/queue_records.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::store {

Error queue_not_found(QueueId id) {
    return {ErrorCode::not_found, fmt::format("queue entry {}", id.value)};
}

void put_item(Batch& batch, const QueueItem& item) {
    batch.operations.emplace_back(Put{record::queue_item_key(item.id), record::encode_queue_item(item)});
    if (item.is_on_hold()) return;
    batch.operations.emplace_back(Put{record::queue_due_key(item.next_due, item.id),
                                      record::encode_text(record::encode_destination(item.destination))});
    batch.operations.emplace_back(
        Put{record::queue_destination_key(item.destination, item.next_due, item.id), record::encode_text("")});
}

void delete_due(Batch& batch, const QueueItem& item) {
    batch.operations.emplace_back(Delete{record::queue_due_key(item.next_due, item.id)});
    batch.operations.emplace_back(Delete{record::queue_destination_key(item.destination, item.next_due, item.id)});
}

bool fits(const Batch& batch, const Limits& limits) {
    return batch.operations.size() + batch.assertions.size() <= limits.batch_operations_max &&
           batch_bytes(batch) <= limits.batch_bytes_max;
}

void number(QueuedMessage& message, QueueId id) {
    message.message.id = id;
    message.message.items = static_cast<std::uint32_t>(message.items.size());
    for (std::uint32_t at = 0; at < message.items.size(); ++at) {
        message.items[at].id = {id, at};
        message.items[at].revision = 0;
    }
}

} // namespace tegami::store
