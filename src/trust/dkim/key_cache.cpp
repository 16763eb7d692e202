#include "trust/dkim/key_cache.h"

namespace tegami::dkim {

Result<std::shared_ptr<const CachedKey>, Fault> KeyCache::find(std::string_view record_text, KeyType wanted) {
    const std::pair where(wanted, record_text);
    {
        const std::lock_guard lock(guard_);
        if (const auto found = keys_.find(where); found != keys_.end()) return found->second;
    }
    TRY(KeyRecord record, parse_key_record(record_text));
    TRY(PublicKey key, usable_key(record, wanted));
    auto made = std::make_shared<const CachedKey>(std::move(record), std::move(key));
    if (record_text.size() > kCachedRecordBytesMax) return made;
    const std::lock_guard lock(guard_);
    if (keys_.size() >= kCachedKeysMax) keys_.clear();
    keys_.emplace(std::pair(wanted, std::string(record_text)), made);
    return made;
}

} // namespace tegami::dkim
