// LIST and LSUB (RFC 9051 §6.3.9, RFC 3501 §6.3.9); list_plan.h decides what is listed.
#include "service/imapd/commands.h"
#include "service/imapd/list_plan.h"
#include "service/imapd/resync.h"
#include "service/imapd/status_values.h"

namespace tegami::imapd {

async::Awaitable<Completion> run(Session* session, imap::List command) {
    const std::shared_ptr<const store::MailboxList> mailboxes = session->home->mailboxes();
    if (command.status.contains(imap::StatusItem::highest_modseq)) begin_condstore(session);
    const std::vector<ListAnswer> answers = plan_list(*mailboxes, command);
    for (const ListAnswer& answer : answers) {
        imap::append_list(session->out(), answer.entry, session->enabled);
        if (answer.status_of) {
            const auto name = imap::MailboxName::from_utf8(answer.status_of->name);
            if (name)
                imap::append_status_data(session->out(), *name, command.status, status_values(*answer.status_of),
                                         session->enabled);
        }
        co_await session->output.flush_if_full();
    }
    co_return Completion{};
}

async::Awaitable<Completion> run(Session* session, imap::Lsub command) {
    const std::shared_ptr<const store::MailboxList> mailboxes = session->home->mailboxes();
    const std::vector<imap::ListEntry> entries = plan_lsub(*mailboxes, command);
    for (const imap::ListEntry& entry : entries) {
        imap::append_lsub(session->out(), entry, session->enabled);
        co_await session->output.flush_if_full();
    }
    co_return Completion{};
}

} // namespace tegami::imapd
