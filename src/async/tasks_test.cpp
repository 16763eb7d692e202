#include "async/context_pool.h"
#include "async/mutex.h"
#include "async/run.h"
#include "async/task_group.h"
#include "async/timer.h"
#include "async/virtual_time.h"
#include "async/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

namespace tegami::async {
namespace {

using std::chrono::seconds;

Awaitable<> note(std::string* notes, char what) {
    *notes += what;
    co_return;
}

/// Notes '+' at the start, and '.' at the end however it comes.
Awaitable<> sleep_and_note(Timers* timers, Duration duration, std::string* notes) {
    struct Note {
        std::string* notes;

        ~Note() { *notes += '.'; }
    };

    const Note end{notes};
    *notes += '+';
    co_await sleep(timers, duration);
    *notes += '!';
}

Awaitable<> fail(std::string reason) {
    throw std::runtime_error(reason);
    co_return;
}

Awaitable<> fail_strangely() {
    throw 7;
    co_return;
}

struct Failures {
    std::string text;

    TaskGroup::FailureCallback callback() {
        return [this](std::string_view task, std::string_view reason) {
            text += std::string(task) + ": " + std::string(reason) + "\n";
        };
    }
};

TEST(TaskGroup, JoinsItsTasks) {
    VirtualTime time(1);
    Failures failures;
    TaskGroup group(time.executor(), failures.callback());
    std::string notes;
    group.spawn("short", sleep_and_note(&time, seconds(1), &notes));
    group.spawn("long", sleep_and_note(&time, seconds(2), &notes));
    EXPECT_EQ(group.running(), 2u);
    time.run(group.join());
    EXPECT_EQ(notes, "++!.!.");
    EXPECT_EQ(group.running(), 0u);
    EXPECT_EQ(failures.text, "");
}

TEST(TaskGroup, CancelReachesEveryTaskAndStartsNoNewOne) {
    VirtualTime time(1);
    Failures failures;
    TaskGroup group(time.executor(), failures.callback());
    std::string notes;
    group.spawn("one", sleep_and_note(&time, seconds(1000), &notes));
    group.spawn("two", sleep_and_note(&time, seconds(1000), &notes));
    time.run_for(seconds(1));
    const Instant before = time.instant();
    group.cancel();
    group.spawn("late", note(&notes, 'x'));
    time.run(group.join());
    EXPECT_EQ(notes, "++..");
    EXPECT_EQ(time.instant(), before);
    EXPECT_EQ(failures.text, "");
}

TEST(TaskGroup, ATaskCancelledBeforeItBeganNeverRuns) {
    VirtualTime time(1);
    Failures failures;
    TaskGroup group(time.executor(), failures.callback());
    std::string notes;
    group.spawn("one", note(&notes, 'x'));
    group.cancel();
    time.run(group.join());
    EXPECT_EQ(notes, "");
}

TEST(TaskGroup, ReportsWhatEscapesAndGoesOn) {
    VirtualTime time(1);
    Failures failures;
    TaskGroup group(time.executor(), failures.callback());
    std::string notes;
    group.spawn("bad", fail("out of paper"));
    group.spawn("odd", fail_strangely());
    group.spawn("good", note(&notes, 'x'));
    time.run(group.join());
    EXPECT_EQ(notes, "x");
    EXPECT_EQ(failures.text, "bad: out of paper\nodd: an exception of unknown type\n");
}

TEST(TaskGroup, TakesTasksFromOtherThreads) {
    boost::asio::io_context context(1);
    Failures failures;
    std::atomic<bool> failed = false;
    ContextPool contexts(2, [&failed](std::string_view) { failed = true; });
    TaskGroup group(contexts.executor(0), failures.callback());
    std::string notes; // touched on the group's thread alone
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < 100; ++n)
                group.spawn("note", note(&notes, 'x'));
        });
    for (std::thread& thread : threads)
        thread.join();
    run_on(context, group.join());
    contexts.stop();
    contexts.join();
    EXPECT_EQ(notes.size(), 400u);
    EXPECT_FALSE(failed);
}

Awaitable<> cancelled_in_the_pool(WorkerPool* pool, TaskGroup* group, std::string* notes) {
    auto work = [group] {
        group->cancel();
        return 7;
    };
    const int seven = co_await run(pool, work);
    *notes += std::to_string(seven);
    co_await boost::asio::post(boost::asio::use_awaitable);
    *notes += "never";
}

TEST(WorkerPool, FinishesWorkWhoseCallerIsCancelled) {
    VirtualTime time(1);
    Failures failures;
    TaskGroup group(time.executor(), failures.callback());
    InlinePool pool;
    std::string notes;
    group.spawn("worker", cancelled_in_the_pool(&pool, &group, &notes));
    time.run(group.join());
    EXPECT_EQ(notes.substr(0, 1), "7");
    EXPECT_EQ(failures.text, "");
}

Awaitable<std::thread::id> where_after(WorkerPool* pool, std::thread::id* worked_on) {
    auto work = [worked_on] { *worked_on = std::this_thread::get_id(); };
    co_await run(pool, work);
    co_return std::this_thread::get_id();
}

Awaitable<std::unique_ptr<int>> compute(WorkerPool* pool) {
    auto work = [] { return std::make_unique<int>(42); };
    co_return co_await run(pool, std::move(work));
}

Awaitable<> fail_in(WorkerPool* pool) {
    auto work = []() -> int { throw std::runtime_error("no disk"); };
    co_await run(pool, work);
}

TEST(WorkerPool, ResumesTheCallerOnItsOwnThread) {
    boost::asio::io_context context(1);
    ThreadPool pool(2);
    std::thread::id worked_on;
    EXPECT_EQ(run_on(context, where_after(&pool, &worked_on)), std::this_thread::get_id());
    EXPECT_NE(worked_on, std::this_thread::get_id());
    EXPECT_EQ(*run_on(context, compute(&pool)), 42);
}

TEST(WorkerPool, TheTwinWorksWhereItIsCalled) {
    VirtualTime time(1);
    InlinePool pool;
    std::thread::id worked_on;
    time.run(where_after(&pool, &worked_on));
    EXPECT_EQ(worked_on, std::this_thread::get_id());
    EXPECT_EQ(*time.run(compute(&pool)), 42);
}

TEST(WorkerPool, PassesOnWhatTheWorkThrows) {
    boost::asio::io_context context(1);
    ThreadPool pool(1);
    EXPECT_THROW(run_on(context, fail_in(&pool)), std::runtime_error);
    InlinePool twin;
    EXPECT_THROW(run_on(context, fail_in(&twin)), std::runtime_error);
}

TEST(ThreadPool, FinishesWhatWasSubmittedBeforeItStops) {
    std::atomic<int> done = 0;
    ThreadPool pool(2);
    for (int i = 0; i < 100; ++i)
        pool.submit([&done] { ++done; });
    pool.stop();
    EXPECT_EQ(done, 100);
}

/// Adds one in a way that loses counts if two do it at once.
Awaitable<> count(Mutex* mutex, WorkerPool* pool, int rounds, int* counter) {
    for (int i = 0; i < rounds; ++i) {
        Mutex::Lock lock = co_await mutex->lock();
        const int before = *counter;
        auto work = [] {};
        co_await run(pool, work);
        *counter = before + 1;
        lock.unlock();
    }
}

TEST(Mutex, ExcludesAcrossThreads) {
    boost::asio::io_context context(1);
    ThreadPool pool(2);
    ContextPool contexts(2, [](std::string_view) {});
    Failures failures;
    TaskGroup one(contexts.executor(0), failures.callback());
    TaskGroup two(contexts.executor(1), failures.callback());
    Mutex mutex;
    int counter = 0;
    for (int i = 0; i < 10; ++i) {
        one.spawn("count", count(&mutex, &pool, 50, &counter));
        two.spawn("count", count(&mutex, &pool, 50, &counter));
    }
    run_on(context, one.join());
    run_on(context, two.join());
    pool.stop();
    EXPECT_EQ(counter, 1000);
}

Awaitable<> hold(Mutex* mutex, Timers* timers, Duration duration, std::string* notes, char what) {
    const Mutex::Lock lock = co_await mutex->lock();
    *notes += what;
    co_await sleep(timers, duration);
}

TEST(Mutex, ServesInOrderOfArrival) {
    VirtualTime time(1);
    Failures failures;
    TaskGroup group(time.executor(), failures.callback());
    Mutex mutex;
    std::string notes;
    for (char what = 'a'; what <= 'e'; ++what)
        group.spawn("hold", hold(&mutex, &time, seconds(1), &notes, what));
    time.run(group.join());
    EXPECT_EQ(notes, "abcde");
}

TEST(Mutex, AWaiterThatIsCancelledLeavesTheQueue) {
    VirtualTime time(1);
    Failures failures;
    TaskGroup first(time.executor(), failures.callback());
    TaskGroup impatient(time.executor(), failures.callback());
    TaskGroup last(time.executor(), failures.callback());
    Mutex mutex;
    std::string notes;
    first.spawn("hold", hold(&mutex, &time, seconds(10), &notes, 'a'));
    time.run_for(seconds(1));
    impatient.spawn("hold", hold(&mutex, &time, seconds(10), &notes, 'b'));
    time.run_for(seconds(1));
    last.spawn("hold", hold(&mutex, &time, seconds(10), &notes, 'c'));
    impatient.cancel();
    time.run(impatient.join());
    time.run(last.join());
    time.run(first.join());
    EXPECT_EQ(notes, "ac");
}

TEST(Mutex, AWaiterCancelledAsItsTurnComesLeavesItToTheNext) {
    VirtualTime time(1);
    Failures failures;
    TaskGroup impatient(time.executor(), failures.callback());
    TaskGroup last(time.executor(), failures.callback());
    Mutex mutex;
    std::string notes;
    Mutex::Lock lock = time.run(mutex.lock());
    impatient.spawn("hold", hold(&mutex, &time, seconds(10), &notes, 'b'));
    time.run_for(seconds(1));
    last.spawn("hold", hold(&mutex, &time, seconds(10), &notes, 'c'));
    time.run_for(seconds(1));
    impatient.cancel(); // runs before the news that the lock is free
    lock.unlock();
    time.run(impatient.join());
    time.run(last.join());
    EXPECT_TRUE(notes.ends_with("c")) << notes;
}

TEST(ContextPool, HandsOutItsThreadsInTurn) {
    ContextPool contexts(3, [](std::string_view) {});
    EXPECT_EQ(contexts.size(), 3u);
    const Executor first = contexts.next();
    EXPECT_NE(first, contexts.next());
    contexts.next();
    EXPECT_EQ(first, contexts.next());
}

TEST(ContextPool, ReportsWhatLeavesAHandlerAndGoesOn) {
    std::atomic<int> failures = 0;
    std::atomic<int> runs = 0;
    ContextPool contexts(1, [&failures](std::string_view) { ++failures; });
    boost::asio::post(contexts.next(), [] { throw std::runtime_error("bug"); });
    boost::asio::post(contexts.next(), [&runs] { ++runs; });
    contexts.release();
    contexts.join();
    EXPECT_EQ(failures, 1);
    EXPECT_EQ(runs, 1);
}

} // namespace
} // namespace tegami::async
