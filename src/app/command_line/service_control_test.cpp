// What systemd is told of the service.
#include "app/command_line/service_control.h"

#include <gtest/gtest.h>

namespace tegami::app {
namespace {

TEST(ServiceControlTest, LimitsStandAboveTheBudget) {
    constexpr std::uint64_t kGiB = 1ULL << 30;
    EXPECT_EQ(service_limits_for(kGiB / 2), (ServiceLimits{.high = kGiB, .most = 2 * kGiB}));
    EXPECT_EQ(service_limits_for(8 * kGiB), (ServiceLimits{.high = 12 * kGiB, .most = 16 * kGiB}));
}

} // namespace
} // namespace tegami::app
