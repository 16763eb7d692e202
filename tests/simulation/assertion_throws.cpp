// Takes the place of base/assert.cpp in the program that plays seeds: a broken invariant ends the task that found it
// instead of the whole program, so that the seed can be shrunk and told like any other failure.
#include "base/assert.h"

#include <fmt/format.h>

#include <stdexcept>

namespace tegami {

void assertion_failed(const char* expression, const char* file, int line) {
    throw std::logic_error(fmt::format("assertion failed: {} ({}:{})", expression, file, line));
}

} // namespace tegami
