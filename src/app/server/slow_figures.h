// Figures about the server that take longer to find out than somebody who asks should wait: they are looked up in the
// background, and are as old as their last look.
//
// On one thread: that of run().
#pragma once

#include "async/timer.h"
#include "async/worker_pool.h"
#include "store/engine/engine.h"
#include "store/queue.h"
#include "store/store.h"

#include <cstdint>
#include <set>
#include <string>

namespace tegami::app {

class SlowFigures {
public:
    /// All of them outlive it.
    struct Dependencies {
        store::Engine& engine;
        store::Store& store;
        store::Queue& queue;
        async::WorkerPool& workers; ///< for short reads
        async::Timers& timers;
        std::string data_directory;
    };

    struct Figures {
        store::QueueDepth queue;
        std::uint64_t store_bytes = 0;   ///< of the files in the data directory
        std::uint64_t index_waiting = 0; ///< emails that the word indexes have not come to, of accounts that got some
    };

    explicit SlowFigures(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

    /// Looks until its task is cancelled; at most a hundredth of the time.
    async::Awaitable<> run();

    const Figures& current() const { return figures_; }

private:
    async::Awaitable<> look();
    async::Awaitable<std::uint64_t> emails_waiting();

    const Dependencies dependencies_;
    Figures figures_;
    std::set<store::AccountId> behind_; ///< accounts that got mail, and whose index had not come to all of it
};

} // namespace tegami::app
