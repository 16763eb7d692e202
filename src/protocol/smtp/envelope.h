// What MAIL and RCPT say about a message: the envelope (RFC 5321 §2.3.1).
#pragma once

#include "message/address.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tegami::smtp {

/// BODY= of RFC 6152 §3: what the client promises about the octets.
enum class BodyType : std::uint8_t { seven_bit, eight_bit_mime };

struct EnvelopeRecipient {
    message::EmailAddress address;

    bool operator==(const EnvelopeRecipient&) const = default;
};

struct Envelope {
    /// Nothing for the null path "<>": a report that must not be answered.
    std::optional<message::EmailAddress> reverse_path;
    std::vector<EnvelopeRecipient> recipients;
    /// Nothing if the client said nothing.
    std::optional<BodyType> body;
    /// RFC 6531 §3.4
    bool smtputf8 = false;
    /// SIZE= of RFC 1870 §6: a promise, not a fact.
    std::optional<std::uint64_t> declared_size;
    /// AUTH= of RFC 4954 §5, decoded from xtext; "<>" as sent. Not verified.
    std::optional<std::string> auth_parameter;
};

} // namespace tegami::smtp
