#include "app/configuration/units.h"

#include <gtest/gtest.h>

namespace tegami::app {
namespace {

TEST(Units, MomentsAsRfc3339WritesThem) {
    const std::chrono::sys_seconds moment(std::chrono::seconds(1'795'622'403));
    EXPECT_EQ(parse_time("2026-11-25T16:00:03Z"), moment);
    EXPECT_EQ(parse_time("2026-11-25t16:00:03z"), moment);
    EXPECT_EQ(parse_time("2026-11-26T01:00:03+09:00"), moment);
    EXPECT_EQ(parse_time("2026-11-25T12:30:03-03:30"), moment);
    for (const char* text : {"", "2026-11-25", "2026-11-25T16:00:03", "2026-11-25T16:00:03Zx", "2026-11-31T16:00:03Z",
                             "2026-13-25T16:00:03Z", "2026-11-25T24:00:03Z", "2026-11-25T16:60:03Z",
                             "2026-11-25T16:00:03+9:00", "2026-11-25T16:00:03+24:00", "2026-11-25 16:00:03Z", "2h"})
        EXPECT_FALSE(parse_time(text)) << text;
}

} // namespace
} // namespace tegami::app
