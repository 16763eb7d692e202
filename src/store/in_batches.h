// Carries out an operation of any size in as few commits as fit the engine's batches.
#pragma once

#include "async/turns.h"
#include "store/account_core.h"

#include <type_traits>

namespace tegami::store {

/// Steps that lie next to each other share a commit; each step is whole in one. All under one turn as the writer.
class InBatches {
public:
    /// After so many steps others on the thread have their turn.
    explicit InBatches(AccountCore* core, std::size_t steps_per_turn = 4, Commits commits_allowed = Commits::many)
        : core_(core), steps_per_turn_(steps_per_turn), commits_allowed_(commits_allowed), whole_(core->begin()) {}

    InBatches(const InBatches&) = delete;
    InBatches& operator=(const InBatches&) = delete;

    /// Adds a step: `StoreResult<>(PendingCommit* part)`, or the same as Awaitable. Where it does not fit beside those
    /// before it, they are committed, and it is made again on what is there then. Its error is the answer, and nothing
    /// of it is kept.
    template <class Step>
    async::Awaitable<StoreResult<>> add(Step step) {
        PendingCommit part = PendingCommit::part_of(whole_);
        CO_TRY_VOID(co_await made(&step, &part));
        if (!core_->fits(whole_, part)) {
            if (commits_allowed_ == Commits::one)
                co_return failure(Error{ErrorCode::invalid, "too much for one commit"});
            CO_TRY_VOID(co_await commit());
            part = PendingCommit::part_of(whole_);
            CO_TRY_VOID(co_await made(&step, &part));
        }
        whole_.merge(std::move(part));
        if (++steps_ % steps_per_turn_ == 0) co_await async::give_way();
        co_return StoreResult<>{};
    }

    /// Commits what was added and not committed yet. Errors: those of AccountCore::commit.
    async::Awaitable<StoreResult<>> commit() {
        const StoreResult<> committed = co_await core_->commit(&whole_);
        broken_ = !committed;
        CO_TRY_VOID(committed);
        whole_ = core_->begin();
        ++commits_;
        co_return StoreResult<>{};
    }

    /// What is not committed yet.
    const PendingCommit& pending() const { return whole_; }

    std::size_t commits() const { return commits_; }

    /// True if a commit failed: the steps before it are lost, too.
    bool broken() const { return broken_; }

private:
    template <class Step>
    static async::Awaitable<StoreResult<>> made(Step* step, PendingCommit* part) {
        if constexpr (std::is_same_v<std::invoke_result_t<Step&, PendingCommit*>, StoreResult<>>) {
            co_return (*step)(part);
        } else {
            co_return co_await (*step)(part);
        }
    }

    AccountCore* const core_;
    const std::size_t steps_per_turn_;
    const Commits commits_allowed_;
    PendingCommit whole_;
    std::size_t steps_ = 0;
    std::size_t commits_ = 0;
    bool broken_ = false;
};

} // namespace tegami::store
