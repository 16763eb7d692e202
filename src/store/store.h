// The door to stored mail: accounts by id, and message bytes.
//
// 1. One Store per engine and process. Engine, clock and random source outlive it.
// 2. An account is in memory while somebody holds its pointer, and longer while the memory budget allows.
// It knows no addresses and no passwords: directory/ maps them to AccountIds.
#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "store/account.h"
#include "store/append_feed.h"
#include "store/engine/engine.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace tegami::store {

struct StoreOptions {
    /// For views and accounts that nobody uses at the moment.
    std::size_t cache_bytes_max = 64u << 20;
    /// How long expunged messages and the change log are kept.
    std::chrono::hours retention = std::chrono::hours(24 * 14);
    /// How long a delivery tag is remembered: longer than any queue keeps trying.
    std::chrono::hours delivery_tag_retention = std::chrono::hours(24 * 14);
    /// Gets a line for each record that cannot be read; outlives the store.
    Log* log = nullptr;
};

class AccountCache;

class Store {
public:
    Store(Engine* engine, Clock* clock, StoreOptions options = {});
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// Makes the account with INBOX, Drafts, Sent, Junk, Trash and Archive, all subscribed. Errors: exists.
    async::Awaitable<StoreResult<AccountPtr>> create_account(AccountId id, Quota quota);
    /// Removes everything the account has. Whoever holds its pointer gets not_found from then on. Errors: not_found.
    async::Awaitable<StoreResult<>> remove_account(AccountId id);
    /// Hides an account that is kept for the case that it comes back, or shows it again: while hidden it answers
    /// not_found to everybody, also to those who have its pointer; sweep() goes on. Not kept on disk.
    void hide_account(AccountId id, bool hidden);
    /// Errors: not_found.
    async::Awaitable<StoreResult<AccountPtr>> account(AccountId id);
    /// Up to `count_max` accounts with ids above `after`, in order.
    async::Awaitable<StoreResult<std::vector<AccountId>>> accounts(AccountId after, std::size_t count_max);

    /// For message bytes; see Engine::new_blob.
    std::unique_ptr<BlobWriter> new_blob();
    /// Up to `length` octets from `offset`. Errors: not_found, damaged.
    async::Awaitable<StoreResult<std::string>> read_blob(BlobId blob, std::uint64_t offset, std::uint64_t length);
    /// The card that was stored before the bytes (message/card.h decodes it).
    async::Awaitable<StoreResult<std::string>> read_card(BlobId blob);
    /// Both, for who reads all of it; see Engine::read_starts.
    async::Awaitable<StoreResult<BlobStart>> read_start(BlobId blob, std::uint64_t length);
    async::Awaitable<StoreResult<BlobStarts>> read_starts(std::vector<BlobId> blobs, StartWanted wanted);

    Engine& engine() { return *engine_; }

    /// Which accounts have got new emails.
    AppendFeed& appends() { return *appends_; }

    /// Housekeeping of all accounts, one after the other (Account::sweep).
    async::Awaitable<StoreResult<>> sweep();

    /// Frees views and accounts that nobody uses, least recently used first, until no more than so many octets are
    /// held. Limit: looks at kTrimAccountsMax accounts; the next call goes on.
    void trim(std::size_t cache_bytes_max);

    /// What views and accounts take, about; in use or not.
    std::size_t memory_bytes() const;

    static constexpr std::size_t kTrimAccountsMax = 1024;

private:
    AccountPtr make(AccountId id) const;
    AccountPtr cached(AccountId id);
    async::Awaitable<StoreResult<AccountPtr>> find(AccountId id);
    async::Awaitable<StoreResult<>> finish_removal(AccountId id);

    Engine* engine_;
    Clock* clock_;
    StoreOptions options_;
    std::unique_ptr<AccountCache> cache_;
    std::shared_ptr<AppendFeed> appends_ = std::make_shared<AppendFeed>();
};

} // namespace tegami::store
