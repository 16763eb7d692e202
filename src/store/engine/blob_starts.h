// What the engines share of Engine::read_starts().
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

} // namespace tegami::store
