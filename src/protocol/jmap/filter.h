// The filter of a query (RFC 8620 §5.5): conditions joined by AND, OR and NOT.
#pragma once

#include "base/result.h"
#include "protocol/jmap/fault.h"

#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

namespace tegami::jmap {

/// Limit: conditions and operators of one filter, and how deep they nest.
inline constexpr std::size_t kFilterPartsMax = 500;
inline constexpr std::size_t kFilterDepthMax = 20;

struct Filter {
    enum class Operator : std::uint8_t { all, any, none }; ///< AND, OR, NOT: none of them

    struct Group {
        Operator how = Operator::all;
        std::vector<Filter> parts;
    };

    /// A group, or one condition, which lives as long as the arguments do.
    std::variant<Group, const json::object*> is;
};

/// Faults: invalidArguments, unsupportedFilter (too large).
Result<Filter, Fault> parse_filter(const json::value& value);

} // namespace tegami::jmap
