// Why an authority refuses (RFC 7807 with the types of RFC 8555 §6.7), and what an operator can do about it.
#pragma once

#include "json/json.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::acme {

/// Limit: octets of the authority's own words that are kept.
inline constexpr std::size_t kProblemWordsMax = 400;
/// Limit: parts of one problem, each about one name.
inline constexpr std::size_t kProblemPartsMax = 10;

struct Problem {
    std::string type;   ///< without the prefix that those of RFC 8555 have: "badNonce"; empty if there is none
    std::string detail; ///< in the authority's words
    std::string name;   ///< what it is about, if it says so
    std::vector<Problem> parts;
};

/// Nothing if the value is no object.
std::optional<Problem> read_problem(const json::value& value);
/// Of the body of an answer.
std::optional<Problem> parse_problem(std::string_view body);

/// What to do, and then what the authority said. One sentence, not begun with a capital letter.
std::string sentence_for(const Problem& problem);

} // namespace tegami::acme
