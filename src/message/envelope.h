// The values of IMAP's ENVELOPE (RFC 9051 §7.5.2), taken from a header once and kept in the card.
#pragma once

#include "message/address.h"
#include "message/header.h"

#include <optional>
#include <string>
#include <vector>

namespace tegami::message {

struct Envelope {
    /// Unfolded, not decoded. Nothing where the field is absent (NIL), as opposed to empty ("").
    std::optional<std::string> date;
    std::optional<std::string> subject;
    std::vector<HeaderAddress> from;
    std::vector<HeaderAddress> sender;   ///< as `from` where the field is absent or empty
    std::vector<HeaderAddress> reply_to; ///< as `from` where the field is absent or empty
    std::vector<HeaderAddress> to;
    std::vector<HeaderAddress> cc;
    std::vector<HeaderAddress> bcc;
    std::optional<std::string> in_reply_to;
    std::optional<std::string> message_id;

    bool operator==(const Envelope&) const = default;
};

Envelope parse_envelope(const Header& header);

} // namespace tegami::message
