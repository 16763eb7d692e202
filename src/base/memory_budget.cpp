#include "base/memory_budget.h"

namespace tegami {

bool MemoryBudget::Charge::resize(std::uint64_t bytes) {
    if (budget_ == nullptr) return true;
    if (bytes <= bytes_) {
        budget_->used_ -= bytes_ - bytes;
    } else {
        const std::uint64_t more = bytes - bytes_;
        if (budget_->pressed_) return false;
        if (budget_->used_.fetch_add(more) + more > budget_->bytes_max_) {
            budget_->used_ -= more;
            return false;
        }
    }
    bytes_ = bytes;
    return true;
}

} // namespace tegami
