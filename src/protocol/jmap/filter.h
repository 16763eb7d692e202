// The filter of a query (RFC 8620 §5.5): conditions joined by AND, OR and NOT.
#pragma once

#include "base/result.h"
#include "protocol/jmap/fault.h"

#include <algorithm>
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

/// Whether a record is found: `holds(name, value)` says it of one property of a condition.
template <class Holds>
bool matches(const Filter& filter, const Holds& holds) {
    if (const auto* const condition = std::get_if<const json::object*>(&filter.is))
        return std::ranges::all_of(**condition, [&](const auto& one) { return holds(one.key(), one.value()); });
    const auto& group = std::get<Filter::Group>(filter.is);
    const auto part_matches = [&](const Filter& part) { return matches(part, holds); };
    switch (group.how) {
    case Filter::Operator::all: return std::ranges::all_of(group.parts, part_matches);
    case Filter::Operator::any: return std::ranges::any_of(group.parts, part_matches);
    case Filter::Operator::none: break;
    }
    return std::ranges::none_of(group.parts, part_matches);
}

} // namespace tegami::jmap
