// What `tegami setup` writes into the configuration. Pure.
#pragma once

#include "app/configuration/config.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::app {

/// What was asked for; what is not named stays.
struct SetupWishes {
    struct Acme {
        std::string directory;
        std::string authorities; ///< PEM file, or empty
    };

    struct Through {
        std::string host;
        std::uint16_t port = 587;
        std::string user;          ///< empty: no login
        std::string password_file; ///< absolute
    };

    std::string host_name;
    std::optional<std::string> data_directory;
    std::optional<ResolverConfig> resolver;
    std::optional<std::uint64_t> memory_budget;
    std::optional<Acme> acme;
    std::optional<Through> smarthost;
};

/// `text` with all of it; `port_offset` is for the service that an authority needs besides.
std::string with_wishes(std::string text, const SetupWishes& wishes, const Config& before, std::uint16_t port_offset);

/// "smtp.example.net:465"; nothing if it is no such thing.
std::optional<SetupWishes::Through> parse_smarthost(std::string_view text);

/// What a machine of this size gives the server; nothing: the default is right.
std::optional<std::uint64_t> memory_budget_for(std::uint64_t machine_bytes);

} // namespace tegami::app
