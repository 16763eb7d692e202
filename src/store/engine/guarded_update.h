// Changing what one key says, without losing what somebody else changes meanwhile.
#pragma once

#include "store/engine/engine.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tegami::store {

/// Limit: how often a change is made again because another commit came first.
inline constexpr int kCommitAttemptsMax = 8;

/// What is to be committed; without operations nothing is.
struct Update {
    std::vector<Operation> operations;
    std::vector<KeyAssertion> assertions; ///< beside the one about the key itself
};

/// Reads `key`, asks `decide` what to do about its value (nothing: there is no such key) and commits that, provided
/// that the key still has this value; otherwise it begins again. `decide` is
/// `StoreResult<Update>(const std::optional<std::string>& value)`, may be called several times and changes nothing of
/// its own. Errors: those of `decide`, Engine::get and Engine::commit; conflict after kCommitAttemptsMax attempts.
template <class Decide>
async::Awaitable<StoreResult<>> guarded_update(Engine* engine, Domain domain, std::string key, Decide decide) {
    for (int attempt = 0; attempt < kCommitAttemptsMax; ++attempt) {
        const StoreResult<std::optional<std::string>> value = co_await engine->get(domain, key);
        if (!value) co_return failure(value.error());
        StoreResult<Update> update = decide(*value);
        if (!update) co_return failure(std::move(update).error());
        if (update->operations.empty()) co_return StoreResult<>{};
        Batch batch{.domain = domain,
                    .expected = {},
                    .assertions = std::move(update->assertions),
                    .operations = std::move(update->operations)};
        batch.assertions.push_back({key, *value});
        const StoreResult<Version> committed = co_await engine->commit(std::move(batch));
        if (committed) co_return StoreResult<>{};
        if (committed.error().code != ErrorCode::conflict) co_return failure(committed.error());
    }
    co_return failure(Error{ErrorCode::conflict, "the record changes all the time"});
}

} // namespace tegami::store
