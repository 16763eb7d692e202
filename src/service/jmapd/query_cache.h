// The results of the last queries of emails, so that a client that goes from page to page of one searches once.
//
// 1. A result belongs to a version of the account. Of a question the last one is kept: after a change it is what the next
//    one may be made of.
// 2. Any thread.
#pragma once

#include "store/ids.h"

#include <compare>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace tegami::jmapd {

/// Limit: octets of ids that are kept, of all accounts together; and results.
inline constexpr std::size_t kQueryCacheBytes = 16U << 20;
inline constexpr std::size_t kQueryCacheResults = 64;

class QueryCache {
public:
    struct Key {
        store::AccountId account;
        store::Version version;
        std::string question; ///< filter, sort and all else that decides

        auto operator<=>(const Key&) const = default;
    };

    using Result = std::shared_ptr<const std::vector<store::EmailId>>;

    struct Earlier {
        store::Version version;
        Result result;
    };

    /// Null if it is not there.
    Result find(const Key& key);
    /// What the same question was answered with at an earlier version.
    std::optional<Earlier> find_earlier(const Key& key) const;
    /// In place of what an earlier version has of the question. What was used least lately goes; a result that is larger than half of the whole is not kept.
    void keep(Key key, Result result);

private:
    struct Entry {
        Key key;
        Result result;
    };

    mutable std::mutex guard_;
    std::list<Entry> entries_; // the last one used first
    std::size_t bytes_ = 0;
};

} // namespace tegami::jmapd
