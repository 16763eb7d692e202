#include "service/jmapd/basic.h"

#include "base/ascii.h"
#include "base/base64.h"

namespace tegami::jmapd {

namespace {

/// Limit: a login and a password (1,024 octets), in base64.
constexpr std::size_t kCredentialsBytesMax = 3000;

} // namespace

std::optional<BasicCredentials> parse_basic(std::string_view authorization) {
    constexpr std::string_view kScheme = "Basic ";
    if (!ascii::istarts_with(authorization, kScheme) || authorization.size() > kCredentialsBytesMax)
        return std::nullopt;
    const auto pair = base64::decode(ascii::trim_wsp(authorization.substr(kScheme.size())));
    const std::size_t colon = pair ? pair->find(':') : std::string::npos;
    if (colon == std::string::npos) return std::nullopt;
    return BasicCredentials{.login = pair->substr(0, colon), .password = pair->substr(colon + 1)};
}

} // namespace tegami::jmapd
