#include "admin/progress_board.h"

#include "admin/parameters.h"

namespace tegami::admin {

Result<ProgressBoard::Place, Refusal> ProgressBoard::place(const json::object& request) {
    TRY(const std::optional<std::string> name, optional_text(request, "progress"));
    auto progress = std::make_shared<Progress>();
    if (!name) return Place(nullptr, {}, std::move(progress));
    if (name->size() > kProgressNameBytesMax) return failure(Refusal{400, "progress: the name is too long"});
    const std::lock_guard lock(guard_);
    if (named_.size() >= kProgressNamesMax) return Place(nullptr, {}, std::move(progress));
    if (!named_.emplace(*name, progress).second)
        return failure(Refusal{409, "progress: another operation has this name"});
    return Place(this, *name, std::move(progress));
}

ProgressBoard::Place::~Place() {
    if (board_ == nullptr) return;
    const std::lock_guard lock(board_->guard_);
    board_->named_.erase(name_);
}

std::optional<Progress::Step> ProgressBoard::find(const std::string& name) const {
    const std::lock_guard lock(guard_);
    const auto found = named_.find(name);
    if (found == named_.end()) return std::nullopt;
    return found->second->step();
}

} // namespace tegami::admin
