#include "store/queue_search.h"

#include "store/queue_records.h"

#include <algorithm>

namespace tegami::store {

namespace {

/// Limit: destinations whose search is remembered; one that is forgotten begins at the front.
constexpr std::size_t kSearchesMax = 10'000;

} // namespace

void DueSearch::became_due(const QueueItem& item) {
    const std::lock_guard lock(mutex_);
    seen_ = std::min(seen_, record::queue_due_key(item.next_due));
    const auto begun = begun_.find(item.destination);
    if (begun == begun_.end()) return;
    begun->second = std::min(begun->second, record::queue_destination_key(item.destination, item.next_due, item.id));
}

void DueSearch::became_due(const std::vector<QueueItem>& items) {
    for (const QueueItem& item : items)
        became_due(item);
}

std::string DueSearch::begin(const std::string& end) {
    const std::lock_guard lock(mutex_);
    std::string begin = std::min(seen_, end);
    seen_ = end;
    return begin;
}

void DueSearch::end(std::string next) {
    const std::lock_guard lock(mutex_);
    seen_ = std::min(seen_, std::move(next));
}

std::string DueSearch::begin(const QueueDestination& destination, const std::string& end) {
    const std::lock_guard lock(mutex_);
    if (begun_.size() >= kSearchesMax && !begun_.contains(destination)) begun_.clear();
    const auto [begun, first] =
        begun_.try_emplace(destination, record::queue_destination_key(destination, Timestamp()));
    std::string begin = std::min(begun->second, end);
    begun->second = end;
    return begin;
}

void DueSearch::end(const QueueDestination& destination, std::string next) {
    const std::lock_guard lock(mutex_);
    const auto begun = begun_.find(destination);
    if (begun != begun_.end()) begun->second = std::min(begun->second, std::move(next));
}

void DueSearch::look_again(const QueueDestination& destination) {
    const std::lock_guard lock(mutex_);
    begun_.erase(destination);
}

} // namespace tegami::store
