#include "store/card_records.h"

#include "base/bytes.h"
#include "store/account_records.h"
#include "store/packed_octets.h"
#include "store/record_coding.h"

#include <algorithm>
#include <utility>

namespace tegami::store::record {

namespace {

/// Limit: octets of a page before compression; a group's cards at their longest.
constexpr std::size_t kCardPageBytesMax = 16u << 20;

} // namespace

std::optional<std::string_view> CardPage::find(std::uint32_t email) const {
    const auto found = std::ranges::lower_bound(cards, email, {}, &CardOfEmail::email);
    if (found == cards.end() || found->email != email) return std::nullopt;
    return found->card;
}

std::string encode_cards(const std::vector<CardOfEmail>& cards) {
    std::string octets;
    bytes::append_varint(octets, cards.size());
    std::uint32_t before = 0;
    for (const CardOfEmail& card : cards) {
        bytes::append_varint(octets, card.email - std::exchange(before, card.email));
        bytes::append_string(octets, card.card);
    }
    std::string value = begin_value();
    bytes::append_varint(value, octets.size());
    value += pack(octets);
    return value;
}

std::optional<CardPage> decode_cards(std::uint32_t group, std::uint32_t group_emails, std::string_view value) {
    bytes::Reader in = open_value(value);
    const std::uint64_t size = in.varint();
    if (in.failed()) return std::nullopt;
    std::optional<std::string> octets = unpack(in.rest(), static_cast<std::size_t>(size), kCardPageBytesMax);
    if (!octets) return std::nullopt;
    CardPage page;
    page.octets = std::make_shared<const std::string>(*std::move(octets));
    bytes::Reader cards(*page.octets);
    const std::uint64_t count = cards.varint();
    if (cards.failed() || count > group_emails) return std::nullopt;
    page.cards.reserve(static_cast<std::size_t>(count));
    std::uint64_t email = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t gap = cards.varint();
        email += std::min<std::uint64_t>(gap, kIdMax);
        const std::string_view card = cards.string();
        if (cards.failed() || (gap == 0 && i > 0) || email > kIdMax || email / group_emails != group)
            return std::nullopt;
        page.cards.push_back({static_cast<std::uint32_t>(email), card});
    }
    if (!cards.complete()) return std::nullopt;
    return page;
}

} // namespace tegami::store::record
