#include "protocol/jmap/socket_message.h"

#include <algorithm>

namespace tegami::jmap {

namespace {

/// Limit: octets of the id of a request, of a push state and of the name of a type.
constexpr std::size_t kNameBytesMax = 255;
/// Limit: types that a client asks for.
constexpr std::size_t kTypesMax = 100;

using Kind = RequestFault::Kind;

/// A text that may be missing; false if it is something else.
bool take_name(const json::object& object, std::string_view name, std::optional<std::string>& into) {
    const json::value* const value = object.if_contains(name);
    if (value == nullptr || value->is_null()) return true;
    const json::string* const text = value->if_string();
    if (text == nullptr || text->size() > kNameBytesMax) return false;
    into = std::string(*text);
    return true;
}

std::optional<PushEnable> take_push_enable(const json::object& object) {
    PushEnable push;
    if (!take_name(object, "pushState", push.push_state)) return std::nullopt;
    const json::value* const types = object.if_contains("dataTypes");
    if (types == nullptr || types->is_null()) return push;
    if (!types->is_array() || types->get_array().size() > kTypesMax) return std::nullopt;
    push.types.emplace();
    for (const json::value& type : types->get_array()) {
        if (!type.is_string() || type.get_string().size() > kNameBytesMax) return std::nullopt;
        push.types->emplace_back(type.get_string());
    }
    return push;
}

} // namespace

Result<SocketMessage, SocketFault> parse_socket_message(std::string_view octets, const RequestLimits& limits,
                                                        bool (*known)(std::string_view capability)) {
    auto object = read_message(octets, limits);
    if (!object) return failure(SocketFault{std::move(object).error()});
    std::optional<std::string> id;
    const auto not_request = [&](std::string detail) {
        return failure(SocketFault{{.kind = Kind::not_request, .detail = std::move(detail)}, id});
    };
    if (!take_name(*object, "id", id)) return not_request("id must be a short text");
    const json::value* const named = object->if_contains("@type");
    const std::string_view type = named != nullptr && named->is_string() ? named->get_string() : std::string_view();
    if (type == "Request") {
        auto request = take_request(*std::move(object), limits, known);
        if (!request) return failure(SocketFault{std::move(request).error(), std::move(id)});
        return SocketRequest{std::move(id), *std::move(request)};
    }
    if (type == "WebSocketPushDisable") return PushDisable{};
    if (type != "WebSocketPushEnable")
        return not_request("@type must be Request, WebSocketPushEnable or WebSocketPushDisable");
    auto push = take_push_enable(*object);
    if (!push) return not_request("dataTypes must be a list of names, and pushState a short text");
    return *std::move(push);
}

void mark_for_socket(json::object& answer, std::string_view type, const std::optional<std::string>& request_id) {
    answer["@type"] = type;
    if (request_id) answer["requestId"] = *request_id;
}

} // namespace tegami::jmap
