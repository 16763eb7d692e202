// The record that holds the cards of many emails (C, docs/formats/account.md).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::store::record {

/// Limit: a longer card stays out of its page; most have about a thousand octets.
inline constexpr std::size_t kPagedCardBytesMax = 4 * 1024;

struct CardOfEmail {
    std::uint32_t email = 0;
    std::string_view card;
};

/// C: the cards of emails of one group, ordered by id.
struct CardPage {
    std::vector<CardOfEmail> cards; ///< look into `octets`
    std::shared_ptr<const std::string> octets;

    /// Nothing if it is not there.
    std::optional<std::string_view> find(std::uint32_t email) const;
};

std::string encode_cards(const std::vector<CardOfEmail>& cards);
/// Nothing if the value is no page of this group.
std::optional<CardPage> decode_cards(std::uint32_t group, std::uint32_t group_emails, std::string_view value);

} // namespace tegami::store::record
