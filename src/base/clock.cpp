#include "base/clock.h"

#include <ctime>

namespace tegami {

std::chrono::minutes Clock::zone(Timestamp) const {
    return std::chrono::minutes(0);
}

std::chrono::minutes SystemClock::zone(Timestamp moment) const {
    const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(moment).time_since_epoch().count();
    std::tm local{};
    if (localtime_r(&seconds, &local) == nullptr) return std::chrono::minutes(0);
    return std::chrono::round<std::chrono::minutes>(std::chrono::seconds(local.tm_gmtoff));
}

Timestamp SystemClock::now() const {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

Instant SystemClock::instant() const {
    return Instant(
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch()));
}

} // namespace tegami
