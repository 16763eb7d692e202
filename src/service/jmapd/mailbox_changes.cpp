// Mailbox/changes (RFC 8621 §2.2)
#include "protocol/jmap/answers.h"
#include "service/jmapd/changes_state.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/mailbox_object.h"
#include "service/jmapd/methods.h"

namespace tegami::jmapd {

namespace {

std::vector<std::string> names_of(const std::vector<store::MailboxId>& mailboxes) {
    std::vector<std::string> ids;
    for (const store::MailboxId mailbox : mailboxes)
        ids.push_back(id_of(mailbox));
    return ids;
}

} // namespace

async::Awaitable<MethodResult> mailbox_changes(Call* call) {
    jmap::Arguments arguments(*call->arguments, call->batch->created_ids());
    const jmap::ChangesArguments asked = jmap::take_changes(arguments);
    CO_TRY_VOID(arguments.finish());
    CO_TRY_VOID(co_await enter_account(call, asked.account));
    CO_TRY(const ChangesSince found, co_await find_changes(call, asked.since_state));
    const auto page = next_page(found, found.changes.mailboxes, asked.changes_max);
    json::object answer = jmap::changes_answer(asked, {.new_state = text_of(page.next),
                                                       .more = page.more,
                                                       .created = names_of(page.ids.created),
                                                       .updated = names_of(page.ids.updated),
                                                       .destroyed = names_of(page.ids.destroyed)});
    json::value& properties = answer["updatedProperties"];
    if (found.changes.only_counts && !page.ids.updated.empty())
        properties = json::array(mailbox_count_properties().begin(), mailbox_count_properties().end());
    co_return answer;
}

} // namespace tegami::jmapd
