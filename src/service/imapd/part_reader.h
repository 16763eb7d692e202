// Streams octets of a stored message, as they are or with their transfer encoding undone, a chunk at a time.
#pragma once

#include "async/awaitable.h"
#include "protocol/imap/section.h"
#include "store/part_reader.h"

#include <cstddef>
#include <string>

namespace tegami::imapd {

/// Octets read from the store at once.
inline constexpr std::size_t kReadChunkBytes = store::kReadPieceBytes;

class PartReader {
public:
    /// The octets as they are. `start`: the first of them, if they are there already (Store::read_start).
    PartReader(store::Store* store, store::BlobId blob, imap::OctetRange range, std::string start = {})
        : octets_(store, {.blob = blob, .offset = range.offset, .length = range.length}, std::move(start)),
          text_(false) {}

    /// The octets decoded. With `text`, line ends come out as CRLF (RFC 9051 §7.5.2, BINARY).
    PartReader(store::Store* store, store::BlobId blob, imap::OctetRange range, message::TransferEncoding encoding,
               bool text)
        : octets_(store, {.blob = blob, .offset = range.offset, .length = range.length, .encoding = encoding}),
          text_(text) {}

    /// The next octets; empty only at the end.
    async::Awaitable<store::StoreResult<std::string>> next();

private:
    std::string with_crlf(std::string octets);

    store::PartReader octets_;
    bool text_;
    bool after_cr_ = false;
};

} // namespace tegami::imapd
