// What accounts may do beside having mail: the rows of those who are more than users. They are few and also held in memory, so that
// every request to the administration can ask. docs/formats/directory.md, row `r`.
//
// An account that is removed loses its role, and has none when it comes back; a domain that is removed is nobody's any more.
#pragma once

#include "async/awaitable.h"
#include "async/mutex.h"
#include "directory/types.h"
#include "store/engine/engine.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace tegami::directory {

/// Limit: domains of one domain administrator.
inline constexpr std::size_t kRoleDomainsMax = 100;

enum class RoleKind : std::uint8_t {
    user = 0,
    auditor = 1,              ///< reads what an administrator reads, but no mail and no secrets
    domain_administrator = 2, ///< of some domains
    administrator = 3,
};

/// "domain-administrator".
std::string_view to_string(RoleKind kind);
std::optional<RoleKind> find_role_kind(std::string_view name);

struct Role {
    RoleKind kind = RoleKind::user;
    std::vector<message::Domain> domains{}; ///< of a domain administrator, in order; of nobody else

    bool operator==(const Role&) const = default;
};

/// Somebody who is more than a user.
struct RoleHolder {
    EmailAddress address;
    Role role;

    bool operator==(const RoleHolder&) const = default;
};

/// By account; immutable.
using RoleTable = std::map<AccountId, RoleHolder>;

class Roles {
public:
    /// `engine` outlives it.
    explicit Roles(store::Engine& engine) : engine_(engine), table_(std::make_shared<const RoleTable>()) {}

    /// Reads them; once, before all else.
    async::Awaitable<DirectoryResult<>> load();

    /// The roles as of now; cheap, never waits; from any thread.
    std::shared_ptr<const RoleTable> table() const;
    Role of(AccountId account) const;

    /// Nobody else decides who administers meanwhile: for who looks first whether somebody is left.
    async::Awaitable<async::Mutex::Lock> decide() { return deciding_.lock(); }

    /// Gives an account this role in place of the one it has. Errors: not_found (the account is not there), invalid (domains of
    /// none but a domain administrator, who has 1 to kRoleDomainsMax), unavailable.
    async::Awaitable<DirectoryResult<>> set(Account account, Role role);
    /// The account was removed, and its row with it.
    async::Awaitable<> forget(AccountId account);
    /// Takes a domain that was removed from everybody who administers it.
    async::Awaitable<DirectoryResult<>> forget_domain(message::Domain domain);

private:
    void publish(AccountId account, RoleHolder holder);

    store::Engine& engine_;
    async::Mutex deciding_;
    async::Mutex changing_;    // so that the table changes in the order of the commits
    mutable std::mutex mutex_; // guards table_ only, never held across a wait
    std::shared_ptr<const RoleTable> table_;
};

} // namespace tegami::directory
