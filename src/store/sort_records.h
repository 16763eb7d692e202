// The record that holds what emails of a group are sorted and threaded by (S, docs/formats/account.md).
#pragma once

#include "store/sort_rows.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::store::record {

/// Limit: an email with more octets of texts and hashes stays out of its page; most have about two hundred.
inline constexpr std::size_t kPagedSortBytesMax = 4 * 1024;

struct SortOfEmail {
    std::uint32_t email = 0;
    SortRow row;
};

/// S: of the emails of one group, ordered by id.
struct SortPage {
    std::vector<SortOfEmail> emails; ///< look into `octets`
    std::shared_ptr<const void> octets;
    std::size_t octets_bytes = 0;

    /// Null if it is not there. `near`: where it may be.
    const SortRow* find(std::uint32_t email, std::size_t near) const;
};

/// Octets that the row takes in a page before compression, about.
std::size_t paged_bytes(const SortRow& row);
std::string encode_sort(const std::vector<SortOfEmail>& emails);
/// Nothing if the value is no page of this group. What is not wanted is not looked at.
std::optional<SortPage> decode_sort(std::uint32_t group, std::uint32_t group_emails, std::string_view value,
                                    SortWanted wanted);

} // namespace tegami::store::record
