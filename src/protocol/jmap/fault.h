// Why a method, or one record of it, did not work (RFC 8620 §3.6.2, §5.3).
#pragma once

#include "json/json.h"

#include <string>
#include <vector>

namespace tegami::jmap {

struct Fault {
    std::string type;        ///< as registered: "invalidArguments", "stateMismatch", "invalidProperties" …
    std::string description; ///< for whoever writes the client; may be empty
    /// What is wrong: "arguments" of a method, "properties" of a record.
    std::vector<std::string> names{};
    json::object more{}; ///< other members

    bool operator==(const Fault&) const = default;
};

/// The arguments of an "error" response.
json::object method_error(const Fault& fault);
/// A SetError.
json::object set_error(const Fault& fault);

Fault invalid_arguments(std::vector<std::string> names, std::string description);
Fault invalid_properties(std::vector<std::string> names, std::string description);

} // namespace tegami::jmap
