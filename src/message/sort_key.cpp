#include "message/sort_key.h"

#include "message/base_subject.h"
#include "message/collation.h"
#include "message/encoded_word.h"

#include <algorithm>

namespace tegami::message {

std::string sort_text(std::string_view utf8) {
    std::string text = casemap_key(utf8.substr(0, kSortTextBytesMax));
    if (text.size() > kSortTextBytesMax) text.resize(kSortTextBytesMax);
    std::ranges::replace(text, '\0', '\x01');
    return text;
}

std::string first_mailbox(const std::vector<HeaderAddress>& addresses) {
    if (addresses.empty()) return {};
    const HeaderAddress& first = addresses.front();
    // RFC 9051 §7.5.2: the start of a group has its name for a mailbox.
    return first.kind == HeaderAddress::Kind::group_start ? first.name : first.local_part;
}

std::string first_display(const std::vector<HeaderAddress>& addresses) {
    if (addresses.empty()) return {};
    const HeaderAddress& first = addresses.front();
    if (const std::string name = decode_encoded_words(first.name); !name.empty()) return name;
    if (first.domain.empty()) return first_mailbox(addresses);
    return first.local_part + '@' + first.domain;
}

std::uint64_t message_id_hash(std::string_view id) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : id) {
        if (c == '"' || c == '\\') continue;
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
    return hash == 0 ? 1 : hash;
}

SortFields sort_fields(const Card& card) {
    SortFields fields;
    const Envelope& envelope = card.envelope;
    if (card.date) fields.sent = card.date->utc.time_since_epoch().count();
    const BaseSubject base = base_subject(envelope.subject.value_or(""));
    fields.subject = sort_text(base.text);
    fields.is_reply = base.is_reply;
    if (card.message_id) fields.id = message_id_hash(*card.message_id);
    for (const std::string& id : card.references)
        fields.references.push_back(message_id_hash(id));
    if (card.references.empty() && !card.in_reply_to.empty())
        fields.references.push_back(message_id_hash(card.in_reply_to.front()));
    const auto person = [&](SortPerson who) -> std::string& { return fields.people[static_cast<std::size_t>(who)]; };
    person(SortPerson::from) = sort_text(first_mailbox(envelope.from));
    person(SortPerson::to) = sort_text(first_mailbox(envelope.to));
    person(SortPerson::cc) = sort_text(first_mailbox(envelope.cc));
    person(SortPerson::display_from) = sort_text(first_display(envelope.from));
    person(SortPerson::display_to) = sort_text(first_display(envelope.to));
    return fields;
}

void SortKey::add(std::string_view text, bool reverse) {
    // The end is lower than any octet of a text.
    const std::size_t begin = octets_.size();
    octets_ += text;
    octets_ += '\0';
    if (!reverse) return;
    for (std::size_t at = begin; at < octets_.size(); ++at)
        octets_[at] = static_cast<char>(~octets_[at]);
}

void SortKey::add(std::int64_t number, bool reverse) {
    // Negative ones first: the sign is turned round.
    std::uint64_t bits = static_cast<std::uint64_t>(number) ^ (std::uint64_t{1} << 63);
    if (reverse) bits = ~bits;
    for (int shift = 56; shift >= 0; shift -= 8)
        octets_ += static_cast<char>(bits >> shift);
}

} // namespace tegami::message
