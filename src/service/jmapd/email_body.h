// What JMAP shows of a message's octets: header fields, parts, texts (RFC 8621 §4.1.2 to §4.1.4).
#pragma once

#include "async/awaitable.h"
#include "message/card.h"
#include "service/jmapd/call.h"
#include "service/jmapd/email_properties.h"
#include "store/types.h"
#include "json/json.h"

#include <functional>
#include <string>
#include <string_view>

namespace tegami::jmapd {

/// A stored message.
struct EmailOctets {
    store::BlobRef blob;
    const message::Card* card = nullptr; ///< outlives the call
    /// The blob id of a part of it.
    std::function<std::string(std::string_view part_id)> part_blob_id;
    std::string_view start{}; ///< what it begins with, as far as that was read already
};

/// Adds what `wanted` asks of the octets. Faults: requestTooLarge. Errors of the store are the inner result.
async::Awaitable<Result<store::StoreResult<>, jmap::Fault>>
add_body(Call* call, const EmailOctets* email, const EmailProperties* wanted, json::object* object);

} // namespace tegami::jmapd
