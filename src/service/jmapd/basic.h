// Basic authentication (RFC 7617).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tegami::jmapd {

/// The login and the password of a field Authorization (§2).
struct BasicCredentials {
    std::string login;
    std::string password;
};

std::optional<BasicCredentials> parse_basic(std::string_view authorization);

} // namespace tegami::jmapd
