#include "async/worker_pool.h"

#include "async/thread_priority.h"

#include "base/assert.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace tegami::async {

struct ThreadPool::State {
    std::mutex guard;
    std::condition_variable arrived;
    bool stopped = false;
    std::deque<Job> jobs;
    std::vector<std::thread> threads;

    void work() {
        expect_short_work();
        for (;;) {
            std::unique_lock lock(guard);
            arrived.wait(lock, [this] { return stopped || !jobs.empty(); });
            if (jobs.empty()) return;
            Job job = std::move(jobs.front());
            jobs.pop_front();
            lock.unlock();
            job();
        }
    }
};

ThreadPool::ThreadPool(std::size_t threads) : state_(std::make_unique<State>()) {
    for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i)
        state_->threads.emplace_back([state = state_.get()] { state->work(); });
}

ThreadPool::~ThreadPool() {
    stop();
}

void ThreadPool::submit(Job job) {
    {
        const std::lock_guard lock(state_->guard);
        ASSERT(!state_->stopped);
        state_->jobs.push_back(std::move(job));
    }
    state_->arrived.notify_one();
}

void ThreadPool::stop() {
    {
        const std::lock_guard lock(state_->guard);
        state_->stopped = true;
    }
    state_->arrived.notify_all();
    for (std::thread& thread : state_->threads)
        if (thread.joinable()) thread.join();
}

} // namespace tegami::async
