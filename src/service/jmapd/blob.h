// Octets by their blob id, a piece at a time: messages, parts with their transfer encoding undone, uploads.
#pragma once

#include "async/awaitable.h"
#include "message/transfer_encoding.h"
#include "service/jmapd/service.h"
#include "store/account.h"

#include <cstdint>
#include <string>

namespace tegami::jmapd {

/// Where the octets of a blob id are.
struct FoundBlob {
    store::BlobId blob;
    std::uint64_t offset = 0;
    std::uint64_t length = 0; ///< as stored
    message::TransferEncoding encoding = message::TransferEncoding::binary;

    /// Whether `length` is also how many octets come out.
    bool is_plain() const;
};

/// What a user may read under this id. Errors: not_found (also: of somebody else), damaged, unavailable.
async::Awaitable<store::StoreResult<FoundBlob>> find_blob(Service* service, store::AccountPtr account, std::string id);

/// Holds one piece at a time, about kBlobReaderBytes.
class BlobReader {
public:
    /// The store outlives it.
    BlobReader(store::Store* store, FoundBlob blob) : store_(store), rest_(blob), decoder_(blob.encoding) {}

    /// The next octets, decoded; empty only at the end.
    async::Awaitable<store::StoreResult<std::string>> next();

private:
    store::Store* store_;
    FoundBlob rest_;
    message::TransferDecoder decoder_;
    bool finished_ = false;
};

inline constexpr std::uint64_t kBlobReaderBytes = 2 * store::kReadPieceBytes;

} // namespace tegami::jmapd
