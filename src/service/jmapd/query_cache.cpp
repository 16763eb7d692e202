#include "service/jmapd/query_cache.h"

#include <algorithm>
#include <utility>

namespace tegami::jmapd {

namespace {

std::size_t bytes_of(const QueryCache::Result& result) {
    return result->size() * sizeof(store::EmailId);
}

bool is_earlier(const QueryCache::Key& key, const QueryCache::Key& than) {
    return key.account == than.account && key.version < than.version && key.question == than.question;
}

} // namespace

QueryCache::Result QueryCache::find(const Key& key) {
    const std::lock_guard lock(guard_);
    const auto found = std::ranges::find(entries_, key, &Entry::key);
    if (found == entries_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found);
    return found->result;
}

std::optional<QueryCache::Earlier> QueryCache::find_earlier(const Key& key) const {
    const std::lock_guard lock(guard_);
    const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) { return is_earlier(entry.key, key); });
    if (found == entries_.end()) return std::nullopt;
    return Earlier{found->key.version, found->result};
}

void QueryCache::keep(Key key, Result result) {
    if (bytes_of(result) > kQueryCacheBytes / 2) return;
    std::list<Entry> dropped; // freed without the mutex
    const std::lock_guard lock(guard_);
    for (auto entry = entries_.begin(); entry != entries_.end();) {
        const auto next = std::next(entry);
        if (is_earlier(entry->key, key)) {
            bytes_ -= bytes_of(entry->result);
            dropped.splice(dropped.end(), entries_, entry);
        }
        entry = next;
    }
    bytes_ += bytes_of(result);
    entries_.push_front({std::move(key), std::move(result)});
    while (bytes_ > kQueryCacheBytes || entries_.size() > kQueryCacheResults) {
        bytes_ -= bytes_of(entries_.back().result);
        dropped.splice(dropped.end(), entries_, std::prev(entries_.end()));
    }
}

} // namespace tegami::jmapd
