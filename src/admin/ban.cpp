// The operations on those whose logins a running server refuses because of too many failures.
#include "admin/operation.h"

#include "admin/parameters.h"
#include "base/ip_address.h"

namespace tegami::admin {

namespace {

constexpr const char* kNothingCounted = "no server runs: it counts failed logins while it does";

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value() : json::value(text);
}

async::Awaitable<Answer> ban_list(const Dependencies* on, Caller, json::object) {
    if (!on->login_pauses) co_return failure(Refusal{409, kNothingCounted});
    json::array bans;
    for (const directory::LoginPause& pause : on->login_pauses())
        bans.push_back(json::object{{"client", text_or_null(pause.client)},
                                    {"login", text_or_null(pause.login)},
                                    {"until", print_time(on->timers.now() + pause.left)}});
    co_return json::object{{"bans", std::move(bans)}};
}

/// `who` is an address of a client or a login; without it everybody is meant.
async::Awaitable<Answer> ban_remove(const Dependencies* on, Caller, json::object request) {
    if (!on->lift_login_pauses) co_return failure(Refusal{409, kNothingCounted});
    CO_TRY(const auto who, optional_text(request, "who"));
    const std::string name = who.value_or("");
    const bool is_address = IpAddress::parse(name).has_value();
    const std::size_t lifted = on->lift_login_pauses(is_address ? name : "", is_address ? "" : name);
    if (lifted == 0 && !name.empty()) co_return failure(Refusal{404, "nobody is refused as " + name});
    co_return json::object{{"lifted", lifted}};
}

} // namespace

std::span<const Operation> ban_operations() {
    using enum Parameter::Kind;
    static constexpr Operation kOperations[] = {
        {"/ban/list", Access::read, "", ban_list, "Whose logins are refused at the moment", {}},
        {"/ban/remove",
         Access::change,
         "",
         ban_remove,
         "Lets somebody try again",
         {{"who", text, "An address or a login; without it everybody"}}},
    };
    return kOperations;
}

} // namespace tegami::admin
