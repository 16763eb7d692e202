#include "acme/account_key.h"

#include "acme/openssl_types.h"
#include "base/base64.h"

#include <fmt/format.h>

namespace tegami::acme {

Result<AccountKey, std::string> AccountKey::parse(const std::string& pem) {
    auto key = p256::Key::parse(pem);
    if (!key) return failure(std::string("it is no ECDSA P-256 key in PEM form"));
    return AccountKey(*std::move(key));
}

std::string AccountKey::create() {
    return new_key_pem();
}

AccountKey::AccountKey(p256::Key key) : key_(std::move(key)) {
    const std::string_view point = key_.public_octets();
    public_json_ = fmt::format(R"({{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}})",
                               base64::encode_url(point.substr(1, p256::kNumberBytes)),
                               base64::encode_url(point.substr(1 + p256::kNumberBytes)));
}

std::string AccountKey::authorization_for(std::string_view token) const {
    return fmt::format("{}.{}", token, base64::encode_url(sha256(public_json_)));
}

} // namespace tegami::acme
