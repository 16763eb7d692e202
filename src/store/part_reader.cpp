#include "store/part_reader.h"

#include <algorithm>
#include <utility>

namespace tegami::store {

async::Awaitable<StoreResult<std::string>> PartReader::next() {
    std::string decoded;
    while (decoded.empty() && !finished_) {
        if (rest_.length == 0) {
            decoder_.finish(decoded);
            finished_ = true;
            break;
        }
        CO_TRY(const std::string octets, co_await read());
        rest_.offset += octets.size();
        rest_.length -= octets.size();
        decoder_.feed(octets, decoded);
    }
    co_return decoded;
}

async::Awaitable<StoreResult<std::string>> PartReader::read() {
    if (!start_.empty()) {
        std::string octets = std::exchange(start_, {});
        if (octets.size() > rest_.length) octets.resize(static_cast<std::size_t>(rest_.length));
        co_return octets;
    }
    const std::uint64_t wanted = std::min<std::uint64_t>(rest_.length, kReadPieceBytes);
    CO_TRY(std::string octets, co_await store_->read_blob(rest_.blob, rest_.offset, wanted));
    if (octets.size() != wanted) co_return failure(Error{ErrorCode::damaged, "a blob is shorter than its card says"});
    co_return octets;
}

} // namespace tegami::store
