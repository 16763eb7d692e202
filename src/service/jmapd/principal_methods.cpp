// Principal/get, /changes, /query and /queryChanges (RFC 9670 §2).
//
// A principal is an account of this server. Nobody is shown all of them: the user's own, those that share something with the user and
// those with whom the user shares something are listed, another one is found by its whole address.
#include "base/ascii.h"
#include "protocol/jmap/answers.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/mailbox_object.h"
#include "service/jmapd/methods.h"
#include "service/jmapd/rights.h"
#include "service/jmapd/session_resource.h"

#include <algorithm>
#include <map>
#include <set>

namespace tegami::jmapd {

namespace {

using jmap::Fault;
using store::AccountId;

/// Limit: principals that are listed.
constexpr std::size_t kPrincipalsMax = 1000;
/// Principals do not change as long as a client looks: it asks again.
constexpr std::string_view kPrincipalState = "0";
constexpr std::uint64_t kPrincipalBytes = 4 * 1024;

const std::vector<std::string>& principal_properties() {
    static const std::vector<std::string> kProperties{"id",    "type",     "name",         "description",
                                                      "email", "timeZone", "capabilities", "accounts"};
    return kProperties;
}

/// Accounts that the user has to do with: the own one, those that share something, and whom the user's own mailboxes are shared with.
async::Awaitable<std::vector<AccountId>> related(Call* call) {
    std::set<AccountId> all{call->reader()};
    const auto shared = co_await shared_with(call->service, call->user);
    for (const sharing::SharedAccount& each : shared)
        all.insert(each.account->id());
    const auto mailboxes = call->user->account->mailboxes();
    for (const store::MailboxPtr& mailbox : mailboxes->all())
        for (const store::Grant& grant : mailbox->access)
            if (all.size() < kPrincipalsMax) all.insert(grant.grantee);
    co_return std::vector<AccountId>(all.begin(), all.end());
}

/// Nothing if there is no such account, or it is disabled.
async::Awaitable<Result<std::optional<json::object>, Fault>> find_principal(Call* call, AccountId account) {
    using Found = std::optional<json::object>;
    const auto known = co_await call->service->with.shares.address_of(account);
    if (!known) co_return failure(method_fault(*call, known.error()));
    if (!*known) co_return Found();
    const std::string address = (*known)->to_string();
    json::value accounts;
    if (account == call->reader()) {
        accounts = json::object{{call->user->account_id, own_account_object(*call->service, *call->user)}};
    } else {
        auto opened = co_await call->service->with.shares.find_shared(call->reader(), account);
        if (!opened) co_return failure(method_fault(*call, opened.error()));
        const sharing::SharedAccount shared{.address = **known, .account = *std::move(opened)};
        if (shared.account)
            accounts = json::object{{id_of(account), shared_account_object(*call->service, *call->user, shared)}};
    }
    co_return Found(json::object{{"id", principal_id(account, call->service->with.secret)},
                                 {"type", "individual"},
                                 {"name", address},
                                 {"description", nullptr},
                                 {"email", address},
                                 {"timeZone", nullptr},
                                 {"capabilities", json::object()},
                                 {"accounts", std::move(accounts)}});
}

struct PrincipalFilter {
    std::vector<std::string> words; ///< all of which stand in the address, or are it
    std::optional<std::vector<std::string>> account_ids;
    bool impossible = false;
};

/// Faults: invalidArguments, unsupportedFilter.
Result<PrincipalFilter, Fault> read_filter(const json::value* filter) {
    PrincipalFilter read;
    if (filter == nullptr) return read;
    const Fault wrong = jmap::invalid_arguments({"filter"}, "it is no FilterCondition");
    if (!filter->is_object()) return failure(wrong);
    for (const auto& [name, value] : filter->get_object()) {
        if (name == "accountIds" && value.is_array()) {
            read.account_ids.emplace();
            for (const json::value& id : value.get_array()) {
                if (!id.is_string()) return failure(wrong);
                read.account_ids->emplace_back(id.get_string());
            }
            continue;
        }
        if (!value.is_string()) return failure(wrong);
        const std::string text(value.get_string());
        if (name == "email" || name == "name" || name == "text")
            read.words.push_back(ascii::lower(text));
        else if (name == "type")
            read.impossible |= text != "individual";
        else if (name == "timeZone")
            read.impossible = true;
        else
            return failure(Fault{.type = "unsupportedFilter", .description = {}});
    }
    return read;
}

bool fits_principal(const PrincipalFilter& filter, const json::object& principal) {
    const std::string address = ascii::lower(std::string_view(principal.at("email").as_string()));
    const json::value& accounts = principal.at("accounts");
    const auto is_its = [&](const std::string& id) {
        return accounts.is_object() && accounts.get_object().contains(id);
    };
    return std::ranges::all_of(filter.words, [&](const std::string& word) { return address.contains(word); }) &&
           (!filter.account_ids || std::ranges::any_of(*filter.account_ids, is_its));
}

/// The ids of what is found, by address.
async::Awaitable<Result<std::vector<std::string>, Fault>> find_principals(Call* call, const PrincipalFilter* filter) {
    std::vector<std::string> ids;
    if (filter->impossible) co_return ids;
    std::vector<AccountId> candidates = co_await related(call);
    for (const std::string& word : filter->words) {
        const auto named = co_await call->service->with.shares.find_account(word);
        if (!named) co_return failure(method_fault(*call, named.error()));
        if (*named && std::ranges::find(candidates, **named) == candidates.end()) candidates.push_back(**named);
    }
    std::map<std::string, std::string> by_address;
    for (const AccountId candidate : candidates) {
        CO_TRY(const std::optional<json::object> principal, co_await find_principal(call, candidate));
        if (principal && fits_principal(*filter, *principal))
            by_address.emplace(principal->at("email").as_string(), principal->at("id").as_string());
    }
    for (auto& [address, id] : by_address)
        ids.push_back(std::move(id));
    co_return ids;
}

} // namespace

async::Awaitable<MethodResult> principal_get(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    CO_TRY(jmap::GetArguments get, jmap::take_get(arguments, call->limits()));
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, get.account));
    const std::vector<std::string> properties = get.properties.value_or(principal_properties());
    for (const std::string& property : properties)
        if (std::ranges::find(principal_properties(), property) == principal_properties().end())
            co_return failure(jmap::invalid_arguments({"properties"}, property + " is no property of a principal"));
    if (!get.ids) {
        get.ids.emplace();
        const std::vector<AccountId> all = co_await related(call);
        for (const AccountId account : all)
            get.ids->push_back(principal_id(account, call->service->with.secret));
        if (get.ids->size() > call->limits().objects_in_get)
            co_return failure(Fault{.type = "requestTooLarge", .description = "maxObjectsInGet"});
    }
    json::array list;
    std::vector<std::string> not_found;
    for (const std::string& id : *get.ids) {
        const auto account = parse_principal_id(id, call->service->with.secret);
        std::optional<json::object> principal;
        if (account) {
            CO_TRY(principal, co_await find_principal(call, *account));
        }
        if (!call->reserve(kPrincipalBytes)) co_return failure(too_large_to_answer());
        if (principal)
            list.emplace_back(only(*principal, properties));
        else
            not_found.push_back(id);
    }
    co_return jmap::get_answer(get.account, kPrincipalState, std::move(list), not_found);
}

async::Awaitable<MethodResult> principal_changes(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::ChangesArguments asked = jmap::take_changes(arguments);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, asked.account));
    co_return failure(Fault{.type = "cannotCalculateChanges", .description = {}});
}

async::Awaitable<MethodResult> principal_query(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::QueryArguments query = jmap::take_query(arguments);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, query.account));
    CO_TRY(const PrincipalFilter filter, read_filter(query.filter));
    if (query.sort != nullptr && query.sort->is_array() && !query.sort->get_array().empty())
        co_return failure(Fault{.type = "unsupportedSort", .description = {}});
    jmap::QueryResult result{.state = std::string(kPrincipalState), .can_calculate_changes = false, .ids = {}};
    CO_TRY(result.ids, co_await find_principals(call, &filter));
    co_return jmap::query_answer(query, result, kPrincipalsMax);
}

async::Awaitable<MethodResult> principal_query_changes(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::QueryChangesArguments query = jmap::take_query_changes(arguments);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, query.account));
    co_return failure(Fault{.type = "cannotCalculateChanges", .description = {}});
}

} // namespace tegami::jmapd
