// A mailbox as a client wants it to be (RFC 8621 §2): what Mailbox/set takes out of an object, and what is wrong with it.
#pragma once

#include "base/result.h"
#include "protocol/jmap/created_ids.h"
#include "protocol/jmap/fault.h"
#include "store/account.h"
#include "json/json.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::jmapd {

struct WantedMailbox {
    std::string name; ///< the whole name, in the store's form
    store::MailboxSettings settings;
    std::vector<store::GrantChange> grants; ///< what makes it shared with whom it is to be
};

/// What the object asks for. `present` is the mailbox that is to become so; null for a new one, for which the object has
/// no property that is server-set; `secret` is the server's, which the names of principals are signed with. Faults: invalidProperties, with all that are wrong.
Result<WantedMailbox, jmap::Fault> read_mailbox(const json::object& object, const store::MailboxInfo* present,
                                                const store::MailboxList& list, const jmap::CreatedIds& created,
                                                std::string_view secret);

} // namespace tegami::jmapd
