// What is too much for each run of the tests. By hand all of it is done; scripts/test does a part that it chooses anew
// with each commit (TEGAMI_CHANCE), so that a few commits have done all.
#pragma once

#include "base/ascii.h"

#include <cstdint>
#include <cstdlib>
#include <optional>

namespace tegami::testing {

/// The number that scripts/test has for this commit; nothing in a run that does all.
inline std::optional<std::uint64_t> chance() {
    const char* const text = std::getenv("TEGAMI_CHANCE");
    return text == nullptr ? std::nullopt : ascii::parse_number<std::uint64_t>(text);
}

/// Whether this run does the `number`th of a great many, of which each run does one in so many.
inline bool is_due(std::uint64_t number, std::uint64_t one_in) {
    const std::optional<std::uint64_t> commit = chance();
    return !commit || (number + *commit) % one_in == 0;
}

} // namespace tegami::testing
