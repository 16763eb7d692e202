#include "directory/check.h"

#include "base/ascii.h"
#include "directory/engine_access.h"
#include "directory/record_table.h"

#include <fmt/format.h>

namespace tegami::directory {

namespace {

void report(CheckReport& into, std::string_view key, std::string_view what) {
    ++into.problems;
    if (into.findings.size() < kFindingsMax)
        into.findings.push_back(fmt::format("directory record {}: {}", ascii::printable(key), what));
}

/// What must exist for a row to make sense.
struct Need {
    std::string key;
    std::string_view otherwise;
    std::string or_key; ///< empty: no other
};

constexpr std::string_view kNoDomain = "its domain does not exist";

std::vector<Need> needs_of(const Account& account) {
    return {{records::domain_key(account.address.domain), kNoDomain, {}},
            {records::id_key(account.id), "its id is not listed, so that it cannot be found by it", {}},
            {records::credentials_key(account.id), "it has no credentials, so that nobody can log in", {}}};
}

std::vector<Need> needs_of(const records::AddressRow& row) {
    return {{records::account_key(row.address), "the account with this id does not exist", {}}};
}

std::vector<Need> needs_of(const records::CredentialsRow& row) {
    return {{records::id_key(row.id), "these credentials belong to no account", records::removal_key(row.id)}};
}

std::vector<Need> needs_of(const records::KnownNetworksRow& row) {
    return {{records::id_key(row.id), "these known networks belong to no account", records::removal_key(row.id)}};
}

std::vector<Need> needs_of(const records::WebSessionsRow& row) {
    return {{records::id_key(row.id), "these web sessions belong to no account", {}}};
}

std::vector<Need> needs_of(const records::AppPasswordsRow& row) {
    return {{records::id_key(row.id), "these app passwords belong to no account", records::removal_key(row.id)}};
}

std::vector<Need> needs_of(const records::SecondFactorRow& row) {
    return {{records::id_key(row.id), "this second factor belongs to no account", records::removal_key(row.id)}};
}

std::vector<Need> needs_of(const records::PushSubscriptionsRow& row) {
    return {{records::id_key(row.id), "these push subscriptions belong to no account", {}}};
}

std::vector<Need> needs_of(const records::PasskeysRow& row) {
    return {{records::id_key(row.id), "these passkeys belong to no account", records::removal_key(row.id)}};
}

std::vector<Need> needs_of(const records::RoleRow& row) {
    std::vector<Need> needs{{records::id_key(row.id), "this role belongs to no account", {}}};
    for (const message::Domain& domain : row.role.domains)
        needs.push_back({records::domain_key(domain), "a domain that it is for does not exist", {}});
    return needs;
}

std::vector<Need> needs_of(const Alias& alias) {
    return {{records::domain_key(alias.address.domain), kNoDomain, {}}};
}

std::vector<Need> needs_of(const SigningKey& key) {
    return {{records::domain_key(key.domain), kNoDomain, {}}};
}

std::vector<Need> needs_of(const records::RemovalRow& row) {
    if (row.removed.erasing) return {};
    return {{records::credentials_key(row.id), "it has no credentials, so that nobody could log in again", {}}};
}

std::vector<Need> needs_of(const DomainSettings&) {
    return {};
}

std::vector<Need> needs_of(const records::NextIdRow&) {
    return {};
}

std::vector<Need> needs_of(const records::SecretRow&) {
    return {};
}

std::vector<Need> needs_of(const records::PushKeyRow&) {
    return {};
}

} // namespace

async::Awaitable<DirectoryResult<CheckReport>> check(store::Engine* engine) {
    CheckReport result;
    store::Scan scan(engine, kShard, {});
    while (scan.more()) {
        const auto page = co_await scan.next();
        if (!page) co_return failure(from_store(page.error()));
        for (const store::Row& row : page->rows) {
            ++result.records;
            const auto record = records::decode_row(row);
            if (!record) {
                report(result, row.key, "it cannot be read");
                continue;
            }
            for (const Need& need : std::visit([](const auto& one) { return needs_of(one); }, *record)) {
                auto found = co_await engine->get(kShard, need.key);
                if (found && !*found && !need.or_key.empty()) {
                    found = co_await engine->get(kShard, need.or_key);
                }
                if (!found) co_return failure(from_store(found.error()));
                if (!*found) report(result, row.key, need.otherwise);
            }
        }
    }
    co_return result;
}

} // namespace tegami::directory
