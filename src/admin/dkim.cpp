// The operations on the keys that sign the mail of our domains.
#include "admin/operation.h"

#include "admin/parameters.h"
#include "async/turns.h"
#include "signing/key_plan.h"

#include <ranges>
#include <vector>

namespace tegami::admin {

namespace {

std::string_view state_name(directory::SigningKeyState state) {
    switch (state) {
    case directory::SigningKeyState::announced: return "announced";
    case directory::SigningKeyState::signing: return "signing";
    case directory::SigningKeyState::retired: return "retired";
    }
    std::unreachable();
}

/// When a key comes out of its state; null if that is not for us to say.
json::value end_of(const directory::SigningKey& key) {
    switch (key.state) {
    case directory::SigningKeyState::announced: return {};
    case directory::SigningKeyState::signing: return json::value(print_time(key.since + signing::kSigningTime));
    case directory::SigningKeyState::retired: return json::value(print_time(key.since + signing::kRetiredTime));
    }
    std::unreachable();
}

/// All of it but the private key.
json::object key_json(const directory::SigningKey& key) {
    return {{"selector", key.selector},
            {"kind", key.algorithm},
            {"state", state_name(key.state)},
            {"since", print_time(key.since)},
            {"until", end_of(key)},
            {"usable", key.state == directory::SigningKeyState::retired || signing::is_usable(key)},
            {"name", signing::record_name(key).to_string()},
            {"text", key.record}};
}

/// The domain named, or all of them.
Result<std::vector<message::Domain>, Refusal> chosen_domains(const Dependencies* on, const json::object& request) {
    TRY(const std::optional<message::Domain> named, optional_domain(on, request));
    if (named) return std::vector<message::Domain>{*named};
    const auto domains = on->directory.administration().domains();
    const auto names = std::views::keys(*domains);
    return std::vector<message::Domain>(names.begin(), names.end());
}

async::Awaitable<json::object> keys_of(const Dependencies* on, std::vector<message::Domain> domains) {
    const auto table = on->directory.signing_keys().table();
    json::array answer;
    for (const message::Domain& domain : domains) {
        json::array keys;
        if (const auto found = table->find(domain); found != table->end())
            for (const directory::SigningKey& key : found->second) {
                keys.push_back(key_json(key));
                co_await async::give_way();
            }
        answer.push_back(
            json::object{{"domain", domain.ascii()}, {"display", domain.display()}, {"keys", std::move(keys)}});
    }
    co_return json::object{{"domains", std::move(answer)}, {"publishes", static_cast<bool>(on->new_primary)}};
}

async::Awaitable<Answer> dkim_list(const Dependencies* on, Caller, json::object request) {
    CO_TRY(const std::vector<message::Domain> domains, chosen_domains(on, request));
    co_return co_await keys_of(on, domains);
}

async::Awaitable<Answer> dkim_rotate(const Dependencies* on, Caller, json::object request) {
    CO_TRY(const message::Domain domain, required_domain(request, "domain"));
    const auto looked = co_await on->look_at_keys(domain, true);
    if (!looked) co_return failure(refusal_for(looked.error()));
    std::vector<message::Domain> domains{domain};
    co_return co_await keys_of(on, std::move(domains));
}

async::Awaitable<Answer> dkim_check(const Dependencies* on, Caller, json::object request) {
    CO_TRY(const std::vector<message::Domain> domains, chosen_domains(on, request));
    for (const message::Domain& domain : domains) {
        const auto looked = co_await on->look_at_keys(domain, false);
        if (!looked) co_return failure(refusal_for(looked.error()));
    }
    co_return co_await keys_of(on, domains);
}

} // namespace

std::span<const Operation> dkim_operations() {
    using enum Parameter::Kind;
    static constexpr Operation kOperations[] = {
        {"/dkim/list",
         Access::read,
         "domain",
         dkim_list,
         "The keys that sign mail of our domains",
         {kOneDomainParameter}},
        {"/dkim/rotate",
         Access::change,
         "domain",
         dkim_rotate,
         "Gives the keys of a domain successors",
         {kDomainParameter}},
        {"/dkim/check",
         Access::change,
         "domain",
         dkim_check,
         "Looks now whether new keys are in the DNS",
         {kOneDomainParameter}},
    };
    return kOperations;
}

} // namespace tegami::admin
