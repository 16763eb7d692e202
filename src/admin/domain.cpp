// The admin operations on domains.
#include "admin/operation.h"

#include "admin/parameters.h"

#include "dns_setup/plan.h"
#include "trust/tls_policy/own_policy.h"

#include <fmt/format.h>

namespace tegami::admin {

namespace {

/// For operations that answer with nothing but success.
Answer to_answer(const directory::DirectoryResult<>& result) {
    if (!result) return failure(refusal_for(result.error()));
    return json::object();
}

Result<void, Refusal> check_separator(const directory::DomainSettings& domain) {
    if (domain.subaddress_separator.size() > 8 || domain.subaddress_separator.contains('@'))
        return failure(Refusal{400, "the sub-address separator must be short and without @"});
    return {};
}

async::Awaitable<Answer> domain_add(const Dependencies* on, Caller, json::object request) {
    CO_TRY(message::Domain name, required_domain(request, "name"));
    CO_TRY(const std::optional<std::string> catch_all, optional_text(request, "catch_all"));
    CO_TRY(const std::optional<std::string> separator, optional_text(request, "subaddress_separator"));
    directory::DomainSettings domain{.name = std::move(name)};
    if (catch_all) {
        CO_TRY(domain.catch_all, parse_address(*catch_all));
    }
    if (separator) domain.subaddress_separator = *separator;
    CO_TRY_VOID(check_separator(domain));
    const json::object shown = to_json(domain);
    message::Domain added_name = domain.name;
    const auto added = co_await on->directory.administration().add_domain(std::move(domain));
    if (!added) co_return failure(refusal_for(added.error()));
    // The domain is there in any case; keys that cannot be made now are made at the server's next look.
    const auto looked = co_await on->look_at_keys(std::move(added_name), false);
    static_cast<void>(looked);
    co_return shown;
}

async::Awaitable<Answer> domain_list(const Dependencies* on, Caller caller, json::object) {
    json::array domains;
    for (const auto& [name, domain] : *on->directory.administration().domains())
        if (caller.oversees(name)) domains.push_back(to_json(domain));
    co_return json::object{{"domains", std::move(domains)}};
}

template <class T>
using ListPage = async::Awaitable<directory::DirectoryResult<directory::Listing<T>>> (directory::Administration::*)(
    std::optional<message::Domain>, std::string, std::size_t);

/// How many rows a listing has in all its pages.
template <class T>
async::Awaitable<Result<std::uint64_t, Refusal>> count_rows(const Dependencies* on, ListPage<T> list,
                                                            message::Domain domain) {
    std::uint64_t count = 0;
    std::string from;
    do {
        const auto page = co_await (on->directory.administration().*list)(domain, std::move(from), kListingRowsMax);
        if (!page) co_return failure(refusal_for(page.error()));
        count += page->items.size();
        from = page->next;
    } while (!from.empty());
    co_return count;
}

async::Awaitable<Answer> show_domain(const Dependencies* on, message::Domain name) {
    const std::shared_ptr<const directory::DomainTable> domains = on->directory.administration().domains();
    const auto domain = domains->find(name);
    if (domain == domains->end()) co_return failure(no_domain(name));
    json::object shown = to_json(domain->second);
    CO_TRY(const std::uint64_t accounts,
           co_await count_rows(on, &directory::Administration::list_accounts, domain->first));
    CO_TRY(const std::uint64_t aliases,
           co_await count_rows(on, &directory::Administration::list_aliases, domain->first));
    shown["accounts"] = accounts;
    shown["aliases"] = aliases;
    co_return shown;
}

async::Awaitable<Answer> domain_show(const Dependencies* on, Caller, json::object request) {
    CO_TRY(message::Domain name, required_domain(request, "name"));
    co_return co_await show_domain(on, std::move(name));
}

Result<tls_policy::StsMode, Refusal> parse_sts_mode(const std::string& text) {
    const auto mode = tls_policy::find_sts_mode(text);
    if (!mode) return failure(Refusal{400, "mta_sts must be \"none\", \"testing\" or \"enforce\""});
    return *mode;
}

/// What is still to be done when the mode of a domain's policy (MTA-STS) has changed, as sentences.
json::array hints_about_policy(const Dependencies* on, const directory::DomainSettings& before,
                               const directory::DomainSettings& after) {
    using tls_policy::StsMode;
    json::array hints;
    if (before.sts_mode == after.sts_mode) return hints;
    const dns_setup::Facts facts{.domain = after.name, .host = on->host(), .keys = {}, .sts_mode = after.sts_mode};
    const dns_setup::PlannedRecord record = dns_setup::policy_record(facts);
    const std::string name = after.name.ascii();
    const std::string published = fmt::format("{} {} \"{}\"", record.name->to_string(), dns::to_string(record.type),
                                              dns_setup::plain_value(*record.data));
    if (!facts.host.has_https)
        hints.emplace_back("This server does not serve policies: add a section [listen.https] to tegami.toml.");
    if (after.sts_mode != StsMode::none) {
        hints.emplace_back(fmt::format("The policy has another id now. Publish: {}", published));
        hints.emplace_back(fmt::format("tegami dns check {} fetches the policy as other servers do.", name));
        return hints;
    }
    // RFC 8461 §8.3
    const auto days = std::chrono::duration_cast<std::chrono::days>(tls_policy::own_policy_age(before.sts_mode));
    hints.emplace_back(fmt::format("Servers that have fetched the policy keep to it for up to {}, or until they see "
                                   "that it has ended.",
                                   days.count() == 1 ? "a day" : fmt::format("{} days", days.count())));
    hints.emplace_back(fmt::format("So long leave mta-sts.{} as it is, and publish: {}", name, published));
    hints.emplace_back("Then take both away. If the policy was never in the DNS, there is nothing to do.");
    return hints;
}

/// What is not named stays; a catch-all that is null goes.
async::Awaitable<Answer> domain_set(const Dependencies* on, Caller, json::object request) {
    CO_TRY(message::Domain name, required_domain(request, "name"));
    CO_TRY(const std::optional<std::string> catch_all, optional_text(request, "catch_all"));
    CO_TRY(const std::optional<std::string> separator, optional_text(request, "subaddress_separator"));
    CO_TRY(const std::optional<std::string> mode, optional_text(request, "mta_sts"));
    const std::shared_ptr<const directory::DomainTable> domains = on->directory.administration().domains();
    const auto found = domains->find(name);
    if (found == domains->end()) co_return failure(no_domain(name));
    directory::DomainSettings domain = found->second;
    if (catch_all) {
        CO_TRY(domain.catch_all, parse_address(*catch_all));
    } else if (request.contains("catch_all")) {
        domain.catch_all.reset();
    }
    if (separator) domain.subaddress_separator = *separator;
    CO_TRY_VOID(check_separator(domain));
    if (mode) {
        CO_TRY(domain.sts_mode, parse_sts_mode(*mode));
    }
    const json::array hints = hints_about_policy(on, found->second, domain);
    const auto set = co_await on->directory.administration().set_domain(std::move(domain));
    if (!set) co_return failure(refusal_for(set.error()));
    CO_TRY(json::object shown, co_await show_domain(on, std::move(name)));
    if (!hints.empty()) shown["hints"] = hints;
    co_return shown;
}

async::Awaitable<Answer> domain_remove(const Dependencies* on, Caller, json::object request) {
    CO_TRY(message::Domain name, required_domain(request, "name"));
    const auto removed = co_await on->directory.administration().remove_domain(std::move(name));
    co_return to_answer(removed);
}

} // namespace

std::span<const Operation> domain_operations() {
    using enum Parameter::Kind;
    static constexpr Operation kOperations[] = {
        {"/domain/add",
         Access::change,
         "",
         domain_add,
         "Adds a domain",
         {{"name", text, "The domain", true},
          {"catch_all", text, "Where mail for addresses that do not exist goes; null: nowhere"},
          {"subaddress_separator", text, "What stands between an address and its detail; empty: nothing does"}}},
        {"/domain/list", Access::domains, "", domain_list, "The domains that the caller administers or audits", {}},
        {"/domain/show",
         Access::read,
         "name",
         domain_show,
         "A domain, with how many accounts and aliases it has",
         {{"name", text, "The domain", true}}},
        {"/domain/set",
         Access::change,
         "name",
         domain_set,
         "Changes what is named of a domain",
         {{"name", text, "The domain", true},
          {"catch_all", text, "Where mail for addresses that do not exist goes; null: nowhere"},
          {"subaddress_separator", text, "What stands between an address and its detail; empty: nothing does"},
          {"mta_sts", text, "What its policy asks of other servers: none, testing or enforce"}}},
        {"/domain/remove",
         Access::change,
         "",
         domain_remove,
         "Removes a domain that has no accounts and no aliases",
         {{"name", text, "The domain", true}}},
    };
    return kOperations;
}

} // namespace tegami::admin
