// What a patch makes of an email (RFC 8620 §5.3, RFC 8621 §4.6): mailboxes and keywords change, all else is as it is.
#pragma once

#include "async/awaitable.h"
#include "service/jmapd/call.h"
#include "store/account_view.h"
#include "store/email_update.h"
#include "json/json.h"

namespace tegami::jmapd {

/// The change of the email, whose state is that of the view. Other properties may be said as they are. Faults of the record:
/// invalidPatch, invalidProperties, tooManyKeywords, tooManyMailboxes.
async::Awaitable<Result<store::EmailUpdate, jmap::Fault>>
plan_update(Call* call, store::AccountViewPtr view, store::EmailState email, const json::object* patch);

} // namespace tegami::jmapd
