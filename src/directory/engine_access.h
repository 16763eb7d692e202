// Reading and deciding rows of the directory domain: the few steps that every part of the room shares.
#pragma once

#include "async/awaitable.h"
#include "directory/records.h"
#include "directory/types.h"
#include "store/engine/engine.h"

#include <optional>
#include <string>

namespace tegami::directory {

/// All directory rows live in one shard so far.
inline constexpr store::Domain kShard{.kind = store::DomainKind::directory, .id = 0};

/// Limit: how often a change is tried again because somebody else changed the same rows meanwhile.
inline constexpr int kAttemptsMax = 8;

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

} // namespace tegami::directory
