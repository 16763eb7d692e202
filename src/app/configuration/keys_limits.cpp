// The keys of [login], [log] and [limits].
#include "app/configuration/config_keys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace tegami::app {

namespace {

constexpr std::array kLogLevels{Choice<LogLevel>{"debug", LogLevel::debug}, Choice<LogLevel>{"info", LogLevel::info},
                                Choice<LogLevel>{"warning", LogLevel::warning},
                                Choice<LogLevel>{"error", LogLevel::error}};
constexpr std::array kLogFormats{Choice<LogFormat>{"text", LogFormat::text},
                                 Choice<LogFormat>{"json", LogFormat::json}};

void read_login_mechanisms(ConfigReading& reading, const toml::node& node, Config& config) {
    config.login.mechanisms = reading.texts(node, "[\"SCRAM-SHA-256\", \"PLAIN\"]");
    for (std::string& name : config.login.mechanisms) {
        name = ascii::upper(name);
        if (std::ranges::find(sasl::kMechanisms, name) == sasl::kMechanisms.end())
            reading.problem(fmt::format("\"{}\" is not one of \"{}\"", ascii::printable(name),
                                        fmt::join(sasl::kMechanisms, "\", \"")));
    }
    if (config.login.mechanisms.empty()) reading.problem("must name at least one, or nobody can log in");
}

constexpr std::uint64_t kMessageBytesMax = 2ULL << 30;
constexpr std::uint32_t kConnectionsMax = 1'000'000;

const std::array kLimitKeys{
    ConfigKey{"login", "mechanisms", read_login_mechanisms},
    ConfigKey{"log", "level",
              [](ConfigReading& r, const toml::node& n, Config& c) { choose(r, n, c.log.least, kLogLevels); }},
    ConfigKey{"log", "format",
              [](ConfigReading& r, const toml::node& n, Config& c) { choose(r, n, c.log.format, kLogFormats); }},
    // RFC 5321 §4.5.3.1.7: at least 64 KiB of content; §4.5.3.1.8: at least 100 recipients.
    ConfigKey{"limits", "message_size",
              [](ConfigReading& r, const toml::node& n, Config& c) {
                  r.bytes(n, c.limits.message_bytes, 64ULL << 10, kMessageBytesMax);
              }},
    ConfigKey{"limits", "recipients",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.number(n, c.limits.recipients, 100, 10'000); }},
    ConfigKey{"limits", "connections",
              [](ConfigReading& r, const toml::node& n, Config& c) {
                  r.number(n, c.limits.connections, 10, kConnectionsMax);
              }},
    ConfigKey{"limits", "connections_per_address",
              [](ConfigReading& r, const toml::node& n, Config& c) {
                  r.number(n, c.limits.connections_per_address, 1, kConnectionsMax);
              }},
};

} // namespace

std::span<const ConfigKey> limit_keys() {
    return kLimitKeys;
}

} // namespace tegami::app
