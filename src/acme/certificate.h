// X.509: what is asked for, what is shown at a challenge, and whether what came is what was asked for.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::acme {

/// Limit: certificates of a chain.
inline constexpr std::size_t kChainLengthMax = 10;

// Errors are sentences or a few words for the operator; keys and certificates are PEM text.

/// The request (PKCS #10, RFC 2986) for these DNS names, signed by the key; DER.
Result<std::string, std::string> certificate_request(const std::string& key, const std::vector<std::string>& names);

/// RFC 8737 §3: a certificate that signed itself, and its key, in one text. `authorization`: as
/// AccountKey::authorization_for().
std::string challenge_certificate(const std::string& name, std::string_view authorization);

/// RFC 8555 §8.4: the text of the record at `_acme-challenge.NAME`.
std::string challenge_record(std::string_view authorization);

/// Whether the chain begins with a certificate for this key and all these names that has begun and not ended.
Result<void, std::string> check_chain(const std::string& chain, const std::string& key,
                                      const std::vector<std::string>& names, Timestamp now);

/// What the authority calls the certificate that the text begins with (RFC 9773 §4.1); nothing if it has no key
/// identifier of its authority.
std::optional<std::string> certificate_id(const std::string& chain);

} // namespace tegami::acme
