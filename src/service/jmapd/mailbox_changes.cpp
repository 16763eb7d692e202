// Mailbox/changes (RFC 8621 §2.2)
#include "service/jmapd/mailbox_changes.h"

#include "protocol/jmap/answers.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/mailbox_object.h"
#include "service/jmapd/methods.h"

#include <limits>

namespace tegami::jmapd {

namespace {

std::vector<std::string> ids_of(const std::vector<store::MailboxId>& mailboxes) {
    std::vector<std::string> ids;
    for (const store::MailboxId mailbox : mailboxes)
        ids.push_back(id_of(mailbox));
    return ids;
}

std::size_t count_of(const store::ChangedIds<store::MailboxId>& ids) {
    return ids.created.size() + ids.updated.size() + ids.destroyed.size();
}

} // namespace

async::Awaitable<store::StoreResult<std::optional<MailboxChangesSince>>>
mailbox_changes_since(store::AccountPtr account, store::AccountViewPtr view, store::Version since,
                      std::size_t count_max) {
    using Found = std::optional<MailboxChangesSince>;
    if (since > view->version()) co_return Found();
    store::Version until = view->version();
    for (;;) {
        CO_TRY(auto changes, co_await store::changes_between(account, view, since, until));
        if (!changes) co_return Found();
        const bool fits = count_of(changes->mailboxes) <= count_max;
        if (fits)
            co_return Found({.mailboxes = std::move(changes->mailboxes),
                             .only_counts = changes->only_counts,
                             .version = until,
                             .more = until < view->version()});
        if (until == since.next()) co_return Found();
        // Half of the way has fewer: in a few steps there are few enough.
        until = store::Version(since.value + (until.value - since.value) / 2);
    }
}

async::Awaitable<MethodResult> mailbox_changes(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::ChangesArguments asked = jmap::take_changes(arguments);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(check_account(*call, asked.account));
    const jmap::Fault unknown{.type = "cannotCalculateChanges", .description = {}};
    const auto since = parse_state(asked.since_state);
    if (!since) co_return failure(unknown);
    const auto view = co_await store::view_account(call->user->account);
    if (!view) co_return failure(method_fault(*call, view.error()));
    const std::size_t count_max = asked.changes_max.value_or(std::numeric_limits<std::size_t>::max());
    const auto changed = co_await mailbox_changes_since(call->user->account, *view, *since, count_max);
    if (!changed) co_return failure(method_fault(*call, changed.error()));
    if (!*changed) co_return failure(unknown);
    const MailboxChangesSince& found = **changed;
    json::object answer = jmap::changes_answer(asked, {.new_state = state_of(found.version),
                                                       .more = found.more,
                                                       .created = ids_of(found.mailboxes.created),
                                                       .updated = ids_of(found.mailboxes.updated),
                                                       .destroyed = ids_of(found.mailboxes.destroyed)});
    json::value& properties = answer["updatedProperties"];
    if (found.only_counts && !found.mailboxes.updated.empty())
        properties = json::array(mailbox_count_properties().begin(), mailbox_count_properties().end());
    co_return answer;
}

} // namespace tegami::jmapd
