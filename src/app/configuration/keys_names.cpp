// The keys of [resolver] and [dns_update].
#include "app/configuration/config_keys.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

constexpr std::array kResolverModes{Choice<ResolverMode>{"system", ResolverMode::system},
                                    Choice<ResolverMode>{"recursive", ResolverMode::recursive},
                                    Choice<ResolverMode>{"servers", ResolverMode::servers}};

constexpr std::array kTsigAlgorithms{Choice<dns::TsigAlgorithm>{"hmac-sha256", dns::TsigAlgorithm::hmac_sha256},
                                     Choice<dns::TsigAlgorithm>{"hmac-sha384", dns::TsigAlgorithm::hmac_sha384},
                                     Choice<dns::TsigAlgorithm>{"hmac-sha512", dns::TsigAlgorithm::hmac_sha512}};

/// Reports what is no address of a name server.
std::optional<net::Endpoint> parse_name_server(ConfigReading& reading, const std::string& text) {
    // Unbound and NSD write ADDRESS@PORT, so people do.
    const auto at = text.find('@');
    const auto address = IpAddress::parse(std::string_view(text).substr(0, at));
    const auto port = at == std::string::npos ? std::optional<std::uint16_t>(53)
                                              : ascii::parse_number<std::uint16_t>(text.substr(at + 1));
    if (const auto endpoint = net::Endpoint::parse(text)) return endpoint;
    if (address && port) return net::Endpoint{.address = *address, .port = *port};
    reading.problem(fmt::format("\"{}\" is not an address such as \"192.0.2.53\", \"192.0.2.53:5353\" or "
                                "\"[2001:db8::53]:5353\"",
                                ascii::printable(text)));
    return std::nullopt;
}

void read_resolver_servers(ConfigReading& reading, const toml::node& node, Config& config) {
    for (const std::string& text : reading.texts(node, "[\"192.0.2.53:53\"]"))
        if (const auto server = parse_name_server(reading, text)) config.resolver.servers.push_back(*server);
}

void read_update_server(ConfigReading& reading, const toml::node& node, Config& config) {
    std::string text;
    reading.text(node, text);
    if (node.is_string()) config.dns_update.server = parse_name_server(reading, text);
}

void read_update_key_name(ConfigReading& reading, const toml::node& node, Config& config) {
    std::string text;
    reading.text(node, text);
    if (!node.is_string()) return;
    const auto name = dns::Name::parse(text);
    if (!name || name->is_root())
        return reading.problem("must be the name of the key, as the name server has it, such as \"tegami\"");
    config.dns_update.key_name = *name;
}

const std::array kNameKeys{
    ConfigKey{"resolver", "mode",
              [](ConfigReading& r, const toml::node& n, Config& c) { choose(r, n, c.resolver.mode, kResolverModes); }},
    ConfigKey{"resolver", "servers", read_resolver_servers},
    ConfigKey{"resolver", "trust_anchor",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.path(n, c.resolver.trust_anchor); }},
    ConfigKey{"dns_update", "server", read_update_server},
    ConfigKey{"dns_update", "key_name", read_update_key_name},
    ConfigKey{"dns_update", "algorithm",
              [](ConfigReading& r, const toml::node& n, Config& c) {
                  choose(r, n, c.dns_update.algorithm, kTsigAlgorithms);
              }},
    ConfigKey{"dns_update", "secret_file",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.path(n, c.dns_update.secret_file); }},
};

} // namespace

std::span<const ConfigKey> name_keys() {
    return kNameKeys;
}

} // namespace tegami::app
