// An engine whose commits end in each of their ways: refused, though nothing was wrong; after somebody else's; done or
// not without an answer; late. Everything else is the memory engine.
#pragma once

#include "store/engine/engine_fixture.h"
#include "store/forwarding_engine_fixture.h"

#include <functional>
#include <memory>
#include <vector>

namespace tegami::store::testing {

class UncertainEngine final : public ForwardingEngine {
public:
    enum class Fault : std::uint8_t {
        conflict,     ///< refused
        done_unknown, ///< done, and answered `unknown`
        lost_unknown, ///< not done, and answered `unknown`
    };
    using Hook = std::function<async::Awaitable<>(const Batch* batch)>;

    explicit UncertainEngine(bool tiny)
        : ForwardingEngine(tiny ? MemoryEngineOptions{tiny_limits()} : MemoryEngineOptions{}) {}

    /// The commits from the `nth` on (1 is the next), `times` of them, end so.
    void fail(std::uint64_t nth, Fault fault, std::uint64_t times = 1) {
        first_ = commits_ + nth;
        end_ = first_ + times;
        fault_ = fault;
    }

    /// Waits for this before each commit; none if empty.
    void set_hook(Hook hook) { hook_ = std::move(hook); }

    /// Commits that were asked for so far.
    std::uint64_t commits() const { return commits_; }

    /// True if the fault that was set has happened.
    bool failed() const { return first_ != 0 && commits_ >= first_; }

    async::Awaitable<StoreResult<Version>> commit(Batch batch) override {
        const std::uint64_t number = ++commits_;
        if (hook_) co_await hook_(&batch);
        const bool fails = number >= first_ && number < end_;
        if (!fails) co_return co_await memory().commit(std::move(batch));
        if (fault_ == Fault::conflict) co_return failure(Error{ErrorCode::conflict, "injected"});
        if (fault_ == Fault::done_unknown) {
            const StoreResult<Version> done = co_await memory().commit(std::move(batch));
            if (!done) co_return done;
        }
        co_return failure(Error{ErrorCode::unknown, "injected"});
    }

private:
    Hook hook_;
    std::uint64_t commits_ = 0;
    std::uint64_t first_ = 0;
    std::uint64_t end_ = 0;
    Fault fault_ = Fault::conflict;
};

class UncertainSubject final : public Subject {
public:
    explicit UncertainSubject(bool tiny) : engine_(tiny) {}

    UncertainEngine& engine() override { return engine_; }

    bool reopen() override { return false; }

private:
    UncertainEngine engine_;
};

} // namespace tegami::store::testing
