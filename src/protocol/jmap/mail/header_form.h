// Header fields in the forms of JMAP (RFC 8621 §4.1.2, §4.1.3): "header:Subject:asText:all".
#pragma once

#include "base/result.h"
#include "message/header.h"
#include "protocol/jmap/fault.h"
#include "json/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::jmap {

enum class HeaderForm : std::uint8_t { raw, text, addresses, grouped_addresses, message_ids, date, urls };

struct HeaderProperty {
    std::string name; ///< of the property, as it was asked for
    std::string field;
    HeaderForm form = HeaderForm::raw;
    bool all = false; ///< every field of that name, not just the last

    bool operator==(const HeaderProperty&) const = default;
};

/// A property whose name begins with "header:". Faults: invalidArguments (unknown form, or one that this field cannot have).
Result<HeaderProperty, Fault> parse_header_property(std::string_view name);

/// "messageId", "from", "sentAt" and their like (RFC 8621 §4.1.3); nothing for other properties.
std::optional<HeaderProperty> find_header_property(std::string_view name);

/// What the header has: of an absent field null, or with `all` an empty list.
json::value header_value(const message::Header& header, const HeaderProperty& property);

/// All fields in order, raw: EmailHeader[].
json::array header_fields(const message::Header& header);

} // namespace tegami::jmap
