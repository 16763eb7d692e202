// How an authority finds out that a name is ours.
#pragma once

#include <cstdint>
#include <string_view>

namespace tegami::acme {

enum class ChallengeKind : std::uint8_t {
    http,     ///< http-01, RFC 8555 §8.3
    tls_alpn, ///< tls-alpn-01, RFC 8737
    dns,      ///< dns-01, RFC 8555 §8.4
};

std::string_view name_of(ChallengeKind kind);

} // namespace tegami::acme
