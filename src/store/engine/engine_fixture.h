// What the engine tests share: an engine made fresh, reopened where it can be, and a way to wait for its coroutines.
#pragma once

#include "async/run.h"
#include "base/random.h"
#include "store/engine/engine.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace tegami::store::testing {

inline constexpr Domain kAccount{DomainKind::account, 7};

/// Octets that do not compress, the same for a seed.
inline std::string noise(std::uint64_t seed, std::size_t size) {
    SeededRandom random(seed);
    std::string octets(size, '\0');
    random.fill(octets.data(), size);
    return octets;
}

/// One context for all tests: it must outlive every thread that resumes a coroutine on it.
inline boost::asio::io_context& test_context() {
    static boost::asio::io_context context;
    return context;
}

/// Runs one coroutine to its end on this thread.
template <class T>
T wait_for(async::Awaitable<T> coroutine) {
    return async::run_on(test_context(), std::move(coroutine));
}

/// Many coroutines on one io_context with several threads.
class Crowd {
public:
    void add(async::Awaitable<void> coroutine) {
        boost::asio::co_spawn(boost::asio::make_strand(test_context()), std::move(coroutine),
                              [](std::exception_ptr thrown) {
                                  if (thrown) std::rethrow_exception(thrown);
                              });
    }

    void run(int threads_count) {
        test_context().restart();
        std::vector<std::thread> threads;
        for (int i = 0; i < threads_count; ++i)
            threads.emplace_back([] { test_context().run(); });
        for (std::thread& thread : threads)
            thread.join();
    }
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
