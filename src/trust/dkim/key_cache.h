// Keys that were read lately, by the text of the record that publishes them: to read one costs as much as to verify
// with it, and most mail comes from few senders. From any thread.
#pragma once

#include "trust/dkim/key.h"

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace tegami::dkim {

/// Limit: keys that are kept, some KiB each. When there are more, all are forgotten.
inline constexpr std::size_t kCachedKeysMax = 1000;
/// Limit: octets of a record whose key is kept; the longest key takes 1,400, and notes may make a record as long as any.
inline constexpr std::size_t kCachedRecordBytesMax = 2048;

struct CachedKey {
    KeyRecord record;
    PublicKey key;
};

class KeyCache {
public:
    /// The key in a record, if it may be used for a signature of this type. Faults: those of parse_key_record and
    /// usable_key.
    Result<std::shared_ptr<const CachedKey>, Fault> find(std::string_view record_text, KeyType wanted);

private:
    /// So that a look copies no record.
    struct Less {
        using is_transparent = void;

        bool operator()(const auto& a, const auto& b) const {
            return std::tie(a.first, a.second) < std::tie(b.first, b.second);
        }
    };

    std::mutex guard_;
    std::map<std::pair<KeyType, std::string>, std::shared_ptr<const CachedKey>, Less> keys_;
};

} // namespace tegami::dkim
