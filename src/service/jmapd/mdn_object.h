// A message disposition notification as JMAP shows it and a client describes it (RFC 9007 §2). Pure.
#pragma once

#include "base/result.h"
#include "message/disposition_report.h"
#include "message/header.h"
#include "protocol/jmap/fault.h"
#include "json/json.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::jmapd {

/// Limits: octets of a subject and of a text, and addresses that one notification goes to.
inline constexpr std::size_t kMdnSubjectBytesMax = 1000;
inline constexpr std::size_t kMdnTextBytesMax = 64 * 1024;
inline constexpr std::size_t kMdnRecipientsMax = 10;

/// What a client wants to be sent. What only the server sets is missing in `fields`.
struct MdnWish {
    std::string email; ///< its id, as it was written
    std::optional<std::string> subject;
    std::optional<std::string> text;
    bool returns_message = false;
    message::DispositionFields fields; ///< final_recipient: empty: the identity's
};

/// Faults: invalidProperties.
Result<MdnWish, jmap::Fault> read_mdn(const json::object& object);

/// All properties, as far as `fields` says them; null for the others.
json::object mdn_object(const message::DispositionFields& fields);

/// Who wants to be notified, each once; none if nobody does, or what stands there cannot be read.
std::vector<message::HeaderAddress> mdn_recipients(const message::Header& original);

/// Why no notification may answer this message, in words; empty: one may (RFC 8098 §2.1, §3). `automatic`: no person has agreed to
/// this very one.
std::string_view no_mdn_because(const message::Header& original, bool automatic);

} // namespace tegami::jmapd
