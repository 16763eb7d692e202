// What the benchmarks share that use the store within their own process.
#pragma once

#include "async/awaitable.h"
#include "store/types.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include <sys/resource.h>

namespace tegami::bench {

/// One for the whole run, never out of work: the engine's threads may let go of an executor a moment after their
/// answer, and a context that is then without work stops, even if it was just started again.
inline boost::asio::io_context& context() {
    static boost::asio::io_context context(1);
    static const auto busy = boost::asio::make_work_guard(context);
    return context;
}

/// Runs it to its end; a failure ends the program.
template <class T>
T wait_for(async::Awaitable<store::StoreResult<T>> work) {
    std::optional<store::StoreResult<T>> result;
    context().restart();
    boost::asio::co_spawn(context(), std::move(work), [&](std::exception_ptr thrown, store::StoreResult<T> value) {
        if (thrown) std::rethrow_exception(thrown);
        result.emplace(std::move(value));
        context().stop();
    });
    context().run();
    if (!result || !*result) {
        fmt::print(stderr, "failed: {}\n", result ? result->error().detail : "no result");
        std::exit(1);
    }
    if constexpr (!std::is_void_v<T>) return **std::move(result);
}

/// What this process has used of the processor, all threads together: what neighbours on the machine disturb least.
inline double processor_milliseconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto in_milliseconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
    };
    return in_milliseconds(used.ru_utime) + in_milliseconds(used.ru_stime);
}

} // namespace tegami::bench
