// Octets of a stored message, or of a part of it, as they are or with their transfer encoding undone, a piece at a time.
#pragma once

#include "async/awaitable.h"
#include "message/transfer_encoding.h"
#include "store/store.h"

#include <cstdint>
#include <string>

namespace tegami::store {

/// Where the octets of a part are.
struct PartPlace {
    BlobId blob;
    std::uint64_t offset = 0;
    std::uint64_t length = 0; ///< as stored
    message::TransferEncoding encoding = message::TransferEncoding::binary;

    /// Whether `length` is also how many octets come out.
    bool is_plain() const {
        return encoding != message::TransferEncoding::base64 && encoding != message::TransferEncoding::quoted_printable;
    }
};

class PartReader {
public:
    /// `start`: the first octets, as stored, if they are there already (Store::read_start). The store outlives it.
    PartReader(Store* store, const PartPlace& part, std::string start = {})
        : store_(store), rest_(part), start_(std::move(start)), decoder_(part.encoding) {}

    /// The next octets, about kReadPieceBytes; empty only at the end.
    async::Awaitable<StoreResult<std::string>> next();

private:
    async::Awaitable<StoreResult<std::string>> read();

    Store* store_;
    PartPlace rest_;
    std::string start_;
    message::TransferDecoder decoder_;
    bool finished_ = false;
};

/// What it holds: a piece as stored, and decoded.
inline constexpr std::uint64_t kPartReaderBytes = 2 * kReadPieceBytes;

} // namespace tegami::store
