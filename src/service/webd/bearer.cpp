#include "service/webd/bearer.h"

#include "base/ascii.h"

#include <fmt/format.h>

namespace tegami::webd {

std::optional<std::string> bearer_token(const net::HttpRequest& request) {
    constexpr std::string_view kScheme = "Bearer ";
    const std::vector<std::string_view> fields = request.fields.all("Authorization");
    if (fields.size() != 1 || !ascii::istarts_with(fields.front(), kScheme)) return std::nullopt;
    const std::string_view token = ascii::trim_wsp(fields.front().substr(kScheme.size()));
    return token.size() > kBearerBytesMax ? std::string() : std::string(token);
}

std::string bearer_challenge() {
    return "Bearer realm=\"mail\"";
}

TokenRefusal refuse_token(const directory::LoginFailure& failure, std::string_view scope) {
    if (failure.why == "wrong-protocol")
        return {.status = 403,
                .challenge = fmt::format(R"({}, error="insufficient_scope", scope="{}")", bearer_challenge(), scope)};
    return {.status = 401, .challenge = bearer_challenge() + ", error=\"invalid_token\""};
}

} // namespace tegami::webd
