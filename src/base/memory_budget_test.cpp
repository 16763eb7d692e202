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

TEST(MemoryBudget, those_that_hold_much_leave_room_for_those_that_hold_little) {
    MemoryBudget budget(1000 * 1024);
    MemoryBudget::Charge large(&budget);
    EXPECT_FALSE(large.resize(751 * 1024));
    EXPECT_TRUE(large.resize(750 * 1024));
    MemoryBudget::Charge second(&budget);
    EXPECT_FALSE(second.resize(65 * 1024));
    EXPECT_TRUE(second.resize(64 * 1024));
    EXPECT_FALSE(second.resize(65 * 1024));
    std::vector<MemoryBudget::Charge> small;
    for (int i = 0; i < 30; ++i) {
        MemoryBudget::Charge& one = small.emplace_back(&budget);
        EXPECT_EQ(one.resize(8 * 1024), i < 23) << i;
    }
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

TEST(MemoryBudget, a_part_comes_out_of_the_whole) {
    MemoryBudget whole(100);
    MemoryBudget part(60, &whole);
    MemoryBudget::Charge other(&whole);
    MemoryBudget::Charge mine(&part);
    EXPECT_FALSE(mine.resize(61));
    EXPECT_TRUE(mine.resize(60));
    EXPECT_FALSE(other.resize(41));
    EXPECT_TRUE(other.resize(40));
    EXPECT_TRUE(mine.resize(30));
    EXPECT_TRUE(other.resize(70));
    EXPECT_FALSE(mine.resize(31));
    EXPECT_EQ(part.used(), 30u);
    EXPECT_EQ(whole.used(), 100u);
    EXPECT_TRUE(other.resize(0));
    part.set_pressed(true);
    EXPECT_FALSE(mine.resize(31));
    EXPECT_TRUE(other.resize(1));
    part.set_pressed(false);
    whole.set_pressed(true);
    EXPECT_TRUE(part.pressed());
    EXPECT_FALSE(mine.resize(31));
}

TEST(MemoryBudget, a_part_has_what_the_others_cannot_take) {
    MemoryBudget whole(1000 * 1024);
    MemoryBudget connections(900 * 1024, &whole);
    MemoryBudget messages(200 * 1024, &whole);
    std::vector<MemoryBudget::Charge> small;
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(small.emplace_back(&connections).resize(10 * 1024), i < 90) << i;
    MemoryBudget::Charge large(&messages);
    EXPECT_TRUE(large.resize(100 * 1024)) << "although little is left of the whole";
    EXPECT_FALSE(large.resize(101 * 1024));
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
