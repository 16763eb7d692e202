// SELECT and EXAMINE (RFC 9051 §6.3.2, §6.3.3).
#include "service/imapd/commands.h"
#include "service/imapd/list_plan.h"

namespace tegami::imapd {

namespace {

using imap::StatusWord;
namespace code = imap::code;

/// The position of the first message without \Seen; nothing if all have it.
std::optional<std::uint32_t> first_unseen(const store::MailboxView& view) {
    std::uint32_t position = 0;
    for (const store::ViewPagePtr& page : view.pages())
        for (std::size_t at = 0; at < page->size(); ++at, ++position)
            if (!page->flags(at).has(store::Flag::seen)) return position;
    return std::nullopt;
}

void write_picture(Session& session, const store::MailboxList& mailboxes, const store::MailboxInfo& mailbox) {
    std::string& out = session.out();
    SelectedMailbox& selected = *session.selected;
    const bool rev1 = !session.enabled.contains(imap::Enabled::imap4rev2);
    const imap::FlagList flags = selected.tell_flags();
    imap::append_flags_line(out, flags);
    if (selected.read_only())
        imap::append_status(out, "", StatusWord::ok, code::permanent_flags({}, false), "No flag can be changed");
    else
        imap::append_status(out, "", StatusWord::ok, code::permanent_flags(flags, true), "Flags are kept");
    imap::append_exists(out, selected.numbers().exists());
    if (rev1) {
        imap::append_recent(out, selected.numbers().recent());
        if (const std::optional<std::uint32_t> unseen = first_unseen(*selected.view()))
            imap::append_status(out, "", StatusWord::ok, code::first_unseen(imap::SequenceNumber(*unseen + 1)),
                                "The first message not seen");
    }
    imap::append_status(out, "", StatusWord::ok,
                        code::uid_validity(imap::UidValidity(selected.view()->uid_validity().value)), "UIDs are kept");
    imap::append_status(out, "", StatusWord::ok, code::uid_next(imap::Uid(selected.view()->uid_next().value)),
                        "The next UID");
    imap::append_list(out, list_entry(mailboxes, mailbox), session.enabled);
}

async::Awaitable<Completion> select(Session* session, imap::MailboxName name, bool read_only) {
    if (session->selected) {
        co_await session->deselect();
        imap::append_status(session->out(), "", StatusWord::ok, code::kClosed, "The mailbox before is closed");
    }
    const std::shared_ptr<const store::MailboxList> mailboxes = session->account->mailboxes();
    store::MailboxPtr mailbox = mailboxes->find(name.utf8());
    if (!mailbox || !mailbox->selectable) co_return no_mailbox(mailbox, code::kNonexistent);
    store::StoreResult<std::unique_ptr<SelectedMailbox>> opened =
        co_await SelectedMailbox::open(session->account, mailbox, read_only, session->stream->executor());
    if (!opened) co_return failed(opened.error(), session->service->log);
    session->selected = *std::move(opened);
    write_picture(*session, *mailboxes, *mailbox);
    co_return Completion{.code = std::string(read_only ? code::kReadOnly : code::kReadWrite)};
}

} // namespace

async::Awaitable<Completion> run(Session* session, imap::Select command) {
    co_return co_await select(session, std::move(command.mailbox), false);
}

async::Awaitable<Completion> run(Session* session, imap::Examine command) {
    co_return co_await select(session, std::move(command.mailbox), true);
}

} // namespace tegami::imapd
