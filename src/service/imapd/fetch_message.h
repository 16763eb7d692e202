// Writes one FETCH line: every item of RFC 9051 §6.4.5 for one message, from the mailbox's row, the card, and, for
// bodies, the stored octets in chunks.
//
// 1. A message whose card or octets cannot be read gives no line at all; the others of the FETCH still come.
// 2. If octets fail after a literal has begun, nothing true can follow: the connection ends.
#pragma once

#include "async/awaitable.h"
#include "protocol/imap/command.h"
#include "service/imapd/session.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::imapd {

/// What the items of a FETCH have to look at beyond the mailbox's row.
struct FetchNeeds {
    bool email = false; ///< the row that all copies share: internal date, blob
    bool card = false;
    bool structure = false; ///< of the card also what stands behind the envelope
    bool start = false;     ///< the message is wanted from its first octet on; the card comes with it
    bool flags = false;     ///< FLAGS is asked for
    bool seen = false;      ///< an item sets \Seen
    bool text = false;      ///< an item is of what the message says, not of its header alone
};

FetchNeeds needs_of(const std::vector<imap::FetchItem>& items);

/// One FETCH command while it runs.
struct FetchJob {
    Session* session;
    const std::vector<imap::FetchItem>* items;
    FetchNeeds needs;
    std::size_t starts_bytes = 1;        ///< of messages that are read in one go
    std::optional<store::Error> trouble; ///< of a message that could not be read
    bool unknown_encoding = false;       ///< BINARY of a part whose encoding nobody knows
};

/// One message of it.
struct FetchSource {
    imap::SequenceNumber number;
    store::MessageRow row;
    std::optional<store::EmailRow> email; ///< there if the job needs it
    std::string_view card;                ///< as it is stored; there if the job needs it or the start
    std::string start;                    ///< the message's first octets if the job needs them
    bool tell_flags = false;              ///< FLAGS belongs into the line although it was not asked for
};

async::Awaitable<> fetch_message(FetchJob* job, FetchSource* source);

} // namespace tegami::imapd
