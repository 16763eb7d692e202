#include "acme/jws.h"

#include "acme/openssl_types.h"
#include "base/ascii.h"
#include "base/base64.h"
#include "json/json.h"

namespace tegami::acme {

namespace {

/// The value as JSON text, quotes and all.
std::string quoted(std::string_view text) {
    return write_json(json::value(text));
}

std::string jws_of(std::string_view header, std::string_view payload, const auto& sign) {
    const std::string part = encode_base64url(header);
    const std::string body = encode_base64url(payload);
    return fmt::format(R"({{"protected":"{}","payload":"{}","signature":"{}"}})", part, body,
                       encode_base64url(sign(part + "." + body)));
}

} // namespace

std::string encode_base64url(std::string_view octets) {
    std::string text = base64::encode(octets);
    while (text.ends_with('='))
        text.pop_back();
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text;
}

bool is_base64url(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return ascii::is_alnum(c) || c == '-' || c == '_'; });
}

std::optional<std::string> decode_base64url(std::string_view text) {
    if (!is_base64url(text)) return std::nullopt;
    std::string plain(text);
    std::ranges::replace(plain, '-', '+');
    std::ranges::replace(plain, '_', '/');
    plain.append((4 - plain.size() % 4) % 4, '=');
    return base64::decode(plain);
}

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
