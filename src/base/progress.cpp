#include "base/progress.h"

#include <algorithm>

namespace tegami {

void Progress::begin(Unit unit, std::uint64_t total) {
    const std::lock_guard lock(guard_);
    step_ = {.number = step_.number + 1, .unit = unit, .done = 0, .total = total};
}

void Progress::add(std::uint64_t done) {
    const std::lock_guard lock(guard_);
    step_.done += done;
}

void Progress::set(std::uint64_t done) {
    const std::lock_guard lock(guard_);
    step_.done = done;
}

void Progress::leave_out(std::uint64_t amount) {
    const std::lock_guard lock(guard_);
    step_.total -= std::min(step_.total, amount);
}

Progress::Step Progress::step() const {
    const std::lock_guard lock(guard_);
    return step_;
}

} // namespace tegami
