// The records of a queue shard: docs/formats/queue.md.
#pragma once

#include "store/queue_items.h"

#include <optional>
#include <string>
#include <string_view>

namespace tegami::store::record {

/// M: a message's head.
std::string encode_queue_message(const QueueMessage& message);
std::optional<QueueMessage> decode_queue_message(QueueId id, std::string_view value);
/// I: an item with its recipients.
std::string encode_queue_item(const QueueItem& item);
std::optional<QueueItem> decode_queue_item(QueueItemId id, std::string_view value);

/// A destination inside a key or as the value of a D record.
std::string encode_destination(const QueueDestination& destination);
std::optional<QueueDestination> decode_destination(std::string_view text);

std::string queue_message_key(QueueId id);
std::string queue_item_key(QueueItemId id);
/// The item that an I, D or T key ends with; zeros if the key is too short.
QueueItemId item_of_key(std::string_view key);
/// D: finds items by due time. The item left out: the first key of that moment.
std::string queue_due_key(Timestamp due, QueueItemId id = {});
Timestamp due_of_key(std::string_view key);
/// T: finds the items of a destination by due time.
std::string queue_destination_key(const QueueDestination& destination, Timestamp due, QueueItemId id = {});
/// Behind all keys of the destination.
std::string queue_destination_end(const QueueDestination& destination);

/// W: finds messages that are held by the moment when they are released. The message left out: the first key of that
/// moment.
std::string queue_held_key(Timestamp until, QueueId id = {});
QueueId held_of_key(std::string_view key);

/// H: a destination on hold.
inline constexpr std::string_view kQueueHoldPrefix = "H";
std::string queue_hold_key(const QueueDestination& destination);
std::string encode_queue_hold(const QueueHold& hold);
std::optional<QueueHold> decode_queue_hold(std::string_view value);

/// The tag under which a message keeps its blob.
std::string queue_reference_tag(std::uint64_t shard, QueueId id);

} // namespace tegami::store::record
