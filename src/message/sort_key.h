// Keys by which messages are sorted (RFC 5256 §3, RFC 5957): all criteria of a SORT in one row of octets, so that two
// messages are compared by comparing octets.
#pragma once

#include "message/address.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::message {

/// Limit: octets of one text in a key; texts that are the same up to there count as the same.
inline constexpr std::size_t kSortTextBytesMax = 1000;

class SortKey {
public:
    /// The next criterion; with `reverse` what is larger comes first.
    void add(std::string_view utf8, bool reverse);
    void add(std::int64_t number, bool reverse);

    std::string take() && { return std::move(octets_); }

private:
    void add_octets(std::string_view octets, bool reverse);

    std::string octets_;
};

/// The addr-mailbox of the first address (RFC 5256 §3: CC, FROM, TO); empty without one.
std::string first_mailbox(const std::vector<HeaderAddress>& addresses);

/// What a person sees of the first address (RFC 5957 §3): its name, else the address; empty without one.
std::string first_display(const std::vector<HeaderAddress>& addresses);

} // namespace tegami::message
