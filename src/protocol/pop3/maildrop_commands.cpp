// The transaction state (RFC 1939 §5, §7) and QUIT (RFC 1939 §6).
#include "protocol/pop3/server_session.h"

#include "base/ascii.h"
#include "base/assert.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace tegami::pop3 {

namespace {

/// Limit: messages of one piece of a listing.
constexpr std::size_t kListingLines = 512;

} // namespace

bool ServerSession::handle_transaction(std::string_view verb, std::string_view argument) {
    if (verb == "STAT")
        stat();
    else if (verb == "LIST")
        list(argument);
    else if (verb == "UIDL")
        uidl(argument);
    else if (verb == "RETR")
        retr(argument);
    else if (verb == "TOP")
        top(argument);
    else if (verb == "DELE")
        dele(argument);
    else if (verb == "RSET")
        rset();
    else if (verb == "NOOP")
        ok("Nothing done");
    else
        return false;
    return true;
}

/// The index of the message with this number, if there is one and it is not deleted.
std::optional<std::uint32_t> ServerSession::find(std::string_view number) {
    const auto value = ascii::parse_number<std::uint32_t>(number);
    if (value && *value >= 1 && *value <= messages_.size() && !messages_[*value - 1].deleted) return *value - 1;
    error("No such message");
    return std::nullopt;
}

void ServerSession::stat() {
    std::uint64_t count = 0;
    std::uint64_t octets = 0;
    for (const Message& message : messages_) {
        if (message.deleted) continue;
        ++count;
        octets += message.entry.size;
    }
    ok(fmt::format("{} {}", count, octets));
}

void ServerSession::list(std::string_view argument) {
    if (!argument.empty()) {
        if (const auto index = find(argument)) ok(fmt::format("{} {}", *index + 1, messages_[*index].entry.size));
        return;
    }
    begin_listing(Listing::sizes, "Sizes follow");
}

void ServerSession::uidl(std::string_view argument) {
    if (!argument.empty()) {
        if (const auto index = find(argument)) ok(fmt::format("{} {}", *index + 1, uid_text(messages_[*index])));
        return;
    }
    begin_listing(Listing::uids, "Unique ids follow");
}

std::string ServerSession::uid_text(const Message& message) const {
    return fmt::format("{}.{}", uid_validity_.value, message.entry.uid.value);
}

void ServerSession::begin_listing(Listing what, std::string_view first_line) {
    listing_ = what;
    listing_at_ = 0;
    state_ = State::listing;
    ok(first_line);
    act(ContinueListing{});
}

ServerActions ServerSession::continue_listing() {
    if (closed()) return {};
    ASSERT(state_ == State::listing);
    const std::size_t end = std::min(messages_.size(), listing_at_ + kListingLines);
    std::string text;
    for (; listing_at_ < end; ++listing_at_) {
        const Message& message = messages_[listing_at_];
        if (message.deleted) continue;
        if (listing_ == Listing::sizes)
            fmt::format_to(std::back_inserter(text), "{} {}\r\n", listing_at_ + 1, message.entry.size);
        else
            fmt::format_to(std::back_inserter(text), "{} {}\r\n", listing_at_ + 1, uid_text(message));
    }
    if (listing_at_ < messages_.size()) {
        send(text);
        act(ContinueListing{});
        return flush();
    }
    send(text + ".\r\n");
    state_ = State::transaction;
    run();
    return flush();
}

void ServerSession::retr(std::string_view argument) {
    const auto index = find(argument);
    if (!index) return;
    current_ = SendMessage{.number = *index + 1, .top_lines = std::nullopt};
    state_ = State::awaiting_message;
    act(current_);
}

void ServerSession::top(std::string_view argument) {
    const std::size_t space = argument.find(' ');
    const auto lines = space == std::string_view::npos
                           ? std::nullopt
                           : ascii::parse_number<std::uint32_t>(ascii::trim(argument.substr(space)));
    if (!lines) return error("Syntax: TOP message lines");
    const auto index = find(argument.substr(0, space));
    if (!index) return;
    current_ = SendMessage{.number = *index + 1, .top_lines = lines};
    state_ = State::awaiting_message;
    act(current_);
}

ServerActions ServerSession::message_opened() {
    if (closed()) return {};
    ASSERT(state_ == State::awaiting_message);
    state_ = State::sending_message;
    if (current_.top_lines)
        ok("The beginning follows");
    else
        ok(fmt::format("{} octets", messages_[current_.number - 1].entry.size));
    return flush();
}

ServerActions ServerSession::message_sent() {
    if (closed()) return {};
    ASSERT(state_ == State::sending_message);
    state_ = State::transaction;
    run();
    return flush();
}

ServerActions ServerSession::message_unavailable() {
    if (closed()) return {};
    ASSERT(state_ == State::awaiting_message);
    state_ = State::transaction;
    send("-ERR [SYS/TEMP] The message cannot be read\r\n");
    run();
    return flush();
}

void ServerSession::dele(std::string_view argument) {
    const auto index = find(argument);
    if (!index) return;
    messages_[*index].deleted = true;
    ok("Deleted at QUIT");
}

void ServerSession::rset() {
    for (Message& message : messages_)
        message.deleted = false;
    ok("Nothing is deleted");
}

void ServerSession::quit() {
    CommitDeletions commit;
    for (std::size_t index = 0; index < messages_.size(); ++index)
        if (messages_[index].deleted) commit.numbers.push_back(static_cast<std::uint32_t>(index + 1));
    if (commit.numbers.empty()) return close_with("+OK Goodbye");
    state_ = State::awaiting_commit;
    act(std::move(commit));
}

ServerActions ServerSession::deletions_committed(bool all) {
    if (closed()) return {};
    ASSERT(state_ == State::awaiting_commit);
    close_with(all ? "+OK Goodbye" : "-ERR [SYS/TEMP] Some deleted messages were not removed");
    return flush();
}

} // namespace tegami::pop3
