#include "service/imapd/announce.h"

#include "protocol/imap/writer.h"
#include "service/imapd/session.h"

namespace tegami::imapd {

async::Awaitable<> announce(Session* session, imap::Moment moment) {
    if (!session->selected) co_return;
    session->selected->take_news();
    const imap::Announcement news = session->selected->numbers().announce(moment);
    imap::append_expunged(session->out(), news.expunged);
    if (news.exists) imap::append_exists(session->out(), *news.exists);
    if (news.recent && !session->enabled.contains(imap::Enabled::imap4rev2))
        imap::append_recent(session->out(), *news.recent);
    for (const imap::NumberedUid& message : news.flags) {
        const std::optional<store::MessageRow> row = session->selected->row(message.uid);
        if (!row) continue;
        const imap::FlagList flags = session->selected->flags(*row, session->enabled);
        introduce_keywords(session, flags);
        imap::FetchResponse response(session->out(), message.number, session->enabled);
        response.uid(message.uid);
        response.flags(flags);
        response.finish();
        co_await session->output.flush_if_full();
    }
}

void introduce_keywords(Session* session, const imap::FlagList& flags) {
    if (session->selected->has_untold(flags)) imap::append_flags_line(session->out(), session->selected->tell_flags());
}

} // namespace tegami::imapd
