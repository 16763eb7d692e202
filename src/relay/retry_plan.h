// When to try a message again: pure.
#pragma once

#include "base/clock.h"
#include "base/random.h"

#include <chrono>
#include <cstdint>

namespace tegami::relay {

struct RetryPlan {
    std::chrono::seconds first = std::chrono::minutes(5);
    std::chrono::seconds longest = std::chrono::hours(4);
};

/// After `attempts` (at least 1) failed ones: the first wait doubled each time up to the longest, a tenth more or less
/// by chance so that what failed together does not come back together. Never in the past, never after `expires`: the
/// last attempt is made then.
Timestamp next_attempt(const RetryPlan& plan, std::uint32_t attempts, Timestamp now, Timestamp expires,
                       RandomSource& random);

} // namespace tegami::relay
