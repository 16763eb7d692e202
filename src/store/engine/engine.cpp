#include "store/engine/engine.h"

namespace tegami::store {

async::Awaitable<StoreResult<BlobStart>> Engine::read_start(BlobId blob, std::uint64_t length) {
    std::vector<BlobId> blobs{blob};
    CO_TRY(BlobStarts starts, co_await read_starts(std::move(blobs), {.length = length}));
    co_return std::move(starts.front());
}

async::Awaitable<StoreResult<std::string>> Engine::read_card(BlobId blob) {
    CO_TRY(BlobStart start, co_await read_start(blob, 0));
    co_return std::move(start.card);
}

} // namespace tegami::store
