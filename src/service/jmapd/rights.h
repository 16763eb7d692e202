// What somebody may do in a mailbox, as JMAP says it (RFC 8621 §2, RFC 9670 §2), and whether it is enough for what a client wants.
//
// The rights are those of IMAP (store/access.h, RFC 4314): mayReadItems l and r, mayAddItems i, mayRemoveItems t and e,
// maySetSeen s, maySetKeywords w, mayCreateChild k, mayRename and mayDelete x, mayShare a.
#pragma once

#include "base/result.h"
#include "protocol/jmap/fault.h"
#include "service/jmapd/call.h"
#include "service/jmapd/email_marks.h"
#include "service/jmapd/mailbox_object.h"
#include "store/access.h"
#include "store/account_view.h"
#include "json/json.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::jmapd {

/// myRights of who has these. The owner may send letters from the mailbox, too.
json::object rights_object(const store::MailboxInfo& mailbox, store::Rights rights, bool is_owner);

/// A member of shareWith; `maySubmit` means nothing there. Nothing if it is none.
std::optional<store::Rights> read_rights(const json::value& object);

/// "P3-…": a principal is an account (RFC 9670 §2). The id is signed, so that nobody counts through them.
std::string principal_id(store::AccountId account, std::string_view secret);
/// Nothing for what principal_id() does not make.
std::optional<store::AccountId> parse_principal_id(std::string_view id, std::string_view secret);

/// shareWith: null if nobody is in the list.
json::value share_with(const store::AccessList& list, std::string_view secret);
/// What makes the list say what shareWith does. Nothing if that is no shareWith.
std::optional<std::vector<store::GrantChange>>
read_share_with(const json::value& value, const store::AccessList& before, std::string_view secret);

/// For mailbox_object().
MailboxReader reader_of(const Call& call, const store::MailboxInfo& mailbox);

/// Whether somebody else may change nothing in what they see of an account.
bool is_read_only(const store::MailboxList& part, store::AccountId reader);

// Of the account that the call is about. Faults: forbidden.

/// A new email of these marks.
Result<void, jmap::Fault> may_add(const Call& call, const EmailMarks& marks);
/// The change of an email that is in these mailboxes now.
Result<void, jmap::Fault> may_update(const Call& call, const store::EmailState& email,
                                     const store::EmailUpdate& update);
/// `needed` in one mailbox.
Result<void, jmap::Fault> may(const Call& call, const store::MailboxInfo& mailbox, store::Rights needed);

} // namespace tegami::jmapd
