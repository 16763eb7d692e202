#include "base/ascii.h"
#include "service/imapd/commands.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace tegami::imapd {

async::Awaitable<Completion> run(Session* session, imap::Enable command) {
    constexpr std::pair<std::string_view, imap::Enabled> kKnown[] = {
        {"IMAP4rev2", imap::Enabled::imap4rev2},
        {"UTF8=ACCEPT", imap::Enabled::utf8_accept},
    };
    std::vector<std::string> added;
    for (const auto& [name, extension] : kKnown) {
        const bool wanted = std::ranges::any_of(
            command.capabilities, [&](const std::string& capability) { return ascii::iequals(capability, name); });
        if (!wanted || session->enabled.contains(extension)) continue;
        session->enabled.insert(extension);
        added.emplace_back(name);
    }
    imap::append_enabled(session->out(), added);
    co_return Completion{};
}

} // namespace tegami::imapd
