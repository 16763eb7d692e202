#include "app/config.h"

#include "app/config_keys.h"
#include "app/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

namespace tegami::app {

namespace {

/// Limit: a configuration file.
constexpr std::size_t kConfigBytesMax = 1 << 20;
constexpr std::string_view kListenerTable = "listener";

/// How many letters must be changed, added or removed to get from one name to the other.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0U);
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

/// What the writer of an unknown key may have meant.
std::string suggestion(std::string_view wrong) {
    // Limit: a longer name is no slip of the finger.
    if (wrong.size() > 100) return "there is no such key";
    std::string best;
    std::size_t best_distance = 1 + std::max<std::size_t>(2, wrong.size() / 3);
    const auto last_part = [](std::string_view name) { return name.substr(name.rfind('.') + 1); };
    for (const std::string& known : known_config_keys()) {
        // The right name in the wrong table is the nearest of all.
        const std::size_t far = std::min(distance(wrong, known), distance(last_part(wrong), last_part(known)) + 1);
        if (far >= best_distance) continue;
        best_distance = far;
        best = known;
    }
    if (best.empty()) return "there is no such key";
    return fmt::format("there is no such key; did you mean {}?", best);
}

void read_listener(ConfigReading& reading, const toml::table& table, Config& config) {
    Listener listener;
    std::set<std::string_view> given;
    for (const auto& [name, node] : table) {
        reading.at(fmt::format("listener.{}", name.str()), node);
        const auto keys = listener_keys();
        const auto key = std::ranges::find(keys, name.str(), &ListenerKey::name);
        if (key == keys.end()) {
            reading.problem(suggestion(fmt::format("listener.{}", name.str())));
            continue;
        }
        key->read(reading, node, listener);
        given.insert(key->name);
    }
    const std::uint32_t line = table.source().begin.line;
    bool complete = true;
    for (const std::string_view required : {"service", "address", "port"})
        if (!given.contains(required)) {
            reading.problem_at(line, fmt::format("listener.{}", required), "is missing in this [[listener]]");
            complete = false;
        }
    const bool secure = listener.service == Service::submissions || listener.service == Service::pop3s ||
                        listener.service == Service::imaps;
    if (!given.contains("tls")) listener.tls = secure ? TlsMode::implicit : TlsMode::starttls;
    if (!complete) return;

    const auto fault = [&](std::string_view key, std::string message) {
        reading.problem_at(line, fmt::format("listener.{}", key), std::move(message));
    };
    if (secure != (listener.tls == TlsMode::implicit))
        fault("tls", secure ? fmt::format("service \"{}\" is encrypted from the start: use \"implicit\"",
                                          name_of(listener.service))
                            : fmt::format("service \"{}\" begins in the clear: use \"starttls\" or \"none\"{}",
                                          name_of(listener.service),
                                          listener.service == Service::smtp
                                              ? ""
                                              : fmt::format(", or service \"{}s\"", name_of(listener.service))));
    if (listener.password_without_tls && !listener.endpoint.address.is_loopback())
        fault("password_without_tls", fmt::format("passwords would cross the network unprotected: possible on loopback "
                                                  "addresses only, and {} is none",
                                                  listener.endpoint.address.to_string()));
    if (listener.password_without_tls && (secure || listener.service == Service::smtp))
        fault("password_without_tls",
              fmt::format("has no meaning for service \"{}\": remove it", name_of(listener.service)));
    if (listener.tls == TlsMode::none && !listener.password_without_tls && listener.service != Service::smtp)
        fault("tls", "nobody could log in: without TLS it takes password_without_tls = true as well");
    for (const Listener& other : config.listeners)
        if (other.endpoint == listener.endpoint)
            fault("port", fmt::format("{} is taken by service \"{}\" above", listener.endpoint.to_string(),
                                      name_of(other.service)));
    config.listeners.push_back(listener);
}

void read_listeners(ConfigReading& reading, const toml::node& node, Config& config) {
    const auto* const list = node.as_array();
    bool tables = list != nullptr;
    if (list)
        for (const toml::node& element : *list)
            tables = tables && element.is_table();
    if (!tables) {
        reading.at(std::string(kListenerTable), node);
        return reading.problem("begin each listener with a line [[listener]], in double brackets");
    }
    for (const toml::node& element : *list)
        read_listener(reading, *element.as_table(), config);
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
    if (config.listeners.empty())
        reading.problem_at(0, std::string(kListenerTable), "there is no [[listener]]: the server would do nothing");
    if (config.tls.certificate.empty() != config.tls.key.empty()) {
        const std::string present = config.tls.key.empty() ? "tls.certificate" : "tls.key";
        reading.problem_at(line_of(present), present, "tls.certificate and tls.key go together: give both or none");
    }
    const bool listed =
        config.resolver.mode == ResolverMode::servers || config.resolver.mode == ResolverMode::authoritative;
    if (listed && config.resolver.servers.empty())
        reading.problem_at(line_of("resolver.mode"), "resolver.servers",
                           "is missing: this mode asks the servers listed, such as [\"192.0.2.53:53\"]");
    if (!listed && !config.resolver.servers.empty())
        reading.problem_at(line_of("resolver.servers"), "resolver.servers",
                           "is used with resolver.mode = \"servers\" or \"authoritative\" only");
    if (config.queue.longest_retry < config.queue.first_retry)
        reading.problem_at(line_of("queue.longest_retry"), "queue.longest_retry",
                           "must not be shorter than queue.first_retry");
    if (config.queue.expiry < config.queue.longest_retry)
        reading.problem_at(line_of("queue.expiry"), "queue.expiry", "must not be shorter than queue.longest_retry");
}

} // namespace

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
        if (name.str() == kListenerTable) {
            read_listeners(reading, node, config);
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
    ConfigReading together(directory);
    check_together(together, config, lines);
    for (ConfigProblem& problem : together.take_problems())
        if (std::ranges::find(problems, problem.key, &ConfigProblem::key) == problems.end() &&
            !(problem.key == kListenerTable && parsed.table().contains(kListenerTable)))
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
    if (!std::filesystem::exists(absolute, error))
        return problem("there is no such file: make one with tegami init, or name another with --config");
    const auto text = read_file(absolute, kConfigBytesMax);
    if (!text) return problem("cannot be read: " + text.error());
    return parse_config(*text, absolute);
}

std::vector<std::string> known_config_keys() {
    std::vector<std::string> names;
    for (const ConfigKey& key : config_keys())
        names.push_back(key.full_name());
    for (const ListenerKey& key : listener_keys())
        names.push_back(fmt::format("listener.{}", key.name));
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
    std::vector<std::string>& restart = difference.restart;
    note(restart, "host_name", before.host_name, after.host_name);
    note(restart, "default_domain", before.default_domain, after.default_domain);
    note(restart, "data_directory", before.data_directory, after.data_directory);
    note(restart, "memory_budget", before.memory_budget_bytes, after.memory_budget_bytes);
    note(restart, "trusted_networks", before.trusted_networks, after.trusted_networks);
    note(restart, "listener", before.listeners, after.listeners);
    note(restart, "resolver", before.resolver, after.resolver);
    note(restart, "limits", before.limits, after.limits);
    note(restart, "queue", before.queue, after.queue);
    note(restart, "retention", before.retention, after.retention);
    return difference;
}

} // namespace tegami::app
