// The settings of mail programs, for whoever has an address of a domain of ours. Nothing in an answer tells whether the
// address has an account.
#pragma once

#include "async/worker_pool.h"
#include "directory/administration.h"
#include "discovery/offer.h"
#include "net/http_routes.h"
#include "net/tls_context.h"

#include <optional>
#include <string_view>

namespace tegami::httpd {

/// What the answers are made of. What it refers to outlives the routes.
struct SettingsSource {
    const directory::Administration& directory;
    const net::CurrentTlsServerContext& tls; ///< its certificate for our host name signs profiles
    async::WorkerPool& workers;              ///< where they are signed
    discovery::Offer offer;
};

/// The address, if it is of a domain of ours.
std::optional<message::EmailAddress> address_of_ours(const SettingsSource& source, std::string_view text);

/// Adds Mozilla's autoconfig, Microsoft's Autodiscover and Apple's profiles (discovery/offer.h has the paths), on
/// whatever host they are asked; 404 for an address, or else a host, that is not of a domain of ours. `source` outlives
/// the routes.
void add_settings_routes(net::HttpRoutes& routes, const SettingsSource& source);

/// Adds what programs ask without TLS too, when there is no answer with it: autoconfig, and of Autodiscover the way to our
/// host name under HTTPS, whose certificate is good where that of autodiscover.DOMAIN is not.
void add_plain_settings_routes(net::HttpRoutes& routes, const SettingsSource& source);

} // namespace tegami::httpd
