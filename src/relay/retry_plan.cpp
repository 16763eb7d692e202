#include "relay/retry_plan.h"

#include <algorithm>

namespace tegami::relay {

Timestamp next_attempt(const RetryPlan& plan, std::uint32_t attempts, Timestamp now, Timestamp expires,
                       RandomSource& random) {
    auto wait = std::chrono::duration_cast<Duration>(plan.first);
    const auto longest = std::chrono::duration_cast<Duration>(plan.longest);
    for (std::uint32_t attempt = 1; attempt < attempts && wait < longest; ++attempt)
        wait *= 2;
    wait = std::min(wait, longest);
    const auto tenth = static_cast<std::uint64_t>(wait.count() / 10);
    const Duration jitter(static_cast<std::int64_t>(random.below(2 * tenth + 1)) - static_cast<std::int64_t>(tenth));
    return std::max(now + Duration(1), std::min(now + wait + jitter, expires));
}

} // namespace tegami::relay
