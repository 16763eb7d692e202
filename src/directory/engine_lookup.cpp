#include "directory/engine_lookup.h"

#include "base/ascii.h"
#include "directory/engine_access.h"
#include "message/report_names.h"

#include <fmt/format.h>

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
