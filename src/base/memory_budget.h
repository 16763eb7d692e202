// What peers may make the server hold in memory, all together: connections and messages under way ask for it before
// they grow, so that ten thousand of them are refused instead of answered with everything there is.
//
// 1. A Charge is an estimate from above of what its owner holds; it is given back when the Charge ends.
// 2. The last quarter is for those that hold little: a few that hold much do not keep small ones out.
// 3. A budget may be a part of another one: what it gives comes out of both, and rule 2 is that of the part. Parts
//    may be larger together than the whole: each is sure of what the others cannot take.
// 4. Under pressure (the process as a whole has reached its limit, whatever the estimates say) nothing may grow;
//    shrinking always works, and what is under way goes on.
// 5. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace tegami {

/// What counts as holding little.
inline constexpr std::uint64_t kLittleMemoryBytes = 64 * 1024;

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

    /// It outlives its charges, and `whole` outlives it.
    explicit MemoryBudget(std::uint64_t bytes_max, MemoryBudget* whole = nullptr)
        : bytes_max_(bytes_max), whole_(whole) {}

    MemoryBudget(const MemoryBudget&) = delete;
    MemoryBudget& operator=(const MemoryBudget&) = delete;

    std::uint64_t used() const { return used_; }

    std::uint64_t bytes_max() const { return bytes_max_; }

    void set_pressed(bool pressed) { pressed_ = pressed; }

    bool pressed() const { return pressed_ || (whole_ != nullptr && whole_->pressed()); }

private:
    bool take(std::uint64_t bytes, std::uint64_t limit);
    void give_back(std::uint64_t bytes);

    const std::uint64_t bytes_max_;
    MemoryBudget* const whole_;
    std::atomic<std::uint64_t> used_ = 0;
    std::atomic<bool> pressed_ = false;
};

} // namespace tegami
