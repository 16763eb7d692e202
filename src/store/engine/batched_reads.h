// What the engines share of Engine::read_starts(), get_many() and get_first().
#pragma once

#include "store/engine/engine.h"

#include <utility>

namespace tegami::store {

/// Calls `read(blob)` for one blob after the other, as far as `wanted` goes.
template <class Read>
StoreResult<BlobStarts> collect_starts(const std::vector<BlobId>& blobs, StartWanted wanted, Read read) {
    BlobStarts starts;
    starts.reserve(blobs.size());
    std::size_t octets = 0;
    for (const BlobId& blob : blobs) {
        StoreResult<BlobStart> start = read(blob);
        if (!start && start.error().code == ErrorCode::unavailable) return failure(start.error());
        if (start) octets += start->card.size() + start->octets.size();
        starts.push_back(std::move(start));
        if (octets >= wanted.octets_max) break;
    }
    return starts;
}

/// Calls `get(key)` for one key after the other.
template <class Get>
StoreResult<std::vector<std::optional<std::string>>> collect_values(const std::vector<std::string>& keys, Get get) {
    std::vector<std::optional<std::string>> values;
    values.reserve(keys.size());
    for (const std::string& key : keys) {
        TRY(std::optional<std::string> value, get(key));
        values.push_back(std::move(value));
    }
    return values;
}

/// Calls `scan(range)` for one prefix after the other.
template <class Scan>
StoreResult<std::vector<std::optional<std::string>>> collect_first(const std::vector<std::string>& prefixes,
                                                                   Scan scan) {
    std::vector<std::optional<std::string>> values(prefixes.size());
    for (std::size_t at = 0; at < prefixes.size(); ++at) {
        TRY(Page page, scan(Range{.begin = prefixes[at], .end = {}, .rows_max = 1, .around_damage = true}));
        if (!page.rows.empty() && page.rows.front().key.starts_with(prefixes[at]))
            values[at] = std::move(page.rows.front().value);
    }
    return values;
}

} // namespace tegami::store
