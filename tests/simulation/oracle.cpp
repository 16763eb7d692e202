// What clients did and saw; judge.cpp has the verdicts at the end.
#include "simulation/oracle.h"

#include <fmt/format.h>

namespace tegami::simulation {

std::string describe(const Place& place) {
    return fmt::format("{} of user {} UID {}", place.mailbox, place.user, place.uid);
}

void Oracle::wrote(Letter letter) {
    letter_at_[letter.number] = letters_.size();
    letters_.push_back(std::move(letter));
}

std::uint32_t Oracle::uid_next(UserIndex user, const std::string& mailbox) const {
    const auto known = counters_.find({user, mailbox});
    return known == counters_.end() ? 0 : known->second.uid_next;
}

void Oracle::saw_mailbox(UserIndex user, const std::string& mailbox, std::uint32_t validity, std::uint32_t uid_next,
                         std::uint32_t least) {
    Counters& known = counters_[{user, mailbox}];
    if (known.validity != 0 && validity != known.validity)
        problem(fmt::format("UIDVALIDITY of {} of user {} is {} and was {}, but nobody made it anew", mailbox, user,
                            validity, known.validity));
    if (uid_next < least)
        problem(fmt::format("UIDNEXT of {} of user {} went back from {} to {}", mailbox, user, least, uid_next));
    known.validity = validity;
    known.uid_next = std::max(known.uid_next, uid_next);
}

void Oracle::saw(const Place& place, const std::string& id) {
    const auto [known, first] = places_.try_emplace(place, Known{.id = id, .keywords = {}});
    if (!first) {
        if (known->second.id != id)
            problem(fmt::format("{} is now <{}> and was <{}>: the UID was given twice", describe(place), id,
                                known->second.id));
        return;
    }
    Counters& counters = counters_[{place.user, place.mailbox}];
    counters.uid_next = std::max(counters.uid_next, place.uid + 1);
    places_of_[{place.user, id}].insert(place);
    if (const auto number = letter_number(id); number && !letter_at_.contains(*number)) return; // still being sent
}

void Oracle::saw_text(const Place& place, const std::string& octets) {
    const std::string id = message_id_of(octets);
    saw(place, id);
    if (bounces_.contains(id) || letter_number(id)) return;
    const std::size_t rest = octets.find("\r\n\r\n");
    Bounce bounce;
    const auto number =
        rest == std::string::npos ? std::nullopt : letter_number(message_id_of(std::string_view(octets).substr(rest)));
    const Troubles& troubles = troubles_.at(users_.at(place.user).server);
    const bool rotten = troubles.rotten_bits + troubles.disk_errors > 0; // a report is made without what cannot be read
    if (octets.find("multipart/report") == std::string::npos || (!number && !rotten)) {
        problem(fmt::format("{} has a message that nobody wrote: <{}>", describe(place), id));
        return;
    }
    bounce.letter = number;
    bounce.user = place.user;
    constexpr std::string_view kField = "Final-Recipient: rfc822; ";
    for (std::size_t at = octets.find(kField); at != std::string::npos; at = octets.find(kField, at + 1)) {
        const std::size_t begin = at + kField.size();
        const std::size_t next = octets.find("\r\n\r\n", begin);
        if (octets.substr(begin, next - begin).find("Action: failed") != std::string::npos)
            bounce.recipients.insert(octets.substr(begin, octets.find("\r\n", begin) - begin));
    }
    bounces_.emplace(id, std::move(bounce));
}

void Oracle::saw_gone(const Place& place) {
    const auto known = places_.find(place);
    if (known == places_.end()) return; // it came and went before anybody looked
    if (known->second.state == State::there)
        problem(
            fmt::format("{} <{}> is said to be expunged, but nobody removed it", describe(place), known->second.id));
    known->second.state = State::gone;
}

void Oracle::removing(const Place& place) {
    Known& known = places_.at(place);
    if (known.state == State::there) known.state = State::leaving;
}

void Oracle::removed(const Place& place) {
    places_.at(place).state = State::gone;
}

void Oracle::copying(const Place& from) {
    ++copies_asked_[{from.user, places_.at(from).id}];
}

void Oracle::copied(const Place& from, const Place& to) {
    const std::string id = places_.at(from).id;
    ++copies_made_[{from.user, id}];
    saw(to, id);
}

void Oracle::not_copied(const Place& from) {
    --copies_asked_[{from.user, places_.at(from).id}];
}

void Oracle::marked(const Place& place, const std::string& keyword, bool set) {
    places_.at(place).keywords[keyword] = set;
}

void Oracle::marking(const Place& place, const std::string& keyword) {
    places_.at(place).keywords.erase(keyword);
}

void Oracle::saw_versions(ServerIndex server, const std::map<store::Domain, store::Version>& versions) {
    versions_.resize(troubles_.size());
    auto& known = versions_.at(server);
    for (const auto& [domain, version] : known) {
        const auto now = versions.find(domain);
        const std::uint64_t value = now == versions.end() ? 0 : now->second.value;
        if (value < version.value)
            problem(fmt::format("domain {}/{} of server {} went back from version {} to {}",
                                static_cast<char>(domain.kind), domain.id, server, version.value, value));
    }
    known = versions;
}

void Oracle::census(UserIndex user, const std::string& mailbox, std::uint32_t validity,
                    const std::vector<Found>& found) {
    auto& uids = found_[{user, mailbox}];
    for (const Found& message : found) {
        const Place place{user, mailbox, validity, message.uid};
        uids.emplace(message.uid, message.flags);
        if (!message.octets.empty()) saw_text(place, message.octets);
        const auto known = places_.find(place);
        check_octets(place, known == places_.end() ? "" : known->second.id, message);
        if (known == places_.end()) continue;
        if (known->second.state == State::gone)
            problem(fmt::format("{} <{}> was removed and is there again", describe(place), known->second.id));
        for (const auto& [keyword, set] : known->second.keywords)
            if (message.flags.contains(keyword) != set)
                problem(fmt::format("{} should {}have {}", describe(place), set ? "" : "not ", keyword));
    }
    const auto first = places_.lower_bound(Place{user, mailbox, 0, 0});
    for (auto at = first; at != places_.end() && at->first.user == user && at->first.mailbox == mailbox; ++at)
        if (at->second.state == State::there && !uids.contains(at->first.uid))
            problem(fmt::format("{} <{}> is lost: nobody removed it", describe(at->first), at->second.id));
}

const std::map<std::uint32_t, std::set<std::string>>& Oracle::found_in(UserIndex user,
                                                                       const std::string& mailbox) const {
    static const std::map<std::uint32_t, std::set<std::string>> nothing;
    const auto found = found_.find({user, mailbox});
    return found == found_.end() ? nothing : found->second;
}

} // namespace tegami::simulation
