// What a client says over a WebSocket (RFC 8887 §4.3): requests, and whether it wants to be told of changes.
#pragma once

#include "protocol/jmap/request.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tegami::jmap {

struct SocketRequest {
    std::optional<std::string> id; ///< that the client gave it
    Request request;
};

struct PushEnable {
    std::optional<std::vector<std::string>> types; ///< nothing: all
    std::optional<std::string> push_state;         ///< the last that the client was told
};

struct PushDisable {};

using SocketMessage = std::variant<SocketRequest, PushEnable, PushDisable>;

struct SocketFault {
    RequestFault fault;
    std::optional<std::string> request_id{}; ///< of the message, as far as it could be read
};

/// As parse_request().
Result<SocketMessage, SocketFault> parse_socket_message(std::string_view octets, const RequestLimits& limits,
                                                        bool (*known)(std::string_view capability));

/// The members that make a response, or a problem, one that goes over a WebSocket: "Response", "RequestError".
void mark_for_socket(json::object& answer, std::string_view type, const std::optional<std::string>& request_id);

} // namespace tegami::jmap
