#include "service/jmapd/upload_allowance.h"

#include <algorithm>

namespace tegami::jmapd {

bool UploadAllowance::take(store::AccountId account, std::uint64_t bytes, Instant now) {
    const Minutes minute = std::chrono::floor<std::chrono::minutes>(now);
    const std::lock_guard lock(guard_);
    if (minute != swept_) {
        swept_ = minute;
        for (auto& [id, minutes] : taken_)
            minutes.erase(minutes.begin(), minutes.lower_bound(minute - std::chrono::hours(1)));
        std::erase_if(taken_, [](const auto& one) { return one.second.empty(); });
    }
    std::uint64_t taken = 0;
    if (const auto found = taken_.find(account); found != taken_.end())
        for (const auto& [when, count] : found->second)
            taken += count;
    if (bytes > bytes_max_ - std::min(taken, bytes_max_)) return false;
    taken_[account][minute] += bytes;
    return true;
}

} // namespace tegami::jmapd
