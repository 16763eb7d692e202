#include "message/sort_key.h"

#include "message/collation.h"
#include "message/encoded_word.h"

#include <algorithm>

namespace tegami::message {

void SortKey::add(std::string_view utf8, bool reverse) {
    std::string text = casemap_key(utf8.substr(0, kSortTextBytesMax));
    if (text.size() > kSortTextBytesMax) text.resize(kSortTextBytesMax);
    // The end is lower than any octet of a text.
    std::ranges::replace(text, '\0', '\x01');
    text += '\0';
    add_octets(text, reverse);
}

void SortKey::add(std::int64_t number, bool reverse) {
    // Negative ones first: the sign is turned round.
    const std::uint64_t bits = static_cast<std::uint64_t>(number) ^ (std::uint64_t{1} << 63);
    std::string octets;
    for (int shift = 56; shift >= 0; shift -= 8)
        octets += static_cast<char>(bits >> shift);
    add_octets(octets, reverse);
}

void SortKey::add_octets(std::string_view octets, bool reverse) {
    for (const char c : octets)
        octets_ += reverse ? static_cast<char>(~c) : c;
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

} // namespace tegami::message
