#include "app/configuration/config_reading.h"

#include "app/configuration/units.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

namespace tegami::app {

namespace {

/// How a path begins that names a secret which systemd brings (LoadCredential= in the unit).
constexpr std::string_view kCredentials = "$CREDENTIALS_DIRECTORY/";

/// Where systemd put them: for the server it says so, commands typed by hand look where the package's unit has them.
std::string credentials_directory() {
    const char* const named = std::getenv("CREDENTIALS_DIRECTORY");
    return named ? named : "/run/credentials/tegami.service";
}

std::string_view without_quotes(const toml::node& node) {
    return node.is_string() ? ", without quotes" : "";
}

} // namespace

void read_host(ConfigReading& reading, const toml::node& node, std::string& into, std::string_view what_is_right) {
    std::string text;
    reading.text(node, text);
    if (!node.is_string()) return;
    const auto name = message::Domain::parse(text);
    if (!name || name->is_address_literal() || !text.contains('.') || IpAddress::parse(text))
        return reading.problem(std::string(what_is_right));
    into = name->ascii();
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
