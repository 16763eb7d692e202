// What the overview says of counted hours.
#include "admin/overview.h"

#include <gmock/gmock.h>

namespace tegami::admin {
namespace {

std::uint64_t number(const json::value& row, std::string_view name) {
    return row.at(name).to_number<std::uint64_t>();
}

TEST(Overview, AddsHoursUpAndSaysWhyMailWasRefused) {
    const Timestamp now = std::chrono::sys_days(std::chrono::days(20'000)) + std::chrono::hours(5);
    const auto hour = [&](int back) { return std::chrono::floor<std::chrono::hours>(now) - std::chrono::hours(back); };
    const TrafficHours known{
        {hour(24 * 200), {{"received", 1000}}}, // forgotten soon
        {hour(24 * 80), {{"received", 7}, {"rejected", 100}, {"rejected 5.7.1", 100}}},
        {hour(3),
         {{"received", 2}, {"received @a.test", 2}, {"rejected", 4}, {"rejected 5.7.1", 1}, {"rejected @a.test", 1}}},
        {hour(0),
         {{"received", 5}, {"received @a.test", 1}, {"received @b.test", 4}, {"rejected", 3}, {"rejected 5.1.1", 3}}}};
    const json::object all = traffic_json(known, now, "");
    const json::array& hours = all.at("hours").as_array();
    ASSERT_EQ(hours.size(), 48U);
    EXPECT_EQ(hours.back().at("hour"), "2024-10-04T05:00:00Z");
    EXPECT_EQ(number(hours.back(), "received"), 5U);
    EXPECT_EQ(number(hours.at(44), "rejected"), 4U);
    EXPECT_EQ(number(hours.front(), "received"), 0U);
    const json::array& days = all.at("days").as_array();
    ASSERT_EQ(days.size(), 90U);
    EXPECT_EQ(number(days.back(), "received"), 7U);
    EXPECT_EQ(number(days.at(9), "received"), 7U);
    EXPECT_EQ(json::serialize(all.at("reasons")), R"([{"status":"5.1.1","count":3},{"status":"5.7.1","count":1}])");
    EXPECT_EQ(all.at("domains").at(0).at("domain"), "a.test");
    EXPECT_EQ(number(all.at("domains").at(1), "received"), 4U);

    const json::object of_b = traffic_json(known, now, "b.test");
    EXPECT_EQ(number(of_b.at("days").as_array().back(), "received"), 4U);
    EXPECT_FALSE(of_b.contains("reasons"));
}

} // namespace
} // namespace tegami::admin
