// The keys of [listen.SERVICE].
#include "app/configuration/config_keys.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

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

} // namespace tegami::app
