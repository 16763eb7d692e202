#include "async/worker_lanes.h"

#include "async/run.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <latch>
#include <list>
#include <vector>

#include <sys/resource.h>
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
