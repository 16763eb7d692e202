// The audit log: what is there after a crash, in which order, and for how long.
#include "store/audit.h"

#include "store/store_test_support.h"

#include <gmock/gmock.h>

namespace tegami::store {
namespace {

using testing::must;
using testing::wait;

class AuditTest : public ::testing::Test {
protected:
    AuditPlace begin(std::string operation, std::string who = "root@a.test") {
        return must(wait(audit_.begin({.who = std::move(who), .from = "local", .operation = std::move(operation)})));
    }

    /// Operations of all pages, the newest first.
    std::vector<std::string>
    listed(std::function<bool(const AuditRow&)> wanted = [](const AuditRow&) { return true; }, Timestamp since = {}) {
        std::vector<std::string> found;
        std::string from;
        do {
            const AuditPage page = wait(audit_.page(since, wanted, std::move(from))).value();
            for (const AuditRow& row : page.rows)
                found.push_back(row.operation);
            from = page.next;
        } while (!from.empty());
        return found;
    }

    testing::World world_;
    Audit audit_{&world_.engine, &world_.clock};
};

TEST_F(AuditTest, ARowHasAnOutcomeWhenThereIsOne) {
    const AuditPlace place = begin("/account/add");
    begin("/account/remove");
    ASSERT_TRUE(wait(audit_.finish(place, 409, "it is there")));
    const std::vector<AuditRow> rows = wait(audit_.page({}, [](const AuditRow&) { return true; }, {})).value().rows;
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].operation, "/account/remove");
    EXPECT_FALSE(rows[0].status);
    EXPECT_EQ(rows[1].status, 409U);
    EXPECT_EQ(rows[1].refusal, "it is there");
    EXPECT_EQ(rows[1].time, world_.clock.time);
}

TEST_F(AuditTest, PagesGoBackOverDaysAndEndWhereTheyAreToldTo) {
    std::vector<std::string> expected;
    for (int at = 0; at < 250; ++at) {
        if (at % 100 == 0) world_.clock.time += std::chrono::hours(24);
        begin(std::to_string(at), at % 2 == 0 ? "anna@a.test" : "bo@a.test");
        expected.insert(expected.begin(), std::to_string(at));
    }
    EXPECT_EQ(listed(), expected);
    const auto of_anna = [](const AuditRow& row) { return row.who == "anna@a.test"; };
    EXPECT_EQ(listed(of_anna).size(), 125U);
    EXPECT_EQ(listed([](const AuditRow&) { return true; }, world_.clock.time).size(), 50U);
    ASSERT_TRUE(wait(audit_.sweep(std::chrono::days(1))));
    EXPECT_EQ(listed().size(), 150U);
    EXPECT_EQ(wait(audit_.page({}, of_anna, "nonsense")).error().code, ErrorCode::invalid);
}

TEST_F(AuditTest, WhatCannotBeWrittenIsTold) {
    world_.engine.fail(MemoryEngine::Call::commit, 1, ErrorCode::no_space);
    EXPECT_EQ(wait(audit_.begin({})).error().code, ErrorCode::no_space);
    const AuditPlace place = wait(audit_.begin({.parameters = std::string(kAuditTextBytesMax + 5, 'x')})).value();
    EXPECT_EQ(place.number, 0U);
}

} // namespace
} // namespace tegami::store
