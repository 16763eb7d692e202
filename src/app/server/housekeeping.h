// What is done once a day: what is due is erased.
#pragma once

#include "app/configuration/config.h"
#include "app/server/backend.h"
#include "async/timer.h"
#include "base/log.h"

namespace tegami::app {

/// Does not return. All of them outlive the call.
async::Awaitable<> keep_house(Backend* backend, const Config* config, async::Timers* timers, Log* log);

} // namespace tegami::app
