// Reading and deciding rows of the directory domain: the few steps that every part of the room shares.
#pragma once

#include "async/awaitable.h"
#include "directory/records.h"
#include "directory/types.h"
#include "store/engine/engine.h"
#include "store/engine/guarded_update.h"
#include "store/engine/scan.h"

#include <optional>
#include <string>

namespace tegami::directory {

/// All directory rows live in one shard so far.
inline constexpr store::Domain kShard{.kind = store::DomainKind::directory, .id = 0};

/// The store's error as the directory says it.
Error from_store(const store::Error& error);
Error damaged(const std::string& key);
Error busy();

/// The decoded value of a key; nothing if there is no such row. An undecodable row is an error that names the key.
template <class T>
async::Awaitable<DirectoryResult<std::optional<T>>> get_row(store::Engine* engine, std::string key, Decoder<T> decode) {
    const auto value = co_await engine->get(kShard, key);
    if (!value) co_return failure(from_store(value.error()));
    if (!*value) co_return std::optional<T>();
    std::optional<T> decoded = decode(**value);
    if (!decoded) co_return failure(damaged(key));
    co_return decoded;
}

/// store::guarded_update for one decoded row: `decide` is `DirectoryResult<store::Update>(std::optional<T>)`.
/// Errors: those of `decide`; damaged (the row does not decode); busy.
template <class T, class Decide>
async::Awaitable<DirectoryResult<>> update_row(store::Engine* engine, std::string key, Decoder<T> decode,
                                               Decide decide) {
    std::optional<Error> refused;
    const auto decide_octets = [&](const std::optional<std::string>& value) -> store::StoreResult<store::Update> {
        std::optional<T> decoded = value ? decode(*value) : std::nullopt;
        DirectoryResult<store::Update> update = store::Update();
        if (value && !decoded)
            update = failure(damaged(key));
        else
            update = decide(std::move(decoded));
        if (update) return *std::move(update);
        refused = std::move(update).error();
        return failure(store::Error{store::ErrorCode::invalid, "refused"});
    };
    const auto updated = co_await store::guarded_update(engine, kShard, key, decide_octets);
    if (refused) co_return failure(*std::move(refused));
    if (!updated && updated.error().code == store::ErrorCode::conflict) co_return failure(busy());
    if (!updated) co_return failure(from_store(updated.error()));
    co_return DirectoryResult<>();
}

} // namespace tegami::directory
