// LIST and LSUB (RFC 9051 §6.3.9, RFC 3501 §6.3.9); list_plan.h decides what is listed.
#include "service/imapd/commands.h"
#include "service/imapd/list_plan.h"
#include "service/imapd/mailbox_access.h"
#include "service/imapd/resync.h"
#include "service/imapd/status_values.h"

namespace tegami::imapd {

namespace {

/// The list has no ids of what others share: its name is looked up.
async::Awaitable<> write_status(Session* session, imap::StatusItems items, store::MailboxPtr listed) {
    const auto name = imap::MailboxName::from_utf8(listed->name);
    if (!name) co_return;
    const NamedMailbox found = co_await resolve(session, *name);
    if (!found.mailbox || !found.rights.has(Right::read)) co_return;
    imap::append_status_data(session->out(), *name, items,
                             status_values(*found.mailbox, object_base(*session, *found.account)), session->enabled);
}

} // namespace

async::Awaitable<Completion> run(Session* session, imap::List command) {
    const std::shared_ptr<const store::MailboxList> mailboxes = co_await visible_mailboxes(session);
    if (command.status.contains(imap::StatusItem::highest_modseq)) begin_condstore(session);
    const std::vector<ListAnswer> answers = plan_list(*mailboxes, command);
    for (const ListAnswer& answer : answers) {
        imap::append_list(session->out(), answer.entry, session->enabled);
        if (answer.status_of) {
            co_await write_status(session, command.status, answer.status_of);
        }
        co_await session->output.flush_if_full();
    }
    co_return Completion{};
}

async::Awaitable<Completion> run(Session* session, imap::Lsub command) {
    const std::shared_ptr<const store::MailboxList> mailboxes = co_await visible_mailboxes(session);
    const std::vector<imap::ListEntry> entries = plan_lsub(*mailboxes, command);
    for (const imap::ListEntry& entry : entries) {
        imap::append_lsub(session->out(), entry, session->enabled);
        co_await session->output.flush_if_full();
    }
    co_return Completion{};
}

} // namespace tegami::imapd
