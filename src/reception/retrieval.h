// The end of a journey: a mail program has fetched the message. The trace field that we put in front of a message names
// its journey, so nothing has to be kept with the message for this.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "store/journey.h"
#include "store/store.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::reception {

struct Retrieval {
    store::BlobId blob;
    Timestamp internal_date;
    std::string account; ///< its address
    std::string service; ///< "IMAP", "POP3"
    std::string client;  ///< address of the mail program's machine
};

/// Limit: older messages are passed over: a program that fetches ten years of mail anew is not to cost a look at each,
/// and their journeys are forgotten.
inline constexpr auto kRetrievalAgeMax = std::chrono::days(30);

/// The journey that our own trace field at the beginning of a stored message names; nothing if another wrote it.
std::optional<std::string> journey_of(std::string_view beginning);

/// Records that a device has fetched the message; reads its first octets. Nothing happens for a message without a
/// journey, or if it cannot be read.
async::Awaitable<> record_retrieval(store::Store* store, store::Journeys* journeys, Timestamp now, Retrieval retrieval);

} // namespace tegami::reception
