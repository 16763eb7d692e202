// What people and their programs do.
#include "base/base64.h"
#include "simulation/sitting.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::simulation {

namespace {

constexpr auto kPeoplePatience = std::chrono::minutes(10);
constexpr auto kReconnect = std::chrono::minutes(2);
/// Less than the server's patience with an idle client.
constexpr auto kStayAwake = std::chrono::minutes(20);
constexpr std::uint32_t kLettersOfAnEventMax = 1000;
constexpr const char* kStranger = "stranger@outside.test";

bool is_good(const std::optional<std::string>& reply) {
    return reply && !reply->empty() && (reply->front() == '2' || reply->front() == '3' || reply->front() == '+');
}

/// Dots at the beginning of lines doubled, and the end of the message (RFC 5321 §4.5.2).
std::string as_data(const std::string& text) {
    std::string data;
    data.reserve(text.size() + 64);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find("\r\n", at) + 2;
        if (text[at] == '.') data += '.';
        data.append(text, at, end - at);
        at = end;
    }
    return data + ".\r\n";
}

} // namespace

async::Awaitable<std::unique_ptr<Dialogue>> Stage::dial(UserIndex user, net::Endpoint to) {
    net::ConnectOptions options{.deadline = simulation_.time.instant() + kPeoplePatience};
    auto stream = co_await network_of(user).connect(to, options);
    if (!stream) co_return nullptr;
    (*stream)->set_deadline(simulation_.time.instant() + kPeoplePatience);
    co_return std::make_unique<Dialogue>(std::move(*stream));
}

async::Awaitable<> Stage::submit(Event event) {
    const UserIndex sender = event.seed % oracle_->users().size();
    const User& user = oracle_->user(sender);
    const auto dialogue = co_await dial(sender, {machines_[user.server]->server.address(), kSubmissionPort});
    if (!dialogue) co_return;
    using namespace std::string_literals;
    const auto greeting = co_await dialogue->read_reply();
    if (!is_good(greeting)) co_return;
    const auto hello = co_await dialogue->command("EHLO client.test");
    if (!is_good(hello)) co_return;
    const std::string secret = "\0"s + user.address + "\0"s + user.password;
    const auto login = co_await dialogue->command("AUTH PLAIN " + base64::encode(secret));
    if (!is_good(login)) co_return;
    co_await hand_in(event, dialogue.get(), true, sender, user.server);
}

async::Awaitable<> Stage::come_from_outside(Event event) {
    const ServerIndex server = event.seed % machines_.size();
    const UserIndex stranger = oracle_->users().size() + event.seed % 8; // has an address, but no account
    const auto dialogue = co_await dial(stranger, {machines_[server]->server.address(), kSmtpPort});
    if (!dialogue) co_return;
    const auto greeting = co_await dialogue->read_reply();
    if (!is_good(greeting)) co_return;
    const auto hello = co_await dialogue->command("EHLO outside.test");
    if (!is_good(hello)) co_return;
    co_await hand_in(event, dialogue.get(), false, 0, server);
}

async::Awaitable<> Stage::hand_in(Event event, Dialogue* dialogue, bool from_user, UserIndex sender,
                                  ServerIndex server) {
    SeededRandom random(event.seed);
    for (std::uint32_t i = 0; i < event.count && !closing_; ++i) {
        Letter letter{.number = event.id * kLettersOfAnEventMax + i, .server = server, .sender = {}};
        if (from_user) letter.sender = sender;
        letter.recipients = choose_recipients(random, event, server);
        const bool large = random.below(100) < scenario_.large_in_hundred;
        letter.size = large ? 9000 + random.below(60'000) : 50 + random.below(1500);
        co_await write_letter(dialogue, &letter, from_user ? oracle_->user(sender).address : kStranger);
        const bool answered = letter.promise != Promise::unknown;
        oracle_->wrote(std::move(letter));
        if (!answered || dialogue->is_broken()) co_return;
    }
    const auto goodbye = co_await dialogue->command("QUIT");
    static_cast<void>(goodbye);
}

std::vector<Recipient> Stage::choose_recipients(SeededRandom& random, const Event& event, ServerIndex server) const {
    std::vector<Recipient> chosen;
    const std::size_t wanted = 1 + (random.below(3) == 0 ? random.below(4) : 0);
    for (std::size_t i = 0; i < wanted; ++i) {
        const std::uint64_t what = random.below(100);
        Recipient recipient{.address = {}, .user = {}, .domain = {}};
        if (what < 90) {
            UserIndex user = random.below(oracle_->users().size());
            // Strangers may only write to those who live here; sometimes they try others.
            if (event.kind == EventKind::outside && what < 85)
                user = server * scenario_.users + random.below(scenario_.users);
            recipient.user = user;
            recipient.address = oracle_->user(user).address;
        } else if (what < 97) {
            recipient.address = "nobody@" + machines_[random.below(machines_.size())]->server.domain();
        } else {
            recipient.address = "somebody@nowhere.test";
        }
        if (std::ranges::find(chosen, recipient.address, &Recipient::address) == chosen.end())
            chosen.push_back(std::move(recipient));
    }
    return chosen;
}

/// One transaction. Leaves in the letter what was promised.
async::Awaitable<> Stage::write_letter(Dialogue* dialogue, Letter* letter, std::string from) {
    const auto mail = co_await dialogue->command("MAIL FROM:<" + from + ">");
    if (!is_good(mail)) co_return;
    bool accepted = false;
    for (Recipient& recipient : letter->recipients) {
        const auto reply = co_await dialogue->command("RCPT TO:<" + recipient.address + ">");
        if (!reply) co_return;
        recipient.accepted = is_good(reply);
        accepted = accepted || recipient.accepted;
    }
    if (!accepted) {
        const auto reset = co_await dialogue->command("RSET");
        static_cast<void>(reset);
        co_return;
    }
    const auto data = co_await dialogue->command("DATA");
    if (!is_good(data)) co_return;
    // Even a write that failed may have arrived.
    letter->promise = Promise::unknown;
    const bool sent = co_await dialogue->send(as_data(letter_text(*letter, from)));
    if (!sent) co_return;
    const auto answer = co_await dialogue->read_reply();
    if (!answer) co_return;
    letter->promise = is_good(answer) ? Promise::accepted : Promise::refused;
    // An I/O error leaves open whether the commit is there (Engine::commit); a full disk does not.
    letter->maybe_there = answer->starts_with("451");
    simulation_.tell(from, fmt::format("letter {}: {}", letter->number, *answer));
}

async::Awaitable<> Stage::sit_at_imap(Event event) {
    const UserIndex user = event.seed % oracle_->users().size();
    const net::Endpoint server{machines_[oracle_->user(user).server]->server.address(), kImapPort};
    sittings_.push_back(
        std::make_unique<Sitting>(Sitting{.session = ImapSession({simulation_, *oracle_, &network_of(user), server},
                                                                 user, fmt::format("s{}", event.id), event.seed)}));
    Sitting* const sitting = sittings_.back().get();
    sitting->session.set_next_letter(event.id * kLettersOfAnEventMax);
    SeededRandom random(event.seed);
    std::uint32_t steps = event.count;
    const Instant end = simulation_.time.instant() + event.lasts;
    const Duration pause = event.lasts / (event.count + 1);
    while (!closing_) {
        bool good = sitting->session.is_open();
        if (!good) {
            good = co_await sitting->session.open();
        } else if (steps > 0 && simulation_.time.instant() < end) {
            --steps;
            good = co_await sitting->session.step();
        } else {
            good = co_await sitting->session.look();
        }
        if (!good) {
            sitting->session.close();
            co_await sleep(kReconnect);
            continue;
        }
        const bool works = steps > 0 && simulation_.time.instant() < end;
        co_await sleep(works ? Duration(static_cast<Duration::rep>(random.below(2 * pause.count() + 1))) : kStayAwake);
    }
    sitting->working = false;
}

async::Awaitable<> Stage::fetch_by_pop(Event event) {
    const UserIndex user = event.seed % oracle_->users().size();
    const User& owner = oracle_->user(user);
    const auto dialogue = co_await dial(user, {machines_[owner.server]->server.address(), kPop3Port});
    if (!dialogue) co_return;
    const auto greeting = co_await dialogue->read_line();
    if (!is_good(greeting)) co_return;
    for (const std::string& command : {"USER " + owner.address, "PASS " + owner.password, std::string("UIDL")}) {
        const auto reply = co_await dialogue->command(command);
        if (!is_good(reply)) co_return;
    }
    std::vector<Place> places;
    for (;;) {
        const auto line = co_await dialogue->read_line();
        if (!line) co_return;
        if (*line == ".") break;
        const std::size_t space = line->find(' ');
        const std::size_t dot = line->find('.');
        places.push_back({user, "INBOX", static_cast<std::uint32_t>(std::stoul(line->substr(space + 1))),
                          static_cast<std::uint32_t>(std::stoul(line->substr(dot + 1)))});
    }
    places.resize(std::min<std::size_t>(places.size(), event.count));
    std::vector<Place> deleted;
    for (std::uint32_t i = 0; i < places.size(); ++i) {
        const bool fetched = co_await fetch_one(dialogue.get(), i + 1, places[i]);
        if (dialogue->is_broken()) co_return;
        if (fetched) deleted.push_back(places[i]);
    }
    for (const Place& place : deleted)
        oracle_->removing(place);
    const auto goodbye = co_await dialogue->command("QUIT");
    if (!is_good(goodbye)) co_return;
    for (const Place& place : deleted)
        oracle_->removed(place);
}

/// Reads a message and marks it for deletion; false if it could not be read.
async::Awaitable<bool> Stage::fetch_one(Dialogue* dialogue, std::uint32_t number, Place place) {
    const auto reply = co_await dialogue->command(fmt::format("RETR {}", number));
    if (!is_good(reply)) co_return false;
    const auto text = co_await dialogue->read_message();
    if (!text) co_return false;
    oracle_->saw_text(place, *text);
    const auto marked = co_await dialogue->command(fmt::format("DELE {}", number));
    co_return is_good(marked);
}

} // namespace tegami::simulation
