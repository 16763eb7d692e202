// Waits for several things that happen at the same time.
#pragma once

#include "async/awaitable.h"

#include <vector>

namespace tegami::async {

/// Runs all of them until each has ended. Throws, then, what the first in order has thrown. All run on the caller's
/// executor, and are cancelled when the caller is.
Awaitable<> all_of(std::vector<Awaitable<>> works);

} // namespace tegami::async
