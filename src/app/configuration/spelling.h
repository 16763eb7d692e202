// Slips of the finger in what an operator typed or wrote.
#pragma once

#include <cstddef>
#include <string_view>

namespace tegami::app {

/// How many letters are missing, too many, wrong, or swapped with their neighbour. Takes time and memory as the product of
/// both lengths.
std::size_t letters_apart(std::string_view a, std::string_view b);

} // namespace tegami::app
