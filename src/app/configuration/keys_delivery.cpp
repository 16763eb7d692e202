// The keys of [queue], [relay] and [smarthost].
#include "app/configuration/config_keys.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::app {

namespace {

using std::chrono::days;
using std::chrono::seconds;

/// The keys of a smarthost, in the section or in one of `others`.
struct SmarthostKey {
    std::string_view name;
    void (*read)(ConfigReading&, const toml::node&, SmarthostConfig&);
};

void read_sender_domains(ConfigReading& reading, const toml::node& node, SmarthostConfig& smarthost) {
    for (const std::string& text : reading.texts(node, "[\"example.org\"]")) {
        const auto domain = message::Domain::parse(text);
        if (domain && !domain->is_address_literal())
            smarthost.domains.insert(*domain);
        else
            reading.problem(fmt::format("\"{}\" is not a domain such as \"example.org\"", ascii::printable(text)));
    }
}

const std::array kSmarthostKeys{
    SmarthostKey{"host",
                 [](ConfigReading& r, const toml::node& n, SmarthostConfig& s) {
                     read_host(r, n, s.host,
                               "must be the name that the other server's certificate is for, such as "
                               "\"smtp.example.net\"");
                 }},
    SmarthostKey{"port", [](ConfigReading& r, const toml::node& n, SmarthostConfig& s) { r.port(n, s.port); }},
    SmarthostKey{"tls",
                 [](ConfigReading& r, const toml::node& n, SmarthostConfig& s) {
                     choose(r, n, s.tls, kTlsModes);
                     if (s.tls == TlsMode::none)
                         r.problem("mail goes to a smarthost under TLS only: \"starttls\" or \"implicit\"");
                 }},
    SmarthostKey{"user", [](ConfigReading& r, const toml::node& n, SmarthostConfig& s) { r.text(n, s.user); }},
    SmarthostKey{"password_file",
                 [](ConfigReading& r, const toml::node& n, SmarthostConfig& s) { r.path(n, s.password_file); }},
    SmarthostKey{"domains", read_sender_domains},
};

template <std::size_t Key>
void read_smarthost(ConfigReading& reading, const toml::node& node, Config& config) {
    kSmarthostKeys[Key].read(reading, node, config.smarthost);
}

/// A list of tables with the keys of the section.
void read_other_smarthosts(ConfigReading& reading, const toml::node& node, Config& config) {
    const auto complain = [&reading] {
        reading.problem("must be a list such as [{ host = \"smtp.example.net\", port = 587, user = \"me\", "
                        "password_file = \"secret\", domains = [\"example.org\"] }]");
    };
    const auto* const list = node.as_array();
    if (!list) return complain();
    for (const toml::node& element : *list) {
        const auto* const table = element.as_table();
        if (!table || !table->contains("host") || !table->contains("domains")) return complain();
        SmarthostConfig other;
        for (const auto& [name, value] : *table) {
            const auto key = std::ranges::find(kSmarthostKeys, name.str(), &SmarthostKey::name);
            if (key == kSmarthostKeys.end()) return complain();
            key->read(reading, value, other);
        }
        config.other_smarthosts.push_back(std::move(other));
    }
}

const std::array kDeliveryKeys{
    ConfigKey{"queue", "first_retry",
              [](ConfigReading& r, const toml::node& n, Config& c) {
                  r.duration(n, c.queue.first_retry, seconds(1), days(1));
              }},
    ConfigKey{"queue", "longest_retry",
              [](ConfigReading& r, const toml::node& n, Config& c) {
                  r.duration(n, c.queue.longest_retry, seconds(1), days(7));
              }},
    ConfigKey{
        "queue", "expiry",
        [](ConfigReading& r, const toml::node& n, Config& c) { r.duration(n, c.queue.expiry, seconds(1), days(30)); }},
    ConfigKey{"relay", "port", [](ConfigReading& r, const toml::node& n, Config& c) { r.port(n, c.relay.port); }},
    ConfigKey{"relay", "policy_port",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.port(n, c.relay.policy_port); }},
    ConfigKey{"smarthost", "host", read_smarthost<0>},
    ConfigKey{"smarthost", "port", read_smarthost<1>},
    ConfigKey{"smarthost", "tls", read_smarthost<2>},
    ConfigKey{"smarthost", "user", read_smarthost<3>},
    ConfigKey{"smarthost", "password_file", read_smarthost<4>},
    ConfigKey{"smarthost", "domains", read_smarthost<5>},
    ConfigKey{"smarthost", "others", read_other_smarthosts},
};

} // namespace

std::span<const ConfigKey> delivery_keys() {
    return kDeliveryKeys;
}

} // namespace tegami::app
