#include "service/imapd/part_reader.h"

#include <algorithm>
#include <utility>

namespace tegami::imapd {

async::Awaitable<store::StoreResult<std::string>> PartReader::next() {
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
    if (text_) co_return with_crlf(std::move(decoded));
    co_return decoded;
}

async::Awaitable<store::StoreResult<std::string>> PartReader::read() {
    if (!start_.empty()) {
        std::string octets = std::exchange(start_, {});
        if (octets.size() > rest_.length) octets.resize(static_cast<std::size_t>(rest_.length));
        co_return octets;
    }
    const std::uint64_t wanted = std::min<std::uint64_t>(rest_.length, kReadChunkBytes);
    CO_TRY(std::string octets, co_await store_->read_blob(blob_, rest_.offset, wanted));
    if (octets.size() != wanted)
        co_return failure(store::Error{store::ErrorCode::damaged, "a blob is shorter than its card says"});
    co_return octets;
}

std::string PartReader::with_crlf(std::string octets) {
    std::string lines;
    lines.reserve(octets.size());
    for (const char octet : octets) {
        if (octet == '\n' && !after_cr_) lines.push_back('\r');
        lines.push_back(octet);
        after_cr_ = octet == '\r';
    }
    return lines;
}

} // namespace tegami::imapd
