// IDLE (RFC 9051 §6.3.13): news goes out the moment it is known. While nothing happens the connection holds no
// buffer, and this file's frames are all that waits.
#include "async/first_of.h"
#include "base/ascii.h"
#include "service/imapd/announce.h"
#include "service/imapd/commands.h"

#include <variant>

namespace tegami::imapd {

namespace {

/// Limit: octets of the line that ends IDLE.
constexpr std::size_t kDoneBytesMax = 64;

/// Waits until the client speaks or there may be news; true if the client did.
async::Awaitable<bool> client_spoke(Session* session) {
    if (!session->selected) {
        co_await session->input.wait();
        co_return true;
    }
    async::Awaitable<> client = session->input.wait();
    async::Awaitable<> news = session->selected->wait_for_news();
    const async::First first = co_await async::first_of(std::move(client), std::move(news));
    co_return first == async::First::left;
}

} // namespace

async::Awaitable<Completion> run(Session* session, imap::Idle) {
    imap::append_continuation(session->out(), "idling");
    session->input.reader().expect_line(kDoneBytesMax);
    while (true) {
        const std::optional<imap::ReaderEvent> event = session->input.ready();
        if (event) {
            const auto* const line = std::get_if<imap::RawLine>(&*event);
            if (line && ascii::iequals(line->line, "DONE")) co_return Completion{};
            if (std::holds_alternative<imap::Abandoned>(*event)) session->ended = true;
            co_return bad("IDLE ends with DONE");
        }
        co_await announce(session, Moment::safe);
        co_await session->output.flush();
        if (session->ended) co_return bad("The session ends");
        const bool spoke = co_await client_spoke(session);
        if (spoke) {
            co_await session->input.read();
        }
    }
}

} // namespace tegami::imapd
