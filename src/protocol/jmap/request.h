// A request (RFC 8620 §3.3) out of its octets, or why it is none (§3.6.1).
#pragma once

#include "base/result.h"
#include "json/json.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::jmap {

/// Announced in the core capability (RFC 8620 §2), but for the last two.
struct RequestLimits {
    std::size_t size_bytes = 10'000'000;
    std::size_t calls = 64;
    std::size_t objects_in_get = 1000;
    std::size_t objects_in_set = 1000;
    /// Limit: how deep the JSON of a request nests.
    std::size_t depth = 64;
    /// Limit: values and octets of text that the references of one request copy together.
    std::size_t referenced = 500'000;
};

/// One method call, or one response to it.
struct Invocation {
    std::string name;
    json::object arguments;
    std::string call_id;
};

struct Request {
    std::set<std::string, std::less<>> capabilities; ///< using
    std::vector<Invocation> calls;
    /// What the client knows of earlier requests; nothing: it does not want to know of this one either.
    std::optional<json::object> created_ids;
};

/// A problem with the request as a whole (RFC 7807).
struct RequestFault {
    enum class Kind : std::uint8_t { unknown_capability, not_json, not_request, limit };

    Kind kind;
    std::string detail;
    std::string limit{}; ///< which one, if it is that
};

/// The octets as an object, which a request is. Faults: of size, not_json, not_request.
Result<json::object, RequestFault> read_message(std::string_view octets, const RequestLimits& limits);

/// A request out of its object; members that are not known are passed over. Its size is not looked at.
Result<Request, RequestFault> take_request(json::object object, const RequestLimits& limits,
                                           bool (*known)(std::string_view capability));

/// Both. `known`: whether we have this capability. Only what it says is believed: the limit of size is the caller's, too.
Result<Request, RequestFault> parse_request(std::string_view octets, const RequestLimits& limits,
                                            bool (*known)(std::string_view capability));

/// The body of an answer with status 400, application/problem+json.
json::object problem_details(const RequestFault& fault);

} // namespace tegami::jmap
