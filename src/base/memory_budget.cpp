#include "base/memory_budget.h"

namespace tegami {

bool MemoryBudget::take(std::uint64_t bytes, std::uint64_t limit) {
    if (pressed_) return false;
    if (used_.fetch_add(bytes) + bytes <= limit && (whole_ == nullptr || whole_->take(bytes, whole_->bytes_max_)))
        return true;
    used_ -= bytes;
    return false;
}

void MemoryBudget::give_back(std::uint64_t bytes) {
    used_ -= bytes;
    if (whole_ != nullptr) whole_->give_back(bytes);
}

bool MemoryBudget::Charge::resize(std::uint64_t bytes) {
    if (budget_ == nullptr) return true;
    const std::uint64_t limit = bytes <= kLittleMemoryBytes ? budget_->bytes_max_ : budget_->bytes_max_ / 4 * 3;
    if (bytes > bytes_ && !budget_->take(bytes - bytes_, limit)) return false;
    if (bytes < bytes_) budget_->give_back(bytes_ - bytes);
    bytes_ = bytes;
    return true;
}

} // namespace tegami
