// In which mailboxes an email is, and its keywords, as a client wants them (RFC 8621 §4.1.1): what Email/set and Email/import
// take out of an object.
#pragma once

#include "base/result.h"
#include "protocol/jmap/created_ids.h"
#include "protocol/jmap/fault.h"
#include "store/account_view.h"
#include "store/email_update.h"
#include "json/json.h"

#include <set>
#include <string>
#include <vector>

namespace tegami::jmapd {

/// Limit: mailboxes of one email.
inline constexpr std::size_t kMailboxesPerEmailMax = 1000;

struct EmailMarks {
    std::set<store::MailboxId> mailboxes; ///< at least one
    std::set<std::string> keywords;       ///< in lower case; also those that are flags in IMAP
};

/// The keywords that an email has, in lower case.
std::set<std::string> keywords_of(const store::EmailState& email, const store::KeywordNames& names);

/// "mailboxIds", in which "#new" stands for a mailbox that was created, and "keywords", which may be missing. Faults:
/// invalidProperties, tooManyKeywords, tooManyMailboxes.
Result<EmailMarks, jmap::Fault> read_email_marks(const json::object& object, const store::MailboxList& mailboxes,
                                                 const jmap::CreatedIds& created);

/// A message of these marks in each of its mailboxes.
std::vector<store::Placement> placements_of(const EmailMarks& marks);

/// What makes an email have these marks.
store::EmailUpdate update_to(const EmailMarks& marks, const store::EmailState& email, const store::KeywordNames& names);

} // namespace tegami::jmapd
