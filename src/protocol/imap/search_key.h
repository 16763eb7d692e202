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

/// BEFORE, ON, SINCE by internal date, SENTBEFORE, SENTON, SENTSINCE by the Date field; zones are disregarded.
struct SearchDate {
    enum class Which : std::uint8_t { internal, sent };
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

struct SearchKey {
    std::variant<SearchAll, SearchFlag, SearchKeyword, SearchHeader, SearchText, SearchDate, SearchSize, SearchSet,
                 SearchAnd, SearchOr, SearchNot>
        value;

    bool operator==(const SearchKey&) const = default;
};

inline bool SearchAnd::operator==(const SearchAnd&) const = default;
inline bool SearchOr::operator==(const SearchOr&) const = default;
inline bool SearchNot::operator==(const SearchNot&) const = default;

/// RFC 9051 §6.4.4, search-return-opt.
enum class SearchReturn : std::uint8_t { min, max, all, count, save };
using SearchReturns = EnumSet<SearchReturn>;

} // namespace tegami::imap
