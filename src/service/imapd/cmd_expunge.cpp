// EXPUNGE and UID EXPUNGE (RFC 9051 §6.4.3, §6.4.9). The EXPUNGE lines are news like any other.
#include "service/imapd/announce.h"
#include "service/imapd/commands.h"
#include "service/imapd/mailbox_access.h"
#include "service/imapd/resync.h"

namespace tegami::imapd {

async::Awaitable<Completion> run(Session* session, imap::Expunge command) {
    if (session->selected->read_only()) co_return read_only();
    if (!session->selected->rights().has(Right::expunge)) co_return not_permitted();
    UidSet uids = UidSet::all();
    if (command.uids) {
        co_await take_news(session);
        std::optional<Chosen> chosen = session->selected->choose(*command.uids, imap::Numbering::uid);
        if (!chosen) co_return no_such_number();
        uids = std::move(chosen->uids);
    }
    const store::StoreResult<store::ExpungeResult> expunged =
        co_await session->selected->account().expunge(session->selected->id(), std::move(uids));
    if (!expunged) co_return failed(expunged.error(), session->service->log);
    if (!session->enabled.contains(imap::Enabled::qresync) || expunged->expunged.empty()) co_return Completion{};
    // RFC 7162 §3.2.7: of what the client has been told, so it is told first.
    co_await announce(session, Moment::safe);
    co_return Completion{.code = imap::code::highest_modseq(told_modseq(*session).value)};
}

} // namespace tegami::imapd
