#include "protocol/web_push/vapid.h"

#include "base/base64.h"
#include "json/json.h"

#include <fmt/format.h>

namespace tegami::web_push {

std::string vapid_authorization(const p256::Key& key, const Claim& claim) {
    const auto expires = std::chrono::duration_cast<std::chrono::seconds>(claim.expires.time_since_epoch()).count();
    const json::object header{{"typ", "JWT"}, {"alg", "ES256"}};
    const json::object body{{"aud", claim.audience}, {"exp", expires}, {"sub", claim.contact}};
    const std::string signed_octets =
        base64::encode_url(write_json(header)) + "." + base64::encode_url(write_json(body));
    return fmt::format("vapid t={}.{}, k={}", signed_octets, base64::encode_url(key.sign(signed_octets)),
                       application_server_key(key));
}

std::string application_server_key(const p256::Key& key) {
    return base64::encode_url(key.public_octets());
}

} // namespace tegami::web_push
