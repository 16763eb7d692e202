// Email/changes and Thread/changes (RFC 8621 §4.3, §3.2)
#include "service/jmapd/changes_state.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/methods.h"

namespace tegami::jmapd {

namespace {

template <class Id>
std::vector<std::string> texts_of(const std::vector<Id>& ids) {
    std::vector<std::string> texts;
    texts.reserve(ids.size());
    for (const Id id : ids)
        texts.push_back(id_of(id));
    return texts;
}

/// The changes of the ids that `kind` names.
template <class Id>
async::Awaitable<MethodResult> changes_of(Call* call, store::ChangedIds<Id> store::AccountChanges::* kind) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::ChangesArguments asked = jmap::take_changes(arguments);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_account(call, asked.account));
    CO_TRY(const ChangesSince found, co_await find_changes(call, asked.since_state));
    const ChangesPage<Id> page = next_page(found, found.changes.*kind, asked.changes_max);
    const std::size_t count = page.ids.created.size() + page.ids.updated.size() + page.ids.destroyed.size();
    if (!call->reserve(count * kIdBytes)) co_return failure(too_large_to_answer());
    co_return jmap::changes_answer(asked, {.new_state = text_of(page.next),
                                           .more = page.more,
                                           .created = texts_of(page.ids.created),
                                           .updated = texts_of(page.ids.updated),
                                           .destroyed = texts_of(page.ids.destroyed)});
}

} // namespace

async::Awaitable<MethodResult> email_changes(Call* call) {
    return changes_of(call, &store::AccountChanges::emails);
}

async::Awaitable<MethodResult> thread_changes(Call* call) {
    return changes_of(call, &store::AccountChanges::threads);
}

} // namespace tegami::jmapd
