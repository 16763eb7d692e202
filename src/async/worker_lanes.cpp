#include "async/worker_lanes.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <sys/resource.h>
#include <unistd.h>

namespace tegami::async {

LaneSizes lane_sizes(std::size_t cores) {
    return {.reads = std::clamp<std::size_t>(4 * cores, 8, 64),
            .hashes = std::max<std::size_t>(1, cores / 2),
            .parsing = std::max<std::size_t>(1, cores / 2),
            .long_jobs = 2};
}

LaneSizes lane_sizes_here() {
    return lane_sizes(std::thread::hardware_concurrency());
}

ThreadLanes::ThreadLanes(LaneSizes sizes)
    : reads_(sizes.reads), hashes_(sizes.hashes), parsing_(sizes.parsing), long_jobs_(sizes.long_jobs) {}

void ThreadLanes::stop() {
    for (LowPriorityPool* lane : {&long_jobs_, &parsing_, &hashes_})
        lane->stop();
    reads_.stop();
}

namespace {

constexpr int kNiceness = 10;

/// Of this thread: Linux keeps it for each. True if it is low now.
bool lower_priority() {
    const auto self = static_cast<id_t>(::gettid());
    return ::getpriority(PRIO_PROCESS, self) >= kNiceness || ::setpriority(PRIO_PROCESS, self, kNiceness) == 0;
}

} // namespace

void LowPriorityPool::submit(Job job) {
    pool_.submit([job = std::move(job)]() mutable {
        thread_local const bool lowered = lower_priority(); // once in each thread
        static_cast<void>(lowered);
        job();
    });
}

} // namespace tegami::async
