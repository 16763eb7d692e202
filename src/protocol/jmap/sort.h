// How a query's results are ordered (RFC 8620 §5.5): comparators, the first that tells two records apart counts.
#pragma once

#include "base/result.h"
#include "protocol/jmap/fault.h"

#include <cstddef>
#include <string>
#include <vector>

namespace tegami::jmap {

/// Limit: comparators of one query.
inline constexpr std::size_t kComparatorsMax = 20;

struct Comparator {
    std::string property;
    bool ascending = true;
    std::string collation; ///< as named; empty: the server's
    const json::object* more =
        nullptr; ///< the whole, for what a type adds ("keyword"); lives as long as the arguments do
};

/// `value` is the argument, or null for none. Faults: invalidArguments; unsupportedSort (too many).
Result<std::vector<Comparator>, Fault> parse_sort(const json::value* value);

} // namespace tegami::jmap
