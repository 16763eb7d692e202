// Streams octets of a stored message, as they are or with their transfer encoding undone, a chunk at a time.
#pragma once

#include "async/awaitable.h"
#include "message/transfer_encoding.h"
#include "protocol/imap/section.h"
#include "store/store.h"

#include <cstddef>
#include <string>

namespace tegami::imapd {

/// Octets read from the store at once.
inline constexpr std::size_t kReadChunkBytes = store::kReadPieceBytes;

class PartReader {
public:
    /// The octets as they are.
    PartReader(store::Store* store, store::BlobId blob, imap::OctetRange range)
        : PartReader(store, blob, range, message::TransferEncoding::binary, false) {}

    /// The same of a message whose first octets are there already (Store::read_start); `range` begins with them.
    PartReader(store::Store* store, store::BlobId blob, imap::OctetRange range, std::string start)
        : PartReader(store, blob, range) {
        start_ = std::move(start);
    }

    /// The octets decoded. With `text`, line ends come out as CRLF (RFC 9051 §7.5.2, BINARY).
    PartReader(store::Store* store, store::BlobId blob, imap::OctetRange range, message::TransferEncoding encoding,
               bool text)
        : store_(store), blob_(blob), rest_(range), decoder_(encoding), text_(text) {}

    /// The next octets; empty only at the end.
    async::Awaitable<store::StoreResult<std::string>> next();

private:
    async::Awaitable<store::StoreResult<std::string>> read();
    std::string with_crlf(std::string octets);

    store::Store* store_;
    store::BlobId blob_;
    imap::OctetRange rest_;
    std::string start_;
    message::TransferDecoder decoder_;
    bool text_;
    bool after_cr_ = false;
    bool finished_ = false;
};

} // namespace tegami::imapd
