#include "store/store.h"

#include "store/account_cache.h"
#include "store/account_core.h"
#include "store/account_lifetime.h"
#include "store/append_queue.h"

namespace tegami::store {

namespace {

/// Accounts looked at when one is used and the cache is too large: more than can come meanwhile.
constexpr std::size_t kTrimPerUse = 8;

} // namespace

Store::Store(Engine* engine, Clock* clock, StoreOptions options)
    : engine_(engine), clock_(clock), options_(options), cache_(std::make_unique<AccountCache>()) {}

Store::~Store() = default;

AccountPtr Store::make(AccountId id) const {
    const AccountOptions options{.retention = options_.retention,
                                 .delivery_tag_retention = options_.delivery_tag_retention,
                                 .log = options_.log,
                                 .memory = cache_->view_memory(),
                                 .appends = appends_};
    return std::make_shared<Account>(std::make_unique<AccountCore>(engine_, clock_, options, id));
}

void Store::hide_account(AccountId id, bool hidden) {
    cache_->set_hidden(id, hidden);
}

AccountPtr Store::cached(AccountId id) {
    AccountPtr found = cache_->find(id);
    cache_->trim(options_.cache_bytes_max, kTrimPerUse);
    return found;
}

std::size_t Store::memory_bytes() const {
    return cache_->bytes();
}

void Store::trim(std::size_t cache_bytes_max) {
    cache_->trim(cache_bytes_max, kTrimAccountsMax);
}

async::Awaitable<StoreResult<AccountPtr>> Store::account(AccountId id) {
    CO_TRY(AccountPtr found, co_await find(id));
    if (cache_->is_hidden(id)) co_return failure(Error{ErrorCode::not_found, "account is removed"});
    co_return found;
}

async::Awaitable<StoreResult<AccountPtr>> Store::find(AccountId id) {
    if (AccountPtr found = cached(id)) co_return found;
    const AccountCache::Place place = co_await cache_->lock(id);
    if (AccountPtr found = cached(id)) co_return found;
    AccountPtr loaded = make(id);
    CO_TRY_VOID(co_await loaded->core_->load());
    cache_->put(id, loaded);
    co_return loaded;
}

async::Awaitable<StoreResult<AccountPtr>> Store::create_account(AccountId id, Quota quota) {
    const AccountCache::Place place = co_await cache_->lock(id);
    if (cached(id)) co_return failure(Error{ErrorCode::exists, "account"});
    AccountPtr made = make(id);
    StoreResult<> outcome = co_await store::create_account(made->core_.get(), quota);
    if (!outcome && outcome.error().code == ErrorCode::exists) {
        // It may be the rest of an account whose removal was cut short.
        const AccountPtr rest = make(id);
        const StoreResult<> loaded = co_await rest->core_->load();
        if (loaded || !rest->core_->is_removed()) co_return failure(outcome.error());
        CO_TRY_VOID(co_await store::remove_account(rest->core_.get()));
        outcome = co_await store::create_account(made->core_.get(), quota);
    }
    CO_TRY_VOID(outcome);
    cache_->put(id, made);
    co_return made;
}

async::Awaitable<StoreResult<>> Store::remove_account(AccountId id) {
    const AccountCache::Place place = co_await cache_->lock(id);
    AccountPtr account = cached(id);
    if (!account) {
        account = make(id);
        const StoreResult<> loaded = co_await account->core_->load();
        // An account whose removal was cut short answers not_found too, but has its rows.
        if (!loaded && !account->core_->is_removed()) co_return loaded;
    }
    CO_TRY_VOID(co_await store::remove_account(account->core_.get()));
    cache_->erase(id);
    co_return StoreResult<>{};
}

/// Ends a removal that was cut short, if there was one.
async::Awaitable<StoreResult<>> Store::finish_removal(AccountId id) {
    const AccountCache::Place place = co_await cache_->lock(id);
    if (cached(id)) co_return StoreResult<>{}; // made anew meanwhile
    const AccountPtr rest = make(id);
    const StoreResult<> loaded = co_await rest->core_->load();
    if (loaded || !rest->core_->is_removed()) co_return StoreResult<>{};
    co_return co_await store::remove_account(rest->core_.get());
}

async::Awaitable<StoreResult<std::vector<AccountId>>> Store::accounts(AccountId after, std::size_t count_max) {
    std::vector<AccountId> accounts;
    while (accounts.size() < count_max) {
        CO_TRY(const std::vector<Domain> domains,
               co_await engine_->domains(DomainKind::account, after.value, count_max - accounts.size()));
        if (domains.empty()) break;
        for (const Domain& domain : domains) {
            // A domain outlives its account: the version must never begin anew.
            CO_TRY(const auto row, co_await engine_->get(domain, record::account_key()));
            after = AccountId(domain.id);
            const auto account = row ? record::decode_account(*row) : std::nullopt;
            if (row && (!account || !account->removed)) accounts.push_back(after);
        }
    }
    co_return accounts;
}

std::unique_ptr<BlobWriter> Store::new_blob() {
    return engine_->new_blob();
}

async::Awaitable<StoreResult<std::string>> Store::read_blob(BlobId blob, std::uint64_t offset, std::uint64_t length) {
    return engine_->read_blob(blob, offset, length);
}

async::Awaitable<StoreResult<std::string>> Store::read_card(BlobId blob) {
    return engine_->read_card(blob);
}

async::Awaitable<StoreResult<BlobStart>> Store::read_start(BlobId blob, std::uint64_t length) {
    return engine_->read_start(blob, length);
}

async::Awaitable<StoreResult<BlobStarts>> Store::read_starts(std::vector<BlobId> blobs, StartWanted wanted) {
    return engine_->read_starts(std::move(blobs), wanted);
}

async::Awaitable<StoreResult<>> Store::sweep() {
    AccountId after;
    for (;;) {
        CO_TRY(const std::vector<Domain> domains, co_await engine_->domains(DomainKind::account, after.value, 100));
        if (domains.empty()) co_return StoreResult<>{};
        for (const Domain& domain : domains) {
            after = AccountId(domain.id);
            const StoreResult<AccountPtr> found = co_await find(after);
            if (found) {
                const AccountPtr account_found = *found;
                const StoreResult<> swept = co_await account_found->sweep();
                // One damaged account, or one that is removed meanwhile, keeps no other from its housekeeping.
                const bool others =
                    !swept && (swept.error().code == ErrorCode::damaged || swept.error().code == ErrorCode::not_found);
                if (!swept && !others) co_return swept;
            } else if (found.error().code == ErrorCode::not_found) {
                CO_TRY_VOID(co_await finish_removal(after));
            }
        }
    }
}

} // namespace tegami::store
