// Emails as JMAP shows them (RFC 8621 §4.1).
#pragma once

#include "async/awaitable.h"
#include "service/jmapd/call.h"
#include "service/jmapd/email_properties.h"
#include "store/account_view.h"
#include "json/json.h"

#include <string>
#include <vector>

namespace tegami::jmapd {

struct FoundEmails {
    json::array list;
    std::vector<std::string> not_found; ///< also those that cannot be read; the store has logged it
};

/// What is wanted of each. Faults: those of a method.
async::Awaitable<Result<FoundEmails, jmap::Fault>> read_emails(Call* call, store::AccountViewPtr view,
                                                               EmailProperties wanted, std::vector<std::string> ids);

/// What may change in an email: "mailboxIds" and "keywords".
json::object marks_object(const store::EmailState& email, const store::KeywordNames& names);

} // namespace tegami::jmapd
