// Long work and short work on one thread.
#include "async/turns.h"

#include "async/run.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace tegami::async {
namespace {

Awaitable<> work_long(std::string* notes, char name, int turns) {
    for (int turn = 0; turn < turns; ++turn) {
        *notes += name;
        co_await give_way();
    }
}

Awaitable<> write_down(std::string* notes, char name) {
    *notes += name;
    co_return;
}

void start(boost::asio::io_context& context, Awaitable<> work) {
    boost::asio::co_spawn(context, std::move(work), boost::asio::detached);
}

TEST(Turns, those_in_line_take_turns_in_order_of_arrival) {
    boost::asio::io_context context;
    std::string notes;
    start(context, work_long(&notes, 'a', 3));
    start(context, work_long(&notes, 'b', 2));
    start(context, work_long(&notes, 'c', 1));
    context.run();
    EXPECT_EQ(notes, "abcaba");
}

/// Ten with long work; somebody else comes in the middle of a turn.
TEST(Turns, who_is_ready_waits_for_no_more_than_the_turn_under_way) {
    boost::asio::io_context context;
    std::string notes;
    for (char name = '0'; name <= '9'; ++name)
        start(context, work_long(&notes, name, 5));
    while (notes.size() < 25)
        context.run_one();
    start(context, write_down(&notes, 'x'));
    context.run();
    EXPECT_EQ(notes.size(), 51u);
    EXPECT_LE(notes.find('x'), 25u);
}

Awaitable<> come_in_the_turn(boost::asio::io_context* context, std::string* notes) {
    co_await give_way();
    *notes += 'a';
    start(*context, write_down(notes, 'x'));
    co_await give_way();
    *notes += 'a';
}

TEST(Turns, who_becomes_ready_in_a_turn_goes_before_the_next) {
    boost::asio::io_context context;
    std::string notes;
    start(context, come_in_the_turn(&context, &notes));
    start(context, work_long(&notes, 'b', 3));
    context.run();
    EXPECT_EQ(notes, "baxbab");
}

Awaitable<> fail_in_a_turn() {
    co_await give_way();
    throw std::runtime_error("no");
}

TEST(Turns, the_line_goes_on_whatever_leaves_a_turn) {
    boost::asio::io_context context;
    std::string notes;
    boost::asio::co_spawn(context, fail_in_a_turn(), [](std::exception_ptr thrown) {
        if (thrown) std::rethrow_exception(thrown);
    });
    start(context, work_long(&notes, 'a', 3));
    EXPECT_THROW(context.run(), std::runtime_error);
    context.restart();
    context.run();
    EXPECT_EQ(notes, "aaa");
}

TEST(Turns, a_context_may_end_while_some_wait) {
    std::string notes;
    {
        boost::asio::io_context context;
        start(context, work_long(&notes, 'a', 100));
        start(context, work_long(&notes, 'b', 100));
        while (notes.size() < 5)
            context.run_one();
    }
    EXPECT_EQ(notes, "ababa");
}

} // namespace
} // namespace tegami::async
