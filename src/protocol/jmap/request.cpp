#include "protocol/jmap/request.h"

#include "protocol/jmap/types.h"

#include <fmt/format.h>

namespace tegami::jmap {

namespace {

using Kind = RequestFault::Kind;

std::unexpected<RequestFault> not_request(std::string detail) {
    return failure(RequestFault{.kind = Kind::not_request, .detail = std::move(detail)});
}

std::unexpected<RequestFault> over(std::string_view limit) {
    return failure(
        RequestFault{.kind = Kind::limit, .detail = "the request is too large", .limit = std::string(limit)});
}

/// Text, but no more of it than a name needs.
std::optional<std::string> short_text(const json::value& value) {
    constexpr std::size_t kTextBytesMax = 1000;
    const json::string* const text = value.if_string();
    if (text == nullptr || text->size() > kTextBytesMax) return std::nullopt;
    return std::string(*text);
}

Result<Invocation, RequestFault> parse_call(json::value& value) {
    json::array* const parts = value.if_array();
    if (parts == nullptr || parts->size() != 3) return not_request("a method call is [name, arguments, id]");
    auto name = short_text((*parts)[0]);
    auto id = short_text((*parts)[2]);
    if (!name || !id || !(*parts)[1].is_object()) return not_request("a method call is [name, arguments, id]");
    return Invocation{
        .name = *std::move(name), .arguments = std::move((*parts)[1].get_object()), .call_id = *std::move(id)};
}

Result<void, RequestFault> parse_using(const json::object& object, bool (*known)(std::string_view), Request& request) {
    const json::value* const named = object.if_contains("using");
    if (named == nullptr || !named->is_array()) return not_request("using must be a list of capabilities");
    for (const json::value& one : named->get_array()) {
        const auto capability = short_text(one);
        if (!capability) return not_request("using must be a list of capabilities");
        if (!known(*capability))
            return failure(RequestFault{.kind = Kind::unknown_capability,
                                        .detail = fmt::format("{} is not known here", *capability)});
        request.capabilities.insert(*capability);
    }
    return {};
}

Result<void, RequestFault> parse_created_ids(json::object& object, Request& request) {
    json::value* const given = object.if_contains("createdIds");
    if (given == nullptr || given->is_null()) return {};
    if (!given->is_object()) return not_request("createdIds must be an object");
    for (const auto& [creation_id, id] : given->get_object())
        if (!is_id(creation_id) || !id.is_string() || !is_id(id.get_string()))
            return not_request("createdIds must lead from ids to ids");
    request.created_ids = std::move(given->get_object());
    return {};
}

} // namespace

Result<json::object, RequestFault> read_message(std::string_view octets, const RequestLimits& limits) {
    if (octets.size() > limits.size_bytes) return over("maxSizeRequest");
    auto parsed = read_json(octets, limits.depth);
    if (!parsed || has_repeated_names(octets))
        return failure(RequestFault{.kind = Kind::not_json, .detail = "the request is no I-JSON (RFC 7493)"});
    json::object* const object = parsed->if_object();
    if (object == nullptr) return not_request("a request is an object");
    return std::move(*object);
}

Result<Request, RequestFault> take_request(json::object object, const RequestLimits& limits,
                                           bool (*known)(std::string_view capability)) {
    Request request;
    TRY_VOID(parse_using(object, known, request));
    json::value* const calls = object.if_contains("methodCalls");
    if (calls == nullptr || !calls->is_array()) return not_request("methodCalls must be a list");
    if (calls->get_array().size() > limits.calls) return over("maxCallsInRequest");
    for (json::value& one : calls->get_array()) {
        TRY(Invocation call, parse_call(one));
        request.calls.push_back(std::move(call));
    }
    TRY_VOID(parse_created_ids(object, request));
    return request;
}

Result<Request, RequestFault> parse_request(std::string_view octets, const RequestLimits& limits,
                                            bool (*known)(std::string_view capability)) {
    TRY(json::object object, read_message(octets, limits));
    return take_request(std::move(object), limits, known);
}

json::object problem_details(const RequestFault& fault) {
    const auto name = [&fault] -> std::string_view {
        switch (fault.kind) {
        case Kind::unknown_capability: return "unknownCapability";
        case Kind::not_json: return "notJSON";
        case Kind::not_request: return "notRequest";
        case Kind::limit: break;
        }
        return "limit";
    };
    json::object details{
        {"type", fmt::format("urn:ietf:params:jmap:error:{}", name())}, {"status", 400}, {"detail", fault.detail}};
    if (!fault.limit.empty()) details["limit"] = fault.limit;
    return details;
}

} // namespace tegami::jmap
