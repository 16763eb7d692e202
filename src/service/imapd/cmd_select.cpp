// SELECT and EXAMINE (RFC 9051 §6.3.2, §6.3.3).
#include "async/turns.h"
#include "service/imapd/commands.h"
#include "service/imapd/flags.h"
#include "service/imapd/list_plan.h"
#include "service/imapd/mailbox_access.h"
#include "service/imapd/resync.h"

namespace tegami::imapd {

namespace {

using imap::StatusWord;
namespace code = imap::code;

/// Pages looked at before others on this thread get their turn: of the order of 100 microseconds.
constexpr std::size_t kSelectTurnPages = 32;

/// The position of the first message without \Seen; nothing if all have it.
async::Awaitable<std::optional<std::uint32_t>> first_unseen(store::ViewPtr view) {
    std::uint32_t position = 0;
    for (std::size_t number = 0; number < view->pages().size(); ++number) {
        const store::ViewPage& page = *view->pages()[number];
        for (std::size_t at = 0; at < page.size(); ++at, ++position)
            if (!page.flags(at).has(store::Flag::seen)) co_return position;
        if ((number + 1) % kSelectTurnPages == 0) {
            co_await async::give_way();
        }
    }
    co_return std::nullopt;
}

/// RFC 4314 §5.1.1: those that the user may change.
std::string permanent_flags(imap::FlagList known, Rights rights) {
    const imap::SystemFlags changeable = to_imap(changeable_flags(rights));
    for (const imap::SystemFlag flag : {imap::SystemFlag::answered, imap::SystemFlag::flagged,
                                        imap::SystemFlag::deleted, imap::SystemFlag::seen, imap::SystemFlag::draft})
        if (!changeable.contains(flag)) known.system.erase(flag);
    const bool keywords = rights.has(Right::write);
    if (!keywords) known.keywords.clear();
    return code::permanent_flags(known, keywords);
}

async::Awaitable<> write_picture(Session* session, NamedMailbox place) {
    std::string& out = session->out();
    SelectedMailbox& selected = *session->selected;
    const store::ViewPtr view = selected.numbers().view();
    const bool rev1 = !session->enabled.contains(imap::Enabled::imap4rev2);
    const imap::FlagList flags = co_await selected.known_flags();
    imap::append_flags_line(out, flags);
    if (selected.read_only())
        imap::append_status(out, "", StatusWord::ok, code::permanent_flags({}, false), "No flag can be changed");
    else
        imap::append_status(out, "", StatusWord::ok, permanent_flags(flags, place.rights), "Flags are kept");
    imap::append_exists(out, selected.numbers().exists());
    if (rev1) {
        imap::append_recent(out, selected.numbers().recent());
        const std::optional<std::uint32_t> unseen = co_await first_unseen(view);
        if (unseen)
            imap::append_status(out, "", StatusWord::ok, code::first_unseen(imap::SequenceNumber(*unseen + 1)),
                                "The first message not seen");
    }
    imap::append_status(out, "", StatusWord::ok, code::uid_validity(view->uid_validity()), "UIDs are kept");
    imap::append_status(out, "", StatusWord::ok, code::uid_next(view->uid_next()), "The next UID");
    imap::append_status(out, "", StatusWord::ok, code::highest_modseq(told_modseq(*session).value),
                        "Mod-sequences are kept");
    imap::append_status(out, "", StatusWord::ok,
                        code::mailbox_id(object_base(*session, *place.account) + place.mailbox->id.value),
                        "The mailbox's own name");
    imap::ListEntry entry = list_entry(*place.account->mailboxes(), *place.mailbox);
    if (!place.is_own) entry.special_use = {};
    entry.name = session->selected_name;
    imap::append_list(out, entry, session->enabled);
}

async::Awaitable<Completion> select(Session* session, imap::MailboxName name, imap::SelectParameters parameters,
                                    bool read_only) {
    co_await leave_mailbox(session);
    if (parameters.condstore) begin_condstore(session);
    std::string full_name = name.utf8();
    Result<NamedMailbox, Completion> place =
        co_await resolve_for(session, std::move(name), Right::read, std::string(code::kNonexistent));
    if (!place) co_return place.error();
    // RFC 4314 §5.2: something in it can be changed.
    read_only = read_only ||
                (place->rights - store::kReading - Rights{Right::create, Right::remove, Right::administer}).empty();
    const SelectedMailbox::How how{.read_only = read_only,
                                   .tells_recent = !session->enabled.contains(imap::Enabled::imap4rev2),
                                   .user = session->home->id()};
    store::StoreResult<std::unique_ptr<SelectedMailbox>> opened = co_await SelectedMailbox::open(
        place->account, place->mailbox, how, session->stream->executor(), session->service->memory);
    if (!opened) co_return failed(opened.error(), session->service->log);
    session->selected = *std::move(opened);
    session->selected_name = std::move(full_name);
    co_await write_picture(session, *std::move(place));
    if (parameters.resync) {
        const store::StoreResult<> resynchronized = co_await resynchronize(session, *std::move(parameters.resync));
        if (!resynchronized) {
            co_await session->deselect();
            co_return failed(resynchronized.error(), session->service->log);
        }
    }
    co_return Completion{.code = std::string(read_only ? code::kReadOnly : code::kReadWrite)};
}

} // namespace

async::Awaitable<> leave_mailbox(Session* session) {
    if (!session->selected) co_return;
    co_await session->deselect();
    imap::append_status(session->out(), "", StatusWord::ok, code::kClosed, "The mailbox before is closed");
}

async::Awaitable<Completion> run(Session* session, imap::Select command) {
    co_return co_await select(session, std::move(command.mailbox), std::move(command.parameters), false);
}

async::Awaitable<Completion> run(Session* session, imap::Examine command) {
    co_return co_await select(session, std::move(command.mailbox), std::move(command.parameters), true);
}

} // namespace tegami::imapd
