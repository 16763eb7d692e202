// What changes of the queue are made of: shared by queue.cpp and queue_conclude.cpp.
#pragma once

#include "store/queue.h"

namespace tegami::store {

/// How often a change that another one has overtaken is made again: each time the other one has made its own.
inline constexpr int kQueueAttempts = 100;

Error queue_not_found(QueueId id);

/// The item with its index records, which one on hold has not.
void put_item(Batch& batch, const QueueItem& item);
/// The index records of an item as it was.
void delete_due(Batch& batch, const QueueItem& item);

bool fits(const Batch& batch, const Limits& limits);

/// Gives a new message and its items their ids.
void number(QueuedMessage& message, QueueId id);

} // namespace tegami::store
