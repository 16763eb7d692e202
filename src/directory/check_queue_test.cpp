#include "directory/check_queue.h"

#include "async/task_group.h"
#include "async/virtual_time.h"

#include <gmock/gmock.h>

#include <memory>
#include <vector>

namespace tegami::directory {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::SizeIs;
using namespace std::chrono_literals;

/// Every check takes a second of virtual time.
class CheckQueueTest : public ::testing::Test {
protected:
    static constexpr Duration kCheck = 1s;

    ~CheckQueueTest() override { time_.run(tasks_.join()); }

    void log_in(std::string network, std::string login, bool known = false) {
        tasks_.spawn("login", one(this, std::move(network), std::move(login), known));
        time_.run_for(Duration::zero());
    }

    static async::Awaitable<> one(CheckQueueTest* self, std::string network, std::string login, bool known) {
        const std::string name = network + "/" + login;
        const auto turn = co_await self->queue_.enter(network, login, known);
        (turn ? self->admitted_ : self->turned_away_).push_back(name);
        if (!turn) co_return;
        co_await async::sleep(&self->time_, kCheck);
    }

    async::VirtualTime time_{1};
    CheckQueue queue_{{.running_max = 1, .waiting_max = 6, .waiting_per_login_max = 3}};
    async::TaskGroup tasks_{time_.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; }};
    std::vector<std::string> admitted_;
    std::vector<std::string> turned_away_;
};

TEST_F(CheckQueueTest, NetworksTakeTurns) {
    for (const char* login : {"a", "b", "c", "d"})
        log_in("flood", login);
    log_in("other", "anna");
    time_.run_for(10s);
    EXPECT_THAT(admitted_, ElementsAre("flood/a", "flood/b", "other/anna", "flood/c", "flood/d"));
    EXPECT_THAT(turned_away_, SizeIs(0));
}

TEST_F(CheckQueueTest, WhoIsKnownGoesFirst) {
    for (const char* network : {"1", "2", "3"})
        log_in(network, "x" + std::string(network));
    log_in("home", "anna", true);
    time_.run_for(10s);
    EXPECT_THAT(admitted_, ElementsAre("1/x1", "home/anna", "2/x2", "3/x3"));
}

TEST_F(CheckQueueTest, AFullLineMakesRoomAtTheCostOfTheLongestNetwork) {
    for (int login = 0; login < 20; ++login)
        log_in("flood", std::to_string(login));
    EXPECT_THAT(turned_away_, SizeIs(20 - 7)) << "one is being checked, six wait, the others need not";
    log_in("other", "anna");
    EXPECT_THAT(turned_away_, Contains("flood/6"));
    time_.run_for(20s);
    EXPECT_THAT(admitted_, Contains("other/anna"));
    EXPECT_EQ(admitted_.at(2), "other/anna");
}

TEST_F(CheckQueueTest, AFloodFromManyNetworksDoesNotReachThoseWhoAreKnown) {
    for (int network = 0; network < 100; ++network)
        log_in(std::to_string(network), "x" + std::to_string(network));
    log_in("other", "anna");
    EXPECT_THAT(turned_away_, Contains("other/anna")) << "quickly, to try again";
    log_in("home", "anna", true);
    time_.run_for(2s);
    EXPECT_EQ(admitted_.at(1), "home/anna");
    time_.run_for(20s);
    EXPECT_THAT(admitted_, SizeIs(8));
}

TEST_F(CheckQueueTest, OneLoginCannotFillTheLine) {
    for (int network = 0; network < 10; ++network)
        log_in(std::to_string(network), "anna");
    log_in("other", "bo");
    time_.run_for(20s);
    EXPECT_THAT(admitted_, ElementsAre("0/anna", "1/anna", "2/anna", "3/anna", "other/bo"));
    EXPECT_THAT(turned_away_, SizeIs(6));
}

TEST_F(CheckQueueTest, WhoIsCancelledLeavesTheLine) {
    log_in("1", "a");
    {
        async::TaskGroup group(time_.executor(), [](std::string_view, std::string_view) {});
        for (const char* login : {"b", "c"})
            group.spawn("login", one(this, "2", login, false));
        time_.run_for(Duration::zero());
        group.cancel();
        time_.run(group.join());
    }
    log_in("3", "d");
    time_.run_for(10s);
    EXPECT_THAT(admitted_, ElementsAre("1/a", "3/d"));
}

TEST_F(CheckQueueTest, WhoIsCancelledWithATurnGivesItBack) {
    {
        async::TaskGroup group(time_.executor(), [](std::string_view, std::string_view) {});
        group.spawn("login", one(this, "1", "a", false));
        time_.run_for(Duration::zero());
        group.cancel();
        time_.run(group.join());
    }
    log_in("2", "b");
    EXPECT_THAT(admitted_, ElementsAre("1/a", "2/b"));
}

} // namespace
} // namespace tegami::directory
