#include "directory/new_accounts.h"

#include "async/event.h"
#include "async/worker_pool.h"
#include "directory/engine_access.h"
#include "directory/foreign_hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <set>

namespace tegami::directory {

namespace {

/// Hashes that wait for the workers at once: enough to keep them busy, few enough that others' work comes between.
constexpr std::size_t kHashesAtOnce = 16;
/// Limit: accounts in one batch, if the engine's own limits allow.
constexpr std::size_t kAccountsPerBatchMax = 256;
constexpr std::size_t kRowsPerAccount = 3;
/// An upper bound for the keys and values of one account's rows; addresses are bounded by message::kPathBytesMax.
constexpr std::size_t kRowBytesMax = 2048;

} // namespace

/// One account on its way in: an error ends the way.
struct NewAccounts::Prepared {
    NewAccount wanted;
    Account account;
    StoredCredentials credentials = {};
    std::optional<StoredAppPasswords> app_passwords = std::nullopt;
    std::optional<SecondFactor> second_factor = std::nullopt;
    std::optional<Error> error = std::nullopt;

    /// Takes what another server made of the password, or looks whether the password can be taken.
    std::optional<Error> take_password() {
        if (const auto clear = clear_password(wanted.hash)) {
            wanted.password = *clear;
            wanted.hash.clear();
        }
        if (wanted.hash.empty()) return check_new_password(wanted.password);
        auto foreign = parse_foreign_hash(wanted.hash);
        if (!foreign) return std::move(foreign).error();
        credentials.hash = std::move(foreign->stored);
        account.foreign_hash = std::move(foreign->scheme);
        return std::nullopt;
    }
};

namespace {

/// Some passwords being hashed; shared with the jobs, which may outlive a cancelled waiter.
struct HashWave {
    HashWave(async::Executor executor, std::size_t count) : remaining(count), done(std::move(executor)) {}

    std::vector<std::string> passwords;
    std::vector<Salts> salts;
    std::vector<StoredCredentials> credentials;
    std::atomic<std::size_t> remaining;
    async::Event done;
};

async::Awaitable<std::vector<StoredCredentials>> derive_wave(async::WorkerPool* workers,
                                                             std::vector<std::string> passwords,
                                                             std::vector<Salts> salts, PasswordCost cost) {
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    auto wave = std::make_shared<HashWave>(executor, passwords.size());
    wave->passwords = std::move(passwords);
    wave->salts = std::move(salts);
    wave->credentials.resize(wave->passwords.size());
    for (std::size_t at = 0; at < wave->credentials.size(); ++at)
        workers->submit([wave, at, cost] {
            wave->credentials[at] = derive_credentials(wave->passwords[at], wave->salts[at], cost);
            if (--wave->remaining == 0) wave->done.set();
        });
    co_await wave->done.wait();
    co_return std::move(wave->credentials);
}

std::vector<store::KeyAssertion> absent(const EmailAddress& address) {
    return {{.key = records::account_key(address)}, {.key = records::alias_key(address)}};
}

} // namespace

async::Awaitable<std::vector<DirectoryResult<Account>>> NewAccounts::add(std::vector<NewAccount> accounts) {
    std::vector<Prepared> prepared;
    prepared.reserve(accounts.size());
    for (NewAccount& wanted : accounts) {
        Account account{
            .address = wanted.address, .quota_bytes = wanted.quota_bytes, .created = dependencies_.clock.now()};
        prepared.push_back({.wanted = std::move(wanted), .account = std::move(account)});
    }
    co_await check(&prepared);
    co_await derive_all(&prepared);

    const store::Limits limits = engine_.limits();
    const std::size_t batch_max =
        std::clamp<std::size_t>(std::min(limits.batch_operations_max / kRowsPerAccount,
                                         limits.batch_bytes_max / (kRowsPerAccount * kRowBytesMax)),
                                1, kAccountsPerBatchMax);
    std::vector<Prepared*> batch;
    for (std::size_t at = 0; at < prepared.size(); ++at) {
        if (!prepared[at].error) batch.push_back(&prepared[at]);
        if (batch.size() == batch_max || (at + 1 == prepared.size() && !batch.empty()))
            co_await commit(std::exchange(batch, {}));
    }

    std::vector<DirectoryResult<Account>> results;
    for (Prepared& one : prepared)
        results.push_back(one.error ? DirectoryResult<Account>(failure(*std::move(one.error)))
                                    : DirectoryResult<Account>(std::move(one.account)));
    co_return results;
}

async::Awaitable<DirectoryResult<Account>> NewAccounts::restore(StoredAccount stored) {
    if (!dependencies_.domains.contains(stored.account.address.domain)) {
        const auto added = co_await dependencies_.domains.add(std::move(stored.domain));
        if (!added && added.error().code != ErrorCode::exists) co_return failure(added.error());
    }
    const auto alias = co_await alias_at(&engine_, stored.account.address);
    if (!alias) co_return failure(alias.error());
    if (*alias)
        co_return failure(
            Error{ErrorCode::exists, fmt::format("{} is an alias now", stored.account.address.display())});
    Prepared one{.wanted = {.address = stored.account.address},
                 .account = std::move(stored.account),
                 .credentials = std::move(stored.credentials),
                 .app_passwords = std::move(stored.app_passwords),
                 .second_factor = std::move(stored.second_factor)};
    std::vector<Prepared*> alone{&one};
    co_await commit(std::move(alone));
    if (one.error) co_return failure(*std::move(one.error));
    co_return std::move(one.account);
}

async::Awaitable<void> NewAccounts::check(std::vector<Prepared>* accounts) {
    std::set<std::string> seen;
    for (Prepared& one : *accounts) {
        one.error = dependencies_.domains.check_new_address(one.account.address);
        if (!one.error) one.error = one.take_password();
        if (one.error) continue;
        const auto account = co_await account_at(&engine_, one.account.address);
        const auto alias = co_await alias_at(&engine_, one.account.address);
        if (!account || !alias)
            one.error = account ? alias.error() : account.error();
        else if (*account)
            one.error =
                Error{ErrorCode::exists, fmt::format("the account {} exists already", one.account.address.display())};
        else if (*alias)
            one.error = Error{ErrorCode::exists,
                              fmt::format("{} exists already: it is an alias", one.account.address.display())};
        else if (!seen.insert(address_key(one.account.address)).second)
            one.error =
                Error{ErrorCode::exists, fmt::format("the address {} comes twice", one.account.address.display())};
    }
}

async::Awaitable<void> NewAccounts::derive_all(std::vector<Prepared>* accounts) {
    std::vector<Prepared*> wave;
    for (std::size_t at = 0; at < accounts->size(); ++at) {
        if (!(*accounts)[at].error && !(*accounts)[at].credentials.is_foreign()) wave.push_back(&(*accounts)[at]);
        if (wave.size() < kHashesAtOnce && at + 1 < accounts->size()) continue;
        if (wave.empty()) continue;
        std::vector<std::string> passwords;
        std::vector<Salts> salts;
        for (const Prepared* const one : wave) {
            passwords.push_back(one->wanted.password);
            salts.push_back(Salts::make(dependencies_.random));
        }
        std::vector<StoredCredentials> derived =
            co_await derive_wave(&dependencies_.workers, std::move(passwords), std::move(salts), dependencies_.cost);
        for (std::size_t of_wave = 0; of_wave < wave.size(); ++of_wave)
            wave[of_wave]->credentials = std::move(derived[of_wave]);
        wave.clear();
    }
}

async::Awaitable<DirectoryResult<AccountId>> NewAccounts::reserve_ids(std::size_t count) {
    const std::string key = records::next_id_key();
    AccountId first;
    const auto decide = [&](std::optional<std::uint64_t> next) -> DirectoryResult<store::Update> {
        first = AccountId(next.value_or(1));
        return store::Update{.operations = {store::Put{key, records::encode_number(first.value + count)}},
                             .assertions = {}};
    };
    const auto reserved = co_await update_row(&engine_, key, &records::decode_number, decide);
    if (!reserved) co_return failure(reserved.error());
    co_return first;
}

/// One that exists already is of an attempt that a crash ended, and empty.
async::Awaitable<store::StoreResult<>> NewAccounts::make_store(const Account* account) {
    const auto made = co_await dependencies_.store.create_account(account->id, {.bytes_max = account->quota_bytes});
    if (!made && made.error().code != store::ErrorCode::exists) co_return failure(made.error());
    co_return store::StoreResult<>();
}

async::Awaitable<void> NewAccounts::commit(std::vector<Prepared*> accounts) {
    const auto first = co_await reserve_ids(accounts.size());
    AccountId id = first.value_or(AccountId());
    for (Prepared* const one : accounts) {
        if (!first) {
            one->error = first.error();
            continue;
        }
        one->account.id = id;
        id = id.next();
        const auto created = co_await make_store(&one->account);
        if (!created) one->error = from_store(created.error());
    }
    std::erase_if(accounts, [](const Prepared* one) { return one->error.has_value(); });
    if (accounts.empty()) co_return;
    co_await commit_or_explain(accounts);
    for (Prepared* const one : accounts) {
        if (!one->error) continue;
        // What cannot be erased now is an empty store that nobody knows: it costs a few rows and nothing else.
        const auto erased = co_await dependencies_.store.remove_account(one->account.id);
        static_cast<void>(erased);
    }
}

async::Awaitable<void> NewAccounts::commit_or_explain(std::vector<Prepared*> accounts) {
    const std::shared_ptr<const DomainTable> table = dependencies_.domains.table();
    store::Batch batch{.domain = kShard};
    std::set<message::Domain> guarded;
    for (Prepared* const one : accounts) {
        const Account& account = one->account;
        const auto domain = table->find(account.address.domain);
        if (domain == table->end()) {
            one->error = dependencies_.domains.check_new_address(account.address);
            continue;
        }
        // A domain that is being removed at the same moment must not keep an account.
        if (guarded.insert(domain->first).second)
            batch.assertions.push_back(
                {.key = records::domain_key(domain->first), .value = records::encode(domain->second)});
        for (store::KeyAssertion& assertion : absent(account.address))
            batch.assertions.push_back(std::move(assertion));
        batch.operations.push_back(store::Put{records::account_key(account.address), records::encode(account)});
        batch.operations.push_back(store::Put{records::id_key(account.id), records::encode(account.address)});
        batch.operations.push_back(store::Put{records::credentials_key(account.id), records::encode(one->credentials)});
        if (one->app_passwords)
            batch.operations.push_back(
                store::Put{records::app_passwords_key(account.id), records::encode(*one->app_passwords)});
        if (one->second_factor)
            batch.operations.push_back(
                store::Put{records::second_factor_key(account.id), records::encode(*one->second_factor)});
    }
    if (batch.operations.empty()) co_return;
    const auto committed = co_await engine_.commit(std::move(batch));
    if (committed) co_return;
    if (committed.error().code == store::ErrorCode::conflict && accounts.size() > 1) {
        // One of them was taken meanwhile: commit them one by one, so that only that one fails.
        for (Prepared* const one : accounts) {
            if (one->error) continue;
            std::vector<Prepared*> alone{one};
            co_await commit_or_explain(std::move(alone));
        }
        co_return;
    }
    for (Prepared* const one : accounts) {
        if (one->error) continue;
        one->error = committed.error().code == store::ErrorCode::conflict
                         ? Error{ErrorCode::exists, fmt::format("the address {} was taken, or its domain removed, just "
                                                                "now",
                                                                one->account.address.display())}
                         : from_store(committed.error());
    }
}

async::Awaitable<std::vector<std::optional<Error>>> NewAccounts::import(std::vector<ImportEntry> entries) {
    std::vector<std::optional<Error>> outcomes(entries.size());
    std::vector<NewAccount> accounts;
    std::vector<std::size_t> positions;
    for (std::size_t at = 0; at < entries.size(); ++at) {
        auto address = message::parse_email_address(entries[at].address);
        if (!address) {
            outcomes[at] = Error{ErrorCode::invalid, fmt::format("this {}", message::describe(address.error()))};
            continue;
        }
        accounts.push_back({.address = *std::move(address),
                            .password = std::move(entries[at].password),
                            .hash = std::move(entries[at].hash)});
        positions.push_back(at);
    }
    const std::vector<DirectoryResult<Account>> added = co_await add(std::move(accounts));
    for (std::size_t at = 0; at < added.size(); ++at)
        if (!added[at]) outcomes[positions[at]] = added[at].error();
    co_return outcomes;
}

} // namespace tegami::directory
