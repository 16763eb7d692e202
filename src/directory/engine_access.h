// Reading and deciding rows of the directory domain: the few steps that every part of the room shares.
#pragma once

#include "async/awaitable.h"
#include "directory/administration.h"
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
bool is_conflict(const store::StoreResult<store::Version>& committed);

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

/// What a password of the account is derived with: what SCRAM shows is what its app passwords share, where it has any.
struct DerivingWith {
    Salts salts;
    PasswordCost cost;
    bool shared = false; ///< with app passwords
};

async::Awaitable<DirectoryResult<DerivingWith>> deriving_for(store::Engine* engine, AccountId account, Salts fresh,
                                                             PasswordCost cost);

async::Awaitable<DirectoryResult<std::optional<Account>>> account_at(store::Engine* engine, EmailAddress address);
async::Awaitable<DirectoryResult<std::optional<Alias>>> alias_at(store::Engine* engine, EmailAddress address);

/// One page of the rows of a range; see Administration::list_accounts.
template <class T>
async::Awaitable<DirectoryResult<Listing<T>>> list_rows(store::Engine* engine, KeyRange keys, std::string from,
                                                        std::size_t count_max, Decoder<T> decode) {
    // A continuation outside the range would list what was not asked for.
    if (from < keys.begin || from >= keys.end) from = keys.begin;
    Listing<T> listing;
    store::Scan scan(engine, kShard, {.begin = std::move(from), .end = keys.end, .rows_max = count_max});
    const auto page = co_await scan.next();
    if (!page) co_return failure(from_store(page.error()));
    for (const store::Row& row : page->rows) {
        std::optional<T> item = decode(row.value);
        if (!item) co_return failure(damaged(row.key));
        listing.items.push_back(*std::move(item));
    }
    if (scan.more()) listing.next = scan.position();
    co_return listing;
}

} // namespace tegami::directory
