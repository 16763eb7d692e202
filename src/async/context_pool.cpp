#include "async/context_pool.h"

#include "async/thread_priority.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

namespace tegami::async {

struct ContextPool::State {
    struct Member {
        // The hint 1 keeps Asio's locks, because other threads post here, but wakes no second thread.
        boost::asio::io_context context{1};
        boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
        std::thread thread;
    };

    FailureCallback on_failure;
    std::vector<std::unique_ptr<Member>> members;
    std::atomic<std::size_t> turn = 0;

    void run(boost::asio::io_context& context) const {
        expect_short_work();
        for (;;) {
            try {
                context.run();
                return;
            } catch (const std::exception& error) {
                on_failure(error.what());
            } catch (...) {
                on_failure("an exception of unknown type");
            }
        }
    }
};

ContextPool::ContextPool(std::size_t threads, FailureCallback on_failure) : state_(std::make_unique<State>()) {
    state_->on_failure = std::move(on_failure);
    for (std::size_t i = 0; i < std::max<std::size_t>(threads, 1); ++i)
        state_->members.push_back(std::make_unique<State::Member>());
    for (const auto& member : state_->members)
        member->thread = std::thread([state = state_.get(), context = &member->context] { state->run(*context); });
}

ContextPool::~ContextPool() {
    stop();
    join();
}

std::size_t ContextPool::size() const {
    return state_->members.size();
}

Executor ContextPool::executor(std::size_t number) {
    return state_->members.at(number)->context.get_executor();
}

Executor ContextPool::next() {
    return executor(state_->turn.fetch_add(1, std::memory_order_relaxed) % size());
}

void ContextPool::release() {
    for (const auto& member : state_->members)
        boost::asio::post(member->context, [member = member.get()] { member->work.reset(); });
}

void ContextPool::stop() {
    for (const auto& member : state_->members)
        member->context.stop();
}

void ContextPool::join() {
    for (const auto& member : state_->members)
        if (member->thread.joinable()) member->thread.join();
}

} // namespace tegami::async
