#include "app/server/mail_offer.h"

#include <algorithm>
#include <array>

namespace tegami::app {

namespace {

using discovery::Protocol;
using discovery::Security;

std::optional<Protocol> protocol_of(Service service) {
    switch (service) {
    case Service::imap:
    case Service::imaps: return Protocol::imap;
    case Service::pop3:
    case Service::pop3s: return Protocol::pop3;
    case Service::submission:
    case Service::submissions: return Protocol::submission;
    case Service::smtp:
    case Service::https:
    case Service::http:
    case Service::metrics: break;
    }
    return std::nullopt;
}

const Listener* find_way(const Config& config, Protocol protocol, TlsMode tls) {
    const auto found = std::ranges::find_if(config.listeners, [&](const Listener& listener) {
        return protocol_of(listener.service) == protocol && listener.tls == tls;
    });
    return found == config.listeners.end() ? nullptr : &*found;
}

} // namespace

discovery::Offer mail_offer(const Config& config) {
    discovery::Offer offer{.host = config.host_name, .services = {}, .https_port = {}};
    for (const Protocol protocol : {Protocol::imap, Protocol::pop3, Protocol::submission})
        for (const auto& [tls, security] :
             {std::pair(TlsMode::implicit, Security::tls), std::pair(TlsMode::starttls, Security::starttls)})
            if (const Listener* const way = find_way(config, protocol, tls))
                offer.services.push_back({.protocol = protocol, .security = security, .port = way->endpoint.port});
    const auto https = std::ranges::find(config.listeners, Service::https, &Listener::service);
    if (https != config.listeners.end()) offer.https_port = https->endpoint.port;
    return offer;
}

} // namespace tegami::app
