#include "service/webd/session_cookie.h"

#include "base/ascii.h"
#include "directory/web_session.h"

#include <fmt/format.h>

namespace tegami::webd {

namespace {

constexpr std::string_view kName = "__Host-tegami";
/// Never sent with what another site begins, never seen by scripts.
constexpr std::string_view kAttributes = "Path=/; Secure; HttpOnly; SameSite=Strict";

} // namespace

std::optional<std::string> token_in_cookies(std::string_view field) {
    std::optional<std::string> token;
    for (const std::string_view each : ascii::split(field, ';')) {
        const std::string_view pair = ascii::trim_wsp(each);
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || pair.substr(0, equals) != kName) continue;
        const std::string_view value = pair.substr(equals + 1);
        if (token || value.empty() || value.size() > kTokenBytesMax) return std::nullopt;
        token = value;
    }
    return token;
}

std::optional<std::string> token_of(const net::HttpRequest& request) {
    const std::vector<std::string_view> fields = request.fields.all("Cookie");
    return fields.size() == 1 ? token_in_cookies(fields.front()) : std::nullopt;
}

std::string set_cookie(std::string_view token) {
    const auto rests = std::chrono::duration_cast<std::chrono::seconds>(directory::kWebSessionTime);
    return fmt::format("{}={}; Max-Age={}; {}", kName, token, rests.count(), kAttributes);
}

std::string clear_cookie() {
    return fmt::format("{}=; Max-Age=0; {}", kName, kAttributes);
}

} // namespace tegami::webd
