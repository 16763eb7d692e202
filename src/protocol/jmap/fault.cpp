#include "protocol/jmap/fault.h"

namespace tegami::jmap {

namespace {

json::object error_object(const Fault& fault, std::string_view names) {
    json::object object{{"type", fault.type}};
    if (!fault.description.empty()) object["description"] = fault.description;
    if (!fault.names.empty()) object[names] = json::array(fault.names.begin(), fault.names.end());
    for (const auto& [name, value] : fault.more)
        object[name] = value;
    return object;
}

} // namespace

json::object method_error(const Fault& fault) {
    return error_object(fault, "arguments");
}

json::object set_error(const Fault& fault) {
    return error_object(fault, "properties");
}

Fault invalid_arguments(std::vector<std::string> names, std::string description) {
    return {.type = "invalidArguments", .description = std::move(description), .names = std::move(names)};
}

Fault invalid_properties(std::vector<std::string> names, std::string description) {
    return {.type = "invalidProperties", .description = std::move(description), .names = std::move(names)};
}

} // namespace tegami::jmap
