// What a page sends of a passkey: the JSON of PublicKeyCredential.toJSON() (WebAuthn level 3 §5.1), of which we read what we need;
// and what it is asked for.
#pragma once

#include "webauthn/ceremony.h"
#include "json/json.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::webauthn {

/// Limit: octets of such JSON, base64 and all.
inline constexpr std::size_t kCredentialJsonBytesMax = 24 * 1024;

/// Nothing if it is not that, or a part is longer than its limit. Members that are not known are passed over.
std::optional<Registration> read_registration(const json::object& credential);
std::optional<Assertion> read_assertion(const json::object& credential);

/// Whose passkey is to be made.
struct NewUser {
    std::string handle; ///< octets, at most 64, which the passkey gives back
    std::string name;   ///< what people choose it by: the address
};

/// PublicKeyCredentialCreationOptions in JSON (§5.4): a passkey that finds its user by itself, unlocked by its owner, no other one
/// of `there` beside it in the same authenticator.
json::object creation_options(const RelyingParty& party, const NewUser& user, std::string_view challenge,
                              const std::vector<std::string>& there);
/// PublicKeyCredentialRequestOptions in JSON (§5.5), for one of these passkeys; without any for whichever the authenticator has.
json::object request_options(const RelyingParty& party, std::string_view challenge,
                             const std::vector<std::string>& allowed, Verification verification);

} // namespace tegami::webauthn
