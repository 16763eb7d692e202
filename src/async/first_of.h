// Waits for whichever of two things happens first: a client's next word or news for it.
#pragma once

#include "async/awaitable.h"

#include <cstdint>

namespace tegami::async {

enum class First : std::uint8_t { left, right };

/// Runs both until one ends, then cancels the other and returns when both have ended. Says which ended first. Throws
/// what the first throws. Both run on the caller's executor.
Awaitable<First> first_of(Awaitable<> left, Awaitable<> right);

} // namespace tegami::async
