// Administration over the engine's rows. Every change is one batch guarded by assertions on the keys it decides on, or
// a chain of steps that a restart repeats (removal of an account); two writers cannot both win.
#pragma once

#include "base/random.h"
#include "directory/administration.h"
#include "directory/engine_lookup.h"
#include "directory/local_domains.h"
#include "directory/new_accounts.h"
#include "directory/removed_accounts.h"
#include "directory/roles.h"
#include "directory/session_registry.h"
#include "directory/signing_keys.h"
#include "store/store.h"

#include <functional>
#include <optional>

namespace tegami::directory {

class EngineAdministration final : public Administration {
public:
    /// All of them outlive it.
    struct Dependencies {
        store::Store& store;
        LocalDomains& domains;
        EngineLookup& lookup;
        NewAccounts& new_accounts;
        RemovedAccounts& removed_accounts;
        SessionRegistry& sessions;
        SigningKeys& signing_keys;
        Roles& roles;
        async::WorkerPool& workers;
        RandomSource& random;
        const PasswordCost& cost;
    };

    explicit EngineAdministration(Dependencies dependencies)
        : engine_(dependencies.store.engine()), dependencies_(dependencies) {}

    std::shared_ptr<const DomainTable> domains() const override;
    async::Awaitable<DirectoryResult<>> add_domain(DomainSettings domain) override;
    async::Awaitable<DirectoryResult<>> set_domain(DomainSettings domain) override;
    async::Awaitable<DirectoryResult<>> remove_domain(message::Domain domain) override;

    async::Awaitable<DirectoryResult<std::optional<Account>>> account_at(EmailAddress address) override;
    async::Awaitable<DirectoryResult<Account>> add_account(NewAccount account) override;
    async::Awaitable<std::vector<std::optional<Error>>> import_accounts(std::vector<ImportEntry> entries) override;
    async::Awaitable<DirectoryResult<Account>> restore_account(StoredAccount stored) override;
    async::Awaitable<DirectoryResult<>> set_password(EmailAddress address, std::string password) override;
    async::Awaitable<DirectoryResult<>> set_password_hash(EmailAddress address, std::string hash) override;
    async::Awaitable<DirectoryResult<>> set_enabled(EmailAddress address, bool enabled) override;
    async::Awaitable<DirectoryResult<>> set_quota(EmailAddress address, std::uint64_t bytes) override;

    async::Awaitable<DirectoryResult<>> remove_account(EmailAddress address) override;
    async::Awaitable<DirectoryResult<>> erase_account(EmailAddress address) override;
    async::Awaitable<DirectoryResult<Account>> restore_account(EmailAddress address,
                                                               std::optional<EmailAddress> as) override;
    async::Awaitable<DirectoryResult<std::vector<RemovedAccount>>> removed_with(EmailAddress address) override;
    Duration retention() const override;
    async::Awaitable<DirectoryResult<>> sweep() override;

    async::Awaitable<DirectoryResult<std::optional<Alias>>> alias_at(EmailAddress address) override;
    async::Awaitable<DirectoryResult<>> add_alias(Alias alias) override;
    async::Awaitable<DirectoryResult<>> remove_alias(EmailAddress address) override;

    async::Awaitable<DirectoryResult<Listing<Account>>> list_accounts(std::optional<message::Domain> domain,
                                                                      std::string from, std::size_t count_max) override;
    async::Awaitable<DirectoryResult<Listing<Alias>>> list_aliases(std::optional<message::Domain> domain,
                                                                   std::string from, std::size_t count_max) override;
    async::Awaitable<DirectoryResult<Listing<RemovedAccount>>> list_removed(std::string from,
                                                                            std::size_t count_max) override;

private:
    async::Awaitable<DirectoryResult<>> check_target(EmailAddress alias, EmailAddress target);
    async::Awaitable<DirectoryResult<>> update_account(EmailAddress address, std::function<void(Account&)> change,
                                                       std::optional<StoredCredentials> new_credentials,
                                                       std::vector<store::KeyAssertion> provided = {});

    store::Engine& engine_;
    Dependencies dependencies_;
};

} // namespace tegami::directory
