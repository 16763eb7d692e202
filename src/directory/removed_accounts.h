// Removing accounts, keeping them for the retention time, bringing
// them back, erasing them: a part of EngineAdministration.
//
// 1. An account is in an n row or in an x row, never in both or in none: one batch takes it from one to the other.
// 2. Mail is erased only after its x row says so: a crash repeats the erasing, and nothing can come back half erased.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "directory/administration.h"
#include "directory/local_domains.h"
#include "directory/roles.h"
#include "directory/session_registry.h"
#include "store/store.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace tegami::directory {

class RemovedAccounts {
public:
    /// All of them outlive it.
    struct Dependencies {
        store::Store& store;
        const LocalDomains& domains;
        SessionRegistry& sessions;
        Roles& roles;
        const Clock& clock;
    };

    RemovedAccounts(Dependencies dependencies, Duration retention)
        : engine_(dependencies.store.engine()), dependencies_(dependencies), retention_(retention) {}

    /// At start: what is kept is hidden again, and erasing that a crash interrupted ends. A row that cannot be read
    /// keeps its mail, for repair.
    async::Awaitable<DirectoryResult<>> begin();

    async::Awaitable<DirectoryResult<>> remove(EmailAddress address);
    async::Awaitable<DirectoryResult<>> erase(EmailAddress address);
    async::Awaitable<DirectoryResult<Account>> restore(EmailAddress address, std::optional<EmailAddress> as);
    async::Awaitable<DirectoryResult<>> sweep();

    async::Awaitable<DirectoryResult<std::vector<RemovedAccount>>> with(EmailAddress address);
    async::Awaitable<DirectoryResult<Listing<RemovedAccount>>> list(std::string from, std::size_t count_max);

    Duration retention() const { return retention_; }

private:
    async::Awaitable<DirectoryResult<>> take_out(EmailAddress address, bool erasing, AccountId* id);
    async::Awaitable<DirectoryResult<>> begin_erasing(RemovedAccount removed);
    async::Awaitable<DirectoryResult<>> finish_erasing(AccountId account);

    store::Engine& engine_;
    Dependencies dependencies_;
    Duration retention_;
};

} // namespace tegami::directory
