// Values out of a configuration file, and what is wrong with them.
#pragma once

#include "app/configuration/config.h"
#include "base/ascii.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
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

/// One of the texts that a key may have.
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

inline constexpr std::array kTlsModes{Choice<TlsMode>{"none", TlsMode::none},
                                      Choice<TlsMode>{"starttls", TlsMode::starttls},
                                      Choice<TlsMode>{"implicit", TlsMode::implicit}};

/// The full name of a host, in A-labels.
void read_host(ConfigReading& reading, const toml::node& node, std::string& into, std::string_view what_is_right);
void read_networks(ConfigReading& reading, const toml::node& node, std::vector<IpNetwork>& into);

} // namespace tegami::app
