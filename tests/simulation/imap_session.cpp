#include "simulation/imap_session.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::simulation {

namespace {

constexpr std::size_t kAtOnceMax = 4;
constexpr const char* kOther = "Archive";

} // namespace

ImapSession::ImapSession(Dependencies dependencies, UserIndex user, std::string name, std::uint64_t seed)
    : dependencies_(dependencies), user_(user), name_(std::move(name)), keyword_("k" + name_), random_(seed),
      client_(dependencies_.network, &dependencies_.simulation.time), mailbox_(seed % 4 == 0 ? kOther : "INBOX") {}

void ImapSession::problem(std::string what) {
    dependencies_.simulation.problem(name_, fmt::format("{} of user {}: {}", mailbox_, user_, what));
}

async::Awaitable<bool> ImapSession::open() {
    open_ = false;
    const User& user = dependencies_.oracle.user(user_);
    const bool connected = co_await client_.connect(dependencies_.server, user.address, user.password);
    if (!connected) co_return false;
    picture_.clear();
    const std::uint32_t least = dependencies_.oracle.uid_next(user_, mailbox_);
    const ImapAnswer answer = co_await client_.command("SELECT " + mailbox_);
    if (answer.status != ImapStatus::ok) co_return false;
    validity_ = code_number(answer, "UIDVALIDITY").value_or(0);
    dependencies_.oracle.saw_mailbox(user_, mailbox_, validity_, code_number(answer, "UIDNEXT").value_or(0), least);
    take(answer);
    open_ = true;
    co_return co_await learn();
}

async::Awaitable<ImapAnswer> ImapSession::ask(std::string command) {
    const ImapAnswer answer = co_await client_.command(command);
    if (answer.status == ImapStatus::gone) open_ = false;
    if (answer.status == ImapStatus::bad) problem("BAD to " + command + ": " + answer.text);
    take(answer);
    co_return answer;
}

void ImapSession::take(const ImapAnswer& answer) {
    for (const std::string& line : answer.untagged)
        take_line(line);
}

void ImapSession::take_line(const std::string& line) {
    if (const auto count = parse_count(line, "EXISTS")) {
        if (*count < picture_.size())
            problem(fmt::format("EXISTS {} after {}, without EXPUNGE", *count, picture_.size()));
        picture_.resize(*count);
    } else if (const auto number = parse_count(line, "EXPUNGE")) {
        if (*number == 0 || *number > picture_.size()) return problem("EXPUNGE of a number that does not exist");
        const auto gone = picture_.begin() + (*number - 1);
        if (gone->known) dependencies_.oracle.saw_gone(place_of(*gone));
        picture_.erase(gone);
    } else if (const auto fetched = parse_fetch(line)) {
        take_fetch(*fetched);
    }
}

void ImapSession::take_fetch(const Fetched& fetched) {
    if (fetched.sequence == 0 || fetched.sequence > picture_.size())
        return problem("FETCH of a number that does not exist");
    Message& message = picture_[fetched.sequence - 1];
    if (fetched.uid) {
        if (message.uid != 0 && message.uid != *fetched.uid)
            problem(fmt::format("number {} had UID {} and has {}", fetched.sequence, message.uid, *fetched.uid));
        message.uid = *fetched.uid;
        if (fetched.sequence > 1 && picture_[fetched.sequence - 2].uid >= message.uid)
            problem(fmt::format("UID {} does not follow UID {}", message.uid, picture_[fetched.sequence - 2].uid));
    }
    if (fetched.flags) message.flags = *fetched.flags;
    if (fetched.literal && message.uid != 0 && !message.known) {
        const std::string id = message_id_of(*fetched.literal);
        if (id.empty()) return; // a message that was expunged meanwhile may have nothing to show
        dependencies_.oracle.saw(place_of(message), id);
        message.known = letter_number(id).has_value(); // others are read as a whole first
    }
}

/// Asks about the messages that are new; those that are no letters are read as a whole.
async::Awaitable<bool> ImapSession::learn() {
    const auto first = std::ranges::find_if(picture_, [](const Message& message) { return message.uid == 0; });
    if (first == picture_.end()) co_return open_;
    const auto number = static_cast<std::size_t>(first - picture_.begin()) + 1;
    const ImapAnswer answer =
        co_await ask(fmt::format("FETCH {}:* (UID FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])", number));
    if (!open_) co_return false;
    if (answer.status == ImapStatus::no) {
        // One that cannot be read ends the answer. What is known of the others comes with the next look.
        const ImapAnswer numbers = co_await ask(fmt::format("FETCH {}:* (UID FLAGS)", number));
        co_return open_;
    }
    std::vector<Place> unknown;
    for (const std::string& line : answer.untagged) {
        const auto fetched = parse_fetch(line);
        if (fetched && fetched->uid && fetched->literal && !letter_number(message_id_of(*fetched->literal)))
            unknown.push_back({user_, mailbox_, validity_, *fetched->uid});
    }
    if (!unknown.empty()) {
        co_await learn_texts(std::move(unknown));
    }
    co_return open_;
}

async::Awaitable<> ImapSession::learn_texts(std::vector<Place> unknown) {
    const ImapAnswer answer = co_await ask("UID FETCH " + uids_of(unknown) + " (UID BODY.PEEK[])");
    for (const std::string& line : answer.untagged) {
        const auto fetched = parse_fetch(line);
        if (!fetched || !fetched->uid || fetched->literal.value_or("").empty()) continue;
        const auto message = std::ranges::find(picture_, *fetched->uid, &Message::uid);
        if (message == picture_.end()) continue;
        dependencies_.oracle.saw_text(place_of(*message), *fetched->literal);
        message->known = true;
    }
}

async::Awaitable<bool> ImapSession::look() {
    const ImapAnswer noop = co_await ask("NOOP");
    const bool learnt = co_await learn();
    if (!learnt) co_return false;
    const std::vector<Message> before = picture_;
    const ImapAnswer shown = co_await ask("UID FETCH 1:* (FLAGS)");
    if (shown.status != ImapStatus::ok) co_return open_;
    // What was there and is not shown must have been said to be gone with the same answer: during UID FETCH that is
    // allowed (RFC 9051 §7.5.1).
    std::set<std::uint32_t> uids;
    for (const std::string& line : shown.untagged)
        if (const auto fetched = parse_fetch(line); fetched && fetched->uid) uids.insert(*fetched->uid);
    for (const Message& message : before)
        if (message.uid != 0 && !uids.contains(message.uid) &&
            std::ranges::find(picture_, message.uid, &Message::uid) != picture_.end())
            problem(fmt::format("UID {} is in the picture, and the server does not show it", message.uid));
    co_return co_await learn();
}

async::Awaitable<> ImapSession::look_at_last() {
    if (!open_) co_return;
    const ImapAnswer noop = co_await ask("NOOP");
    const bool learnt = co_await learn();
    if (!learnt) co_return;
    const auto& found = dependencies_.oracle.found_in(user_, mailbox_);
    if (found.size() != picture_.size())
        problem(fmt::format("the picture has {} messages, the mailbox {}", picture_.size(), found.size()));
    for (const Message& message : picture_) {
        const auto there = found.find(message.uid);
        if (there == found.end())
            problem(fmt::format("UID {} is in the picture and not in the mailbox", message.uid));
        else if (there->second != message.flags)
            problem(fmt::format("UID {} has other flags in the picture than in the mailbox: {} / {}", message.uid,
                                fmt::join(message.flags, " "), fmt::join(there->second, " ")));
    }
}

std::vector<Place> ImapSession::pick(std::size_t most) {
    std::vector<Place> places;
    const std::size_t wanted = 1 + random_.below(most);
    for (std::size_t tries = 0; tries < 2 * wanted && places.size() < wanted && !picture_.empty(); ++tries) {
        const Message& message = picture_[random_.below(picture_.size())];
        if (message.known && std::ranges::find(places, place_of(message)) == places.end())
            places.push_back(place_of(message));
    }
    std::ranges::sort(places);
    return places;
}

std::string ImapSession::uids_of(const std::vector<Place>& places) const {
    std::string set;
    for (const Place& place : places)
        set += (set.empty() ? "" : ",") + std::to_string(place.uid);
    return set;
}

async::Awaitable<bool> ImapSession::step() {
    const std::uint64_t what = random_.below(100);
    if (what < 25) co_return co_await look();
    if (what < 35) {
        co_await idle();
    } else if (what < 55) {
        co_await mark();
    } else if (what < 70) {
        co_await remove_some();
    } else if (what < 80) {
        co_await copy_some(false);
    } else if (what < 90) {
        co_await copy_some(true);
    } else {
        co_await append();
    }
    if (!open_) co_return false;
    co_return co_await learn();
}

async::Awaitable<> ImapSession::idle() {
    const ImapAnswer answer = co_await client_.idle(std::chrono::seconds(1 + random_.below(100)));
    if (answer.status == ImapStatus::gone) open_ = false;
    if (answer.status == ImapStatus::bad) problem("BAD to IDLE: " + answer.text);
    take(answer);
}

/// Sets or takes away our own keyword, so that what it must be is known whatever others do.
async::Awaitable<> ImapSession::mark() {
    const std::vector<Place> places = pick(kAtOnceMax);
    if (places.empty()) co_return;
    const bool set = random_.below(3) != 0;
    for (const Place& place : places)
        dependencies_.oracle.marking(place, keyword_);
    const ImapAnswer answer =
        co_await ask(fmt::format("UID STORE {} {}FLAGS ({})", uids_of(places), set ? '+' : '-', keyword_));
    if (answer.status != ImapStatus::ok) co_return;
    for (const Place& place : places)
        dependencies_.oracle.marked(place, keyword_, set);
}

async::Awaitable<> ImapSession::remove_some() {
    const std::vector<Place> places = pick(kAtOnceMax);
    if (places.empty()) co_return;
    const ImapAnswer marked = co_await ask("UID STORE " + uids_of(places) + " +FLAGS.SILENT (\\Deleted)");
    if (marked.status != ImapStatus::ok) co_return;
    for (const Place& place : places) {
        // SILENT: what we did ourselves we are not told (RFC 9051 §6.4.6).
        const auto message = std::ranges::find(picture_, place.uid, &Message::uid);
        if (message != picture_.end()) message->flags.insert("\\Deleted");
        dependencies_.oracle.removing(place);
    }
    const ImapAnswer answer = co_await ask("UID EXPUNGE " + uids_of(places));
    if (answer.status != ImapStatus::ok) co_return;
    for (const Place& place : places)
        dependencies_.oracle.removed(place);
}

async::Awaitable<> ImapSession::copy_some(bool move) {
    const std::vector<Place> places = pick(kAtOnceMax);
    if (places.empty()) co_return;
    const std::string target = mailbox_ == kOther ? "INBOX" : kOther;
    for (const Place& place : places) {
        dependencies_.oracle.copying(place);
        if (move) dependencies_.oracle.removing(place);
    }
    const ImapAnswer answer =
        co_await ask(fmt::format("UID {} {} {}", move ? "MOVE" : "COPY", uids_of(places), target));
    if (answer.status != ImapStatus::ok) co_return;
    const auto pairs = copy_uid(answer).value_or(CopyUid{});
    for (const Place& place : places) {
        const auto pair = std::ranges::find(pairs.pairs, place.uid, &std::pair<std::uint32_t, std::uint32_t>::first);
        if (pair == pairs.pairs.end())
            dependencies_.oracle.not_copied(place); // somebody else had removed it
        else
            dependencies_.oracle.copied(place, {user_, target, pairs.validity, pair->second});
        if (move && pair != pairs.pairs.end()) dependencies_.oracle.removed(place);
    }
}

async::Awaitable<> ImapSession::append() {
    const User& user = dependencies_.oracle.user(user_);
    Letter letter{.number = next_letter_++, .server = user.server, .sender = user_};
    letter.recipients.push_back({.address = user.address, .user = user_, .domain = {}, .accepted = true});
    letter.size = 100 + random_.below(2000);
    letter.appended = true;
    letter.promise = Promise::unknown;
    const ImapAnswer answer =
        co_await client_.command_with_literal("APPEND " + mailbox_, letter_text(letter, user.address));
    if (answer.status == ImapStatus::gone) open_ = false;
    take(answer);
    if (answer.status == ImapStatus::ok) letter.promise = Promise::accepted;
    if (answer.status == ImapStatus::no) {
        letter.promise = Promise::refused;
        letter.maybe_there = answer.text.find("LIMIT") == std::string::npos;
    }
    dependencies_.oracle.wrote(std::move(letter));
}

} // namespace tegami::simulation
