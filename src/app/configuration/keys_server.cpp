// The keys of the file as a whole: the server itself, and [tls].
#include "app/configuration/config_keys.h"

#include <fmt/format.h>

#include <filesystem>

namespace tegami::app {

namespace {

void read_host_name(ConfigReading& reading, const toml::node& node, Config& config) {
    read_host(reading, node, config.host_name,
              "must be the full name of this server in the DNS, such as \"mail.example.org\"");
}

void read_default_domain(ConfigReading& reading, const toml::node& node, Config& config) {
    std::string text;
    reading.text(node, text);
    if (!node.is_string()) return;
    const auto domain = message::Domain::parse(text);
    if (!domain || domain->is_address_literal())
        return reading.problem("must be a mail domain such as \"example.org\"");
    config.default_domain = *domain;
}

void read_backup_directories(ConfigReading& reading, const toml::node& node, Config& config) {
    for (const std::string& text : reading.texts(node, "[\"/mnt/backup/mail\"]")) {
        if (std::filesystem::path(text).is_absolute())
            config.backup_directories.push_back(std::filesystem::path(text).lexically_normal().string());
        else
            reading.problem(
                fmt::format("\"{}\" is not an absolute path such as \"/mnt/backup/mail\"", ascii::printable(text)));
    }
}

void read_trusted_networks(ConfigReading& reading, const toml::node& node, Config& config) {
    read_networks(reading, node, config.trusted_networks);
}

void read_trusted_proxies(ConfigReading& reading, const toml::node& node, Config& config) {
    read_networks(reading, node, config.trusted_proxies);
}

void read_trusted_sealers(ConfigReading& reading, const toml::node& node, Config& config) {
    for (const std::string& text : reading.texts(node, "[\"lists.example.org\"]")) {
        const auto domain = message::Domain::parse(text);
        if (domain && !domain->is_address_literal())
            config.trusted_sealers.insert(*domain);
        else
            reading.problem(
                fmt::format("\"{}\" is not a domain such as \"lists.example.org\"", ascii::printable(text)));
    }
}

/// A list of tables, each with the two files of a certificate.
void read_other_certificates(ConfigReading& reading, const toml::node& node, Config& config) {
    const auto complain = [&reading] {
        reading.problem("must be a list such as [{ certificate = \"other.pem\", key = \"other.key\" }]");
    };
    const auto* const list = node.as_array();
    if (!list) return complain();
    for (const toml::node& element : *list) {
        const auto* const files = element.as_table();
        const auto* const certificate = files ? files->get("certificate") : nullptr;
        const auto* const key = files ? files->get("key") : nullptr;
        if (!certificate || !key || files->size() != 2) return complain();
        CertificateFiles read;
        reading.path(*certificate, read.certificate);
        reading.path(*key, read.key);
        config.tls.others.push_back(std::move(read));
    }
}

constexpr std::uint64_t kMiB = 1ULL << 20;
constexpr std::uint64_t kGiB = 1ULL << 30;

const std::array kServerKeys{
    ConfigKey{"", "host_name", read_host_name},
    ConfigKey{"", "default_domain", read_default_domain},
    ConfigKey{"", "data_directory",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.path(n, c.data_directory); }},
    ConfigKey{"", "memory_budget",
              [](ConfigReading& r, const toml::node& n, Config& c) {
                  r.bytes(n, c.memory_budget_bytes, 192 * kMiB, 1024 * kGiB);
              }},
    ConfigKey{"", "backup_directories", read_backup_directories},
    ConfigKey{"", "trusted_networks", read_trusted_networks},
    ConfigKey{"", "trusted_proxies", read_trusted_proxies},
    ConfigKey{"", "trusted_sealers", read_trusted_sealers},
    ConfigKey{"", "received_spf",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.boolean(n, c.received_spf); }},
    ConfigKey{"", "trust_wide_networks",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.boolean(n, c.trust_wide_networks); }},
    ConfigKey{"tls", "certificate",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.path(n, c.tls.certificate); }},
    ConfigKey{"tls", "key", [](ConfigReading& r, const toml::node& n, Config& c) { r.path(n, c.tls.key); }},
    ConfigKey{"tls", "others", read_other_certificates},
};

} // namespace

std::span<const ConfigKey> server_keys() {
    return kServerKeys;
}

} // namespace tegami::app
