#include "service/imapd/part_reader.h"

#include <algorithm>

namespace tegami::imapd {

async::Awaitable<store::StoreResult<std::string>> PartReader::next() {
    std::string decoded;
    while (decoded.empty() && !finished_) {
        if (rest_.length == 0) {
            decoder_.finish(decoded);
            finished_ = true;
            break;
        }
        const std::uint64_t wanted = std::min<std::uint64_t>(rest_.length, kReadChunkBytes);
        CO_TRY(const std::string octets, co_await store_->read_blob(blob_, rest_.offset, wanted));
        if (octets.size() != wanted)
            co_return failure(store::Error{store::ErrorCode::damaged, "a blob is shorter than its card says"});
        rest_.offset += wanted;
        rest_.length -= wanted;
        decoder_.feed(octets, decoded);
    }
    if (text_) co_return with_crlf(std::move(decoded));
    co_return decoded;
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
