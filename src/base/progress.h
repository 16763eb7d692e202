// How far long work is: told by whoever does it, seen by whoever waits for it. From any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

namespace tegami {

class Progress {
public:
    enum class Unit : std::uint8_t { octets, messages };

    /// One part of the work: so much is done of so much.
    struct Step {
        unsigned number = 0; ///< of the step; 0: nothing has begun
        Unit unit = Unit::octets;
        std::uint64_t done = 0;
        std::uint64_t total = 0; ///< as far as it is known

        bool operator==(const Step&) const = default;
    };

    /// The next step begins.
    void begin(Unit unit, std::uint64_t total);
    /// So much more of the step is done.
    void add(std::uint64_t done);
    /// So much of the step is done in all.
    void set(std::uint64_t done);
    /// So much of the step need not be done.
    void leave_out(std::uint64_t amount);

    Step step() const;

private:
    mutable std::mutex guard_;
    Step step_;
};

/// Shared by who does the work and who looks, because either may end first.
using ProgressPtr = std::shared_ptr<Progress>;

} // namespace tegami
