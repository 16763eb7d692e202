#include "base/random.h"

#include "base/assert.h"

#include <cstring>
#include <limits>
#include <sys/random.h>

namespace tegami {

std::uint64_t RandomSource::number() {
    std::uint64_t value = 0;
    fill(&value, sizeof value);
    return value;
}

std::uint64_t RandomSource::below(std::uint64_t bound) {
    ASSERT(bound > 0);
    const std::uint64_t fair_end = std::numeric_limits<std::uint64_t>::max() / bound * bound;
    for (;;) {
        const std::uint64_t value = number();
        if (value < fair_end) return value % bound;
    }
}

std::string RandomSource::token(std::size_t length) {
    constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
    std::string result;
    while (result.size() < length)
        result += kAlphabet[below(kAlphabet.size())];
    return result;
}

void SystemRandom::fill(void* into, std::size_t size) {
    auto* at = static_cast<char*>(into);
    while (size > 0) {
        const ssize_t got = ::getrandom(at, size, 0);
        if (got < 0) continue;
        at += got;
        size -= static_cast<std::size_t>(got);
    }
}

void SeededRandom::fill(void* into, std::size_t size) {
    auto* at = static_cast<char*>(into);
    while (size > 0) {
        const std::uint64_t value = generator_();
        const std::size_t taken = size < sizeof value ? size : sizeof value;
        std::memcpy(at, &value, taken);
        at += taken;
        size -= taken;
    }
}

} // namespace tegami
