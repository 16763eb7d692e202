// The operations on who is signed in to the web face.
#include "admin/operation.h"

#include "admin/account_named.h"
#include "admin/parameters.h"

#include <fmt/format.h>

namespace tegami::admin {

namespace {

json::object session_in_json(const directory::WebSession& session) {
    const auto used = Timestamp(std::chrono::days(static_cast<std::int64_t>(session.day)));
    return {{"id", session.id},
            {"since", print_time(session.since)},
            {"used", print_time(used).substr(0, std::string_view("2026-01-01").size())},
            {"client", session.client},
            {"agent", session.agent}};
}

async::Awaitable<Answer> session_list(const Dependencies* on, Caller, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    CO_TRY(const directory::Account account, co_await account_named(on, std::move(address)));
    const auto found = co_await on->directory.web_sessions().list(account.id);
    if (!found) co_return failure(refusal_for(found.error()));
    json::array sessions;
    for (const directory::WebSession& session : *found)
        sessions.push_back(session_in_json(session));
    co_return json::object{{"sessions", std::move(sessions)}};
}

/// The one with this `id`; without it all of the account's.
async::Awaitable<Answer> session_end(const Dependencies* on, Caller, json::object request) {
    CO_TRY(message::EmailAddress address, required_address(request, "address"));
    CO_TRY(const std::optional<std::string> id, optional_text(request, "id"));
    if (id && id->empty()) co_return failure(Refusal{400, "id must not be empty"});
    const std::string shown = address.display();
    CO_TRY(const directory::Account account, co_await account_named(on, std::move(address)));
    const auto ended = co_await on->directory.web_sessions().end(account.id, id.value_or(""));
    if (!ended) co_return failure(refusal_for(ended.error()));
    if (id && *ended == 0) co_return failure(Refusal{404, fmt::format("there is no web session {} of {}", *id, shown)});
    co_return json::object{{"ended", *ended}};
}

} // namespace

std::span<const Operation> session_operations() {
    using enum Parameter::Kind;
    static constexpr Operation kOperations[] = {
        {"/session/list",
         Access::read,
         "address",
         session_list,
         "Browsers that are signed in as an account",
         {kAddressParameter}},
        {"/session/end",
         Access::change,
         "address",
         session_end,
         "Signs a browser out at once",
         {kAddressParameter, {"id", text, "Which; without it all of them"}}},
    };
    return kOperations;
}

} // namespace tegami::admin
