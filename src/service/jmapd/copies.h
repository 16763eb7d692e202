// What /copy methods share (RFC 8620 §5.4): what is copied is looked at in one account and made in another.
#pragma once

#include "service/jmapd/call.h"

#include <string>

namespace tegami::jmapd {

/// Makes the call be about the account that is copied from. Faults: fromAccountNotFound; invalidArguments if it is `to`, too.
async::Awaitable<Result<void, jmap::Fault>> enter_source(Call* call, std::string from, std::string to);

} // namespace tegami::jmapd
