// A SEARCH as a tree (RFC 9051 §6.4.4), as the parser reads it and search.h evaluates it.
//
// Shorthands are spelled out by the parser: FROM "x" is the header field From, NEW is RECENT and not SEEN, OLD is not
// RECENT, and every UNx key is x negated.
#pragma once

#include "protocol/imap/sequence_set.h"
#include "protocol/imap/types.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace tegami::imap {

/// Limit: keys in one search, groups counted.
inline constexpr std::size_t kSearchKeysMax = 1000;
/// Limit: nesting of NOT, OR and parentheses.
inline constexpr std::size_t kSearchDepthMax = 64;

struct SearchKey;

/// Every message.
struct SearchAll {
    bool operator==(const SearchAll&) const = default;
};

/// Messages with a system flag.
struct SearchFlag {
    SystemFlag flag{};

    bool operator==(const SearchFlag&) const = default;
};

/// Messages with a keyword.
struct SearchKeyword {
    std::string keyword;

    bool operator==(const SearchKeyword&) const = default;
};

/// Messages with a field `name` whose decoded value contains `text`; an empty text asks only for the field.
struct SearchHeader {
    std::string name;
    std::string text;

    bool operator==(const SearchHeader&) const = default;
};

/// BODY (the body only) and TEXT (header and body).
struct SearchText {
    enum class Where : std::uint8_t { body, header_and_body };
    Where where{};
    std::string text;

    bool operator==(const SearchText&) const = default;
};

/// BEFORE, ON, SINCE by internal date, SENTBEFORE, SENTON, SENTSINCE by the Date field, SAVEDBEFORE, SAVEDON, SAVEDSINCE by
/// the date on which the message came into the mailbox (RFC 8514); zones are disregarded.
struct SearchDate {
    enum class Which : std::uint8_t { internal, sent, saved };
    enum class Order : std::uint8_t { before, on, since };
    Which which{};
    Order order{};
    std::chrono::year_month_day date{};

    bool operator==(const SearchDate&) const = default;
};

/// LARGER and SMALLER: strictly so.
struct SearchSize {
    enum class Order : std::uint8_t { larger, smaller };
    Order order{};
    std::uint64_t size = 0;

    bool operator==(const SearchSize&) const = default;
};

/// OLDER and YOUNGER (RFC 5032): the internal date is so many seconds ago, or longer ago, or less long.
struct SearchWithin {
    enum class Order : std::uint8_t { older, younger };
    Order order{};
    std::uint32_t seconds = 0;

    bool operator==(const SearchWithin&) const = default;
};

/// MODSEQ (RFC 7162 §3.1.5): changed with this mod-sequence or a higher one. There is one mod-sequence for all that can
/// change in a message, so the names of flags that may stand before it mean nothing.
struct SearchModseq {
    std::uint64_t modseq = 0;

    bool operator==(const SearchModseq&) const = default;
};

/// EMAILID and THREADID (RFC 8474 §6). An id that no object of ours can have matches nothing.
struct SearchObjectId {
    enum class Which : std::uint8_t { email, thread };
    Which which{};
    std::optional<std::uint64_t> id;

    bool operator==(const SearchObjectId&) const = default;
};

/// A sequence set, of sequence numbers or UIDs; "$" is in here, too.
struct SearchSet {
    Numbering numbering{};
    SequenceSet set;

    bool operator==(const SearchSet&) const = default;
};

/// All of `keys`.
struct SearchAnd {
    std::vector<SearchKey> keys;

    bool operator==(const SearchAnd&) const;
};

/// One of `keys`, always two.
struct SearchOr {
    std::vector<SearchKey> keys;

    bool operator==(const SearchOr&) const;
};

/// Not `keys`, always one.
struct SearchNot {
    std::vector<SearchKey> keys;

    bool operator==(const SearchNot&) const;
};

/// FUZZY (RFC 6203): `keys`, always one, need not be matched exactly. Here it is texts that are taken for their words.
struct SearchFuzzy {
    std::vector<SearchKey> keys;

    bool operator==(const SearchFuzzy&) const;
};

struct SearchKey {
    std::variant<SearchAll, SearchFlag, SearchKeyword, SearchHeader, SearchText, SearchDate, SearchSize, SearchWithin,
                 SearchModseq, SearchObjectId, SearchSet, SearchAnd, SearchOr, SearchNot, SearchFuzzy>
        value;

    bool operator==(const SearchKey&) const = default;
};

inline bool SearchAnd::operator==(const SearchAnd&) const = default;
inline bool SearchOr::operator==(const SearchOr&) const = default;
inline bool SearchNot::operator==(const SearchNot&) const = default;
inline bool SearchFuzzy::operator==(const SearchFuzzy&) const = default;

/// True if `wanted(key)` is for the key or one inside it.
template <class Wanted>
bool any_key(const SearchKey& key, const Wanted& wanted) {
    if (wanted(key)) return true;
    const auto any = [&](const std::vector<SearchKey>& keys) {
        for (const SearchKey& inner : keys)
            if (any_key(inner, wanted)) return true;
        return false;
    };
    if (const auto* const all = std::get_if<SearchAnd>(&key.value)) return any(all->keys);
    if (const auto* const either = std::get_if<SearchOr>(&key.value)) return any(either->keys);
    if (const auto* const negated = std::get_if<SearchNot>(&key.value)) return any(negated->keys);
    if (const auto* const fuzzy = std::get_if<SearchFuzzy>(&key.value)) return any(fuzzy->keys);
    return false;
}

/// True if something in the search need not be matched exactly.
inline bool is_fuzzy(const SearchKey& key) {
    return any_key(key, [](const SearchKey& inner) { return std::holds_alternative<SearchFuzzy>(inner.value); });
}

/// RFC 9051 §6.4.4, search-return-opt; `partial` is RFC 9394's, and has a PartialRange beside it; `context` and `update` are
/// RFC 5267's, `relevancy` is RFC 6203's.
enum class SearchReturn : std::uint8_t { min, max, all, count, save, partial, context, update, relevancy };
using SearchReturns = EnumSet<SearchReturn>;

} // namespace tegami::imap
