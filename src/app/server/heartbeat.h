// Tells the service manager that the server works, for as long as it does: each beat needs an answer of every part since
// the last one, so that whichever hangs stops the beats, and the manager starts the server anew.
//
// A part is asked again only after it has answered. It runs on the first I/O thread; the parts answer from their own.
#pragma once

#include "async/context_pool.h"
#include "async/timer.h"
#include "async/worker_lanes.h"
#include "base/log.h"
#include "store/engine/rocks.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tegami::app {

class Heartbeat {
public:
    using Answer = std::function<void()>;

    /// Something that can hang. `ask` has it call the answer, once, from any thread, perhaps long after the Heartbeat has
    /// gone.
    struct Part {
        std::string name;
        std::function<void(Answer)> ask;
    };

    /// `beat` is called on the caller's executor. All of it outlives run().
    Heartbeat(std::vector<Part> parts, std::function<void()> beat, async::Timers& timers, Log& log);

    /// Asks and beats until its task is cancelled; a beat comes each `interval` at the most.
    async::Awaitable<> run(Duration interval);

private:
    struct Answers;

    void ask();
    bool all_answered() const;

    const std::vector<Part> parts_;
    const std::function<void()> beat_;
    async::Timers& timers_;
    Log& log_;
    const std::shared_ptr<Answers> answers_;
};

/// Every I/O thread, the worker lanes and both threads of the committer. The lane for long jobs is not among them: that
/// one runs for hours is no fault. All arguments outlive the Heartbeat.
std::vector<Heartbeat::Part> parts_that_may_hang(async::ContextPool& contexts, async::WorkerLanes lanes,
                                                 store::RocksEngine& engine);

} // namespace tegami::app
