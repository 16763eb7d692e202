// An identity as the account keeps it and as JMAP shows it (RFC 8621 §6). Pure.
#pragma once

#include "base/result.h"
#include "message/address.h"
#include "protocol/jmap/fault.h"
#include "json/json.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::jmapd {

struct Identity {
    message::EmailAddress email;
    /// The user made it, beside the one that each address of the account has.
    bool made_by_user = false;
    /// name, replyTo, bcc, textSignature, htmlSignature: what the user has set, all of them, as JMAP shows it.
    json::object settings;
};

/// What nobody has set yet.
json::object usual_identity_settings();

/// The octets of the account's object (store/account_objects.h).
std::string encode_identity(const Identity& identity);
std::optional<Identity> decode_identity(std::string_view octets);

/// The properties of an identity, in the order of the RFC.
const std::vector<std::string>& identity_properties();
/// All of them.
json::object identity_object(std::string_view id, const Identity& identity);

/// What a client wants an identity to be: the whole object, or one that a patch was applied to. Faults:
/// invalidProperties, tooLarge.
Result<Identity, jmap::Fault> read_identity(const json::object& object);

} // namespace tegami::jmapd
