// A part of a message as JMAP shows it: EmailBodyPart (RFC 8621 §4.1.4).
#pragma once

#include "base/result.h"
#include "message/structure.h"
#include "protocol/jmap/mail/header_form.h"
#include "json/json.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::jmap {

/// What is asked of parts.
struct PartProperties {
    std::vector<std::string> names;      ///< "partId", "type" …
    std::vector<HeaderProperty> headers; ///< "header:…"

    /// Whether the octets of the part's header are needed.
    bool need_header() const;
};

/// RFC 8621 §4.2: what bodyProperties are if the client does not say.
const std::vector<std::string>& default_body_properties();
/// Faults: invalidArguments (an unknown property).
Result<PartProperties, Fault> parse_part_properties(const std::vector<std::string>& names);

/// What the structure does not say of a part that is no multipart.
struct PartBlob {
    std::string id;
    std::uint64_t size = 0; ///< octets, decoded
};

/// Where the octets are.
struct PartSource {
    /// Of a part; called if "blobId" or "size" is asked for.
    std::function<PartBlob(const message::Part& part)> blob_of;
    /// Octets of a part's header; called if PartProperties::need_header(). They stay until the next call.
    std::function<std::string_view(const message::Part& part)> header_of;
};

/// One part, with what is in it if `with_parts` and "subParts" is asked for, without going into enclosed messages.
json::object body_part(const message::Part& root, const message::Part& part, const PartProperties& properties,
                       const PartSource& source, bool with_parts);

} // namespace tegami::jmap
