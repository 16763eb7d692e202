#include "service/imapd/commands.h"
#include "service/imapd/mailbox_access.h"

namespace tegami::imapd {

async::Awaitable<Completion> run(Session* session, imap::Namespace) {
    imap::append_namespace(session->out(), "", kOthersPrefix);
    co_return Completion{};
}

} // namespace tegami::imapd
