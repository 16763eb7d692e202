#include "app/command_line/setup_text.h"

#include "app/configuration/config_edit.h"
#include "app/configuration/units.h"
#include "base/ascii.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tegami::app {

namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kImplicitPort = 465;

std::string list_of(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts)
        list += (list.empty() ? "" : ", ") + toml_text(text);
    return fmt::format("[{}]", list);
}

std::string with_resolver(std::string text, const ResolverConfig& resolver) {
    constexpr std::array kModes{"system", "recursive", "servers"};
    text = with_key(text, "resolver.mode", toml_text(kModes[static_cast<std::size_t>(resolver.mode)]));
    std::vector<std::string> servers;
    for (const net::Endpoint& server : resolver.servers)
        servers.push_back(server.to_string());
    if (!servers.empty()) text = with_key(text, "resolver.servers", list_of(servers));
    if (!resolver.trust_anchor.empty())
        text = with_key(text, "resolver.trust_anchor", toml_text(resolver.trust_anchor));
    return text;
}

std::string with_acme(std::string text, const SetupWishes::Acme& acme, const Config& before,
                      std::uint16_t port_offset) {
    text = with_key(text, "acme.directory", toml_text(acme.directory));
    text = with_key(text, "acme.terms_agreed", "true");
    if (before.acme.contact.empty())
        text = with_key(text, "acme.contact", toml_text("postmaster@" + before.default_domain.ascii()));
    if (!acme.authorities.empty()) text = with_key(text, "acme.authorities", toml_text(acme.authorities));
    const bool has_http =
        std::ranges::find(before.listeners, Service::http, &Listener::service) != before.listeners.end();
    if (has_http || before.acme.challenge != acme::ChallengeKind::http) return text;
    std::vector<std::string> addresses;
    for (const Listener& listener : before.listeners)
        if (listener.service == Service::smtp) addresses.push_back(listener.endpoint.address.to_string());
    text = with_key(text, "listen.http.address", list_of(addresses));
    // In front of the address: a key is put at the beginning of its section.
    return with_key(text, "listen.http.port", std::to_string(kHttpPort + port_offset));
}

std::string with_smarthost(std::string text, const SetupWishes::Through& through) {
    text = with_key(text, "smarthost.host", toml_text(through.host));
    text = with_key(text, "smarthost.port", std::to_string(through.port));
    text = with_key(text, "smarthost.tls", through.port == kImplicitPort ? "\"implicit\"" : "\"starttls\"");
    if (through.user.empty()) return text;
    text = with_key(text, "smarthost.user", toml_text(through.user));
    return with_key(text, "smarthost.password_file", toml_text(through.password_file));
}

} // namespace

std::string with_wishes(std::string text, const SetupWishes& wishes, const Config& before, std::uint16_t port_offset) {
    if (!wishes.host_name.empty()) text = with_key(text, "host_name", toml_text(wishes.host_name));
    if (wishes.data_directory) text = with_key(text, "data_directory", toml_text(*wishes.data_directory));
    if (wishes.memory_budget) text = with_key(text, "memory_budget", toml_text(print_bytes(*wishes.memory_budget)));
    if (wishes.resolver) text = with_resolver(std::move(text), *wishes.resolver);
    if (wishes.acme) text = with_acme(std::move(text), *wishes.acme, before, port_offset);
    if (wishes.smarthost) text = with_smarthost(std::move(text), *wishes.smarthost);
    return text;
}

std::optional<SetupWishes::Through> parse_smarthost(std::string_view text) {
    SetupWishes::Through through;
    const auto colon = text.rfind(':');
    const auto name = message::Domain::parse(text.substr(0, colon));
    if (!name || name->is_address_literal() || !name->ascii().contains('.') || IpAddress::parse(text))
        return std::nullopt;
    through.host = name->ascii();
    if (colon == std::string_view::npos) return through;
    const auto port = ascii::parse_number<std::uint16_t>(text.substr(colon + 1));
    if (!port || *port == 0) return std::nullopt;
    through.port = *port;
    return through;
}

std::optional<std::uint64_t> memory_budget_for(std::uint64_t machine_bytes) {
    constexpr std::uint64_t kMiB = 1ULL << 20;
    constexpr std::uint64_t kLeast = 192 * kMiB;
    const std::uint64_t half = machine_bytes / 2 / kMiB * kMiB;
    if (machine_bytes == 0 || half >= Config().memory_budget_bytes) return std::nullopt;
    return std::max(half, kLeast);
}

} // namespace tegami::app
