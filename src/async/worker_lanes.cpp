#include "async/worker_lanes.h"

#include "async/thread_priority.h"

#include <algorithm>
#include <thread>
#include <utility>

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

void LowPriorityPool::submit(Job job) {
    pool_.submit([job = std::move(job)]() mutable {
        const Computing computing;
        job();
    });
}

} // namespace tegami::async
