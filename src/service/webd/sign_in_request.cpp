#include "service/webd/sign_in_request.h"

#include "json/json.h"

namespace tegami::webd {

namespace {

std::optional<std::string> text_in(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string(value->get_string());
}

} // namespace

std::optional<SignInRequest> parse_sign_in(std::string_view octets) {
    constexpr std::size_t kDepthMax = 1;
    if (octets.size() > kSignInBytesMax) return std::nullopt;
    const auto value = read_json(octets, kDepthMax);
    if (!value || !value->is_object() || has_repeated_names(octets)) return std::nullopt;
    const json::object& object = value->get_object();
    if (object.size() != 2) return std::nullopt;
    const auto username = text_in(object, "username");
    const auto password = text_in(object, "password");
    if (username && password) return PasswordSignIn{.username = *username, .password = *password};
    const auto ticket = text_in(object, "ticket");
    const auto code = text_in(object, "code");
    if (ticket && code) return CodeSignIn{.ticket = *ticket, .code = *code};
    return std::nullopt;
}

std::optional<webauthn::Assertion> parse_passkey_sign_in(std::string_view octets) {
    constexpr std::size_t kDepthMax = 4;
    if (octets.size() > kPasskeySignInBytesMax) return std::nullopt;
    const auto value = read_json(octets, kDepthMax);
    if (!value || !value->is_object() || value->get_object().size() != 1) return std::nullopt;
    const json::value* const credential = value->get_object().if_contains("credential");
    if (credential == nullptr || !credential->is_object()) return std::nullopt;
    return webauthn::read_assertion(credential->get_object());
}

} // namespace tegami::webd
