#include "acme/jws.h"

#include "acme/openssl_types.h"
#include "base/base64.h"
#include "json/json.h"

#include <fmt/format.h>

namespace tegami::acme {

namespace {

/// The value as JSON text, quotes and all.
std::string quoted(std::string_view text) {
    return write_json(json::value(text));
}

std::string jws_of(std::string_view header, std::string_view payload, const auto& sign) {
    const std::string part = base64::encode_url(header);
    const std::string body = base64::encode_url(payload);
    return fmt::format(R"({{"protected":"{}","payload":"{}","signature":"{}"}})", part, body,
                       base64::encode_url(sign(part + "." + body)));
}

} // namespace

std::string sign_request(const AccountKey& key, const JwsHeader& header, std::string_view payload) {
    const std::string who = header.account.empty() ? fmt::format(R"("jwk":{})", key.public_json())
                                                   : fmt::format(R"("kid":{})", quoted(header.account));
    return jws_of(
        fmt::format(R"({{"alg":"ES256",{},"nonce":{},"url":{}}})", who, quoted(header.nonce), quoted(header.url)),
        payload, [&key](const std::string& octets) { return key.sign(octets); });
}

std::string bind_account(const AccountKey& key, const ExternalAccount& account, std::string_view new_account_url) {
    return jws_of(fmt::format(R"({{"alg":"HS256","kid":{},"url":{}}})", quoted(account.id), quoted(new_account_url)),
                  key.public_json(),
                  [&account](const std::string& octets) { return hmac_sha256(account.secret, octets); });
}

} // namespace tegami::acme
