// The transaction state (RFC 1939 §5, §7) and QUIT (RFC 1939 §6).
#include "base/ascii.h"
#include "protocol/pop3/server_dialogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace tegami::pop3 {

namespace {

/// Limit: messages of one piece of a listing.
constexpr std::size_t kListingLines = 512;

/// The index of the message with this number, if there is one and it is not deleted.
std::optional<std::uint32_t> find(ServerDialogue& dialogue, std::string_view number) {
    const auto value = ascii::parse_number<std::uint32_t>(number);
    if (value && *value >= 1 && *value <= dialogue.messages.size() && !dialogue.messages[*value - 1].deleted)
        return *value - 1;
    dialogue.replies.error("No such message");
    return std::nullopt;
}

void stat(ServerDialogue& dialogue, std::string_view /*argument*/) {
    std::uint64_t count = 0;
    std::uint64_t octets = 0;
    for (const ServerDialogue::Message& message : dialogue.messages) {
        if (message.deleted) continue;
        ++count;
        octets += message.entry.size;
    }
    dialogue.replies.ok(fmt::format("{} {}", count, octets));
}

std::string uid_text(const ServerDialogue& dialogue, const ServerDialogue::Message& message) {
    return fmt::format("{}.{}", dialogue.uid_validity.value, message.entry.uid.value);
}

void begin_listing(ServerDialogue& dialogue, Listing what, std::string_view first_line) {
    dialogue.listed = what;
    dialogue.listing_at = 0;
    dialogue.state = ServerState::listing;
    dialogue.replies.ok(first_line);
    dialogue.replies.act(ContinueListing{});
}

void list(ServerDialogue& dialogue, std::string_view argument) {
    if (!argument.empty()) {
        if (const auto index = find(dialogue, argument))
            dialogue.replies.ok(fmt::format("{} {}", *index + 1, dialogue.messages[*index].entry.size));
        return;
    }
    begin_listing(dialogue, Listing::sizes, "Sizes follow");
}

void uidl(ServerDialogue& dialogue, std::string_view argument) {
    if (!argument.empty()) {
        if (const auto index = find(dialogue, argument))
            dialogue.replies.ok(fmt::format("{} {}", *index + 1, uid_text(dialogue, dialogue.messages[*index])));
        return;
    }
    begin_listing(dialogue, Listing::uids, "Unique ids follow");
}

void retr(ServerDialogue& dialogue, std::string_view argument) {
    const auto index = find(dialogue, argument);
    if (!index) return;
    dialogue.current = SendMessage{.number = *index + 1, .top_lines = std::nullopt};
    dialogue.state = ServerState::awaiting_message;
    dialogue.replies.act(dialogue.current);
}

void top(ServerDialogue& dialogue, std::string_view argument) {
    const std::size_t space = argument.find(' ');
    const auto lines = space == std::string_view::npos
                           ? std::nullopt
                           : ascii::parse_number<std::uint32_t>(ascii::trim(argument.substr(space)));
    if (!lines) return dialogue.replies.error("Syntax: TOP message lines");
    const auto index = find(dialogue, argument.substr(0, space));
    if (!index) return;
    dialogue.current = SendMessage{.number = *index + 1, .top_lines = lines};
    dialogue.state = ServerState::awaiting_message;
    dialogue.replies.act(dialogue.current);
}

void dele(ServerDialogue& dialogue, std::string_view argument) {
    const auto index = find(dialogue, argument);
    if (!index) return;
    dialogue.messages[*index].deleted = true;
    dialogue.replies.ok("Deleted at QUIT");
}

void rset(ServerDialogue& dialogue, std::string_view /*argument*/) {
    for (ServerDialogue::Message& message : dialogue.messages)
        message.deleted = false;
    dialogue.replies.ok("Nothing is deleted");
}

void noop(ServerDialogue& dialogue, std::string_view /*argument*/) {
    dialogue.replies.ok("Nothing done");
}

} // namespace

bool handle_transaction(ServerDialogue& dialogue, std::string_view verb, std::string_view argument) {
    static constexpr CommandOfName kCommands[] = {{"STAT", stat}, {"LIST", list}, {"UIDL", uidl}, {"RETR", retr},
                                                  {"TOP", top},   {"DELE", dele}, {"RSET", rset}, {"NOOP", noop}};
    return handle_by_name(kCommands, dialogue, verb, argument);
}

void list_more(ServerDialogue& dialogue) {
    const std::size_t end = std::min(dialogue.messages.size(), dialogue.listing_at + kListingLines);
    std::string text;
    for (; dialogue.listing_at < end; ++dialogue.listing_at) {
        const ServerDialogue::Message& message = dialogue.messages[dialogue.listing_at];
        if (message.deleted) continue;
        if (dialogue.listed == Listing::sizes)
            fmt::format_to(std::back_inserter(text), "{} {}\r\n", dialogue.listing_at + 1, message.entry.size);
        else
            fmt::format_to(std::back_inserter(text), "{} {}\r\n", dialogue.listing_at + 1, uid_text(dialogue, message));
    }
    if (dialogue.listing_at < dialogue.messages.size()) {
        dialogue.replies.send(text);
        dialogue.replies.act(ContinueListing{});
    } else {
        dialogue.replies.send(text + ".\r\n");
        dialogue.state = ServerState::transaction;
    }
}

void quit(ServerDialogue& dialogue) {
    CommitDeletions commit;
    for (std::size_t index = 0; index < dialogue.messages.size(); ++index)
        if (dialogue.messages[index].deleted) commit.numbers.push_back(static_cast<std::uint32_t>(index + 1));
    if (commit.numbers.empty()) return dialogue.replies.close_with("+OK Goodbye");
    dialogue.state = ServerState::awaiting_commit;
    dialogue.replies.act(std::move(commit));
}

} // namespace tegami::pop3
