// Whether a passkey that was made, or what one has signed, is what was asked for (WebAuthn level 2 §7.1, §7.2). The caller has made the
// challenge, and has taken it out of its memory when it comes back: that it was asked for is settled before.
#pragma once

#include "base/result.h"
#include "webauthn/authenticator_data.h"
#include "webauthn/client_data.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace tegami::webauthn {

/// Who passkeys are for: us, by the name that browsers reach us by.
struct RelyingParty {
    std::string id;     ///< "mail.example.org"
    std::string origin; ///< "https://mail.example.org:8443"

    /// Of what browsers reach us as, without a path.
    static RelyingParty of(std::string_view base_url);
};

/// Whether who used it must have shown the passkey a finger, a face or a PIN, and not only touched it.
enum class Verification : std::uint8_t { not_needed, needed };

enum class Fault : std::uint8_t {
    malformed,    ///< not in the form of the standard
    wrong_type,   ///< made where one was to be used, or the other way round
    wrong_origin, ///< for a page of somebody else
    wrong_party,  ///< likewise, as the authenticator says
    not_present,  ///< nobody has touched it
    not_verified, ///< see Verification
    unknown_key,  ///< no key, or of an algorithm that was not asked for
    wrong_signature,
    counter_back, ///< it has signed less often than before: there are two of it
};

/// A word for the log: "wrong-origin".
std::string_view word_of(Fault fault);

/// What is kept of a passkey.
struct Credential {
    std::string id;
    std::string key; ///< COSE
    std::uint32_t counter = 0;

    bool operator==(const Credential&) const = default;
};

/// A passkey that a page has had made, in octets.
struct Registration {
    std::string client_data;
    std::string attestation;
};

/// What one has signed, in octets.
struct Assertion {
    std::string id;
    std::string client_data;
    std::string authenticator_data;
    std::string signature;
    std::string user_handle; ///< what we gave as the user's id when it was made; may be empty
};

Result<Credential, Fault> check_registration(const Registration& registration, const RelyingParty& party);

/// The count of signatures that is to be kept.
Result<std::uint32_t, Fault> check_assertion(const Assertion& assertion, const Credential& credential,
                                             const RelyingParty& party, Verification verification);

} // namespace tegami::webauthn
