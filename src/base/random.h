// Randomness is passed in, so a simulation can replay a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace tegami {

class RandomSource {
public:
    virtual ~RandomSource() = default;
    /// Fills `size` octets at `into`.
    virtual void fill(void* into, std::size_t size) = 0;

    std::uint64_t number();
    /// A number below `bound` (at least 1), every one equally likely.
    std::uint64_t below(std::uint64_t bound);
    /// `length` characters of [a-z0-9]: 5.1 bits each.
    std::string token(std::size_t length);
};

/// The kernel's generator: unpredictable, safe to use from any thread.
class SystemRandom final : public RandomSource {
public:
    void fill(void* into, std::size_t size) override;
};

/// Repeatable from its seed; for tests and simulation only.
class SeededRandom final : public RandomSource {
public:
    explicit SeededRandom(std::uint64_t seed) : generator_(seed) {}

    void fill(void* into, std::size_t size) override;

private:
    std::mt19937_64 generator_;
};

} // namespace tegami
