// What a person who signs in sends: name and password and, where a second factor is in force, then a code; or a passkey.
#pragma once

#include "webauthn/credential_json.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace tegami::webd {

/// Limit: octets of the whole; the longest login and password fit, also written with escapes.
inline constexpr std::size_t kSignInBytesMax = 8 * 1024;

struct PasswordSignIn {
    std::string username;
    std::string password;
};

struct CodeSignIn {
    std::string ticket; ///< of the password that was right
    std::string code;
};

using SignInRequest = std::variant<PasswordSignIn, CodeSignIn>;

/// An object with the two texts of one of them; nothing if it is not that and only that.
std::optional<SignInRequest> parse_sign_in(std::string_view octets);

/// Limit: octets of what a passkey has signed, with what is around it.
inline constexpr std::size_t kPasskeySignInBytesMax = webauthn::kCredentialJsonBytesMax;

/// An object with a `credential`, and nothing else; nothing if it is not that.
std::optional<webauthn::Assertion> parse_passkey_sign_in(std::string_view octets);

} // namespace tegami::webd
