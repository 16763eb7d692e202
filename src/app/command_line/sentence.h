// Sentences as patterns with the names of fields in braces. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tegami::app {

/// Names with values; names may repeat.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// The values of a field, joined by commas; empty if there are none.
std::string values_of(const Fields& fields, std::string_view name);

/// The pattern with fields for what stands in braces: {name}; {name|other}, the first of them that is there;
/// {name|=some words}, the words if it is not there. Without any of them it is a dash.
std::string fill(std::string_view pattern, const Fields& fields);

/// `title: name=value name=value`, for what has no sentence.
std::string in_other_words(std::string_view title, const Fields& fields);

} // namespace tegami::app
