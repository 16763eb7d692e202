// Signatures with a secret that we share with a name server (TSIG, RFC 8945): of what we send, and of its answers.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "protocol/dns_update/response.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::dns {

/// How far two clocks may be apart (RFC 8945 §10).
inline constexpr auto kTsigFudge = std::chrono::seconds(300);

// Errors that a server tells in its signature (RFC 8945 §3).
inline constexpr unsigned kBadSignature = 16;
inline constexpr unsigned kBadKey = 17;
inline constexpr unsigned kBadTime = 18;
inline constexpr unsigned kBadTruncation = 22;

enum class TsigAlgorithm : std::uint8_t { hmac_sha256, hmac_sha384, hmac_sha512 };

struct TsigKey {
    Name name;
    TsigAlgorithm algorithm = TsigAlgorithm::hmac_sha256;
    std::string secret; ///< octets
};

std::string_view to_string(TsigAlgorithm algorithm);
std::optional<TsigAlgorithm> parse_tsig_algorithm(std::string_view text);

struct SignedMessage {
    std::string octets;
    std::string mac; ///< the answer's is computed over it
};

/// `message` has no signature yet.
SignedMessage sign(std::string message, const TsigKey& key, Timestamp now);

/// Why an answer counts for nothing, or the update did not.
enum class TsigFault : std::uint8_t {
    not_signed,     ///< anybody may have sent it
    other_key,      ///< signed with a key of another name or algorithm
    wrong_mac,      ///< forged, damaged, or cut off: we take no shortened ones (RFC 8945 §5.2.2.1)
    wrong_time,     ///< signed too long ago, or in the future
    key_unknown,    ///< the server says that it does not know the key (BADKEY); anybody may have said so
    secret_differs, ///< the server says that our signature is wrong (BADSIG); anybody may have said so
    clocks_differ,  ///< the server says that our clock and its own are too far apart (BADTIME)
    refused,        ///< the server does not like the signature for another reason
};

/// Whether `response`, which is parsed from `octets`, is signed with the key as the answer to what we signed with
/// `request_mac`.
Result<void, TsigFault> verify(std::string_view octets, const Response& response, const TsigKey& key,
                               std::string_view request_mac, Timestamp now);

} // namespace tegami::dns
