#include "base/ascii.h"
#include "service/imapd/commands.h"

namespace tegami::imapd {

async::Awaitable<Completion> run(Session* session, imap::Id command) {
    std::string client;
    for (const auto& [name, value] : command.fields)
        client += (client.empty() ? "" : ", ") + name + "=" + value.value_or("NIL");
    if (!client.empty())
        session->service->log->info(
            "client says what it is",
            {{"service", "imap"}, {"client", session->client}, {"id", ascii::printable(client)}});
    const std::pair<std::string, std::string> fields[] = {{"name", "Tegami"}};
    imap::append_id(session->out(), fields);
    co_return Completion{};
}

} // namespace tegami::imapd
