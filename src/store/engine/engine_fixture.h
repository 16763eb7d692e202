// What the engine tests share: an engine made fresh, reopened where it can be, and a way to wait for its coroutines.
#pragma once

#include "store/engine/engine.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace tegami::store::testing {

/// Runs one coroutine to its end on this thread's own io_context.
template <class T>
T wait_for(async::Awaitable<T> coroutine) {
    boost::asio::io_context context;
    const auto work = boost::asio::make_work_guard(context);
    std::optional<T> result;
    boost::asio::co_spawn(context, std::move(coroutine), [&](std::exception_ptr thrown, T value) {
        if (thrown) std::rethrow_exception(thrown);
        result.emplace(std::move(value));
        context.stop();
    });
    context.run();
    return std::move(*result);
}

inline void wait_for(async::Awaitable<void> coroutine) {
    boost::asio::io_context context;
    const auto work = boost::asio::make_work_guard(context);
    boost::asio::co_spawn(context, std::move(coroutine), [&](std::exception_ptr thrown) {
        if (thrown) std::rethrow_exception(thrown);
        context.stop();
    });
    context.run();
}

/// Many coroutines on one io_context with several threads.
class Crowd {
public:
    void add(async::Awaitable<void> coroutine) {
        boost::asio::co_spawn(boost::asio::make_strand(context_), std::move(coroutine), [](std::exception_ptr thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
    }

    void run(int threads_count) {
        std::vector<std::thread> threads;
        for (int i = 0; i < threads_count; ++i)
            threads.emplace_back([this] { context_.run(); });
        for (std::thread& thread : threads)
            thread.join();
    }

private:
    boost::asio::io_context context_;
};

/// One engine under test.
class Subject {
public:
    virtual ~Subject() = default;
    virtual Engine& engine() = 0;
    /// Closes the engine and opens it again on the same data; false if it keeps nothing.
    virtual bool reopen() = 0;
};

struct SubjectKind {
    std::string name;
    std::function<std::unique_ptr<Subject>()> make;
};

} // namespace tegami::store::testing
