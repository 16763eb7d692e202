// The keys of the configuration file, one entry each: where it stands and how its value is read. Everything that must
// know all keys (the parser, its suggestions, the tests of the documents) goes through these tables.
#pragma once

#include "app/configuration/config.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

// Exceptions off: syntax errors are values like all others.
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

namespace tegami::app {

/// Reads values and collects what is wrong with them.
class ConfigReading {
public:
    /// `directory` is where relative paths start.
    explicit ConfigReading(std::string directory) : directory_(std::move(directory)) {}

    /// Every value read from now on belongs to this key at this line.
    void at(std::string key, const toml::node& node);
    /// Notes a fault of the current key.
    void problem(std::string message);
    void problem_at(std::uint32_t line, std::string key, std::string message);

    void text(const toml::node& node, std::string& into);
    void path(const toml::node& node, std::string& into);
    void boolean(const toml::node& node, bool& into);
    void number(const toml::node& node, std::uint32_t& into, std::uint32_t min, std::uint32_t max);
    void port(const toml::node& node, std::uint16_t& into);
    void bytes(const toml::node& node, std::uint64_t& into, std::uint64_t min, std::uint64_t max);
    void duration(const toml::node& node, std::chrono::seconds& into, std::chrono::seconds min,
                  std::chrono::seconds max);
    /// The texts of a list; a single text counts as a list of one.
    std::vector<std::string> texts(const toml::node& node, std::string_view example);

    std::uint32_t line() const { return line_; }

    std::vector<ConfigProblem> take_problems() { return std::move(problems_); }

private:
    std::string directory_;
    std::string key_;
    std::uint32_t line_ = 0;
    std::vector<ConfigProblem> problems_;
};

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

std::span<const ConfigKey> config_keys();
std::span<const ListenKey> listen_keys();
/// The service with this name.
std::optional<Service> service_named(std::string_view name);
std::vector<std::string_view> service_names();

} // namespace tegami::app
