#include "service/jmapd/query_cache.h"

#include <algorithm>
#include <utility>

namespace tegami::jmapd {

namespace {

std::size_t bytes_of(const QueryCache::Result& result) {
    return result->size() * sizeof(store::EmailId);
}

} // namespace

QueryCache::Result QueryCache::find(const Key& key) {
    const std::lock_guard lock(guard_);
    const auto found = std::ranges::find(entries_, key, &Entry::key);
    if (found == entries_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found);
    return found->result;
}

void QueryCache::keep(Key key, Result result) {
    if (bytes_of(result) > kQueryCacheBytes / 2) return;
    std::list<Entry> dropped; // freed without the mutex
    const std::lock_guard lock(guard_);
    bytes_ += bytes_of(result);
    entries_.push_front({std::move(key), std::move(result)});
    while (bytes_ > kQueryCacheBytes || entries_.size() > kQueryCacheResults) {
        bytes_ -= bytes_of(entries_.back().result);
        dropped.splice(dropped.end(), entries_, std::prev(entries_.end()));
    }
}

} // namespace tegami::jmapd
