// The records of a queue shard: docs/formats/queue.md.
#pragma once

#include "store/queue.h"

#include <optional>
#include <string>
#include <string_view>

namespace tegami::store::record {

/// E: an entry without its recipients.
std::string encode_queue_head(const QueueEntry& entry);

struct QueueHead {
    QueueEntry entry;             ///< without recipients
    std::uint32_t recipients = 0; ///< how many R records belong to it
};

std::optional<QueueHead> decode_queue_head(QueueId id, std::string_view value);
/// R: one recipient.
std::string encode_queue_recipient(const QueueRecipient& recipient);
std::optional<QueueRecipient> decode_queue_recipient(std::string_view value);

std::string queue_head_key(QueueId id);
std::string queue_recipient_key(QueueId id, std::uint32_t recipient);
std::string queue_due_key(Timestamp due, QueueId id);

/// The tag under which an entry keeps its blob.
std::string queue_reference_tag(std::uint64_t shard, QueueId id);

} // namespace tegami::store::record
