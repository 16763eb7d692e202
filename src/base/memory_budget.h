// What peers may make the server hold in memory, all together: connections and messages under way ask for it before
// they grow, so that ten thousand of them are refused instead of answered with everything there is.
//
// 1. A Charge is an estimate from above of what its owner holds; it is given back when the Charge ends.
// 2. Under pressure (the process as a whole has reached its limit, whatever the estimates say) nothing may grow;
//    shrinking always works, and what is under way goes on.
// 3. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace tegami {

class MemoryBudget {
public:
    class Charge {
    public:
        Charge() = default;

        explicit Charge(MemoryBudget* budget) : budget_(budget) {}

        Charge(Charge&& other) noexcept
            : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

        Charge& operator=(Charge&& other) noexcept {
            if (this != &other) {
                release();
                budget_ = std::exchange(other.budget_, nullptr);
                bytes_ = std::exchange(other.bytes_, 0);
            }
            return *this;
        }

        ~Charge() { release(); }

        /// Makes it so many octets; false, and nothing changed, if that is more than there is. A charge without a
        /// budget takes anything.
        [[nodiscard]] bool resize(std::uint64_t bytes);

        std::uint64_t bytes() const { return bytes_; }

    private:
        void release() { static_cast<void>(resize(0)); }

        MemoryBudget* budget_ = nullptr;
        std::uint64_t bytes_ = 0;
    };

    /// It outlives its charges.
    explicit MemoryBudget(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

    MemoryBudget(const MemoryBudget&) = delete;
    MemoryBudget& operator=(const MemoryBudget&) = delete;

    std::uint64_t used() const { return used_; }

    void set_pressed(bool pressed) { pressed_ = pressed; }

    bool pressed() const { return pressed_; }

private:
    const std::uint64_t bytes_max_;
    std::atomic<std::uint64_t> used_ = 0;
    std::atomic<bool> pressed_ = false;
};

} // namespace tegami
