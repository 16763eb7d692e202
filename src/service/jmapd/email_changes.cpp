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

template <class Id>
MethodResult changes_answer(const Call& call, const jmap::ChangesArguments& asked, const ChangesSince& found,
                            const store::ChangedIds<Id>& all) {
    const ChangesPage<Id> page = next_page(found, all, asked.changes_max);
    const std::size_t count = page.ids.created.size() + page.ids.updated.size() + page.ids.destroyed.size();
    if (!call.reserve(count * kIdBytes)) return failure(too_large_to_answer());
    return jmap::changes_answer(asked, {.new_state = text_of(page.next),
                                        .more = page.more,
                                        .created = texts_of(page.ids.created),
                                        .updated = texts_of(page.ids.updated),
                                        .destroyed = texts_of(page.ids.destroyed)});
}

} // namespace

async::Awaitable<MethodResult> email_changes(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::ChangesArguments asked = jmap::take_changes(arguments);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(check_account(*call, asked.account));
    CO_TRY(const ChangesSince found, co_await find_changes(call, asked.since_state));
    co_return changes_answer(*call, asked, found, found.changes.emails);
}

async::Awaitable<MethodResult> thread_changes(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::ChangesArguments asked = jmap::take_changes(arguments);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(check_account(*call, asked.account));
    CO_TRY(const ChangesSince found, co_await find_changes(call, asked.since_state));
    co_return changes_answer(*call, asked, found, found.changes.threads);
}

} // namespace tegami::jmapd
