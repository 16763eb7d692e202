// The key that an authority knows us by: ECDSA P-256, which signs every request (ES256, RFC 7518 §3.4).
#pragma once

#include "base/result.h"
#include "p256/key.h"

#include <string>
#include <string_view>

namespace tegami::acme {

class AccountKey {
public:
    /// Of PEM text. The error is a sentence.
    static Result<AccountKey, std::string> parse(const std::string& pem);
    /// A new one as PEM text, to be kept where nobody else reads it.
    static std::string create();

    /// The public key as JSON, in the form that has one hash (RFC 7638 §3.3).
    const std::string& public_json() const { return public_json_; }

    /// RFC 8555 §8.1: what proves to the authority that whoever answers a challenge has this key.
    std::string authorization_for(std::string_view token) const;

    /// 64 octets.
    std::string sign(std::string_view octets) const { return key_.sign(octets); }

private:
    explicit AccountKey(p256::Key key);

    p256::Key key_;
    std::string public_json_;
};

} // namespace tegami::acme
