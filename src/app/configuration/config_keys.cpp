#include "app/configuration/config_keys.h"

#include "acme/url.h"
#include "app/configuration/units.h"
#include "base/ascii.h"
#include "message/address.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

namespace tegami::app {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// How a path begins that names a secret which systemd brings (LoadCredential= in the unit).
constexpr std::string_view kCredentials = "$CREDENTIALS_DIRECTORY/";

/// Where systemd put them: for the server it says so, commands typed by hand look where the package's unit has them.
std::string credentials_directory() {
    const char* const named = std::getenv("CREDENTIALS_DIRECTORY");
    return named ? named : "/run/credentials/tegami.service";
}

template <class T>
struct Choice {
    std::string_view name;
    T value;
};

template <class T, std::size_t N>
void choose(ConfigReading& reading, const toml::node& node, T& into, const std::array<Choice<T>, N>& choices) {
    std::string wanted;
    std::string names;
    reading.text(node, wanted);
    if (!node.is_string()) return;
    for (const Choice<T>& choice : choices) {
        if (choice.name == wanted) {
            into = choice.value;
            return;
        }
        names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", choice.name);
    }
    reading.problem(fmt::format("\"{}\" is not one of {}", ascii::printable(wanted), names));
}

constexpr std::array kServices{Choice<Service>{"smtp", Service::smtp},
                               Choice<Service>{"submission", Service::submission},
                               Choice<Service>{"submissions", Service::submissions},
                               Choice<Service>{"pop3", Service::pop3},
                               Choice<Service>{"pop3s", Service::pop3s},
                               Choice<Service>{"imap", Service::imap},
                               Choice<Service>{"imaps", Service::imaps},
                               Choice<Service>{"https", Service::https},
                               Choice<Service>{"http", Service::http},
                               Choice<Service>{"metrics", Service::metrics}};
constexpr std::array kLogLevels{Choice<LogLevel>{"debug", LogLevel::debug}, Choice<LogLevel>{"info", LogLevel::info},
                                Choice<LogLevel>{"warning", LogLevel::warning},
                                Choice<LogLevel>{"error", LogLevel::error}};
constexpr std::array kLogFormats{Choice<LogFormat>{"text", LogFormat::text},
                                 Choice<LogFormat>{"json", LogFormat::json}};
constexpr std::array kTlsModes{Choice<TlsMode>{"none", TlsMode::none}, Choice<TlsMode>{"starttls", TlsMode::starttls},
                               Choice<TlsMode>{"implicit", TlsMode::implicit}};
constexpr std::array kResolverModes{Choice<ResolverMode>{"system", ResolverMode::system},
                                    Choice<ResolverMode>{"recursive", ResolverMode::recursive},
                                    Choice<ResolverMode>{"servers", ResolverMode::servers}};

constexpr std::array kChallenges{Choice<acme::ChallengeKind>{"http-01", acme::ChallengeKind::http},
                                 Choice<acme::ChallengeKind>{"tls-alpn-01", acme::ChallengeKind::tls_alpn},
                                 Choice<acme::ChallengeKind>{"dns-01", acme::ChallengeKind::dns}};

constexpr std::array kTsigAlgorithms{Choice<dns::TsigAlgorithm>{"hmac-sha256", dns::TsigAlgorithm::hmac_sha256},
                                     Choice<dns::TsigAlgorithm>{"hmac-sha384", dns::TsigAlgorithm::hmac_sha384},
                                     Choice<dns::TsigAlgorithm>{"hmac-sha512", dns::TsigAlgorithm::hmac_sha512}};

std::string_view without_quotes(const toml::node& node) {
    return node.is_string() ? ", without quotes" : "";
}

/// The full name of a host, in A-labels.
void read_host(ConfigReading& reading, const toml::node& node, std::string& into, std::string_view what_is_right) {
    std::string text;
    reading.text(node, text);
    if (!node.is_string()) return;
    const auto name = message::Domain::parse(text);
    if (!name || name->is_address_literal() || !text.contains('.') || IpAddress::parse(text))
        return reading.problem(std::string(what_is_right));
    into = name->ascii();
}

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

void read_networks(ConfigReading& reading, const toml::node& node, std::vector<IpNetwork>& into) {
    for (const std::string& text : reading.texts(node, "[\"192.0.2.0/24\"]")) {
        if (const auto network = IpNetwork::parse(text))
            into.push_back(*network);
        else
            reading.problem(fmt::format("\"{}\" is not a network such as \"192.0.2.0/24\" or \"2001:db8::/32\" (bits "
                                        "after the prefix must be zero)",
                                        ascii::printable(text)));
    }
}

void read_trusted_networks(ConfigReading& reading, const toml::node& node, Config& config) {
    read_networks(reading, node, config.trusted_networks);
}

void read_trusted_proxies(ConfigReading& reading, const toml::node& node, Config& config) {
    read_networks(reading, node, config.trusted_proxies);
}

void read_administration_from(ConfigReading& reading, const toml::node& node, Config& config) {
    config.web.administration_from.clear();
    read_networks(reading, node, config.web.administration_from);
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

void read_acme_directory(ConfigReading& reading, const toml::node& node, Config& config) {
    reading.text(node, config.acme.directory);
    if (node.is_string() && !acme::parse_url(config.acme.directory))
        reading.problem("must be an address with https://, such as \"https://acme-v02.api.letsencrypt.org/directory\"");
}

void read_acme_contact(ConfigReading& reading, const toml::node& node, Config& config) {
    std::string text;
    reading.text(node, text);
    if (!node.is_string()) return;
    const auto address = message::parse_email_address(text);
    // RFC 8555 §7.3: one address and nothing else, as in a link.
    if (!address || ascii::has_high_octet(text) || text.find_first_of("?%,\" ") != std::string::npos)
        return reading.problem("must be an address such as \"postmaster@example.org\"");
    config.acme.contact = text;
}

void read_acme_names(ConfigReading& reading, const toml::node& node, Config& config) {
    // Limit: authorities take 100 names in one certificate; the host name is one of them.
    constexpr std::size_t kMost = 99;
    for (const std::string& text : reading.texts(node, "[\"www.example.org\"]")) {
        const std::string_view wildcard = text.starts_with("*.") ? "*." : "";
        const auto name = message::Domain::parse(std::string_view(text).substr(wildcard.size()));
        if (!name || name->is_address_literal() || !name->ascii().contains('.') || IpAddress::parse(text)) {
            reading.problem(fmt::format("\"{}\" is no name such as \"www.example.org\" or \"*.example.org\"",
                                        ascii::printable(text)));
            continue;
        }
        std::string ascii = std::string(wildcard) + name->ascii();
        if (std::ranges::find(config.acme.names, ascii) == config.acme.names.end())
            config.acme.names.push_back(std::move(ascii));
    }
    if (config.acme.names.size() > kMost) reading.problem(fmt::format("must name {} at most", kMost));
}

constexpr std::uint64_t kMiB = 1ULL << 20;
constexpr std::uint64_t kGiB = 1ULL << 30;
constexpr std::uint32_t kConnectionsMax = 1'000'000;
constexpr std::uint32_t kDaysMax = 3650;

const std::array kKeys{
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
    ConfigKey{"acme", "directory", read_acme_directory},
    ConfigKey{"acme", "terms_agreed",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.boolean(n, c.acme.terms_agreed); }},
    ConfigKey{"acme", "contact", read_acme_contact},
    ConfigKey{"acme", "challenge",
              [](ConfigReading& r, const toml::node& n, Config& c) { choose(r, n, c.acme.challenge, kChallenges); }},
    ConfigKey{"acme", "names", read_acme_names},
    ConfigKey{"acme", "authorities",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.path(n, c.acme.authorities); }},
    ConfigKey{"acme", "external_account",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.text(n, c.acme.external_account); }},
    ConfigKey{"acme", "external_account_file",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.path(n, c.acme.external_account_file); }},
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
    ConfigKey{"login", "mechanisms", read_login_mechanisms},
    ConfigKey{"log", "level",
              [](ConfigReading& r, const toml::node& n, Config& c) { choose(r, n, c.log.least, kLogLevels); }},
    ConfigKey{"log", "format",
              [](ConfigReading& r, const toml::node& n, Config& c) { choose(r, n, c.log.format, kLogFormats); }},
    // RFC 5321 §4.5.3.1.7: at least 64 KiB of content; §4.5.3.1.8: at least 100 recipients.
    ConfigKey{"limits", "message_size",
              [](ConfigReading& r, const toml::node& n, Config& c) {
                  r.bytes(n, c.limits.message_bytes, 64ULL << 10, 2 * kGiB);
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
    ConfigKey{"reports", "send",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.boolean(n, c.reports.send); }},
    ConfigKey{"web", "pictures",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.boolean(n, c.web.pictures); }},
    ConfigKey{"web", "administration_from", read_administration_from},
    ConfigKey{"web", "second_factor_for_roles",
              [](ConfigReading& r, const toml::node& n, Config& c) { r.boolean(n, c.web.second_factor_for_roles); }},
    ConfigKey{
        "retention", "journeys_days",
        [](ConfigReading& r, const toml::node& n, Config& c) { r.number(n, c.retention.journeys_days, 1, kDaysMax); }},
    ConfigKey{
        "retention", "expunged_days",
        [](ConfigReading& r, const toml::node& n, Config& c) { r.number(n, c.retention.expunged_days, 0, kDaysMax); }},
    ConfigKey{
        "retention", "audit_days",
        [](ConfigReading& r, const toml::node& n, Config& c) { r.number(n, c.retention.audit_days, 1, kDaysMax); }},
    ConfigKey{"store", "segment_size",
              [](ConfigReading& r, const toml::node& n, Config& c) {
                  r.bytes(n, c.store.segment_bytes, 1 * kMiB, 4 * kGiB);
              }},
    ConfigKey{"store", "collect_interval",
              [](ConfigReading& r, const toml::node& n, Config& c) {
                  r.duration(n, c.store.collect_interval, seconds(1), days(1));
              }},
};

void read_addresses(ConfigReading& reading, const toml::node& node, ListenSection& listen) {
    for (const std::string& text : reading.texts(node, "[\"0.0.0.0\", \"::\"]")) {
        if (const auto address = IpAddress::parse(text))
            listen.addresses.push_back(*address);
        else
            reading.problem(fmt::format("\"{}\" is not an IP address such as \"127.0.0.1\", \"0.0.0.0\" (every IPv4 "
                                        "address) or \"::\" (every IPv6 address)",
                                        ascii::printable(text)));
    }
}

const std::array kListenKeys{
    ListenKey{"address", read_addresses},
    ListenKey{"port", [](ConfigReading& r, const toml::node& n, ListenSection& l) { r.port(n, l.port); }},
    ListenKey{"tls", [](ConfigReading& r, const toml::node& n, ListenSection& l) { choose(r, n, l.tls, kTlsModes); }},
    ListenKey{"password_without_tls",
              [](ConfigReading& r, const toml::node& n, ListenSection& l) { r.boolean(n, l.password_without_tls); }},
    ListenKey{"proxy_protocol",
              [](ConfigReading& r, const toml::node& n, ListenSection& l) { r.boolean(n, l.proxy_protocol); }},
};

} // namespace

std::span<const ConfigKey> config_keys() {
    return kKeys;
}

std::span<const ListenKey> listen_keys() {
    return kListenKeys;
}

std::optional<Service> service_named(std::string_view name) {
    for (const auto& choice : kServices)
        if (choice.name == name) return choice.value;
    return std::nullopt;
}

std::vector<std::string_view> service_names() {
    std::vector<std::string_view> names;
    for (const auto& choice : kServices)
        names.push_back(choice.name);
    return names;
}

std::string ConfigKey::full_name() const {
    return table.empty() ? std::string(name) : fmt::format("{}.{}", table, name);
}

std::string_view name_of(Service service) {
    for (const auto& choice : kServices)
        if (choice.value == service) return choice.name;
    return "";
}

std::string_view name_of(TlsMode mode) {
    for (const auto& choice : kTlsModes)
        if (choice.value == mode) return choice.name;
    return "";
}

void ConfigReading::at(std::string key, const toml::node& node) {
    key_ = std::move(key);
    line_ = node.source().begin.line;
}

void ConfigReading::problem(std::string message) {
    problem_at(line_, key_, std::move(message));
}

void ConfigReading::problem_at(std::uint32_t line, std::string key, std::string message) {
    problems_.push_back({.line = line, .key = std::move(key), .message = std::move(message)});
}

void ConfigReading::text(const toml::node& node, std::string& into) {
    if (const auto* const value = node.as_string())
        into = value->get();
    else
        problem("must be text in quotes");
}

void ConfigReading::path(const toml::node& node, std::string& into) {
    std::string value;
    text(node, value);
    if (!node.is_string()) return;
    if (value.empty()) return problem("must name a file or folder; to use the default, remove the line");
    if (value.starts_with(kCredentials)) value.replace(0, kCredentials.size() - 1, credentials_directory());
    into = (std::filesystem::path(directory_) / value).lexically_normal().string();
}

void ConfigReading::boolean(const toml::node& node, bool& into) {
    if (const auto* const value = node.as_boolean())
        into = value->get();
    else
        problem("must be true or false, without quotes");
}

void ConfigReading::number(const toml::node& node, std::uint32_t& into, std::uint32_t min, std::uint32_t max) {
    const auto* const value = node.as_integer();
    if (value && value->get() >= min && value->get() <= max)
        into = static_cast<std::uint32_t>(value->get());
    else
        problem(fmt::format("must be a whole number from {} to {}{}", min, max, without_quotes(node)));
}

void ConfigReading::port(const toml::node& node, std::uint16_t& into) {
    const auto* const value = node.as_integer();
    if (value && value->get() >= 1 && value->get() <= 65535)
        into = static_cast<std::uint16_t>(value->get());
    else
        problem(fmt::format("must be a port number from 1 to 65535{}", without_quotes(node)));
}

void ConfigReading::bytes(const toml::node& node, std::uint64_t& into, std::uint64_t min, std::uint64_t max) {
    const auto* const value = node.as_string();
    const auto parsed = value ? parse_bytes(value->get()) : std::nullopt;
    if (parsed && *parsed >= min && *parsed <= max)
        into = *parsed;
    else
        problem(fmt::format("must be a size from \"{}\" to \"{}\"", print_bytes(min), print_bytes(max)));
}

void ConfigReading::duration(const toml::node& node, std::chrono::seconds& into, std::chrono::seconds min,
                             std::chrono::seconds max) {
    const auto* const value = node.as_string();
    const auto parsed = value ? parse_duration(value->get()) : std::nullopt;
    if (parsed && *parsed >= min && *parsed <= max)
        into = *parsed;
    else
        problem(fmt::format("must be a time from \"{}\" to \"{}\" (units s, min, h, d)", print_duration(min),
                            print_duration(max)));
}

std::vector<std::string> ConfigReading::texts(const toml::node& node, std::string_view example) {
    std::vector<std::string> result;
    if (const auto* const single = node.as_string()) return {single->get()};
    const auto* const list = node.as_array();
    if (list)
        for (const toml::node& element : *list)
            if (const auto* const value = element.as_string()) result.push_back(value->get());
    if (!list || result.size() != list->size()) problem(fmt::format("must be a list of texts such as {}", example));
    return result;
}

} // namespace tegami::app
