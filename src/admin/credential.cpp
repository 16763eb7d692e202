// The operations on what accounts log in with beside their password: app passwords and second factors.
#include "admin/operation.h"

#include "admin/account_named.h"
#include "admin/parameters.h"

#include <fmt/format.h>

namespace tegami::admin {

namespace {

/// A list of texts; nothing if it is left out.
Result<std::optional<std::vector<std::string>>, Refusal> optional_texts(const json::object& request,
                                                                        std::string_view name) {
    const json::value* const value = request.if_contains(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    const auto refused = [&] { return failure(Refusal{400, fmt::format("{} must be a list of texts", name)}); };
    if (!value->is_array()) return refused();
    std::vector<std::string> texts;
    for (const json::value& item : value->get_array()) {
        if (!item.is_string()) return refused();
        texts.emplace_back(item.get_string());
    }
    return texts;
}

Result<directory::AppPasswordWish, Refusal> wish_in(const json::object& request) {
    TRY(std::string name, required_text(request, "name"));
    TRY(const auto protocols, optional_texts(request, "protocols"));
    TRY(const auto networks, optional_texts(request, "networks"));
    directory::AppPasswordWish wish{.name = std::move(name)};
    if (protocols) wish.services.clear();
    for (const std::string& word : protocols.value_or(std::vector<std::string>())) {
        const auto service = directory::find_app_password_service(word);
        if (!service) return failure(Refusal{400, fmt::format("{} is no protocol of app passwords", word)});
        wish.services.insert(*service);
    }
    for (const std::string& text : networks.value_or(std::vector<std::string>())) {
        const auto network = IpNetwork::parse(text);
        if (!network) return failure(Refusal{400, fmt::format("{} is not a network such as 192.0.2.0/24", text)});
        wish.networks.push_back(*network);
    }
    return wish;
}

json::object app_password_in_json(const directory::AppPassword& password) {
    json::array protocols;
    for (const directory::LoginService service : password.wish.services)
        protocols.emplace_back(directory::word_of(service));
    json::array networks;
    for (const IpNetwork& network : password.wish.networks)
        networks.emplace_back(network.to_string());
    json::value used;
    json::value used_from;
    if (password.used_day != 0) {
        const auto day = Timestamp(std::chrono::days(static_cast<std::int64_t>(password.used_day)));
        used = print_time(day).substr(0, std::string_view("2026-01-01").size());
        used_from = password.used_from;
    }
    return {{"id", password.id},
            {"name", password.wish.name},
            {"protocols", std::move(protocols)},
            {"networks", std::move(networks)},
            {"made", print_time(password.made)},
            {"used", std::move(used)},
            {"used_from", std::move(used_from)}};
}

async::Awaitable<Answer> app_password_add(const Dependencies* on, Caller, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    CO_TRY(directory::AppPasswordWish wish, wish_in(request));
    const auto made = co_await on->directory.app_passwords().add(std::move(address), std::move(wish));
    if (!made) co_return failure(refusal_for(made.error()));
    json::object answer = app_password_in_json(made->password);
    answer["secret"] = made->secret;
    co_return answer;
}

async::Awaitable<Answer> app_password_list(const Dependencies* on, Caller, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    CO_TRY(const directory::Account account, co_await account_named(on, std::move(address)));
    const auto found = co_await on->directory.app_passwords().list(account.id);
    if (!found) co_return failure(refusal_for(found.error()));
    json::array passwords;
    for (const directory::AppPassword& password : *found)
        passwords.push_back(app_password_in_json(password));
    co_return json::object{{"app_passwords", std::move(passwords)}};
}

async::Awaitable<Answer> app_password_remove(const Dependencies* on, Caller, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    CO_TRY(const std::string id, required_text(request, "id"));
    const std::string shown = address.display();
    CO_TRY(const directory::Account account, co_await account_named(on, std::move(address)));
    const auto removed = co_await on->directory.app_passwords().remove(account.id, id);
    if (!removed) co_return failure(refusal_for(removed.error()));
    if (!*removed) co_return failure(Refusal{404, fmt::format("there is no app password {} of {}", id, shown)});
    co_return json::object{};
}

async::Awaitable<Answer> second_factor_show(const Dependencies* on, Caller, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    CO_TRY(const directory::Account account, co_await account_named(on, std::move(address)));
    const auto factor = co_await on->directory.second_factors().find(account.id);
    if (!factor) co_return failure(refusal_for(factor.error()));
    const auto passkeys = co_await on->directory.passkeys().list(account.id);
    if (!passkeys) co_return failure(refusal_for(passkeys.error()));
    co_return json::object{{"in_force", factor->in_force()},
                           {"required", factor->required},
                           {"kinds", json::value_from(factor->kinds(!passkeys->empty()))},
                           {"recovery_codes", factor->recovery_hashes.size()},
                           {"passkeys", passkeys->size()}};
}

/// For somebody who can show none any more, or whose are in the hands of others: the password alone signs in again.
async::Awaitable<Answer> second_factor_reset(const Dependencies* on, Caller, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    const std::string shown = address.display();
    CO_TRY(const directory::Account account, co_await account_named(on, std::move(address)));
    const auto removed = co_await on->directory.second_factors().reset(account.id);
    if (!removed) co_return failure(refusal_for(removed.error()));
    if (!*removed) co_return failure(Refusal{404, fmt::format("{} has no second factor and no passkeys", shown)});
    co_return json::object{};
}

async::Awaitable<Answer> set_required(const Dependencies* on, json::object request, bool required) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    CO_TRY(directory::Account account, co_await account_named(on, std::move(address)));
    const auto changed = co_await on->directory.second_factors().require(std::move(account), required);
    if (!changed) co_return failure(refusal_for(changed.error()));
    co_return json::object{};
}

async::Awaitable<Answer> second_factor_require(const Dependencies* on, Caller, json::object request) {
    co_return co_await set_required(on, std::move(request), true);
}

async::Awaitable<Answer> second_factor_free(const Dependencies* on, Caller, json::object request) {
    co_return co_await set_required(on, std::move(request), false);
}

} // namespace

std::span<const Operation> credential_operations() {
    using enum Parameter::Kind;
    static constexpr Operation kOperations[] = {
        {"/account/app-password/add",
         Access::change,
         "address",
         app_password_add,
         "Makes an app password, and answers with it",
         {kAddressParameter,
          {"name", text, "What to call it", true},
          {"protocols", list, "What it opens: imap, pop3, submission, jmap, api; without it the first four"},
          {"networks", list, "Where it may be used from; without it anywhere"}}},
        {"/account/app-password/list",
         Access::read,
         "address",
         app_password_list,
         "App passwords of an account, without the secrets",
         {kAddressParameter}},
        {"/account/app-password/remove",
         Access::change,
         "address",
         app_password_remove,
         "Revokes an app password",
         {kAddressParameter, {"id", text, "Which", true}}},
        {"/account/second-factor/show",
         Access::read,
         "address",
         second_factor_show,
         "Whether a second factor is in force, and how many passkeys there are",
         {kAddressParameter}},
        {"/account/second-factor/reset",
         Access::change,
         "address",
         second_factor_reset,
         "Turns the second factor off, and forgets the passkeys",
         {kAddressParameter}},
        {"/account/second-factor/require",
         Access::change,
         "address",
         second_factor_require,
         "Requires a second factor: the password alone opens nothing but what sets one up",
         {kAddressParameter}},
        {"/account/second-factor/free",
         Access::change,
         "address",
         second_factor_free,
         "Requires no second factor any more; one that is in force stays",
         {kAddressParameter}},
    };
    return kOperations;
}

} // namespace tegami::admin
