#include "app/configuration/config.h"

#include "app/configuration/config_keys.h"
#include "app/configuration/spelling.h"
#include "disk/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>

namespace tegami::app {

namespace {

/// Limit: a configuration file.
constexpr std::size_t kConfigBytesMax = 1 << 20;
constexpr std::string_view kListenTable = "listen";

bool is_never_encrypted(Service service) {
    return service == Service::http || service == Service::metrics;
}

TlsMode default_tls(Service service) {
    const bool secure = service == Service::submissions || service == Service::pop3s || service == Service::imaps ||
                        service == Service::https;
    if (is_never_encrypted(service)) return TlsMode::none;
    return secure ? TlsMode::implicit : TlsMode::starttls;
}

/// The keys as people write them.
std::vector<std::string> suggestions() {
    std::vector<std::string> names;
    for (const ConfigKey& key : config_keys())
        names.push_back(key.full_name());
    for (const std::string_view service : service_names()) {
        names.push_back(fmt::format("listen.{}", service));
        for (const ListenKey& key : listen_keys())
            names.push_back(fmt::format("listen.{}.{}", service, key.name));
    }
    return names;
}

/// What the writer of an unknown key may have meant.
std::string suggestion(std::string_view wrong) {
    // Limit: a longer name is no slip of the finger.
    if (wrong.size() > 100) return "there is no such key";
    std::string best;
    std::size_t best_distance = 1 + std::max<std::size_t>(2, wrong.size() / 3);
    const auto last_part = [](std::string_view name) { return name.substr(name.rfind('.') + 1); };
    for (const std::string& known : suggestions()) {
        // The right name in the wrong table is the nearest of all.
        const std::size_t far =
            std::min(letters_apart(wrong, known), letters_apart(last_part(wrong), last_part(known)) + 1);
        if (far >= best_distance) continue;
        best_distance = far;
        best = known;
    }
    if (best.empty()) return "there is no such key";
    return fmt::format("there is no such key; did you mean {}?", best);
}

/// Faults of a complete [listen.SERVICE] that its keys have together.
void check_listen(ConfigReading& reading, const ListenSection& listen, std::uint32_t line) {
    const std::string_view service = name_of(listen.service);
    const bool takes_logins = listen.service != Service::smtp && !is_never_encrypted(listen.service);
    const bool secure = default_tls(listen.service) == TlsMode::implicit;
    const auto fault = [&](std::string_view key, std::string message) {
        reading.problem_at(line, fmt::format("listen.{}.{}", service, key), std::move(message));
    };
    if (secure && listen.tls != TlsMode::implicit)
        fault("tls", fmt::format("service \"{}\" is encrypted from the start: use \"implicit\"", service));
    if (!secure && listen.tls == TlsMode::implicit)
        fault("tls", fmt::format("service \"{}\" begins in the clear: use \"starttls\" or \"none\"{}", service,
                                 listen.service == Service::smtp ? "" : fmt::format(", or [listen.{}s]", service)));
    if (is_never_encrypted(listen.service) && listen.tls == TlsMode::starttls)
        fault("tls", fmt::format("service \"{}\" is never encrypted: remove the line{}", service,
                                 listen.service == Service::http ? ", or use [listen.https]" : ""));
    for (const IpAddress& address : listen.addresses)
        if (listen.password_without_tls && !address.is_loopback())
            fault("password_without_tls", fmt::format("passwords would cross the network unprotected: possible on "
                                                      "loopback addresses only, and {} is none",
                                                      address.to_string()));
    if (listen.password_without_tls && (secure || !takes_logins))
        fault("password_without_tls", fmt::format("has no meaning for service \"{}\": remove it", service));
    if (!secure && takes_logins && listen.tls == TlsMode::none && !listen.password_without_tls)
        fault("tls", "nobody could log in: without TLS it takes password_without_tls = true as well");
}

void read_listen(ConfigReading& reading, const ListenSection& from, const toml::table& table, Config& config) {
    ListenSection listen = from;
    const std::string section = fmt::format("listen.{}", name_of(listen.service));
    listen.tls = default_tls(listen.service);
    for (const auto& [name, node] : table) {
        const std::string full = fmt::format("{}.{}", section, name.str());
        reading.at(full, node);
        const auto keys = listen_keys();
        const auto key = std::ranges::find(keys, name.str(), &ListenKey::name);
        if (key == keys.end())
            reading.problem(suggestion(full));
        else
            key->read(reading, node, listen);
    }
    const std::uint32_t line = table.source().begin.line;
    // What the server tells of itself is for this machine, unless another address is named.
    if (listen.service == Service::metrics && !table.contains("address"))
        listen.addresses.push_back(IpAddress::v4({127, 0, 0, 1}));
    for (const std::string_view required : {"address", "port"})
        if (!table.contains(required) && (required == "port" || listen.addresses.empty()))
            reading.problem_at(line, fmt::format("{}.{}", section, required), "is missing");
    if (listen.addresses.empty() || listen.port == 0) return;
    check_listen(reading, listen, line);
    for (const IpAddress& address : listen.addresses) {
        const Listener listener{.service = listen.service,
                                .endpoint = {.address = address, .port = listen.port},
                                .tls = listen.tls,
                                .password_without_tls = listen.password_without_tls,
                                .proxy_protocol = listen.proxy_protocol};
        for (const Listener& other : config.listeners)
            if (other.endpoint == listener.endpoint)
                reading.problem_at(line, section + ".port",
                                   fmt::format("{} is taken by service \"{}\" too", listener.endpoint.to_string(),
                                               name_of(other.service)));
        config.listeners.push_back(listener);
    }
}

void read_all_listen(ConfigReading& reading, const toml::node& node, Config& config) {
    const auto* const sections = node.as_table();
    if (!sections) {
        reading.at(std::string(kListenTable), node);
        return reading.problem("begin each service with a line such as [listen.smtp]");
    }
    for (const auto& [name, inner] : *sections) {
        const std::string full = fmt::format("listen.{}", name.str());
        reading.at(full, inner);
        const auto service = service_named(name.str());
        const auto* const table = inner.as_table();
        if (!service)
            reading.problem(suggestion(full));
        else if (!table)
            reading.problem(fmt::format("begin it with a line [{}]", full));
        else
            read_listen(reading, {.service = *service}, *table, config);
    }
}

/// Reads one key, or reports it as unknown; remembers the line of those that are known.
void read_key(ConfigReading& reading, std::string_view table, std::string_view name, const toml::node& node,
              Config& config, std::map<std::string, std::uint32_t>& lines) {
    const std::string full = table.empty() ? std::string(name) : fmt::format("{}.{}", table, name);
    reading.at(full, node);
    for (const ConfigKey& key : config_keys())
        if (key.table == table && key.name == name) {
            lines[full] = reading.line();
            return key.read(reading, node, config);
        }
    reading.problem(suggestion(full));
}

bool is_table_name(std::string_view name) {
    return std::ranges::any_of(config_keys(), [name](const ConfigKey& key) { return key.table == name; });
}

/// Wider than one owner's network: shorter than /8 (IPv4) or /16 (IPv6).
bool is_wide(const IpNetwork& network) {
    constexpr unsigned kBitsMin = 8;
    constexpr unsigned kBitsMinV6 = 16;
    return network.prefix_bits() < (network.is_v6() ? kBitsMinV6 : kBitsMin);
}

/// What an authority cannot do with the rest of the configuration; empty if all is well.
std::string why_no_challenge(const Config& config) {
    const auto listens = [&config](Service service) {
        return std::ranges::find(config.listeners, service, &Listener::service) != config.listeners.end();
    };
    switch (config.acme.challenge) {
    case acme::ChallengeKind::http:
        if (!listens(Service::http))
            return "\"http-01\" is answered on port 80: add a section [listen.http], or use another challenge";
        break;
    case acme::ChallengeKind::tls_alpn:
        if (!listens(Service::https))
            return "\"tls-alpn-01\" is answered on port 443: add a section [listen.https], or use another challenge";
        break;
    case acme::ChallengeKind::dns:
        if (!config.dns_update.server)
            return "\"dns-01\" needs a name server that takes changes: set up [dns_update], or use another challenge";
        break;
    }
    const auto is_wildcard = [](const std::string& name) { return name.starts_with('*'); };
    if (config.acme.challenge != acme::ChallengeKind::dns && std::ranges::any_of(config.acme.names, is_wildcard))
        return "a wildcard in acme.names can be proven by \"dns-01\" alone";
    return {};
}

void check_acme(ConfigReading& reading, const Config& config, std::uint32_t line) {
    const auto fault = [&](std::string key, std::string message) {
        reading.problem_at(line, std::move(key), std::move(message));
    };
    if (config.acme.external_account.empty() != config.acme.external_account_file.empty())
        fault("acme.external_account", "goes together with acme.external_account_file: give both or none");
    if (!config.acme.is_used()) return;
    if (!config.tls.certificate.empty())
        fault("acme.directory", "there is tls.certificate already: remove the one or the other");
    if (!config.acme.terms_agreed)
        fault("acme.terms_agreed", "the authority gives certificates to those only who agree to its terms: read them, "
                                   "and set it to true");
    if (std::string why = why_no_challenge(config); !why.empty()) fault("acme.challenge", std::move(why));
}

void check_smarthosts(ConfigReading& reading, const Config& config, std::uint32_t line) {
    const auto fault = [&](std::string key, std::string message) {
        reading.problem_at(line, std::move(key), std::move(message));
    };
    if (config.smarthost.host.empty() && !(config.smarthost == SmarthostConfig{}))
        fault("smarthost.host", "is missing: the name of the server that passes on the mail");
    for (const SmarthostConfig& each : config.smarthosts()) {
        if (each.user.empty() != each.password_file.empty())
            fault("smarthost.user", "goes together with password_file: give both or none");
        constexpr std::uint16_t kImplicitPort = 465;
        if (each.port == kImplicitPort && each.tls != TlsMode::implicit)
            fault("smarthost.tls", "must be \"implicit\" at port 465, which is encrypted from the start");
    }
    for (const SmarthostConfig& each : config.other_smarthosts)
        if (each.domains.empty()) fault("smarthost.others", "must each have domains, whose mail goes there");
}

/// Faults that only several keys together have.
void check_together(ConfigReading& reading, const Config& config, const std::map<std::string, std::uint32_t>& lines) {
    const auto line_of = [&lines](const std::string& key) {
        const auto found = lines.find(key);
        return found == lines.end() ? 0 : found->second;
    };
    const auto missing = [&](const std::string& key, std::string message) {
        if (!lines.contains(key)) reading.problem_at(0, key, std::move(message));
    };
    missing("host_name", "is missing: the full name of this server in the DNS, such as \"mail.example.org\"");
    missing("default_domain", "is missing: the mail domain whose users may log in without it, such as \"example.org\"");
    for (const IpNetwork& network : config.trusted_networks)
        if (is_wide(network) && !config.trust_wide_networks)
            reading.problem_at(line_of("trusted_networks"), "trusted_networks",
                               fmt::format("whoever is in {} could send mail to anywhere, without a password: if that "
                                           "is meant, confirm it with trust_wide_networks = true",
                                           network.to_string()));
    for (const IpNetwork& network : config.trusted_proxies)
        if (is_wide(network))
            reading.problem_at(
                line_of("trusted_proxies"), "trusted_proxies",
                fmt::format("whoever is in {} could take any address: name the proxies alone", network.to_string()));
    for (const Listener& listener : config.listeners)
        if (listener.proxy_protocol && config.trusted_proxies.empty())
            reading.problem_at(0, fmt::format("listen.{}.proxy_protocol", name_of(listener.service)),
                               "nobody could connect: trusted_proxies must name the proxies");
    if (config.listeners.empty())
        reading.problem_at(0, std::string(kListenTable),
                           "is missing: without a section such as [listen.smtp] the server would do nothing");
    if (config.tls.certificate.empty() != config.tls.key.empty()) {
        const std::string present = config.tls.key.empty() ? "tls.certificate" : "tls.key";
        reading.problem_at(line_of(present), present, "tls.certificate and tls.key go together: give both or none");
    }
    check_acme(reading, config, line_of("acme.directory"));
    check_smarthosts(reading, config, line_of("smarthost.host"));
    const bool listed = config.resolver.mode == ResolverMode::servers;
    if (listed && config.resolver.servers.empty())
        reading.problem_at(line_of("resolver.mode"), "resolver.servers",
                           "is missing: this mode asks the servers listed, such as [\"192.0.2.53:53\"]");
    if (!listed && !config.resolver.servers.empty())
        reading.problem_at(line_of("resolver.servers"), "resolver.servers",
                           "is used with resolver.mode = \"servers\" only");
    for (const std::string one : {"dns_update.server", "dns_update.key_name", "dns_update.secret_file"})
        for (const std::string other : {"dns_update.server", "dns_update.key_name", "dns_update.secret_file"})
            if (lines.contains(one) && !lines.contains(other))
                reading.problem_at(line_of(one), other,
                                   "is missing: server, key_name and secret_file go together: give all or none");
    if (config.queue.longest_retry < config.queue.first_retry)
        reading.problem_at(line_of("queue.longest_retry"), "queue.longest_retry",
                           "must not be shorter than queue.first_retry");
    if (config.queue.expiry < config.queue.longest_retry)
        reading.problem_at(line_of("queue.expiry"), "queue.expiry", "must not be shorter than queue.longest_retry");
}

} // namespace

std::vector<SmarthostConfig> Config::smarthosts() const {
    std::vector<SmarthostConfig> all;
    if (!smarthost.host.empty()) all.push_back(smarthost);
    all.insert(all.end(), other_smarthosts.begin(), other_smarthosts.end());
    return all;
}

std::string ConfigProblem::to_string(std::string_view file) const {
    std::string text(file);
    if (line != 0) text += fmt::format(":{}", line);
    if (!key.empty()) text += fmt::format(": {}", key);
    return text + fmt::format(": {}", message);
}

ConfigResult parse_config(std::string_view text, const std::string& file) {
    const std::string directory = std::filesystem::path(file).parent_path().string();
    const toml::parse_result parsed = toml::parse(text, file);
    if (!parsed) {
        const toml::parse_error& error = parsed.error();
        return failure(
            std::vector{ConfigProblem{.line = error.source().begin.line, .message = std::string(error.description())}});
    }

    ConfigReading reading(directory);
    Config config;
    config.file = file;
    config.data_directory = (std::filesystem::path(directory) / "data").lexically_normal().string();
    std::map<std::string, std::uint32_t> lines;
    for (const auto& [name, node] : parsed.table()) {
        if (name.str() == kListenTable) {
            read_all_listen(reading, node, config);
        } else if (!name.str().empty() && is_table_name(name.str())) {
            if (const auto* const table = node.as_table()) {
                for (const auto& [inner, value] : *table)
                    read_key(reading, name.str(), inner.str(), value, config, lines);
            } else {
                reading.at(std::string(name.str()), node);
                reading.problem(fmt::format("begin it with a line [{}]", name.str()));
            }
        } else {
            read_key(reading, "", name.str(), node, config, lines);
        }
    }
    // What only several keys together have is worth saying only about keys that are right by themselves.
    std::vector<ConfigProblem> problems = reading.take_problems();
    std::ranges::sort(config.listeners, {}, [](const Listener& one) { return std::tie(one.service, one.endpoint); });
    ConfigReading together(directory);
    check_together(together, config, lines);
    for (ConfigProblem& problem : together.take_problems())
        if (std::ranges::find(problems, problem.key, &ConfigProblem::key) == problems.end() &&
            !(problem.key == kListenTable && parsed.table().contains(kListenTable)))
            problems.push_back(std::move(problem));
    if (problems.empty()) return config;
    std::ranges::sort(problems, {}, [](const ConfigProblem& one) { return std::tie(one.line, one.key); });
    return failure(std::move(problems));
}

ConfigResult load_config(const std::string& path) {
    std::error_code error;
    const std::string absolute = std::filesystem::absolute(path, error).lexically_normal().string();
    const auto problem = [](std::string message) {
        return failure(std::vector{ConfigProblem{.message = std::move(message)}});
    };
    if (!std::filesystem::exists(absolute, error) && !error)
        return problem("there is no such file: make one with tegami init, or name another with --config");
    const auto text = disk::read_file(absolute, kConfigBytesMax);
    if (!text) return problem("cannot be read: " + text.error());
    return parse_config(*text, absolute);
}

std::vector<std::string> known_config_keys() {
    std::vector<std::string> names;
    for (const ConfigKey& key : config_keys())
        names.push_back(key.full_name());
    for (const ListenKey& key : listen_keys())
        names.push_back(fmt::format("listen.SERVICE.{}", key.name));
    return names;
}

ConfigDifference compare_configs(const Config& before, const Config& after) {
    ConfigDifference difference;
    const auto note = [](std::vector<std::string>& where, std::string_view key, const auto& old_value,
                         const auto& new_value) {
        if (!(old_value == new_value)) where.emplace_back(key);
    };
    note(difference.live, "tls.certificate", before.tls.certificate, after.tls.certificate);
    note(difference.live, "tls.key", before.tls.key, after.tls.key);
    note(difference.live, "tls.others", before.tls.others, after.tls.others);
    note(difference.live, "trusted_networks", before.trusted_networks, after.trusted_networks);
    note(difference.live, "trust_wide_networks", before.trust_wide_networks, after.trust_wide_networks);
    note(difference.live, "trusted_sealers", before.trusted_sealers, after.trusted_sealers);
    note(difference.live, "received_spf", before.received_spf, after.received_spf);
    note(difference.live, "limits", before.limits, after.limits);
    std::vector<std::string>& restart = difference.restart;
    note(restart, "host_name", before.host_name, after.host_name);
    note(restart, "default_domain", before.default_domain, after.default_domain);
    note(restart, "data_directory", before.data_directory, after.data_directory);
    note(restart, "memory_budget", before.memory_budget_bytes, after.memory_budget_bytes);
    note(restart, "backup_directories", before.backup_directories, after.backup_directories);
    note(restart, "trusted_proxies", before.trusted_proxies, after.trusted_proxies);
    note(restart, "listen", before.listeners, after.listeners);
    note(restart, "acme", before.acme, after.acme);
    note(restart, "resolver", before.resolver, after.resolver);
    note(restart, "dns_update", before.dns_update, after.dns_update);
    note(restart, "login", before.login, after.login);
    note(restart, "queue", before.queue, after.queue);
    note(restart, "relay", before.relay, after.relay);
    note(restart, "smarthost", before.smarthosts(), after.smarthosts());
    note(restart, "reports", before.reports, after.reports);
    note(restart, "web", before.web, after.web);
    note(restart, "retention", before.retention, after.retention);
    note(restart, "log", before.log, after.log);
    note(restart, "store", before.store, after.store);
    return difference;
}

} // namespace tegami::app
