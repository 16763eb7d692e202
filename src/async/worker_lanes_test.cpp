#include "async/worker_lanes.h"

#include "async/context_pool.h"
#include "async/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <future>
#include <latch>
#include <list>
#include <string_view>
#include <vector>

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tegami::async {
namespace {

// Whatever fills one lane, the others answer: password hashes do not hold up reads, nor a backup parsing.
TEST(WorkerLanes, AFullLaneDelaysNoOther) {
    constexpr int kJobs = 100;

    struct Round {
        std::latch end{1};
        std::atomic<int> done = 0;
    };

    boost::asio::io_context context(1);
    std::list<Round> rounds; // the jobs of a round may end after it
    ThreadLanes threads(lane_sizes(2));
    const WorkerLanes lanes = threads.lanes();
    const std::vector<WorkerPool*> all{&lanes.reads, &lanes.hashes, &lanes.parsing, &lanes.long_jobs};
    for (WorkerPool* full : all) {
        Round& round = rounds.emplace_back();
        for (int job = 0; job < kJobs; ++job)
            full->submit([&round] {
                round.end.wait();
                ++round.done;
            });
        for (WorkerPool* other : all)
            if (other != full) EXPECT_EQ(run_on(context, run(other, [] { return 7; })), 7);
        EXPECT_EQ(round.done, 0) << "the others did not wait for it";
        round.end.count_down();
        EXPECT_EQ(run_on(context, run(full, [] { return 7; })), 7);
    }
    threads.stop();
    for (const Round& round : rounds)
        EXPECT_EQ(round.done, kJobs);
}

TEST(WorkerLanes, WhatComputesComesAfterTheOthers) {
    boost::asio::io_context context(1);
    ThreadLanes threads(lane_sizes(2));
    const WorkerLanes lanes = threads.lanes();
    const auto niceness = [] { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid())); };
    const int own = niceness();
    EXPECT_EQ(run_on(context, run(&lanes.reads, niceness)), own);
    for (WorkerPool* lane : {&lanes.hashes, &lanes.parsing, &lanes.long_jobs})
        EXPECT_EQ(run_on(context, run(lane, niceness)), std::max(own, 10));
    EXPECT_EQ(niceness(), own);
    threads.stop();
}

// Decision 20: a hash keeps a thread that wakes up waiting for half of a millisecond, not for its own end.
TEST(WorkerLanes, WhatComputesIsInterrupted) {
    boost::asio::io_context context(1);
    ThreadLanes threads(lane_sizes(2));
    const WorkerLanes lanes = threads.lanes();
    const auto compute_until_interrupted = [] {
        sigset_t turn{};
        sigset_t pending{};
        sigaddset(&turn, SIGURG);
        pthread_sigmask(SIG_BLOCK, &turn, nullptr);
        while (sigismember(&pending, SIGURG) == 0)
            sigpending(&pending);
        pthread_sigmask(SIG_UNBLOCK, &turn, nullptr);
        return true;
    };
    for (WorkerPool* lane : {&lanes.hashes, &lanes.parsing, &lanes.long_jobs})
        for (int job = 0; job < 3; ++job)
            EXPECT_TRUE(run_on(context, run(lane, compute_until_interrupted)));
    threads.stop();
}

// Linux has such slices since 6.12; before, it says 0.
TEST(IoThreads, HaveAShortSlice) {
    struct Attributes {
        std::uint32_t size = sizeof(Attributes);
        std::uint32_t policy = 0;
        std::uint64_t flags = 0;
        std::int32_t nice = 0;
        std::uint32_t priority = 0;
        std::uint64_t runtime = 0;
        std::uint64_t deadline = 0;
        std::uint64_t period = 0;
    };

    ContextPool pool(1, [](std::string_view reason) { FAIL() << reason; });
    std::promise<std::uint64_t> slice;
    boost::asio::post(pool.executor(0), [&slice] {
        Attributes attributes;
        EXPECT_EQ(::syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0), 0);
        slice.set_value(attributes.runtime);
    });
    EXPECT_THAT(slice.get_future().get(), ::testing::AnyOf(0U, 100'000U));
}

TEST(WorkerLanes, HaveThreadsByTheNumberOfCores) {
    for (const std::size_t cores : {0, 1, 2, 8, 64}) {
        const LaneSizes sizes = lane_sizes(cores);
        EXPECT_GE(sizes.reads, 8U);
        EXPECT_LE(sizes.reads, 64U);
        EXPECT_GE(sizes.parsing, 1U);
        EXPECT_EQ(sizes.hashes, std::max<std::size_t>(1, cores / 2));
    }
}

} // namespace
} // namespace tegami::async
