// EmailSubmission/get and EmailSubmission/changes (RFC 8621 §7.1, §7.2)
#include "protocol/jmap/answers.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/mailbox_object.h"
#include "service/jmapd/methods.h"
#include "service/jmapd/object_changes.h"
#include "service/jmapd/submissions.h"

#include <algorithm>

namespace tegami::jmapd {

async::Awaitable<MethodResult> submission_get(Call* call) {
    constexpr auto kKind = store::ObjectKind::submission;
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    CO_TRY(jmap::GetArguments get, jmap::take_get(arguments, call->limits()));
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, get.account));
    const std::vector<std::string> properties = get.properties.value_or(submission_properties());
    for (const std::string& property : properties)
        if (std::ranges::find(submission_properties(), property) == submission_properties().end())
            co_return failure(jmap::invalid_arguments({"properties"}, property + " is no property of a submission"));
    CO_TRY(const Submissions submissions, co_await current_submissions(call));
    const auto ids = object_ids(get, kKind, submissions.objects, call->limits().objects_in_get);
    if (!ids) co_return failure(jmap::Fault{.type = "requestTooLarge", .description = "maxObjectsInGet"});
    json::array list;
    std::vector<std::string> not_found;
    for (const std::string& id : *ids) {
        const auto object = parse_object_id(kKind, id);
        const auto found = object ? submissions.all.find(*object) : submissions.all.end();
        if (found == submissions.all.end()) {
            not_found.push_back(id);
            continue;
        }
        // As values it takes some times what it takes as octets.
        constexpr std::uint64_t kMemoryPerOctet = 8;
        if (!call->reserve(submissions.objects.find(*object)->octets.size() * kMemoryPerOctet))
            co_return failure(too_large_to_answer());
        list.emplace_back(only(submission_object(id, found->second), properties));
    }
    co_return jmap::get_answer(get.account, state_of(submissions.objects.version), std::move(list), not_found);
}

async::Awaitable<MethodResult> submission_changes(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::ChangesArguments asked = jmap::take_changes(arguments);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_own_account(call, asked.account));
    CO_TRY(const Submissions submissions, co_await current_submissions(call));
    co_return object_changes(asked, store::ObjectKind::submission, submissions.objects);
}

} // namespace tegami::jmapd
