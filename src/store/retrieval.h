// The end of a journey: a mail program has fetched the message.
#pragma once

#include "store/journey.h"

#include <chrono>
#include <string>

namespace tegami::store {

struct Retrieval {
    std::string journey; ///< of the message's card; empty: nothing is recorded
    std::string account; ///< its address
    std::string service; ///< "IMAP", "POP3"
    std::string client;  ///< address of the mail program's machine
};

/// Limit: older messages are passed over: a program that fetches ten years of mail anew is not to cost an event for
/// each, and their journeys are forgotten.
inline constexpr auto kRetrievalAgeMax = std::chrono::days(30);

/// Whether somebody who fetches a message of that date now is to be recorded.
bool is_traced(Timestamp internal_date, Timestamp now);

/// Records that a device has fetched a message that is_traced().
void record_retrieval(Journeys& journeys, Retrieval retrieval);

} // namespace tegami::store
