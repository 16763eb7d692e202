#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace tegami {

void assertion_failed(const char* expression, const char* file, int line) {
    std::fprintf(stderr, "tegami: bug: assertion failed: %s (%s:%d)\n", expression, file, line);
    std::abort();
}

} // namespace tegami
