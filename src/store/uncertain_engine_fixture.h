// An engine whose commits end in each of their ways: refused, though nothing was wrong; after somebody else's; done or
// not without an answer; late. Everything else is the memory engine.
#pragma once

#include "store/engine/engine_fixture.h"
#include "store/engine/memory.h"

#include <functional>
#include <memory>
#include <vector>

namespace tegami::store::testing {

class UncertainEngine final : public Engine {
public:
    enum class Fault : std::uint8_t {
        conflict,     ///< refused
        done_unknown, ///< done, and answered `unknown`
        lost_unknown, ///< not done, and answered `unknown`
    };
    using Hook = std::function<async::Awaitable<>(const Batch* batch)>;

    explicit UncertainEngine(bool tiny) : memory_(tiny ? MemoryEngineOptions{tiny_limits()} : MemoryEngineOptions{}) {}

    MemoryEngine& memory() { return memory_; }

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
        if (!fails) co_return co_await memory_.commit(std::move(batch));
        if (fault_ == Fault::conflict) co_return failure(Error{ErrorCode::conflict, "injected"});
        if (fault_ == Fault::done_unknown) {
            const StoreResult<Version> done = co_await memory_.commit(std::move(batch));
            if (!done) co_return done;
        }
        co_return failure(Error{ErrorCode::unknown, "injected"});
    }

    Limits limits() const override { return memory_.limits(); }

    async::Awaitable<StoreResult<Page>> scan(Domain domain, Range range) override {
        return memory_.scan(domain, std::move(range));
    }

    async::Awaitable<StoreResult<std::optional<std::string>>> get(Domain domain, std::string key) override {
        return memory_.get(domain, std::move(key));
    }

    async::Awaitable<StoreResult<std::vector<Domain>>> domains(DomainKind kind, std::uint64_t after,
                                                               std::size_t count_max) override {
        return memory_.domains(kind, after, count_max);
    }

    std::unique_ptr<BlobWriter> new_blob() override { return memory_.new_blob(); }

    async::Awaitable<StoreResult<std::string>> read_blob(BlobId blob, std::uint64_t offset,
                                                         std::uint64_t length) override {
        return memory_.read_blob(blob, offset, length);
    }

    async::Awaitable<StoreResult<std::string>> read_card(BlobId blob) override { return memory_.read_card(blob); }

    async::Awaitable<StoreResult<BlobStart>> read_start(BlobId blob, std::uint64_t length) override {
        return memory_.read_start(blob, length);
    }

    async::Awaitable<StoreResult<EngineReport>> check() override { return memory_.check(); }

    async::Awaitable<void> close() override { return memory_.close(); }

private:
    MemoryEngine memory_;
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
