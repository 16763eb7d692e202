#include "app/configuration/config_keys.h"

#include <fmt/format.h>

namespace tegami::app {

std::span<const ConfigKey> config_keys() {
    static const std::vector<ConfigKey> kKeys = [] {
        std::vector<ConfigKey> all;
        for (const auto& section :
             {server_keys(), acme_keys(), name_keys(), limit_keys(), delivery_keys(), keeping_keys()})
            all.insert(all.end(), section.begin(), section.end());
        return all;
    }();
    return kKeys;
}

std::string ConfigKey::full_name() const {
    return table.empty() ? std::string(name) : fmt::format("{}.{}", table, name);
}

} // namespace tegami::app
