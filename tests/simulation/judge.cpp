// The verdicts: what became of every letter.
#include "simulation/oracle.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::simulation {

namespace {

/// One bit can make a blob unreadable, and every copy of a message is the same blob.
constexpr std::uint32_t kCopiesOfABlobMax = 20;

} // namespace

void Oracle::check_octets(const Place& place, const std::string& id, const Found& found) {
    if (found.octets.empty()) {
        Troubles& troubles = troubles_.at(users_.at(place.user).server);
        if (++troubles.unreadable > troubles.rotten_bits * kCopiesOfABlobMax)
            problem(fmt::format("{} <{}> cannot be read", describe(place), id));
        ++unreadable_[place.user];
        return;
    }
    const auto number = letter_number(id);
    if (!number) return;
    const auto at = letter_at_.find(*number);
    if (at == letter_at_.end()) {
        problem(fmt::format("{} <{}> was never sent to its end", describe(place), id));
        return;
    }
    const Letter& letter = letters_.at(at->second);
    const std::string from = letter.sender ? users_.at(*letter.sender).address : "stranger@outside.test";
    if (!found.octets.ends_with(letter_text(letter, from)))
        problem(fmt::format("{} <{}> does not have the octets that were sent", describe(place), id));
}

Oracle::Copies Oracle::delivered(UserIndex user, const std::string& id) const {
    const std::pair key{user, id};
    const auto count = [&key](const std::map<std::pair<UserIndex, std::string>, std::uint32_t>& counts) {
        const auto found = counts.find(key);
        return found == counts.end() ? 0U : found->second;
    };
    const auto places = places_of_.find(key);
    const auto seen = places == places_of_.end() ? 0U : static_cast<std::uint32_t>(places->second.size());
    const std::uint32_t asked = count(copies_asked_);
    return {.least = seen - std::min(seen, asked), .most = seen - std::min(seen, count(copies_made_))};
}

/// Copies beyond the first that the rules of SMTP allow (RFC 5321 §4.2.5): one for each time that the answer to the end
/// of the message was lost, or that the sender lost its memory of it.
std::uint32_t Oracle::repeats_allowed(const Letter& letter, const Recipient& recipient) const {
    const ServerIndex there = users_.at(*recipient.user).server;
    if (there == letter.server || letter.appended) return 0;
    const Troubles& sender = troubles_.at(letter.server);
    std::uint32_t allowed = sender.crashes + sender.disk_errors;
    for (const auto& [way, passage] : passages_) {
        if (way.first != letter_id(letter.number)) continue;
        allowed += passage.unanswered();
        // After an I/O error a commit may be there although it was refused (Engine::commit).
        if (troubles_.at(there).disk_errors > 0) allowed += passage.refused;
    }
    return allowed;
}

bool Oracle::may_bounce(const Letter& letter, const Recipient& recipient) const {
    if (!recipient.user) return true;
    const ServerIndex there = users_.at(*recipient.user).server;
    const Troubles& sender = troubles_.at(letter.server);
    return troubles_.at(there).name_lied_about || sender.clock_leapt || sender.rotten_bits > 0;
}

std::uint32_t Oracle::bounces_about(const Letter& letter, const Recipient& recipient) const {
    return static_cast<std::uint32_t>(std::ranges::count_if(bounces_, [&](const auto& entry) {
        return entry.second.letter == letter.number && entry.second.recipients.contains(recipient.address);
    }));
}

bool Oracle::came_back_unnamed(const Letter& letter, const Recipient& recipient) const {
    return std::ranges::any_of(bounces_, [&](const auto& entry) {
        const Bounce& bounce = entry.second;
        return !bounce.letter && letter.sender == bounce.user && bounce.recipients.contains(recipient.address);
    });
}

std::optional<bool> Oracle::judge_recipient(const Letter& letter, const Recipient& recipient, bool must) {
    const std::string id = letter_id(letter.number);
    const std::string name = fmt::format("letter {} to {}", letter.number, recipient.address);
    must = must && !came_back_unnamed(letter, recipient);
    const std::uint32_t bounces = bounces_about(letter, recipient);
    if (bounces > 1) problem(fmt::format("{}: {} bounces", name, bounces));
    if (bounces > 0 && !may_bounce(letter, recipient)) problem(name + " came back although it could be delivered");
    if (!recipient.user) {
        // A stranger cannot be told: the way back does not exist.
        if (must && bounces == 0 && letter.sender) problem(name + ": neither delivered nor sent back");
        return bounces > 0;
    }
    Copies copies = delivered(*recipient.user, id);
    std::optional<bool> arrived = copies.most > 0 || bounces > 0;
    // One that cannot be read may be this one.
    if (!*arrived && unreadable_.contains(*recipient.user)) arrived.reset();
    if (unreadable_.contains(*recipient.user)) copies.most += unreadable_.at(*recipient.user);
    const std::uint32_t most = 1 + repeats_allowed(letter, recipient);
    if (copies.least > most) problem(fmt::format("{}: {} copies, at most {} allowed", name, copies.least, most));
    if (copies.most == 0 && bounces == 0 && must && letter.sender)
        problem(name + " is lost: acknowledged, and neither in a mailbox nor sent back");
    if (copies.most == 0 && must && !letter.sender) problem(name + " is lost: acknowledged, and in no mailbox");
    if (copies.least > 0 && bounces > 0 && repeats_allowed(letter, recipient) == 0)
        problem(name + " was delivered and also sent back");
    return arrived;
}

void Oracle::judge_letter(const Letter& letter) {
    std::size_t arrived = 0;
    std::size_t not_arrived = 0;
    const bool unknown = letter.promise == Promise::unknown || letter.maybe_there;
    for (const Recipient& recipient : letter.recipients) {
        if (recipient.accepted && (letter.promise == Promise::accepted || unknown)) {
            const std::optional<bool> reached = judge_recipient(letter, recipient, letter.promise == Promise::accepted);
            if (reached) ++(*reached ? arrived : not_arrived);
            continue;
        }
        const std::uint32_t bounces = bounces_about(letter, recipient);
        const std::uint32_t copies = recipient.user ? delivered(*recipient.user, letter_id(letter.number)).least : 0;
        if (copies + bounces > 0)
            problem(fmt::format("letter {} to {} was refused, but there are {} copies and {} bounces", letter.number,
                                recipient.address, copies, bounces));
    }
    if (unknown && arrived != 0 && not_arrived != 0)
        problem(fmt::format("letter {} was not acknowledged, and reached {} recipients and {} not", letter.number,
                            arrived, not_arrived));
}

void Oracle::judge_bounces() {
    for (const auto& [id, bounce] : bounces_) {
        if (!bounce.letter) continue;
        const auto at = letter_at_.find(*bounce.letter);
        const Letter* letter = at == letter_at_.end() ? nullptr : &letters_.at(at->second);
        if (letter == nullptr || !letter->sender) {
            problem(fmt::format("bounce <{}> is about a letter that none of our people sent", id));
            continue;
        }
        for (const std::string& recipient : bounce.recipients)
            if (std::ranges::none_of(letter->recipients,
                                     [&](const Recipient& of) { return of.address == recipient && of.accepted; }))
                problem(
                    fmt::format("bounce <{}> names {}, to whom letter {} was not sent", id, recipient, *bounce.letter));
        for (const auto& [key, places] : places_of_) {
            if (key.second != id) continue;
            if (key.first != *letter->sender) problem(fmt::format("bounce <{}> went to user {}", id, key.first));
            if (delivered(key.first, id).least > 1) problem(fmt::format("bounce <{}> came twice", id));
        }
    }
}

void Oracle::judge() {
    for (const Letter& letter : letters_)
        judge_letter(letter);
    judge_bounces();
    for (const auto& [key, places] : places_of_) {
        const auto number = letter_number(key.second);
        if (!number || !letter_at_.contains(*number)) continue;
        const Letter& letter = letters_.at(letter_at_.at(*number));
        if (std::ranges::none_of(letter.recipients, [&](const Recipient& of) { return of.user == key.first; }))
            problem(fmt::format("letter {} is at user {}, to whom it was not sent", *number, key.first));
    }
}

Oracle::Figures Oracle::figures() const {
    Figures figures{.letters = letters_.size(), .bounces = bounces_.size()};
    for (const Letter& letter : letters_) {
        figures.acknowledged += letter.promise == Promise::accepted ? 1 : 0;
        figures.refused += letter.promise == Promise::refused ? 1 : 0;
        figures.unknown += letter.promise == Promise::unknown ? 1 : 0;
        for (const Recipient& recipient : letter.recipients)
            if (recipient.user) figures.copies += delivered(*recipient.user, letter_id(letter.number)).least;
    }
    for (const auto& [way, passage] : passages_)
        figures.passages += passage.bodies;
    return figures;
}

} // namespace tegami::simulation
