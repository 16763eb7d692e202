// The admin operations on accounts and aliases.
#include "admin/operation.h"

#include "admin/account_named.h"
#include "admin/parameters.h"
#include "admin/role.h"

#include "base/base64.h"
#include "directory/foreign_hash.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::admin {

namespace {

template <class T>
json::object to_answer(const directory::Listing<T>& listing, std::string_view name) {
    json::array items;
    for (const T& item : listing.items)
        items.push_back(to_json(item));
    json::object answer{{name, std::move(items)}};
    if (!listing.next.empty()) answer["next"] = base64::encode(listing.next);
    return answer;
}

/// The refusal of a password that somebody chose.
Result<void, Refusal> check_password(const std::string& password) {
    const auto error = directory::check_chosen_password(password);
    if (error) return failure(refusal_for(*error));
    return {};
}

/// What to tell whoever chose this password; null if it is nothing.
json::value hint_about(const std::string& password, const message::EmailAddress& address) {
    if (!directory::is_guessed_first(password, address)) return {};
    return "this password is one of those that are guessed first: take another";
}

/// A password as it comes in a request: in clear, or as the hash that another server made of it.
struct GivenPassword {
    std::string password;
    std::string hash;
    json::value hint; ///< what to tell whoever gave it; null if it is nothing
};

json::value hint_about_hash(const std::string& hash) {
    if (directory::clear_password(hash)) return {};
    const auto foreign = directory::parse_foreign_hash(hash);
    if (!foreign || foreign->warning.empty()) return {};
    return json::value(fmt::format("the hash ({}) is weak: {}; it is replaced when somebody logs in with the password",
                                   foreign->scheme, foreign->warning));
}

Result<GivenPassword, Refusal> given_password(const json::object& request,
                                              const std::optional<message::EmailAddress>& address) {
    TRY(const std::optional<std::string> hash, optional_text(request, "hash"));
    if (hash) {
        if (!directory::is_foreign_hash(*hash)) return failure(Refusal{400, "this is no hash of a password"});
        return GivenPassword{.password = {}, .hash = *hash, .hint = hint_about_hash(*hash)};
    }
    TRY(std::string password, required_text(request, "password"));
    TRY_VOID(check_password(password));
    json::value hint = address ? hint_about(password, *address) : json::value();
    return GivenPassword{.password = std::move(password), .hash = {}, .hint = std::move(hint)};
}

/// The aliases that name the address, and `@domain` for each domain whose catch-all it is.
async::Awaitable<json::array> sources_of(const Dependencies* on, message::EmailAddress address) {
    const std::string key = directory::address_key(address);
    json::array sources;
    std::string from;
    do {
        const auto page =
            co_await on->directory.administration().list_aliases(std::nullopt, std::move(from), kListingRowsMax);
        if (!page) break; // only a word beside what has been done
        for (const directory::Alias& alias : page->items)
            if (std::ranges::find(alias.targets, key, &directory::address_key) != alias.targets.end())
                sources.emplace_back(alias.address.display());
        from = page->next;
    } while (!from.empty());
    for (const auto& [name, domain] : *on->directory.administration().domains())
        if (domain.catch_all && directory::address_key(*domain.catch_all) == key)
            sources.emplace_back("@" + name.display());
    co_return sources;
}

async::Awaitable<Answer> account_add(const Dependencies* on, Caller, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    CO_TRY(const std::uint64_t quota_bytes, optional_number(request, "quota_bytes", 0));
    CO_TRY(GivenPassword given, given_password(request, address));
    directory::NewAccount account{.address = std::move(address),
                                  .password = std::move(given.password),
                                  .quota_bytes = quota_bytes,
                                  .hash = std::move(given.hash)};
    const auto added = co_await on->directory.administration().add_account(std::move(account));
    if (!added) co_return failure(refusal_for(added.error()));
    json::object answer = to_json(*added);
    answer["hint"] = std::move(given.hint);
    co_return answer;
}

void add_role(const Dependencies* on, const directory::Account& account, json::object& shown) {
    for (auto& member : to_json(on->directory.roles().of(account.id)))
        shown[member.key()] = std::move(member.value());
}

async::Awaitable<Answer> account_list(const Dependencies* on, Caller, json::object request) {
    CO_TRY(std::string from, continuation(request));
    CO_TRY(std::optional<message::Domain> domain, optional_domain(on, request));
    const auto listing =
        co_await on->directory.administration().list_accounts(std::move(domain), std::move(from), kListingRowsMax);
    if (!listing) co_return failure(refusal_for(listing.error()));
    json::object answer = to_answer(*listing, "accounts");
    for (std::size_t at = 0; at < listing->items.size(); ++at)
        add_role(on, listing->items[at], answer["accounts"].get_array()[at].get_object());
    co_return answer;
}

} // namespace

async::Awaitable<Answer> show_account(const Dependencies* on, message::EmailAddress address) {
    CO_TRY(const directory::Account account, co_await account_named(on, std::move(address)));
    const auto opened = co_await on->store.account(account.id);
    if (!opened) co_return failure(refusal_for(opened.error()));
    const store::QuotaUse use = (*opened)->quota();
    json::object shown = to_json(account);
    add_role(on, account, shown);
    shown["used_bytes"] = use.bytes;
    shown["messages"] = use.messages;
    co_return shown;
}

namespace {

async::Awaitable<Answer> account_show(const Dependencies* on, Caller, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    co_return co_await show_account(on, std::move(address));
}

/// What to type in a mail program, best first, and what does it instead.
async::Awaitable<Answer> account_settings(const Dependencies* on, Caller, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    CO_TRY(const directory::Account account, co_await account_named(on, std::move(address)));
    const message::EmailAddress& login = account.address;
    const discovery::Offer offer = on->mail_offer();
    json::array servers;
    for (const discovery::Service& service : offer.services)
        servers.push_back(json::object{{"protocol", discovery::to_string(service.protocol)},
                                       {"security", discovery::to_string(service.security)},
                                       {"host", offer.host},
                                       {"port", service.port}});
    const auto profile = discovery::profile_url(offer, login);
    const auto page = discovery::page_url(offer, login);
    co_return json::object{{"address", login.display()},
                           {"user_name", login.to_string()},
                           {"servers", std::move(servers)},
                           {"profile", profile ? json::value(*profile) : json::value()},
                           {"page", page ? json::value(*page) : json::value()}};
}

/// What is not named stays.
async::Awaitable<Answer> account_set(const Dependencies* on, Caller caller, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    CO_TRY(const std::optional<bool> enabled, optional_flag(request, "enabled"));
    const bool with_quota = request.contains("quota_bytes");
    CO_TRY(const std::uint64_t quota_bytes, optional_number(request, "quota_bytes", 0));
    if (with_quota) {
        const auto set = co_await on->directory.administration().set_quota(address, quota_bytes);
        if (!set) {
            Refusal said = co_await about_account(on, std::move(address), refusal_for(set.error()));
            co_return failure(std::move(said));
        }
    }
    if (enabled) {
        const async::Mutex::Lock held = co_await on->directory.roles().decide();
        if (!*enabled) {
            CO_TRY_VOID(co_await check_last_administrator(on, caller, address));
        }
        const auto set = co_await on->directory.administration().set_enabled(address, *enabled);
        if (!set) {
            Refusal said = co_await about_account(on, std::move(address), refusal_for(set.error()));
            co_return failure(std::move(said));
        }
    }
    co_return co_await show_account(on, std::move(address));
}

async::Awaitable<Answer> account_password(const Dependencies* on, Caller, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    CO_TRY(GivenPassword given, given_password(request, address));
    directory::DirectoryResult<> changed;
    if (given.hash.empty())
        changed = co_await on->directory.administration().set_password(address, std::move(given.password));
    else
        changed = co_await on->directory.administration().set_password_hash(address, std::move(given.hash));
    if (!changed) {
        Refusal said = co_await about_account(on, std::move(address), refusal_for(changed.error()));
        co_return failure(std::move(said));
    }
    co_return json::object{{"hint", std::move(given.hint)}};
}

async::Awaitable<Answer> account_remove(const Dependencies* on, Caller caller, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    const async::Mutex::Lock held = co_await on->directory.roles().decide();
    CO_TRY_VOID(co_await check_last_administrator(on, caller, address));
    const json::value* const now = request.if_contains("now");
    directory::DirectoryResult<> removed;
    if (now && now->is_bool() && now->get_bool())
        removed = co_await on->directory.administration().erase_account(address);
    else
        removed = co_await on->directory.administration().remove_account(address);
    if (!removed) {
        Refusal said = co_await about_account(on, std::move(address), refusal_for(removed.error()));
        co_return failure(std::move(said));
    }
    json::array sources = co_await sources_of(on, std::move(address));
    co_return json::object{{"sources", std::move(sources)}};
}

async::Awaitable<Answer> account_import(const Dependencies* on, Caller, json::object request) {
    const json::value* const list = request.if_contains("entries");
    if (!list || !list->is_array() || list->get_array().size() > kImportEntriesMax)
        co_return failure(Refusal{400, fmt::format("entries must be a list of at most {}", kImportEntriesMax)});
    std::vector<directory::ImportEntry> entries;
    json::array results; // of each entry: null, or why it was not added
    json::array hints;   // null, or what to say about its password
    std::vector<std::size_t> positions;
    for (const json::value& value : list->get_array()) {
        if (!value.is_object()) co_return failure(Refusal{400, "each entry must be an object"});
        CO_TRY(std::string address, required_text(value.get_object(), "address"));
        auto parsed = message::parse_email_address(address);
        auto given = given_password(value.get_object(), parsed ? std::optional(*std::move(parsed)) : std::nullopt);
        results.push_back(given ? json::value() : json::value(given.error().message));
        hints.push_back(given ? std::move(given->hint) : json::value());
        if (!given) continue;
        positions.push_back(results.size() - 1);
        entries.push_back(
            {.address = std::move(address), .password = std::move(given->password), .hash = std::move(given->hash)});
    }
    const auto outcomes = co_await on->directory.administration().import_accounts(std::move(entries));
    for (std::size_t at = 0; at < outcomes.size(); ++at)
        if (outcomes[at]) results[positions[at]] = outcomes[at]->message;
    co_return json::object{{"results", std::move(results)}, {"hints", std::move(hints)}};
}

async::Awaitable<Answer> alias_add(const Dependencies* on, Caller, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    directory::Alias alias{.address = std::move(address)};
    const json::value* const targets = request.if_contains("targets");
    if (!targets || !targets->is_array()) co_return failure(Refusal{400, "targets must be a list of addresses"});
    for (const json::value& target : targets->get_array()) {
        if (!target.is_string()) co_return failure(Refusal{400, "targets must be a list of addresses"});
        CO_TRY(message::EmailAddress parsed, parse_address(std::string(target.get_string())));
        alias.targets.push_back(std::move(parsed));
    }
    const json::object shown = to_json(alias);
    const auto added = co_await on->directory.administration().add_alias(std::move(alias));
    if (!added) co_return failure(refusal_for(added.error()));
    co_return shown;
}

async::Awaitable<Answer> alias_list(const Dependencies* on, Caller, json::object request) {
    CO_TRY(std::string from, continuation(request));
    CO_TRY(std::optional<message::Domain> domain, optional_domain(on, request));
    const auto listing =
        co_await on->directory.administration().list_aliases(std::move(domain), std::move(from), kListingRowsMax);
    if (!listing) co_return failure(refusal_for(listing.error()));
    co_return to_answer(*listing, "aliases");
}

async::Awaitable<Answer> alias_remove(const Dependencies* on, Caller, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    const auto removed = co_await on->directory.administration().remove_alias(address);
    if (!removed) co_return failure(refusal_for(removed.error()));
    json::array sources = co_await sources_of(on, std::move(address));
    co_return json::object{{"sources", std::move(sources)}};
}

} // namespace

std::span<const Operation> directory_operations() {
    using enum Parameter::Kind;
    static constexpr Operation kOperations[] = {
        {"/account/add",
         Access::change,
         "address",
         account_add,
         "Adds an account",
         {kAddressParameter,
          {"password", secret, "The password"},
          {"hash", secret, "Instead: the hash that another server made of it"},
          {"quota_bytes", number, "How much mail it may keep; 0: any"}}},
        {"/account/list",
         Access::read,
         "domain",
         account_list,
         "Accounts, 500 a page",
         {kOneDomainParameter, kFromParameter}},
        {"/account/show",
         Access::read,
         "address",
         account_show,
         "An account, its use and its role",
         {kAddressParameter}},
        {"/account/settings",
         Access::read,
         "address",
         account_settings,
         "What to type in a mail program",
         {kAddressParameter}},
        {"/account/set",
         Access::change,
         "address",
         account_set,
         "Changes what is named of an account",
         {kAddressParameter,
          {"quota_bytes", number, "How much mail it may keep; 0: any"},
          {"enabled", flag, "false: it gets mail and cannot log in"}}},
        {"/account/password",
         Access::change,
         "address",
         account_password,
         "Gives an account another password",
         {kAddressParameter,
          {"password", secret, "The password"},
          {"hash", secret, "Instead: the hash that another server made of it"}}},
        {"/account/remove",
         Access::change,
         "address",
         account_remove,
         "Removes an account; it can be brought back for a time",
         {kAddressParameter, {"now", flag, "Erase all its mail at once"}}},
        {"/account/import",
         Access::change,
         "",
         account_import,
         "Adds up to 500 accounts",
         {{"entries", entries, "Objects with `address`, and `password` or `hash`", true}}},
        {"/alias/add",
         Access::change,
         "address",
         alias_add,
         "Adds an address that stands for others",
         {{"address", text, "The alias", true}, {"targets", list, "Addresses that its mail goes to", true}}},
        {"/alias/list",
         Access::read,
         "domain",
         alias_list,
         "Aliases, 500 a page",
         {kOneDomainParameter, kFromParameter}},
        {"/alias/remove",
         Access::change,
         "address",
         alias_remove,
         "Removes an alias",
         {{"address", text, "The alias", true}}},
    };
    return kOperations;
}

} // namespace tegami::admin
