// The envelope of a letter that is sent (RFC 8621 §7): as a client gives it, or as the letter's header says it. Pure.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "message/address.h"
#include "message/header.h"
#include "protocol/jmap/fault.h"
#include "json/json.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace tegami::jmapd {

/// Limit: how far ahead a letter may be held back (RFC 8621 §1.3.2, maxDelayedSend).
inline constexpr std::chrono::seconds kDelayMax = std::chrono::days(30);

struct Envelope {
    std::optional<message::EmailAddress> mail_from; ///< nothing: `<>`
    std::vector<message::EmailAddress> recipients;  ///< each once
    std::vector<std::string> invalid;               ///< recipients that are no addresses, as they were written
    std::optional<std::chrono::sys_seconds> hold_until;
    json::object shown; ///< as JMAP shows it
};

/// What a client gave. HOLDFOR and HOLDUNTIL (RFC 4865) hold the letter; a moment that has passed holds nothing.
/// Parameters that say what follows from the letter (SIZE, BODY, SMTPUTF8) are passed over. Faults: invalidProperties.
Result<Envelope, jmap::Fault> read_envelope(const json::value& given, Timestamp now);

/// Who sends the letter by its header: Sender, else From; nothing if that is no address. Faults: invalidEmail (several).
Result<std::optional<message::EmailAddress>, jmap::Fault> sender_in(const message::Header& header);

/// The envelope for To, Cc and Bcc of the header.
Envelope envelope_for(const message::Header& header, message::EmailAddress mail_from);

/// Whether the letter says who wrote it.
bool names_author(const message::Header& header);

} // namespace tegami::jmapd
