// Email/set (RFC 8621 §4.6) as a function, also for what follows from other methods (§7.5).
#pragma once

#include "service/jmapd/call.h"
#include "json/json.h"

namespace tegami::jmapd {

/// Carries out an Email/set with these arguments, in which "#new" stands for what was created before in the request, and
/// gives its response. Each record is done whole or not at all, whatever becomes of the others; what was created is in
/// the batch's created ids. `arguments` outlive it. Faults: those of the method.
async::Awaitable<MethodResult> set_emails(Call* call, const json::object* arguments);

} // namespace tegami::jmapd
