#include "app/server/dns_facts.h"

#include "app/server/mail_offer.h"
#include "base/ascii.h"
#include "base/assert.h"

#include <algorithm>
#include <utility>

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

/// The label of a service's SRV record (RFC 6186 §3, RFC 8314 §5.1).
std::string_view label_of(const discovery::Service& service) {
    const bool tls = service.security == discovery::Security::tls;
    switch (service.protocol) {
    case discovery::Protocol::imap: return tls ? "_imaps" : "_imap";
    case discovery::Protocol::pop3: return tls ? "_pop3s" : "_pop3";
    case discovery::Protocol::submission: return tls ? "_submissions" : "_submission";
    }
    std::unreachable();
}

std::vector<dns_setup::ClientService> client_services(const discovery::Offer& offer) {
    using discovery::Protocol;
    std::vector<dns_setup::ClientService> services;
    for (const Protocol protocol : {Protocol::submission, Protocol::imap, Protocol::pop3})
        if (const discovery::Service* const best = best_service(offer, protocol))
            services.push_back({.label = std::string(label_of(*best)), .port = best->port});
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
    const discovery::Offer offer = mail_offer(config);
    dns_setup::Host host{.name = host_name(config),
                         .addresses = public_addresses(config),
                         .services = client_services(offer),
                         .has_trust_anchor = !config.resolver.trust_anchor.empty(),
                         .has_https = offer.https_port.has_value()};
    if (offer.https_port) host.https_port = *offer.https_port;
    if (certificate != nullptr) {
        host.public_key_sha256 = from_hex(certificate->sha256_of_key);
        host.certificate_sha256 = from_hex(certificate->sha256_fingerprint);
    }
    host.next_key_sha256 = from_hex(next_key_sha256);
    return host;
}

} // namespace tegami::app
