#include "async/all_of.h"
#include "async/channel.h"
#include "async/first_of.h"
#include "async/run.h"
#include "async/timer.h"
#include "async/virtual_time.h"

#include <gtest/gtest.h>

#include <string>

namespace tegami::async {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

Awaitable<> sleep_then_note(Timers* timers, Duration duration, std::string* notes, char note) {
    co_await sleep(timers, duration);
    *notes += note;
}

Awaitable<std::string> sleep_then_say(Timers* timers, Duration duration, std::string word) {
    co_await sleep(timers, duration);
    co_return word;
}

Awaitable<> fail_after(Timers* timers, Duration duration) {
    co_await sleep(timers, duration);
    throw std::runtime_error("as planned");
}

Awaitable<> wait_for(Event event) {
    co_await event.wait();
}

/// Runs in the background of the test; what it throws leaves time.run().
void start(VirtualTime& time, Awaitable<> work) {
    boost::asio::co_spawn(time.executor(), std::move(work), [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    });
}

TEST(VirtualTime, JumpsToTheNextAlarm) {
    VirtualTime time(1);
    const Instant start = time.instant();
    const Timestamp epoch = time.now();
    EXPECT_EQ(time.run(sleep_then_say(&time, hours(24), "morning")), "morning");
    EXPECT_EQ(time.instant() - start, hours(24));
    EXPECT_EQ(time.now() - epoch, hours(24));
}

TEST(VirtualTime, RunsForAWhileAndNoLonger) {
    VirtualTime time(1);
    std::string notes;
    start(time, sleep_then_note(&time, seconds(10), &notes, 'b'));
    start(time, sleep_then_note(&time, seconds(5), &notes, 'a'));
    const Instant start = time.instant();
    time.run_for(seconds(7));
    EXPECT_EQ(notes, "a");
    EXPECT_EQ(time.instant() - start, seconds(7));
    time.run();
    EXPECT_EQ(notes, "ab");
    EXPECT_EQ(time.instant() - start, seconds(10));
}

std::string order_of_equals(std::uint64_t seed) {
    VirtualTime time(seed);
    std::string notes;
    for (char note = 'a'; note <= 'h'; ++note)
        start(time, sleep_then_note(&time, seconds(1), &notes, note));
    time.run();
    return notes;
}

TEST(VirtualTime, TheSeedDecidesAmongEqualAlarms) {
    EXPECT_EQ(order_of_equals(1), order_of_equals(1));
    EXPECT_NE(order_of_equals(1), order_of_equals(2));
}

TEST(VirtualTime, TellsWhenACoroutineCanNeverEnd) {
    VirtualTime time(1);
    EXPECT_THROW(time.run(wait_for(Event(time.executor()))), std::logic_error);
}

TEST(VirtualTime, PassesOnWhatTheCoroutineThrows) {
    VirtualTime time(1);
    EXPECT_THROW(time.run(fail_after(&time, seconds(1))), std::runtime_error);
}

TEST(VirtualTime, MayEndWhileCoroutinesWait) {
    std::string notes;
    {
        VirtualTime time(1);
        start(time, sleep_then_note(&time, seconds(1), &notes, 'a'));
        start(time, wait_for(Event(time.executor())));
        time.run_for(milliseconds(1));
    }
    EXPECT_EQ(notes, "");
}

TEST(VirtualTimer, ReplacesAndDisarms) {
    VirtualTime time(1);
    std::string notes;
    const auto timer = time.make_timer(time.executor());
    timer->arm(time.instant() + seconds(1), [&notes] { notes += 'a'; });
    timer->arm(time.instant() + seconds(2), [&notes] { notes += 'b'; });
    time.run();
    EXPECT_EQ(notes, "b");
    timer->arm(time.instant() + seconds(1), [&notes] { notes += 'c'; });
    timer->disarm();
    time.run();
    EXPECT_EQ(notes, "b");
}

TEST(VirtualTimer, MayBeDestroyedByItsAlarm) {
    VirtualTime time(1);
    std::string notes;
    auto timer = time.make_timer(time.executor());
    timer->arm(time.instant(), [&] {
        timer.reset();
        notes += 'a';
    });
    time.run();
    EXPECT_EQ(notes, "a");
}

TEST(RealTimer, ReplacesAndDisarms) {
    boost::asio::io_context context(1);
    RealTimers timers;
    std::string notes;
    auto timer = timers.make_timer(context.get_executor());
    timer->arm(Instant::max(), [&notes] { notes += 'a'; });
    timer->arm(timers.instant() - seconds(1), [&notes] { notes += 'b'; });
    context.run();
    EXPECT_EQ(notes, "b");
    timer->arm(timers.instant(), [&notes] { notes += 'c'; });
    timer->disarm();
    context.restart();
    context.run();
    EXPECT_EQ(notes, "b");
    timer->arm(Instant::min(), [&] {
        timer.reset();
        notes += 'd';
    });
    context.restart();
    context.run();
    EXPECT_EQ(notes, "bd");
}

TEST(RealTimers, WakeNotBeforeTheInstant) {
    RealTimers timers;
    const Instant due = timers.instant() + milliseconds(3);
    boost::asio::io_context context(1);
    run_on(context, sleep_until(&timers, due));
    EXPECT_GE(timers.instant(), due);
}

TEST(Event, SetBeforeWaitReturnsAtOnceAndResetMakesItNew) {
    boost::asio::io_context context(1);
    const Event event(context.get_executor());
    event.set();
    run_on(context, wait_for(event));
    EXPECT_TRUE(event.is_set());
    event.reset();
    EXPECT_FALSE(event.is_set());
}

TEST(FirstOf, ReturnsTheEarlierAndCancelsTheOther) {
    VirtualTime time(1);
    std::string notes;
    const Instant start = time.instant();
    EXPECT_EQ(time.run(first_of(sleep_then_note(&time, seconds(3), &notes, 'l'),
                                sleep_then_note(&time, seconds(2), &notes, 'r'))),
              First::right);
    EXPECT_EQ(notes, "r");
    EXPECT_EQ(time.instant() - start, seconds(2));
    EXPECT_EQ(time.run(first_of(sleep_then_note(&time, seconds(1), &notes, 'l'), wait_for(Event(time.executor())))),
              First::left);
    EXPECT_EQ(notes, "rl");
}

TEST(FirstOf, ThrowsWhatTheFirstThrows) {
    VirtualTime time(1);
    std::string notes;
    EXPECT_THROW(time.run(first_of(sleep_then_note(&time, seconds(3), &notes, 'l'), fail_after(&time, seconds(1)))),
                 std::runtime_error);
    EXPECT_EQ(time.run(first_of(sleep_then_note(&time, seconds(1), &notes, 'l'), fail_after(&time, seconds(3)))),
              First::left);
}

std::vector<Awaitable<>> sleepers(Timers* timers, std::initializer_list<int> times, std::string* notes) {
    std::vector<Awaitable<>> works;
    for (const int time : times)
        works.push_back(sleep_then_note(timers, seconds(time), notes, static_cast<char>('0' + time)));
    return works;
}

TEST(AllOf, RunsAllAtTheSameTimeAndIsCancelledAsOne) {
    VirtualTime time(1);
    std::string notes;
    const Instant start = time.instant();
    time.run(all_of({}));
    time.run(all_of(sleepers(&time, {3, 1, 2}, &notes)));
    EXPECT_EQ(notes, "123");
    EXPECT_EQ(time.instant() - start, seconds(3));
    EXPECT_EQ(time.run(first_of(all_of(sleepers(&time, {1, 9}, &notes)), sleep_until(&time, start + seconds(5)))),
              First::right);
    time.run();
    EXPECT_EQ(notes, "1231");
    EXPECT_EQ(time.instant() - start, seconds(5));
}

TEST(AllOf, ThrowsWhenAllHaveEnded) {
    VirtualTime time(1);
    std::string notes;
    std::vector<Awaitable<>> works = sleepers(&time, {2}, &notes);
    works.push_back(fail_after(&time, seconds(1)));
    EXPECT_THROW(time.run(all_of(std::move(works))), std::runtime_error);
    EXPECT_EQ(notes, "2");
}

TEST(Channel, HandsOverWhatWasPostedInOrder) {
    VirtualTime time(1);
    Channel<int> channel(time.executor(), 10);
    channel.post(1);
    channel.post(2);
    const News<int> news = time.run(channel.receive(&time, Instant::max()));
    EXPECT_EQ(news.items, (std::vector<int>{1, 2}));
    EXPECT_FALSE(news.resync);
}

TEST(Channel, WaitsUntilTheDeadline) {
    VirtualTime time(1);
    Channel<int> channel(time.executor(), 10);
    const Instant deadline = time.instant() + seconds(29);
    EXPECT_TRUE(time.run(channel.receive(&time, deadline)).empty());
    EXPECT_EQ(time.instant(), deadline);
}

TEST(Channel, OverflowBecomesResync) {
    VirtualTime time(1);
    Channel<int> channel(time.executor(), 2);
    for (int i = 0; i < 1000; ++i)
        channel.post(i);
    const News<int> news = time.run(channel.receive(&time, Instant::max()));
    EXPECT_TRUE(news.resync);
    EXPECT_TRUE(news.items.empty());
    channel.post(7);
    const News<int> later = time.run(channel.receive(&time, Instant::max()));
    EXPECT_FALSE(later.resync);
    EXPECT_EQ(later.items, std::vector<int>{7});
}

TEST(Channel, AnotherOneWakesTheSameReceiver) {
    VirtualTime time(1);
    Channel<int> first(time.executor(), 2);
    Channel<int> second(first, 2);
    const Instant begin = time.instant();
    second.post(1);
    EXPECT_TRUE(time.run(first.receive(&time, begin + seconds(9))).empty());
    EXPECT_EQ(time.instant(), begin);
    first.post(2); // between the two looks
    EXPECT_EQ(second.take().items, std::vector<int>{1});
    EXPECT_EQ(time.run(first.receive(&time, begin + seconds(9))).items, std::vector<int>{2});
    EXPECT_EQ(time.instant(), begin);
}

TEST(Channel, CloseEndsTheWaitForGood) {
    VirtualTime time(1);
    Channel<int> channel(time.executor(), 2);
    channel.post(1);
    channel.close();
    channel.post(2);
    const News<int> news = time.run(channel.receive(&time, Instant::max()));
    EXPECT_EQ(news.items, std::vector<int>{1});
    EXPECT_TRUE(news.closed);
    EXPECT_TRUE(channel.take().closed);
}

} // namespace
} // namespace tegami::async
