// What messages are sorted and threaded by (RFC 5256 §3, RFC 5957), taken out of a card once; and keys: all criteria of a
// SORT in one row of octets, so that two messages are compared by comparing octets.
#pragma once

#include "message/address.h"
#include "message/card.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::message {

/// Limit: octets of one text in a key; texts that are the same up to there count as the same.
inline constexpr std::size_t kSortTextBytesMax = 1000;

/// The text as it is compared (collation.h), without octets of 0; at most kSortTextBytesMax.
std::string sort_text(std::string_view utf8);

/// The addr-mailbox of the first address (RFC 5256 §3: CC, FROM, TO); empty without one.
std::string first_mailbox(const std::vector<HeaderAddress>& addresses);

/// What a person sees of the first address (RFC 5957 §3): its name, else the address; empty without one.
std::string first_display(const std::vector<HeaderAddress>& addresses);

/// The texts about people in SortFields. The numbers are on disk (docs/formats/account.md): never renumber.
enum class SortPerson : std::uint8_t { from = 0, to = 1, cc = 2, display_from = 3, display_to = 4 };
inline constexpr std::size_t kSortPersons = 5;

/// All that a SORT or THREAD may look at in a card. Texts are those of sort_text().
struct SortFields {
    std::optional<std::int64_t> sent; ///< of the Date field, seconds since 1970
    std::string subject;              ///< the base subject
    bool is_reply = false;            ///< the subject says so (base_subject.h)
    std::uint64_t id = 0;             ///< message_id_hash() of its own id; 0: none
    /// Hashes of the ids in References, or of the first in In-Reply-To where there are none.
    std::vector<std::uint64_t> references;
    std::array<std::string, kSortPersons> people; ///< by SortPerson

    bool operator==(const SortFields&) const = default;
};

/// Of a card or the head of one.
SortFields sort_fields(const Card& card);

/// RFC 5256 §3: ids that differ only in quoting are the same. Never 0. Anybody can make two ids with one hash: where that
/// would hurt, it is mixed with a secret first.
std::uint64_t message_id_hash(std::string_view id);

class SortKey {
public:
    /// The next criterion; with `reverse` what is larger comes first. A text is one of sort_text().
    void add(std::string_view text, bool reverse);
    void add(std::int64_t number, bool reverse);

    std::string_view octets() const { return octets_; }

    void clear() { octets_.clear(); }

private:
    std::string octets_;
};

} // namespace tegami::message
