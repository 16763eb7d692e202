// Another IMAP server: it says the same however its octets are cut, never more of a message than came, and whatever it
// calls its mailboxes, ours have names.
#include "base/assert.h"
#include "message/utf8.h"
#include "transfer/imap_mailboxes.h"

#include <cstdint>

using namespace tegami::transfer;

namespace {

struct Told {
    std::size_t responses = 0;
    std::string bodies;
    std::vector<ImapListed> listed;
    ImapNamespaces namespaces;
    bool malformed = false;
};

Told told(std::string_view first, std::string_view second) {
    Told all;
    ImapResponseReader reader;
    for (const std::string_view piece : {first, second}) {
        reader.feed(piece);
        for (;;) {
            ImapResponseReader::Event event = reader.next();
            if (std::holds_alternative<ImapResponseReader::NeedMore>(event)) break;
            if (std::holds_alternative<ImapResponseReader::Malformed>(event)) {
                all.malformed = true;
                return all;
            }
            if (const auto* const octets = std::get_if<ImapResponseReader::BodyOctets>(&event))
                all.bodies += octets->octets;
            auto* const response = std::get_if<ImapResponse>(&event);
            if (!response) continue;
            ++all.responses;
            if (auto* const listed = std::get_if<ImapListed>(response)) all.listed.push_back(std::move(*listed));
            if (auto* const found = std::get_if<ImapNamespaces>(response)) all.namespaces = std::move(*found);
        }
    }
    return all;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const Told whole = told(octets, "");
    ASSERT(whole.bodies.size() <= size);
    const Told cut = told(octets.substr(0, size / 2), octets.substr(size / 2));
    ASSERT(whole.responses == cut.responses && whole.bodies == cut.bodies && whole.malformed == cut.malformed);
    for (const bool speaks_utf8 : {false, true})
        for (const ImapMailbox& each : plan_mailboxes(whole.listed, whole.namespaces, speaks_utf8).mailboxes)
            ASSERT(!each.mailbox.empty() && tegami::message::is_utf8(each.mailbox));
    return 0;
}
