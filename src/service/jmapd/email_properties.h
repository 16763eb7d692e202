// What a client asks of emails (RFC 8621 §4.2): properties of Email/get and Email/parse.
#pragma once

#include "protocol/jmap/arguments.h"
#include "protocol/jmap/mail/body_part.h"
#include "protocol/jmap/mail/header_form.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::jmapd {

struct EmailProperties {
    std::vector<std::string> names;            ///< but for what the header says
    std::vector<jmap::HeaderProperty> headers; ///< "from", "header:…"
    jmap::PartProperties parts;
    bool text_values = false; ///< of the parts of textBody
    bool html_values = false;
    bool all_values = false;
    std::uint64_t value_bytes_max = 0; ///< 0: no limit

    bool asks(std::string_view name) const;
    /// Whether the octets of the message's header are needed.
    bool need_header() const;
    /// Whether more is asked than mailboxes and the email's own record say.
    bool need_card() const;
    /// Whether parts are shown, as one tree or in lists.
    bool need_parts() const;
    bool need_values() const;
};

/// Takes the arguments that say it beside `properties` (nothing: the RFC's). Faults: invalidArguments.
Result<EmailProperties, jmap::Fault> take_email_properties(jmap::Arguments& arguments,
                                                           const std::optional<std::vector<std::string>>& properties);

} // namespace tegami::jmapd
