// New emails (RFC 8621 §4.6, §4.8).
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "service/jmapd/call.h"
#include "service/jmapd/email_marks.h"
#include "service/jmapd/message_intake.h"
#include "json/json.h"

#include <optional>

namespace tegami::jmapd {

/// Puts a message that is complete into its mailboxes. What a client is told of it: id, blobId, threadId, size. Faults of
/// the record.
async::Awaitable<Result<json::object, jmap::Fault>> add_email(Call* call, MessageIntake* message, EmailMarks marks,
                                                              std::optional<Timestamp> received);

/// Counts octets of blobs that are copied into new emails. Faults of the record: rateLimit.
Result<void, jmap::Fault> take_copy(const Call& call, std::uint64_t octets);

/// "receivedAt"; nothing if it is missing or null. Faults: invalidProperties.
Result<std::optional<Timestamp>, jmap::Fault> read_received(const json::object& object);

/// Writes the message that the object says, and adds it. Faults of the record: invalidProperties, blobNotFound, tooLarge,
/// rateLimit, tooManyKeywords, tooManyMailboxes, overQuota.
async::Awaitable<Result<json::object, jmap::Fault>> create_email(Call* call, const json::object* email);

} // namespace tegami::jmapd
