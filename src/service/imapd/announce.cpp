#include "service/imapd/announce.h"

#include "async/turns.h"
#include "protocol/imap/writer.h"
#include "service/imapd/search_context.h"
#include "service/imapd/session.h"

#include <utility>

namespace tegami::imapd {

async::Awaitable<> take_news(Session* session) {
    const bool follows = co_await session->selected->take_news();
    if (follows || session->ended) co_return;
    imap::append_status(session->out(), "", imap::StatusWord::bye, "", session->selected->lost());
    session->ended = true;
}

async::Awaitable<> announce(Session* session, Moment moment) {
    if (!session->selected) co_return;
    co_await take_news(session);
    if (session->ended) co_return;
    bool more = true;
    while (more) {
        Announcement news = session->selected->numbers().announce(moment);
        more = news.more;
        co_await tell_contexts_of_expunged(session, &news);
        if (session->enabled.contains(imap::Enabled::qresync))
            imap::append_vanished(session->out(), news.vanished.ranges(), false);
        else
            imap::append_expunged(session->out(), news.expunged);
        if (news.exists) imap::append_exists(session->out(), *news.exists);
        if (news.recent && !session->enabled.contains(imap::Enabled::imap4rev2))
            imap::append_recent(session->out(), *news.recent);
        co_await write_flags(session, std::move(news.flags), {.uids = true});
        if (!more) break;
        co_await session->output.flush_if_full();
        co_await async::give_way();
    }
    co_await update_contexts(session);
}

async::Awaitable<> introduce_keywords(Session* session, imap::FlagList flags) {
    if (!session->selected->has_untold(flags)) co_return;
    const imap::FlagList known = co_await session->selected->known_flags();
    imap::append_flags_line(session->out(), known);
}

async::Awaitable<> write_flags(Session* session, std::vector<NumberedUid> messages, FlagLines lines) {
    const bool with_modseq = session->enabled.contains(imap::Enabled::condstore);
    for (const NumberedUid& message : messages) {
        const std::optional<store::MessageRow> row = session->selected->numbers().row(message.uid);
        if (!row) continue;
        const imap::FlagList flags = session->selected->flags(*row, session->enabled);
        if (lines.flags && session->selected->has_untold(flags)) {
            co_await introduce_keywords(session, flags);
        }
        imap::FetchResponse response(session->out(), message.number, session->enabled);
        if (lines.uids || with_modseq) response.uid(message.uid);
        if (lines.flags) response.flags(flags);
        if (with_modseq) response.modseq(row->modseq.value);
        response.finish();
        co_await session->output.flush_if_full();
    }
}

} // namespace tegami::imapd
