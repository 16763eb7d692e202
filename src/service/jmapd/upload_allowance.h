// How many octets each account has uploaded within the last hour.
#pragma once

#include "base/clock.h"
#include "store/types.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>

namespace tegami::jmapd {

/// Any thread. Forgotten when the process ends.
class UploadAllowance {
public:
    explicit UploadAllowance(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

    /// False, and nothing is counted, if these would be too many.
    bool take(store::AccountId account, std::uint64_t bytes, Instant now);

private:
    using Minutes = std::chrono::time_point<Instant::clock, std::chrono::minutes>;

    const std::uint64_t bytes_max_;
    std::mutex guard_;
    std::map<store::AccountId, std::map<Minutes, std::uint64_t>> taken_; ///< in the minutes of the last hour
    Minutes swept_{};
};

} // namespace tegami::jmapd
