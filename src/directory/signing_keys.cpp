#include "directory/signing_keys.h"

#include "directory/engine_access.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::directory {

namespace {

Error no_key(const message::Domain& domain, const std::string& selector) {
    return {.code = ErrorCode::not_found,
            .message = fmt::format("{} has no key with the selector {}", domain.display(), selector)};
}

void insert(std::vector<SigningKey>& keys, SigningKey key) {
    const auto at = std::ranges::lower_bound(keys, key.selector, {}, &SigningKey::selector);
    if (at != keys.end() && at->selector == key.selector)
        *at = std::move(key);
    else
        keys.insert(at, std::move(key));
}

} // namespace

async::Awaitable<DirectoryResult<>> SigningKeys::load() {
    SigningKeyTable table;
    const KeyRange all = records::signing_keys_of(std::nullopt);
    store::Scan scan(&engine_, kShard, {.begin = all.begin, .end = all.end});
    while (scan.more()) {
        const auto page = co_await scan.next();
        if (!page) co_return failure(from_store(page.error()));
        for (const store::Row& row : page->rows) {
            std::optional<SigningKey> key = records::decode_signing_key(row.value);
            if (!key) co_return failure(damaged(row.key));
            std::vector<SigningKey>& keys = table[key->domain];
            insert(keys, *std::move(key));
        }
    }
    const std::lock_guard lock(mutex_);
    table_ = std::make_shared<const SigningKeyTable>(std::move(table));
    co_return DirectoryResult<>();
}

std::shared_ptr<const SigningKeyTable> SigningKeys::table() const {
    const std::lock_guard lock(mutex_);
    return table_;
}

async::Awaitable<DirectoryResult<>> SigningKeys::put(std::vector<SigningKey> keys) {
    if (keys.empty()) co_return DirectoryResult<>();
    const async::Mutex::Lock one_at_a_time = co_await changing_.lock();
    const message::Domain domain = keys.front().domain;
    SigningKeyTable next = *table();
    std::vector<store::Operation> operations;
    for (const SigningKey& key : keys) {
        insert(next[domain], key);
        operations.emplace_back(store::Put{records::signing_key_key(domain, key.selector), records::encode(key)});
    }
    if (next[domain].size() > kSigningKeysMax)
        co_return failure(Error{.code = ErrorCode::invalid,
                                .message = fmt::format("{} has {} keys already: remove some that sign no more",
                                                       domain.display(), next[domain].size() - keys.size())});
    const auto decide = [&](const std::optional<DomainSettings>& there) -> DirectoryResult<store::Update> {
        if (there) return store::Update{.operations = operations, .assertions = {}};
        return failure(
            Error{.code = ErrorCode::not_found, .message = fmt::format("there is no domain {}", domain.display())});
    };
    const auto done = co_await update_row(&engine_, records::domain_key(domain), &records::decode_domain, decide);
    if (!done) co_return done;
    const std::lock_guard lock(mutex_);
    table_ = std::make_shared<const SigningKeyTable>(std::move(next));
    co_return done;
}

async::Awaitable<DirectoryResult<>> SigningKeys::remove(message::Domain domain, std::string selector) {
    const async::Mutex::Lock one_at_a_time = co_await changing_.lock();
    SigningKeyTable next = *table();
    std::vector<SigningKey>& keys = next[domain];
    const auto at = std::ranges::find(keys, selector, &SigningKey::selector);
    if (at == keys.end()) co_return failure(no_key(domain, selector));
    keys.erase(at);
    if (keys.empty()) next.erase(domain);
    store::Batch batch{.domain = kShard,
                       .expected = {},
                       .assertions = {},
                       .operations = {store::Delete{records::signing_key_key(domain, selector)}}};
    const auto committed = co_await engine_.commit(std::move(batch));
    if (!committed) co_return failure(from_store(committed.error()));
    const std::lock_guard lock(mutex_);
    table_ = std::make_shared<const SigningKeyTable>(std::move(next));
    co_return DirectoryResult<>();
}

void SigningKeys::forget(const message::Domain& domain) {
    const std::lock_guard lock(mutex_);
    SigningKeyTable next = *table_;
    next.erase(domain);
    table_ = std::make_shared<const SigningKeyTable>(std::move(next));
}

} // namespace tegami::directory
