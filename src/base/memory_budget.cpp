#include "base/memory_budget.h"

namespace tegami {

bool MemoryBudget::take(std::uint64_t bytes, bool little) {
    if (pressed_) return false;
    const std::uint64_t limit = little ? bytes_max_ : bytes_max_ / 4 * 3;
    if (used_.fetch_add(bytes) + bytes <= limit && (whole_ == nullptr || whole_->take(bytes, little))) return true;
    used_ -= bytes;
    return false;
}

void MemoryBudget::give_back(std::uint64_t bytes) {
    used_ -= bytes;
    if (whole_ != nullptr) whole_->give_back(bytes);
}

bool MemoryBudget::Charge::resize(std::uint64_t bytes) {
    if (budget_ == nullptr) return true;
    if (bytes > bytes_ && !budget_->take(bytes - bytes_, bytes <= kLittleMemoryBytes)) return false;
    if (bytes < bytes_) budget_->give_back(bytes_ - bytes);
    bytes_ = bytes;
    return true;
}

} // namespace tegami
