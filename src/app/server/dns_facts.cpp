#include "app/server/dns_facts.h"

#include "base/ascii.h"
#include "base/assert.h"

#include <algorithm>
#include <array>

namespace tegami::app {

namespace {

std::string from_hex(std::string_view digits) {
    std::string octets;
    for (std::size_t at = 0; at + 1 < digits.size(); at += 2)
        octets += static_cast<char>(ascii::hex_value(digits[at]) * 16 + ascii::hex_value(digits[at + 1]));
    return octets;
}

std::vector<IpAddress> public_addresses(const Config& config) {
    std::vector<IpAddress> addresses;
    for (const Listener& listener : config.listeners) {
        const IpAddress& address = listener.endpoint.address;
        if (listener.service == Service::smtp && dns_setup::is_public(address) &&
            std::ranges::find(addresses, address) == addresses.end())
            addresses.push_back(address);
    }
    return addresses;
}

/// What a mail program can use it for, and the SRV labels with TLS from the first octet on, and with STARTTLS.
struct ClientProtocol {
    Service implicit;
    std::string_view implicit_label;
    Service upgraded;
    std::string_view upgraded_label;
};

constexpr std::array kClientProtocols{
    ClientProtocol{Service::submissions, "_submissions", Service::submission, "_submission"},
    ClientProtocol{Service::imaps, "_imaps", Service::imap, "_imap"},
    ClientProtocol{Service::pop3s, "_pop3s", Service::pop3, "_pop3"}};

const Listener* find_listener(const Config& config, Service service, TlsMode tls) {
    const auto found = std::ranges::find_if(
        config.listeners, [&](const Listener& listener) { return listener.service == service && listener.tls == tls; });
    return found == config.listeners.end() ? nullptr : &*found;
}

std::vector<dns_setup::ClientService> client_services(const Config& config) {
    std::vector<dns_setup::ClientService> services;
    for (const ClientProtocol& protocol : kClientProtocols) {
        if (const Listener* const from_start = find_listener(config, protocol.implicit, TlsMode::implicit))
            services.push_back({.label = std::string(protocol.implicit_label), .port = from_start->endpoint.port});
        else if (const Listener* const later = find_listener(config, protocol.upgraded, TlsMode::starttls))
            services.push_back({.label = std::string(protocol.upgraded_label), .port = later->endpoint.port});
    }
    return services;
}

} // namespace

dns::Name host_name(const Config& config) {
    const auto name = dns::Name::parse(config.host_name);
    ASSERT(name.has_value());
    return *name;
}

dns_setup::Host dns_host(const Config& config, const net::CertificateSummary* certificate,
                         std::string_view next_key_sha256) {
    dns_setup::Host host{.name = host_name(config),
                         .addresses = public_addresses(config),
                         .services = client_services(config),
                         .has_trust_anchor = !config.resolver.trust_anchor.empty(),
                         .has_https = find_listener(config, Service::https, TlsMode::implicit) != nullptr};
    if (certificate != nullptr) {
        host.public_key_sha256 = from_hex(certificate->sha256_of_key);
        host.certificate_sha256 = from_hex(certificate->sha256_fingerprint);
    }
    host.next_key_sha256 = from_hex(next_key_sha256);
    return host;
}

} // namespace tegami::app
