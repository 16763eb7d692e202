// Threads for work that blocks or computes for long: cold reads, password hashing, RSA, compression. One hop costs
// about 10 µs, so hop once per command or batch, never per row.
//
// 1. The number of threads is fixed; waiting work is bounded by its callers, each of which waits for its own.
// 2. Work is never dropped: stop() finishes what was submitted. Submitting after stop() is a bug.
// 3. Started work cannot be cancelled; a cancelled caller learns of it at its next co_await after run().
#pragma once

#include "async/awaitable.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

namespace tegami::async {

class WorkerPool {
public:
    using Job = std::move_only_function<void()>;

    virtual ~WorkerPool() = default;
    /// Runs `job` some time; from any thread. A job does not throw.
    virtual void submit(Job job) = 0;
};

/// The real one.
class ThreadPool final : public WorkerPool {
public:
    explicit ThreadPool(std::size_t threads);
    ~ThreadPool() override; ///< stops
    void submit(Job job) override;
    /// Finishes all submitted work, then ends the threads.
    void stop();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// The twin for simulation: does the work in submit(), on the caller's thread, at no time at all.
class InlinePool final : public WorkerPool {
public:
    void submit(Job job) override { job(); }
};

namespace detail {

/// Suspends the caller, runs `*work` on the pool, resumes the caller on its own executor. `work` lives in the
/// suspended caller's frame.
inline Awaitable<> hop(WorkerPool* pool, std::move_only_function<void()>* work) {
    auto initiate = [pool, work](auto handler) {
        auto executor = boost::asio::prefer(boost::asio::get_associated_executor(handler),
                                            boost::asio::execution::outstanding_work.tracked);
        pool->submit([work, executor, resume = std::move(handler)]() mutable {
            (*work)();
            boost::asio::post(executor, std::move(resume));
        });
    };
    co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
        initiate, boost::asio::use_awaitable);
}

} // namespace detail

/// Runs `work()` on the pool and returns its value, or throws what it throws, on the caller's executor.
template <class F>
Awaitable<std::invoke_result_t<F>> run(WorkerPool* pool, F work) {
    using T = std::invoke_result_t<F>;
    std::exception_ptr error;
    if constexpr (std::is_void_v<T>) {
        std::move_only_function<void()> job = [&work, &error] {
            try {
                work();
            } catch (...) {
                error = std::current_exception();
            }
        };
        co_await detail::hop(pool, &job);
        if (error) std::rethrow_exception(error);
    } else {
        std::optional<T> value;
        std::move_only_function<void()> job = [&work, &value, &error] {
            try {
                value.emplace(work());
            } catch (...) {
                error = std::current_exception();
            }
        };
        co_await detail::hop(pool, &job);
        if (error) std::rethrow_exception(error);
        co_return std::move(*value);
    }
}

} // namespace tegami::async
