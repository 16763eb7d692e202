// A mailbox as a client wants it to be (RFC 8621 §2): what Mailbox/set takes out of an object, and what is wrong with it.
#pragma once

#include "base/result.h"
#include "protocol/jmap/created_ids.h"
#include "protocol/jmap/fault.h"
#include "store/account.h"
#include "json/json.h"

#include <optional>
#include <string>

namespace tegami::jmapd {

struct WantedMailbox {
    std::string name; ///< the whole name, in the store's form
    store::MailboxSettings settings;
};

/// What the object asks for. `present` is the mailbox that is to become so; null for a new one, for which the object has
/// no property that is server-set. Faults: invalidProperties, with all that are wrong.
Result<WantedMailbox, jmap::Fault> read_mailbox(const json::object& object, const store::MailboxInfo* present,
                                                const store::MailboxList& list, const jmap::CreatedIds& created);

} // namespace tegami::jmapd
