// A blob that is read as a message (RFC 8621 §4.9, RFC 9007 §2.2). What is not a message of the account is stored like an upload, with
// its card: so its parts have blob ids, and are read where they lie.
#pragma once

#include "message/card.h"
#include "service/jmapd/blob_id.h"
#include "service/jmapd/call.h"

#include <cstdint>
#include <string>

namespace tegami::jmapd {

struct ParsedBlob {
    store::BlobRef blob;
    message::Card card;
    BlobName name;
};

enum class NoMessage : std::uint8_t { not_found, not_parsable };

/// Faults: of the method.
async::Awaitable<Result<Result<ParsedBlob, NoMessage>, jmap::Fault>> parse_blob(Call* call, std::string id);

} // namespace tegami::jmapd
