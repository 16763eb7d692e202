// Thread/get (RFC 8621 §3.1)
#include "async/turns.h"
#include "protocol/jmap/answers.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/mailbox_object.h"
#include "service/jmapd/methods.h"
#include "store/account_view.h"

#include <algorithm>
#include <set>

namespace tegami::jmapd {

namespace {

/// The ids of all threads, if they are not more than a client may ask for.
std::optional<std::vector<std::string>> all_threads(const store::AccountView& view, std::size_t count_max) {
    std::set<store::ThreadId> threads;
    for (const auto& page : view.by_email().pages())
        for (const store::EmailPlace& place : *page) {
            if (place.visible()) threads.emplace(place.thread);
            if (threads.size() > count_max) return std::nullopt;
        }
    std::vector<std::string> ids;
    for (const store::ThreadId thread : threads)
        ids.push_back(id_of(thread));
    return ids;
}

} // namespace

async::Awaitable<MethodResult> thread_get(Call* call) {
    static const std::vector<std::string> kProperties{"id", "emailIds"};
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    CO_TRY(jmap::GetArguments get, jmap::take_get(arguments, call->limits()));
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_account(call, get.account));
    for (const std::string& property : get.properties.value_or(kProperties))
        if (std::ranges::find(kProperties, property) == kProperties.end())
            co_return failure(jmap::invalid_arguments({"properties"}, property + " is no property of a thread"));
    const auto view = co_await view_of(call);
    if (!view) co_return failure(method_fault(*call, view.error()));
    if (!get.ids) get.ids = all_threads(**view, call->limits().objects_in_get);
    if (!get.ids) co_return failure(jmap::Fault{.type = "requestTooLarge", .description = "maxObjectsInGet"});
    json::array list;
    std::vector<std::string> not_found;
    for (const std::string& id : *get.ids) {
        const auto thread = parse_thread_id(id);
        const std::vector<store::EmailId> emails = thread ? (*view)->thread(*thread) : std::vector<store::EmailId>();
        if (emails.empty()) {
            not_found.push_back(id);
            continue;
        }
        if (!call->reserve(emails.size() * kIdBytes)) co_return failure(too_large_to_answer());
        json::array ids;
        for (const store::EmailId email : emails)
            ids.emplace_back(id_of(email));
        const json::object whole{{"id", id}, {"emailIds", std::move(ids)}};
        list.emplace_back(only(whole, get.properties.value_or(kProperties)));
        co_await async::give_way();
    }
    co_return jmap::get_answer(get.account, state_of(*(*view)->mailboxes()), std::move(list), not_found);
}

} // namespace tegami::jmapd
