// Signed requests: JWS in its flattened JSON form (RFC 7515, RFC 8555 §6.2).
#pragma once

#include "acme/account_key.h"
#include "base/base64.h"

#include <string>
#include <string_view>

namespace tegami::acme {

struct JwsHeader {
    std::string url;
    std::string nonce;
    std::string account; ///< its address; empty: the authority does not know the key yet, which is sent in full
};

/// The body of a request with this payload, which is JSON, or empty for what only asks (RFC 8555 §6.3).
std::string sign_request(const AccountKey& key, const JwsHeader& header, std::string_view payload);

/// A key that the authority gave out by other ways, for its customers (RFC 8555 §7.3.4).
struct ExternalAccount {
    std::string id;
    std::string secret; ///< octets; empty: there is none

    bool operator==(const ExternalAccount&) const = default;
};

/// Proves that whoever has the account key has the external account; JSON for the member externalAccountBinding.
std::string bind_account(const AccountKey& key, const ExternalAccount& account, std::string_view new_account_url);

} // namespace tegami::acme
