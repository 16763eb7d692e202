#include "base/ascii.h"
#include "service/imapd/commands.h"
#include "service/imapd/resync.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace tegami::imapd {

async::Awaitable<Completion> run(Session* session, imap::Enable command) {
    constexpr std::pair<std::string_view, imap::Enabled> kKnown[] = {
        {"IMAP4rev2", imap::Enabled::imap4rev2},
        {"UTF8=ACCEPT", imap::Enabled::utf8_accept},
        {"CONDSTORE", imap::Enabled::condstore},
        {"QRESYNC", imap::Enabled::qresync},
    };
    std::vector<std::string> added;
    for (const auto& [name, extension] : kKnown) {
        const bool wanted = std::ranges::any_of(
            command.capabilities, [&](const std::string& capability) { return ascii::iequals(capability, name); });
        if (!wanted || session->enabled.contains(extension)) continue;
        if (extension == imap::Enabled::condstore)
            begin_condstore(session);
        else
            session->enabled.insert(extension);
        added.emplace_back(name);
    }
    // RFC 7162 §3.2.3: QRESYNC is CONDSTORE, too.
    if (session->enabled.contains(imap::Enabled::qresync)) begin_condstore(session);
    imap::append_enabled(session->out(), added);
    co_return Completion{};
}

} // namespace tegami::imapd
