// Adding accounts, one or thousands: a part of EngineAdministration. The steps, each harmless if a crash comes after it:
// check, hash on the workers, reserve ids, make the mail stores, commit the rows that make the accounts exist.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "base/random.h"
#include "directory/administration.h"
#include "directory/local_domains.h"
#include "store/store.h"

#include <optional>
#include <vector>

namespace tegami::async {
class WorkerPool;
}

namespace tegami::directory {

class NewAccounts {
public:
    /// All of them outlive it.
    struct Dependencies {
        store::Store& store;
        LocalDomains& domains;
        async::WorkerPool& workers;
        const Clock& clock;
        RandomSource& random;
        const PasswordCost& cost;
    };

    explicit NewAccounts(Dependencies dependencies)
        : engine_(dependencies.store.engine()), dependencies_(dependencies) {}

    /// One result for each, in order.
    async::Awaitable<std::vector<DirectoryResult<Account>>> add(std::vector<NewAccount> accounts);
    async::Awaitable<std::vector<std::optional<Error>>> import(std::vector<ImportEntry> entries);
    async::Awaitable<DirectoryResult<Account>> restore(StoredAccount stored);

private:
    struct Prepared;

    async::Awaitable<void> check(std::vector<Prepared>* accounts);
    async::Awaitable<void> derive_all(std::vector<Prepared>* accounts);
    async::Awaitable<DirectoryResult<AccountId>> reserve_ids(std::size_t count);
    async::Awaitable<store::StoreResult<>> make_store(const Account* account);
    async::Awaitable<void> commit(std::vector<Prepared*> accounts);
    async::Awaitable<void> commit_or_explain(std::vector<Prepared*> accounts);

    store::Engine& engine_;
    Dependencies dependencies_;
};

} // namespace tegami::directory
