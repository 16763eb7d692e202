// The operation on roles.
#include "admin/role.h"

#include "admin/account_named.h"
#include "admin/parameters.h"

#include <fmt/format.h>

namespace tegami::admin {

namespace {

using directory::RoleKind;

Result<directory::Role, Refusal> role_of(const Dependencies* on, const json::object& request) {
    TRY(const std::string name, required_text(request, "role"));
    const auto kind = directory::find_role_kind(name);
    if (!kind)
        return failure(
            Refusal{400, "role must be \"user\", \"auditor\", \"domain-administrator\" or \"administrator\""});
    directory::Role role{.kind = *kind};
    const json::value* const domains = request.if_contains("domains");
    if (domains && !domains->is_array()) return failure(Refusal{400, "domains must be a list of domains"});
    const auto ours = on->directory.administration().domains();
    for (const json::value& each : domains ? domains->get_array() : json::array()) {
        if (!each.is_string()) return failure(Refusal{400, "domains must be a list of domains"});
        TRY(message::Domain domain, parse_domain(std::string(each.get_string())));
        if (!ours->contains(domain)) return failure(no_domain(domain));
        role.domains.push_back(std::move(domain));
    }
    return role;
}

async::Awaitable<Answer> account_role(const Dependencies* on, Caller caller, json::object request) {
    CO_TRY(const message::EmailAddress address, required_address(request, "address"));
    CO_TRY(directory::Role role, role_of(on, request));
    {
        const async::Mutex::Lock held = co_await on->directory.roles().decide();
        if (role.kind != RoleKind::administrator) {
            CO_TRY_VOID(co_await check_last_administrator(on, caller, address));
        }
        CO_TRY(directory::Account account, co_await account_named(on, address));
        const auto set = co_await on->directory.roles().set(std::move(account), std::move(role));
        if (!set) co_return failure(refusal_for(set.error()));
    }
    co_return co_await show_account(on, address);
}

} // namespace

async::Awaitable<Result<void, Refusal>> check_last_administrator(const Dependencies* on, Caller caller,
                                                                 message::EmailAddress address) {
    if (caller.is_local_root()) co_return Result<void, Refusal>();
    const std::string key = directory::address_key(address);
    const std::shared_ptr<const directory::RoleTable> table = on->directory.roles().table();
    bool is_one = false;
    for (const auto& [id, holder] : *table) {
        if (holder.role.kind != RoleKind::administrator) continue;
        if (directory::address_key(holder.address) == key) {
            is_one = true;
            continue;
        }
        const auto other = co_await on->directory.administration().account_at(holder.address);
        if (!other) co_return failure(refusal_for(other.error()));
        if (*other && (*other)->enabled) co_return Result<void, Refusal>();
    }
    if (!is_one) co_return Result<void, Refusal>();
    co_return failure(
        Refusal{409, fmt::format("{} is the last administrator: make another one first", address.display())});
}

std::span<const Operation> role_operations() {
    using enum Parameter::Kind;
    static constexpr Operation kOperations[] = {
        {"/account/role",
         Access::change,
         "",
         account_role,
         "Gives an account a role in place of the one it has",
         {kAddressParameter,
          {"role", text, "user, auditor, domain-administrator or administrator", true},
          {"domains", list, "What a domain administrator administers"}}},
    };
    return kOperations;
}

} // namespace tegami::admin
