#include "base/random.h"

#include "base/assert.h"

#include <array>
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
    constexpr std::size_t kFairEnd = 256 / kAlphabet.size() * kAlphabet.size();
    std::array<unsigned char, 32> octets{}; // one call to the kernel for a token of the usual length
    std::string result;
    while (result.size() < length) {
        fill(octets.data(), octets.size());
        for (const unsigned char octet : octets)
            if (octet < kFairEnd && result.size() < length) result += kAlphabet[octet % kAlphabet.size()];
    }
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
