#include "base/memory_budget.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace tegami {
namespace {

TEST(MemoryBudget, gives_what_there_is_and_no_more) {
    MemoryBudget budget(100);
    MemoryBudget::Charge first(&budget);
    EXPECT_TRUE(first.resize(60));
    {
        MemoryBudget::Charge second(&budget);
        EXPECT_FALSE(second.resize(41));
        EXPECT_EQ(second.bytes(), 0u);
        EXPECT_TRUE(second.resize(40));
        EXPECT_EQ(budget.used(), 100u);
        EXPECT_FALSE(first.resize(61));
        MemoryBudget::Charge moved(std::move(second));
        EXPECT_EQ(budget.used(), 100u);
    }
    EXPECT_EQ(budget.used(), 60u);
    EXPECT_TRUE(first.resize(10));
    EXPECT_EQ(budget.used(), 10u);
    first = MemoryBudget::Charge();
    EXPECT_EQ(budget.used(), 0u);
}

TEST(MemoryBudget, lets_nothing_grow_under_pressure) {
    MemoryBudget budget(100);
    MemoryBudget::Charge charge(&budget);
    EXPECT_TRUE(charge.resize(50));
    budget.set_pressed(true);
    EXPECT_FALSE(charge.resize(51));
    EXPECT_TRUE(charge.resize(50));
    EXPECT_TRUE(charge.resize(20));
    budget.set_pressed(false);
    EXPECT_TRUE(charge.resize(51));
}

TEST(MemoryBudget, counts_right_from_many_threads) {
    MemoryBudget budget(1000);
    std::vector<std::thread> threads;
    for (int number = 0; number < 8; ++number)
        threads.emplace_back([&] {
            for (int i = 0; i < 10'000; ++i) {
                MemoryBudget::Charge charge(&budget);
                if (charge.resize(300)) EXPECT_LE(budget.used(), 4000u); // others may be trying just now
            }
        });
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(budget.used(), 0u);
}

} // namespace
} // namespace tegami
