#include "webauthn/client_data.h"

#include "base/base64.h"
#include "json/json.h"

namespace tegami::webauthn {

namespace {

std::optional<std::string> text_in(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string(value->get_string());
}

} // namespace

std::optional<ClientData> parse_client_data(std::string_view octets) {
    constexpr std::size_t kDepthMax = 4;
    if (octets.size() > kClientDataBytesMax) return std::nullopt;
    const auto value = read_json(octets, kDepthMax);
    if (!value || !value->is_object() || has_repeated_names(octets)) return std::nullopt;
    const json::object& object = value->get_object();
    auto type = text_in(object, "type");
    const auto challenge = text_in(object, "challenge");
    auto origin = text_in(object, "origin");
    if (!type || !challenge || !origin) return std::nullopt;
    auto asked = base64::decode_url(*challenge);
    if (!asked) return std::nullopt;
    const json::value* const cross_origin = object.if_contains("crossOrigin");
    if (cross_origin != nullptr && !cross_origin->is_bool()) return std::nullopt;
    return ClientData{.type = *std::move(type),
                      .challenge = *std::move(asked),
                      .origin = *std::move(origin),
                      .cross_origin = cross_origin != nullptr && cross_origin->get_bool()};
}

} // namespace tegami::webauthn
