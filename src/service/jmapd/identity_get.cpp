// Identity/get and Identity/changes (RFC 8621 §6.1, §6.2)
#include "protocol/jmap/answers.h"
#include "service/jmapd/identities.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/mailbox_object.h"
#include "service/jmapd/methods.h"
#include "service/jmapd/object_changes.h"

#include <algorithm>

namespace tegami::jmapd {

async::Awaitable<MethodResult> identity_get(Call* call) {
    constexpr auto kKind = store::ObjectKind::identity;
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    CO_TRY(jmap::GetArguments get, jmap::take_get(arguments, call->limits()));
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, get.account));
    const std::vector<std::string> properties = get.properties.value_or(identity_properties());
    for (const std::string& property : properties)
        if (std::ranges::find(identity_properties(), property) == identity_properties().end())
            co_return failure(jmap::invalid_arguments({"properties"}, property + " is no property of an identity"));
    CO_TRY(const Identities identities, co_await current_identities(call));
    const auto ids = object_ids(get, kKind, identities.objects, call->limits().objects_in_get);
    if (!ids) co_return failure(jmap::Fault{.type = "requestTooLarge", .description = "maxObjectsInGet"});
    json::array list;
    std::vector<std::string> not_found;
    for (const std::string& id : *ids) {
        const auto object = parse_object_id(kKind, id);
        const auto found = object ? identities.all.find(*object) : identities.all.end();
        if (found == identities.all.end()) {
            not_found.push_back(id);
            continue;
        }
        // As values it takes some times what it takes as octets.
        constexpr std::uint64_t kMemoryPerOctet = 8;
        if (!call->reserve(identities.objects.find(*object)->octets.size() * kMemoryPerOctet))
            co_return failure(too_large_to_answer());
        list.emplace_back(only(identity_object(id, found->second), properties));
    }
    co_return jmap::get_answer(get.account, state_of(identities.objects.version), std::move(list), not_found);
}

async::Awaitable<MethodResult> identity_changes(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::ChangesArguments asked = jmap::take_changes(arguments);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, asked.account));
    CO_TRY(const Identities identities, co_await current_identities(call));
    co_return object_changes(asked, store::ObjectKind::identity, identities.objects);
}

} // namespace tegami::jmapd
