#include "service/imapd/commands.h"

namespace tegami::imapd {

async::Awaitable<Completion> run(Session* session, imap::Namespace) {
    imap::append_namespace(session->out(), "");
    co_return Completion{};
}

} // namespace tegami::imapd
