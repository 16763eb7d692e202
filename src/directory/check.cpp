#include "directory/check.h"

#include "base/ascii.h"
#include "directory/engine_access.h"

#include <fmt/format.h>

namespace tegami::directory {

namespace {

void report(CheckReport& into, std::string_view key, std::string_view what) {
    ++into.problems;
    if (into.findings.size() < kFindingsMax)
        into.findings.push_back(fmt::format("directory record {}: {}", ascii::printable(key), what));
}

/// What must exist for a row to make sense; nothing if the row itself cannot be read.
struct Need {
    std::string key;
    std::string_view otherwise;
    std::string or_key; ///< empty: no other
};

std::optional<std::vector<Need>> needs_of(const store::Row& row) {
    constexpr std::string_view kNoDomain = "its domain does not exist";
    switch (row.key.empty() ? '\0' : row.key.front()) {
    case 'd':
        if (!records::decode_domain(row.value)) return std::nullopt;
        return std::vector<Need>();
    case 'n': {
        const auto account = records::decode_account(row.value);
        if (!account || records::account_key(account->address) != row.key) return std::nullopt;
        return std::vector<Need>{
            {records::domain_key(account->address.domain), kNoDomain, {}},
            {records::id_key(account->id), "its id is not listed, so that it cannot be found by it", {}},
            {records::credentials_key(account->id), "it has no credentials, so that nobody can log in", {}}};
    }
    case 'a': {
        const auto address = records::decode_address(row.value);
        if (!address || !records::decode_id_key(row.key)) return std::nullopt;
        return std::vector<Need>{{records::account_key(*address), "the account with this id does not exist", {}}};
    }
    case 'c': {
        const auto id = records::decode_id_key(row.key);
        if (!id || !records::decode_credentials(row.value)) return std::nullopt;
        return std::vector<Need>{
            {records::id_key(*id), "these credentials belong to no account", records::removal_key(*id)}};
    }
    case 'k': {
        const auto id = records::decode_id_key(row.key);
        if (!id || !records::decode_known_networks(row.value)) return std::nullopt;
        return std::vector<Need>{
            {records::id_key(*id), "these known networks belong to no account", records::removal_key(*id)}};
    }
    case 'l': {
        const auto alias = records::decode_alias(row.value);
        if (!alias || records::alias_key(alias->address) != row.key) return std::nullopt;
        return std::vector<Need>{{records::domain_key(alias->address.domain), kNoDomain, {}}};
    }
    case 'm': {
        const auto key = records::decode_signing_key(row.value);
        if (!key || records::signing_key_key(key->domain, key->selector) != row.key) return std::nullopt;
        return std::vector<Need>{{records::domain_key(key->domain), kNoDomain, {}}};
    }
    case 'x': {
        const auto id = records::decode_id_key(row.key);
        const auto removed = id ? records::decode_removed_account(*id, row.value) : std::nullopt;
        if (!removed) return std::nullopt;
        if (removed->erasing) return std::vector<Need>();
        return std::vector<Need>{
            {records::credentials_key(*id), "it has no credentials, so that nobody could log in again", {}}};
    }
    case 'i':
        if (!records::decode_number(row.value)) return std::nullopt;
        return std::vector<Need>();
    case 's':
        if (!records::decode_octets(row.value)) return std::nullopt;
        return std::vector<Need>();
    default: return std::nullopt;
    }
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
            const auto needs = needs_of(row);
            if (!needs) {
                report(result, row.key, "it cannot be read");
                continue;
            }
            for (const Need& need : *needs) {
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
