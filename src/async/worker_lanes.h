// Blocking work by its kind, each kind with threads of its own: a lane full of one kind delays no other.
//
// 1. Reads are short and wait for the disk: more threads than cores, so that one slow read is not everybody's.
// 2. Hashes and parsing compute: half of the cores each, because I/O needs the others.
// 3. Long jobs run for seconds to hours (backup, verify); two at once, others of their kind wait.
// 4. What computes has a low priority and takes turns (thread_priority.h): on a machine that is busy the I/O threads and
//    reads come first.
#pragma once

#include "async/worker_pool.h"

#include <cstddef>

namespace tegami::async {

/// The lanes as their users see them; in a simulation they may be one pool.
struct WorkerLanes {
    WorkerPool& reads;     ///< cold rows and blobs, spilled blobs, files of ours
    WorkerPool& hashes;    ///< password hashes: tens of milliseconds and of MiB each
    WorkerPool& parsing;   ///< messages made to take long
    WorkerPool& long_jobs; ///< backup, verify, collecting
};

/// Threads of each lane.
struct LaneSizes {
    std::size_t reads;
    std::size_t hashes;
    std::size_t parsing;
    std::size_t long_jobs;
};

/// What a machine with so many cores gets.
LaneSizes lane_sizes(std::size_t cores);
/// What this machine gets.
LaneSizes lane_sizes_here();

/// Threads that the system runs after those of ordinary priority.
class LowPriorityPool final : public WorkerPool {
public:
    explicit LowPriorityPool(std::size_t threads) : pool_(threads) {}

    void submit(Job job) override;

    void stop() { pool_.stop(); }

private:
    ThreadPool pool_;
};

class ThreadLanes {
public:
    explicit ThreadLanes(LaneSizes sizes);

    /// Valid as long as this object.
    WorkerLanes lanes() { return {.reads = reads_, .hashes = hashes_, .parsing = parsing_, .long_jobs = long_jobs_}; }

    /// Finishes all submitted work, then ends the threads.
    void stop();

private:
    ThreadPool reads_;
    LowPriorityPool hashes_;
    LowPriorityPool parsing_;
    LowPriorityPool long_jobs_;
};

} // namespace tegami::async
