#include "store/store.h"

#include "store/account_state.h"

#include <map>
#include <mutex>
#include <set>

namespace tegami::store {

namespace {

/// What an account without open mailboxes takes, roughly.
constexpr std::size_t kAccountBytes = 8 << 10;
/// After this many uses of accounts the cache is looked through.
constexpr std::uint64_t kUsesPerTrim = 64;

} // namespace

struct Store::Cache {
    struct Entry {
        AccountPtr account;
        std::uint64_t used = 0;
    };

    std::mutex guard;
    std::map<AccountId, Entry> accounts;
    std::set<AccountId> hidden;
    std::uint64_t uses = 0;
    async::Mutex loading; // one at a time, so that an account is never in memory twice
};

Store::Store(Engine* engine, Clock* clock, RandomSource* random, StoreOptions options)
    : engine_(engine), clock_(clock), random_(random), options_(options), cache_(std::make_unique<Cache>()) {}

Store::~Store() = default;

AccountPtr Store::make(AccountId id) const {
    const AccountOptions options{.retention = options_.retention,
                                 .delivery_tag_retention = options_.delivery_tag_retention,
                                 .log = options_.log};
    auto state = std::make_unique<AccountState>(engine_, clock_, options, id);
    state->set_hidden(is_hidden(id));
    return std::make_shared<Account>(std::move(state));
}

bool Store::is_hidden(AccountId id) const {
    const std::lock_guard guard(cache_->guard);
    return cache_->hidden.contains(id);
}

void Store::hide_account(AccountId id, bool hidden) {
    const std::lock_guard guard(cache_->guard);
    if (hidden)
        cache_->hidden.insert(id);
    else
        cache_->hidden.erase(id);
    if (const auto entry = cache_->accounts.find(id); entry != cache_->accounts.end())
        entry->second.account->state_->set_hidden(hidden);
}

AccountPtr Store::cached(AccountId id) {
    bool look_through = false;
    AccountPtr found;
    {
        const std::lock_guard guard(cache_->guard);
        look_through = ++cache_->uses % kUsesPerTrim == 0;
        if (const auto entry = cache_->accounts.find(id); entry != cache_->accounts.end()) {
            entry->second.used = cache_->uses;
            found = entry->second.account;
        }
    }
    if (look_through) trim(options_.cache_bytes_max);
    return found;
}

void Store::keep(AccountId id, AccountPtr account) {
    const std::lock_guard guard(cache_->guard);
    account->state_->set_hidden(cache_->hidden.contains(id)); // it may have become so while it was loaded
    cache_->accounts.insert_or_assign(id, Cache::Entry{std::move(account), cache_->uses});
}

void Store::trim(std::size_t cache_bytes_max) {
    const std::lock_guard guard(cache_->guard);
    std::multimap<std::uint64_t, std::map<AccountId, Cache::Entry>::iterator> idle;
    std::size_t bytes = 0;
    for (auto entry = cache_->accounts.begin(); entry != cache_->accounts.end(); ++entry) {
        bytes += kAccountBytes + entry->second.account->state_->memory_bytes();
        if (entry->second.account.use_count() == 1) idle.emplace(entry->second.used, entry);
    }
    for (const auto& [used, entry] : idle) {
        if (bytes <= cache_bytes_max) return;
        bytes -= kAccountBytes + entry->second.account->state_->memory_bytes();
        cache_->accounts.erase(entry);
    }
    for (auto& [id, entry] : cache_->accounts) {
        if (bytes <= cache_bytes_max) return;
        const std::size_t before = entry.account->state_->memory_bytes();
        bytes -= before - std::min(before, entry.account->trim());
    }
}

async::Awaitable<StoreResult<AccountPtr>> Store::account(AccountId id) {
    CO_TRY(AccountPtr found, co_await find(id));
    if (is_hidden(id)) co_return failure(Error{ErrorCode::not_found, "account is removed"});
    co_return found;
}

async::Awaitable<StoreResult<AccountPtr>> Store::find(AccountId id) {
    if (AccountPtr found = cached(id)) co_return found;
    const async::Mutex::Lock lock = co_await cache_->loading.lock();
    if (AccountPtr found = cached(id)) co_return found;
    AccountPtr loaded = make(id);
    CO_TRY_VOID(co_await loaded->state_->load());
    keep(id, loaded);
    co_return loaded;
}

async::Awaitable<StoreResult<AccountPtr>> Store::create_account(AccountId id, Quota quota) {
    const async::Mutex::Lock lock = co_await cache_->loading.lock();
    if (cached(id)) co_return failure(Error{ErrorCode::exists, "account"});
    AccountPtr made = make(id);
    StoreResult<> outcome = co_await made->state_->create(quota);
    if (!outcome && outcome.error().code == ErrorCode::exists) {
        // It may be the rest of an account whose removal was cut short.
        const AccountPtr rest = make(id);
        const StoreResult<> loaded = co_await rest->state_->load();
        if (loaded || !rest->state_->is_removed()) co_return failure(outcome.error());
        CO_TRY_VOID(co_await rest->state_->remove_all());
        outcome = co_await made->state_->create(quota);
    }
    CO_TRY_VOID(outcome);
    keep(id, made);
    co_return made;
}

async::Awaitable<StoreResult<>> Store::remove_account(AccountId id) {
    const async::Mutex::Lock lock = co_await cache_->loading.lock();
    AccountPtr account = cached(id);
    if (!account) {
        account = make(id);
        const StoreResult<> loaded = co_await account->state_->load();
        // An account whose removal was cut short answers not_found too, but has its rows.
        if (!loaded && !account->state_->is_removed()) co_return loaded;
    }
    CO_TRY_VOID(co_await account->state_->remove_all());
    const std::lock_guard guard(cache_->guard);
    cache_->accounts.erase(id);
    cache_->hidden.erase(id);
    co_return StoreResult<>{};
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
                // One damaged account keeps no other from its housekeeping.
                if (!swept && swept.error().code != ErrorCode::damaged) co_return swept;
            } else if (found.error().code == ErrorCode::not_found) {
                const StoreResult<> ended = co_await remove_account(after);
                if (!ended && ended.error().code != ErrorCode::not_found) co_return ended;
            }
        }
    }
}

} // namespace tegami::store
