// Lookup over the engine's rows: accounts and aliases are read each time, so a million of them cost nothing here.
#pragma once

#include "directory/local_domains.h"
#include "directory/lookup.h"
#include "store/engine/engine.h"

#include <set>
#include <string>
#include <vector>

namespace tegami::directory {

class EngineLookup final : public Lookup {
public:
    EngineLookup(store::Engine& engine, const LocalDomains& domains, const message::Domain& default_domain)
        : engine_(engine), domains_(domains), default_domain_(default_domain) {}

    async::Awaitable<DirectoryResult<Resolution>> resolve(EmailAddress recipient) override;
    async::Awaitable<DirectoryResult<bool>> may_send_as(AccountId account, EmailAddress address) override;
    async::Awaitable<DirectoryResult<std::vector<EmailAddress>>> addresses_of(AccountId account) override;
    EmailAddress bare_postmaster() const override;
    /// Where mail for the target of an alias goes once there is that alias: what leads back to it leads nowhere.
    async::Awaitable<DirectoryResult<Resolution>> resolve_target(EmailAddress alias, EmailAddress target);

private:
    struct Expansion;

    async::Awaitable<DirectoryResult<Resolution>> resolve_with(Expansion expansion);
    async::Awaitable<DirectoryResult<>> expand(Expansion* into, EmailAddress address, std::size_t depth);
    async::Awaitable<DirectoryResult<bool>> expand_name(Expansion* into, EmailAddress address, std::string detail,
                                                        std::size_t depth);
    async::Awaitable<DirectoryResult<>> expand_target(Expansion* into, EmailAddress target, std::string detail,
                                                      std::size_t depth);
    async::Awaitable<DirectoryResult<std::vector<EmailAddress>>> aliases_to(const std::set<std::string>* keys);
    bool leads_only_to(const Alias& alias, const std::set<std::string>& keys) const;
    async::Awaitable<DirectoryResult<>> expand_postmaster(Expansion* into, EmailAddress address, std::size_t depth);

    store::Engine& engine_;
    const LocalDomains& domains_;
    const message::Domain& default_domain_;
};

} // namespace tegami::directory
