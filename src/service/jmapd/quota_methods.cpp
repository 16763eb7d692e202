// Quota/get, Quota/changes, Quota/query and Quota/queryChanges (RFC 9425 §4).
#include "protocol/jmap/answers.h"
#include "service/jmapd/mailbox_object.h"
#include "service/jmapd/methods.h"
#include "service/jmapd/quotas.h"
#include "service/jmapd/session_resource.h"

#include <algorithm>
#include <limits>

namespace tegami::jmapd {

namespace {

/// RFC 9425 §4.1: a quota of types that the client does not know is not shown.
std::vector<Quota> shown_quotas(const Call& call, const store::QuotaUse& use) {
    return call.batch->uses(kMailCapability) ? quotas_of(use) : std::vector<Quota>();
}

jmap::QueryResult search_quotas(const Call& call, const QuotaSearch& search) {
    const store::QuotaUse use = call.account().quota();
    return {
        .state = quota_state(use), .can_calculate_changes = true, .ids = find_quotas(shown_quotas(call, use), search)};
}

std::unexpected<jmap::Fault> unknown_quota_state() {
    return failure(jmap::Fault{.type = "cannotCalculateChanges", .description = {}});
}

} // namespace

async::Awaitable<MethodResult> quota_get(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    CO_TRY(const jmap::GetArguments get, jmap::take_get(arguments, call->limits()));
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, get.account));
    if (get.properties)
        for (const std::string& property : *get.properties)
            if (!is_quota_property(property))
                co_return failure(jmap::invalid_arguments({"properties"}, property + " is no property of a quota"));
    const store::QuotaUse use = call->account().quota();
    const std::vector<Quota> quotas = shown_quotas(*call, use);
    json::array list;
    std::vector<std::string> not_found;
    const auto add = [&](const Quota& quota) {
        const json::object whole = quota_object(quota);
        list.emplace_back(get.properties ? only(whole, *get.properties) : whole);
    };
    if (!get.ids) std::ranges::for_each(quotas, add);
    for (const std::string& id : get.ids.value_or(std::vector<std::string>())) {
        const auto found = std::ranges::find(quotas, std::string_view(id), &Quota::id);
        if (found == quotas.end())
            not_found.push_back(id);
        else
            add(*found);
    }
    co_return jmap::get_answer(get.account, quota_state(use), std::move(list), not_found);
}

async::Awaitable<MethodResult> quota_changes(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::ChangesArguments asked = jmap::take_changes(arguments);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, asked.account));
    const auto since = parse_quota_state(asked.since_state);
    if (!since) co_return unknown_quota_state();
    QuotaChanges changes = quota_changes_between(*since, call->account().quota(),
                                                 asked.changes_max.value_or(std::numeric_limits<std::uint64_t>::max()));
    const bool only_used = !changes.updated.empty() && changes.only_used;
    json::object answer = jmap::changes_answer(asked, {.new_state = quota_state(changes.reached),
                                                       .more = changes.more,
                                                       .created = std::move(changes.created),
                                                       .updated = std::move(changes.updated),
                                                       .destroyed = std::move(changes.destroyed)});
    answer["updatedProperties"] = only_used ? json::value(json::array{"used"}) : json::value();
    co_return answer;
}

async::Awaitable<MethodResult> quota_query(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::QueryArguments query = jmap::take_query(arguments);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, query.account));
    CO_TRY(const QuotaSearch search, take_quota_search(query.filter, query.sort));
    co_return jmap::query_answer(query, search_quotas(*call, search), call->limits().objects_in_get);
}

async::Awaitable<MethodResult> quota_query_changes(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::QueryChangesArguments query = jmap::take_query_changes(arguments);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, query.account));
    CO_TRY(const QuotaSearch search, take_quota_search(query.filter, query.sort));
    const auto since = parse_quota_state(query.since_query_state);
    if (!since) co_return unknown_quota_state();
    const jmap::QueryResult result = search_quotas(*call, search);
    const QuotaChanges changes =
        quota_changes_between(*since, *parse_quota_state(result.state), std::numeric_limits<std::uint64_t>::max());
    std::vector<std::string> touched = changes.created;
    touched.insert(touched.end(), changes.updated.begin(), changes.updated.end());
    touched.insert(touched.end(), changes.destroyed.begin(), changes.destroyed.end());
    co_return jmap::query_changes_answer(query, result, touched);
}

} // namespace tegami::jmapd
