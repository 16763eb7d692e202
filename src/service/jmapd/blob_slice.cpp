#include "service/jmapd/blob_slice.h"

#include "async/turns.h"

#include <algorithm>

namespace tegami::jmapd {

namespace {

/// Where the octets are stored as they come out nothing in front of the range has to be read.
store::PartPlace without_front(store::PartPlace blob, std::uint64_t& skip) {
    if (!blob.is_plain()) return blob;
    const std::uint64_t front = std::min(skip, blob.length);
    blob.offset += front;
    blob.length -= front;
    skip -= front;
    return blob;
}

} // namespace

BlobSlice::BlobSlice(store::Store* store, store::PartPlace blob, std::uint64_t offset,
                     std::optional<std::uint64_t> length)
    : reader_(store, without_front(blob, offset)), skip_(offset), left_(length) {}

async::Awaitable<store::StoreResult<std::string>> BlobSlice::next() {
    while (left_ != 0 || skip_ != 0) {
        CO_TRY(std::string piece, co_await reader_.next());
        if (piece.empty()) break;
        const std::uint64_t skipped = std::min<std::uint64_t>(skip_, piece.size());
        skip_ -= skipped;
        piece.erase(0, skipped);
        if (left_ && piece.size() > *left_) piece.resize(*left_);
        if (left_) *left_ -= piece.size();
        if (!piece.empty()) co_return piece;
        co_await async::give_way();
    }
    co_return std::string();
}

} // namespace tegami::jmapd
