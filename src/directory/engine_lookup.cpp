#include "directory/engine_lookup.h"

#include "async/turns.h"
#include "base/ascii.h"
#include "directory/engine_access.h"
#include "message/report_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace tegami::directory {

/// One resolution as it grows.
struct EngineLookup::Expansion {
    EmailAddress asked;
    bool with_fallbacks; ///< postmaster and catch-all count too
    Local result = {};
    std::set<std::string> followed = {}; ///< keys of aliases and catch-alls: each once, so a loop ends where it closes
    std::set<AccountId> accounts = {};
    std::set<std::string> remotes = {};
    std::size_t steps = 0;

    void add(const Account& account, std::string detail) {
        if (accounts.insert(account.id).second)
            result.accounts.push_back({.account = account.id, .address = account.address, .detail = std::move(detail)});
    }

    void add_remote(const EmailAddress& address) {
        if (remotes.insert(address_key(address)).second) result.remote.push_back(address);
    }
};

namespace {

constexpr std::string_view kPostmaster = "postmaster";
/// Aliases read and looked at between two turns of others.
constexpr std::size_t kAliasesPerTurn = 200;

bool is_for_reports(const EmailAddress& address) {
    return ascii::iequals(address.local_part, message::kDmarcReports) ||
           ascii::iequals(address.local_part, message::kTlsReports);
}

struct SplitAddress {
    EmailAddress base;
    std::string detail;
};

std::optional<SplitAddress> split_subaddress(const EmailAddress& address, const DomainSettings& domain) {
    if (domain.subaddress_separator.empty()) return std::nullopt;
    const auto at = address.local_part.find(domain.subaddress_separator);
    if (at == std::string::npos || at == 0) return std::nullopt;
    return SplitAddress{.base = {.local_part = address.local_part.substr(0, at), .domain = address.domain},
                        .detail = address.local_part.substr(at + domain.subaddress_separator.size())};
}

} // namespace

async::Awaitable<DirectoryResult<Resolution>> EngineLookup::resolve(EmailAddress recipient) {
    if (!domains_.contains(recipient.domain)) co_return Resolution(NotLocalDomain());
    Expansion expansion{.asked = std::move(recipient), .with_fallbacks = true};
    co_return co_await resolve_with(std::move(expansion));
}

async::Awaitable<DirectoryResult<Resolution>> EngineLookup::resolve_target(EmailAddress alias, EmailAddress target) {
    if (!domains_.contains(target.domain)) co_return Resolution(NotLocalDomain());
    Expansion expansion{.asked = std::move(target), .with_fallbacks = true};
    expansion.followed.insert(records::alias_key(alias));
    co_return co_await resolve_with(std::move(expansion));
}

async::Awaitable<DirectoryResult<Resolution>> EngineLookup::resolve_with(Expansion expansion) {
    const auto done = co_await expand(&expansion, expansion.asked, 0);
    if (!done) co_return failure(done.error());
    const Local& found = expansion.result;
    if (found.accounts.empty() && found.remote.empty() && !found.for_server) co_return Resolution(UnknownUser());
    co_return Resolution(std::move(expansion.result));
}

async::Awaitable<DirectoryResult<bool>> EngineLookup::may_send_as(AccountId account, EmailAddress address) {
    if (!domains_.contains(address.domain)) co_return false;
    Expansion expansion{.asked = address, .with_fallbacks = false};
    const auto done = co_await expand(&expansion, address, 0);
    if (!done) co_return failure(done.error());
    co_return expansion.accounts.contains(account);
}

async::Awaitable<DirectoryResult<std::vector<EmailAddress>>> EngineLookup::addresses_of(AccountId account) {
    CO_TRY(std::optional<EmailAddress> own,
           co_await get_row<EmailAddress>(&engine_, records::id_key(account), &records::decode_address));
    std::vector<EmailAddress> addresses;
    if (!own) co_return addresses;
    std::set<std::string> keys{address_key(*own)};
    addresses.push_back(*std::move(own));
    // Aliases of aliases: one walk finds those of the next depth.
    for (std::size_t depth = 0; depth < kAliasDepthMax && addresses.size() < kOwnAddressesMax; ++depth) {
        CO_TRY(const std::vector<EmailAddress> found, co_await aliases_to(&keys));
        if (found.empty()) break;
        for (const EmailAddress& alias : found)
            if (addresses.size() < kOwnAddressesMax && keys.insert(address_key(alias)).second)
                addresses.push_back(alias);
    }
    std::ranges::sort(addresses.begin() + 1, addresses.end(), {}, &address_key);
    co_return addresses;
}

/// The aliases that lead to one of these addresses alone and are not among them.
async::Awaitable<DirectoryResult<std::vector<EmailAddress>>>
EngineLookup::aliases_to(const std::set<std::string>* keys) {
    const KeyRange range = records::aliases_of(std::nullopt);
    std::vector<EmailAddress> found;
    for (std::string from = range.begin; !from.empty() && found.size() < kOwnAddressesMax;) {
        CO_TRY(const Listing<Alias> page,
               co_await list_rows<Alias>(&engine_, range, from, kAliasesPerTurn, &records::decode_alias));
        for (const Alias& alias : page.items)
            if (leads_only_to(alias, *keys) && !keys->contains(address_key(alias.address)))
                found.push_back(alias.address);
        from = page.next;
        co_await async::give_way();
    }
    co_return found;
}

bool EngineLookup::leads_only_to(const Alias& alias, const std::set<std::string>& keys) const {
    const std::shared_ptr<const DomainTable> table = domains_.table();
    return !alias.targets.empty() && std::ranges::all_of(alias.targets, [&](const EmailAddress& target) {
        if (keys.contains(address_key(target))) return true;
        const auto domain = table->find(target.domain);
        const auto split = domain == table->end() ? std::nullopt : split_subaddress(target, domain->second);
        return split && keys.contains(address_key(split->base));
    });
}

EmailAddress EngineLookup::bare_postmaster() const {
    return {.local_part = std::string(kPostmaster), .domain = default_domain_};
}

async::Awaitable<DirectoryResult<>> EngineLookup::expand(Expansion* into, EmailAddress address, std::size_t depth) {
    const std::shared_ptr<const DomainTable> table = domains_.table();
    const auto domain = table->find(address.domain);
    if (domain == table->end()) {
        into->add_remote(address);
        co_return DirectoryResult<>();
    }
    const bool reports = into->with_fallbacks && is_for_reports(address);
    into->result.for_server |= reports;
    const auto exact = co_await expand_name(into, address, "", depth);
    if (!exact) co_return failure(exact.error());
    if (*exact || reports) co_return DirectoryResult<>();

    if (const auto split = split_subaddress(address, domain->second)) {
        const auto base = co_await expand_name(into, split->base, split->detail, depth);
        if (!base) co_return failure(base.error());
        if (*base) co_return DirectoryResult<>();
    }
    if (!into->with_fallbacks) co_return DirectoryResult<>();

    if (ascii::iequals(address.local_part, kPostmaster)) {
        co_return co_await expand_postmaster(into, address, depth);
    }
    const std::optional<EmailAddress> catch_all = domain->second.catch_all;
    if (catch_all && into->followed.insert(records::domain_key(address.domain)).second)
        co_return co_await expand(into, *catch_all, depth);
    co_return DirectoryResult<>();
}

async::Awaitable<DirectoryResult<bool>> EngineLookup::expand_name(Expansion* into, EmailAddress address,
                                                                  std::string detail, std::size_t depth) {
    if (++into->steps > kFanOutMax)
        co_return failure(Error{ErrorCode::invalid, fmt::format("{} stands for more than {} addresses",
                                                                into->asked.to_string(), kFanOutMax)});
    const auto account = co_await account_at(&engine_, address);
    if (!account) co_return failure(account.error());
    if (*account) {
        into->add(**account, std::move(detail));
        co_return true;
    }
    if (into->followed.contains(records::alias_key(address))) co_return true;
    const auto alias = co_await alias_at(&engine_, address);
    if (!alias) co_return failure(alias.error());
    if (!*alias) co_return false;
    into->followed.insert(records::alias_key(address));
    if (depth >= kAliasDepthMax)
        co_return failure(Error{ErrorCode::invalid, fmt::format("the aliases behind {} are nested more than {} deep",
                                                                into->asked.to_string(), kAliasDepthMax)});
    for (const EmailAddress& target : (*alias)->targets) {
        const auto expanded = co_await expand_target(into, target, detail, depth + 1);
        if (!expanded) co_return failure(expanded.error());
    }
    co_return true;
}

async::Awaitable<DirectoryResult<>> EngineLookup::expand_target(Expansion* into, EmailAddress target,
                                                                std::string detail, std::size_t depth) {
    // The detail of alias+detail goes on to the account behind the alias, unless the alias names one itself.
    if (!detail.empty() && domains_.contains(target.domain)) {
        const auto found = co_await expand_name(into, target, std::move(detail), depth);
        if (!found) co_return failure(found.error());
        if (*found) co_return DirectoryResult<>();
    }
    co_return co_await expand(into, std::move(target), depth);
}

async::Awaitable<DirectoryResult<>> EngineLookup::expand_postmaster(Expansion* into, EmailAddress address,
                                                                    std::size_t depth) {
    // RFC 5321 §4.5.1: mail for postmaster must be accepted for every domain, so there is always somebody.
    if (address.domain != default_domain_ && domains_.contains(default_domain_)) {
        const auto found = co_await expand_name(into, bare_postmaster(), "", depth);
        if (!found) co_return failure(found.error());
        if (*found) co_return DirectoryResult<>();
    }
    const KeyRange ids = records::all_ids();
    store::Range first{.begin = ids.begin, .end = ids.end, .rows_max = 1};
    const auto page = co_await engine_.scan(kShard, first);
    if (!page) co_return failure(from_store(page.error()));
    for (const store::Row& row : page->rows) {
        const std::optional<EmailAddress> oldest = records::decode_address(row.value);
        if (!oldest) co_return failure(damaged(row.key));
        const auto found = co_await expand_name(into, *oldest, "", depth);
        if (!found) co_return failure(found.error());
    }
    co_return DirectoryResult<>();
}

} // namespace tegami::directory
