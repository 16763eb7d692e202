#include "service/webd/sign_in_request.h"

#include "json/json.h"

namespace tegami::webd {

std::optional<SignInRequest> parse_sign_in(std::string_view octets) {
    constexpr std::size_t kDepthMax = 1;
    if (octets.size() > kSignInBytesMax) return std::nullopt;
    const auto value = read_json(octets, kDepthMax);
    if (!value || !value->is_object() || has_repeated_names(octets)) return std::nullopt;
    const json::object& object = value->get_object();
    const json::value* const username = object.if_contains("username");
    const json::value* const password = object.if_contains("password");
    if (object.size() != 2 || username == nullptr || password == nullptr) return std::nullopt;
    if (!username->is_string() || !password->is_string()) return std::nullopt;
    return SignInRequest{.username = std::string(username->get_string()),
                         .password = std::string(password->get_string())};
}

} // namespace tegami::webd
