// What a browser says of what it was asked for (WebAuthn level 2 §5.8.1): JSON, of which a signature covers the very octets.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::webauthn {

/// Limit: octets of it; browsers write some 200.
inline constexpr std::size_t kClientDataBytesMax = 2048;

struct ClientData {
    std::string type;      ///< "webauthn.create", "webauthn.get"
    std::string challenge; ///< its octets
    std::string origin;    ///< "https://mail.example.org"
    bool cross_origin = false;

    bool operator==(const ClientData&) const = default;
};

/// Nothing if it is not that. Members that are not known are passed over, as the standard asks.
std::optional<ClientData> parse_client_data(std::string_view octets);

} // namespace tegami::webauthn
