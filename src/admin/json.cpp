#include "admin/json.h"

namespace tegami::admin {

json::array to_array(const std::vector<std::string>& texts) {
    json::array array;
    for (const std::string& text : texts)
        array.emplace_back(text);
    return array;
}

} // namespace tegami::admin
