#include "store/engine/group_rows.h"

#include <iterator>

namespace tegami::store {

namespace {

constexpr GroupRows::Value kErased;

/// Of two ends of ranges, of which an empty one is the end of the domain.
std::string_view later_end(std::string_view a, std::string_view b) {
    if (a.empty() || b.empty()) return {};
    return a < b ? b : a;
}

} // namespace

void GroupRows::apply(const Batch& batch) {
    for (const Operation& operation : batch.operations) {
        if (const auto* put = std::get_if<Put>(&operation))
            rows_[put->key] = put->value;
        else if (const auto* erased = std::get_if<Delete>(&operation))
            rows_[erased->key] = std::nullopt;
        else if (const auto* range = std::get_if<DeleteRange>(&operation))
            erase_range(range->begin, range->end);
    }
}

void GroupRows::erase_range(std::string_view begin, std::string_view end) {
    if (!end.empty() && end <= begin) return;
    const auto last = end.empty() ? rows_.end() : rows_.lower_bound(end);
    rows_.erase(rows_.lower_bound(begin), last);
    auto at = erased_.upper_bound(begin);
    if (at != erased_.begin()) {
        const auto before = std::prev(at);
        if (before->second.empty() || begin <= before->second) at = before;
    }
    while (at != erased_.end() && (end.empty() || at->first <= end)) {
        begin = std::min(begin, at->first);
        end = later_end(end, at->second);
        at = erased_.erase(at);
    }
    erased_[begin] = end;
}

const GroupRows::Value* GroupRows::find(std::string_view key) const {
    if (const auto found = rows_.find(key); found != rows_.end()) return &found->second;
    const auto after = erased_.upper_bound(key);
    if (after == erased_.begin()) return nullptr;
    const std::string_view end = std::prev(after)->second;
    return end.empty() || key < end ? &kErased : nullptr;
}

} // namespace tegami::store
