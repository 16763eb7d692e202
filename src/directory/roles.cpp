#include "directory/roles.h"

#include "directory/engine_access.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tegami::directory {

namespace {

constexpr std::array kRoleNames{
    std::pair{RoleKind::user, std::string_view("user")},
    std::pair{RoleKind::auditor, std::string_view("auditor")},
    std::pair{RoleKind::domain_administrator, std::string_view("domain-administrator")},
    std::pair{RoleKind::administrator, std::string_view("administrator")},
};

std::optional<Error> check_role(const Role& role) {
    const bool needs_domains = role.kind == RoleKind::domain_administrator;
    if (needs_domains && (role.domains.empty() || role.domains.size() > kRoleDomainsMax))
        return Error{ErrorCode::invalid, fmt::format("a domain administrator needs 1 to {} domains", kRoleDomainsMax)};
    if (!needs_domains && !role.domains.empty())
        return Error{ErrorCode::invalid, "only a domain administrator has domains"};
    return std::nullopt;
}

} // namespace

std::string_view to_string(RoleKind kind) {
    return std::ranges::find(kRoleNames, kind, [](const auto& each) { return each.first; })->second;
}

std::optional<RoleKind> find_role_kind(std::string_view name) {
    const auto found = std::ranges::find(kRoleNames, name, [](const auto& each) { return each.second; });
    return found == kRoleNames.end() ? std::nullopt : std::optional(found->first);
}

async::Awaitable<DirectoryResult<>> Roles::load() {
    RoleTable table;
    const KeyRange all = records::all_roles();
    store::Scan scan(&engine_, kShard, {.begin = all.begin, .end = all.end});
    while (scan.more()) {
        const auto page = co_await scan.next();
        if (!page) co_return failure(from_store(page.error()));
        for (const store::Row& row : page->rows) {
            const std::optional<AccountId> id = records::decode_id_key(row.key);
            std::optional<Role> role = records::decode_role(row.value);
            if (!id || !role) co_return failure(damaged(row.key));
            // One without an account is for check() to tell.
            auto address = co_await get_row(&engine_, records::id_key(*id), &records::decode_address);
            if (!address) co_return failure(address.error());
            if (*address) table.emplace(*id, RoleHolder{**std::move(address), *std::move(role)});
        }
    }
    const std::lock_guard lock(mutex_);
    table_ = std::make_shared<const RoleTable>(std::move(table));
    co_return DirectoryResult<>();
}

std::shared_ptr<const RoleTable> Roles::table() const {
    const std::lock_guard lock(mutex_);
    return table_;
}

Role Roles::of(AccountId account) const {
    const std::shared_ptr<const RoleTable> all = table();
    const auto found = all->find(account);
    return found == all->end() ? Role() : found->second.role;
}

async::Awaitable<DirectoryResult<>> Roles::set(Account account, Role role) {
    std::ranges::sort(role.domains);
    const auto twice = std::ranges::unique(role.domains);
    role.domains.erase(twice.begin(), twice.end());
    if (const auto error = check_role(role)) co_return failure(*error);
    const async::Mutex::Lock one_at_a_time = co_await changing_.lock();
    const std::string key = records::role_key(account.id);
    store::Batch batch{.domain = kShard,
                       .expected = {},
                       .assertions = {{.key = records::id_key(account.id), .value = records::encode(account.address)}},
                       .operations = {}};
    if (role.kind == RoleKind::user)
        batch.operations.emplace_back(store::Delete{key});
    else
        batch.operations.emplace_back(store::Put{key, records::encode(role)});
    const auto committed = co_await engine_.commit(std::move(batch));
    if (is_conflict(committed))
        co_return failure(
            Error{ErrorCode::not_found, fmt::format("there is no account {}", account.address.display())});
    if (!committed) co_return failure(from_store(committed.error()));
    publish(account.id, {account.address, std::move(role)});
    co_return DirectoryResult<>();
}

async::Awaitable<> Roles::forget(AccountId account) {
    const async::Mutex::Lock one_at_a_time = co_await changing_.lock();
    const std::lock_guard lock(mutex_);
    RoleTable next = *table_;
    next.erase(account);
    table_ = std::make_shared<const RoleTable>(std::move(next));
}

async::Awaitable<DirectoryResult<>> Roles::forget_domain(message::Domain domain) {
    const async::Mutex::Lock one_at_a_time = co_await changing_.lock();
    const std::shared_ptr<const RoleTable> before = table();
    for (const auto& [account, holder] : *before) {
        const Role& role = holder.role;
        if (std::ranges::find(role.domains, domain) == role.domains.end()) continue;
        Role next = role;
        std::erase(next.domains, domain);
        if (next.domains.empty()) next = Role();
        const std::string key = records::role_key(account);
        store::Batch batch{.domain = kShard,
                           .expected = {},
                           .assertions = {{.key = key, .value = records::encode(role)}},
                           .operations = {}};
        if (next.kind == RoleKind::user)
            batch.operations.emplace_back(store::Delete{key});
        else
            batch.operations.emplace_back(store::Put{key, records::encode(next)});
        const auto committed = co_await engine_.commit(std::move(batch));
        if (is_conflict(committed)) continue; // the account was removed meanwhile
        if (!committed) co_return failure(from_store(committed.error()));
        publish(account, {holder.address, std::move(next)});
    }
    co_return DirectoryResult<>();
}

void Roles::publish(AccountId account, RoleHolder holder) {
    const std::lock_guard lock(mutex_);
    RoleTable next = *table_;
    if (holder.role.kind == RoleKind::user)
        next.erase(account);
    else
        next.insert_or_assign(account, std::move(holder));
    table_ = std::make_shared<const RoleTable>(std::move(next));
}

} // namespace tegami::directory
