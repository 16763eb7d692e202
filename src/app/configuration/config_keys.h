// The keys of the configuration file, one entry each: where it stands and how its value is read. Everything that must
// know all keys (the parser, its suggestions, the tests of the documents) goes through these tables.
#pragma once

#include "app/configuration/config_reading.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::app {

struct ConfigKey {
    std::string_view table; ///< empty: top level
    std::string_view name;
    void (*read)(ConfigReading&, const toml::node&, Config&);

    std::string full_name() const;
};

/// What stands under one [listen.SERVICE].
struct ListenSection {
    Service service = Service::smtp;
    std::vector<IpAddress> addresses;
    std::uint16_t port = 0;
    TlsMode tls = TlsMode::starttls;
    bool password_without_tls = false;
    bool proxy_protocol = false;
};

struct ListenKey {
    std::string_view name;
    void (*read)(ConfigReading&, const toml::node&, ListenSection&);
};

/// All of them: those of the sections' files, in the order of the file that `tegami init` writes.
std::span<const ConfigKey> config_keys();

std::span<const ConfigKey> server_keys();   ///< of no section, [tls]
std::span<const ConfigKey> acme_keys();     ///< [acme]
std::span<const ConfigKey> name_keys();     ///< [resolver], [dns_update]
std::span<const ConfigKey> limit_keys();    ///< [login], [log], [limits]
std::span<const ConfigKey> delivery_keys(); ///< [queue], [relay], [smarthost]
std::span<const ConfigKey> keeping_keys();  ///< [reports], [web], [retention], [store]

std::span<const ListenKey> listen_keys();
/// The service with this name.
std::optional<Service> service_named(std::string_view name);
std::vector<std::string_view> service_names();

} // namespace tegami::app
