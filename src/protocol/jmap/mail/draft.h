// A new message out of what a client says of it (RFC 8621 §4.6): its header, and a tree of parts whose octets come from the
// request or from blobs.
//
// 1. What two properties say twice, or in two ways, is refused by name: nothing is guessed.
// 2. Lines have CR LF and at most 998 octets; text is encoded as weakly as 7 bits allow.
// 3. Messages may be drafts: recipients that nobody could reach are kept as they are.
#pragma once

#include "base/result.h"
#include "message/date.h"
#include "message/transfer_encoding.h"
#include "protocol/jmap/fault.h"
#include "json/json.h"

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace tegami::jmap {

/// Limit: parts of a new message, and how deep they nest.
inline constexpr std::size_t kDraftPartsMax = 1000;
inline constexpr std::size_t kDraftDepthMax = 20;

struct DraftContext {
    message::DateTime now;
    std::string message_id; ///< without brackets; for a message that names none
    /// Part of every boundary; made of random octets, so that it is in no part.
    std::string boundary;
};

/// The octets of a blob, encoded.
struct DraftBlob {
    std::string id;
    message::TransferEncoding encoding = message::TransferEncoding::base64;
};

/// What a message is written of, one after the other.
using DraftPiece = std::variant<std::string, DraftBlob>;

/// `email`: what the client creates; properties that are not of the message itself ("mailboxIds", "keywords",
/// "receivedAt") are passed over. Faults: invalidProperties.
Result<std::vector<DraftPiece>, Fault> write_draft(const json::object& email, const DraftContext& context);

} // namespace tegami::jmap
