// The policies of our domains (MTA-STS, RFC 8461 §3.2), for whoever is about to send them mail.
#pragma once

#include "directory/administration.h"
#include "net/http_routes.h"
#include "protocol/dns/name.h"

namespace tegami::httpd {

/// Adds GET /.well-known/mta-sts.txt, which answers on the host mta-sts.DOMAIN for each domain of ours, with the policy
/// of its mode, and with 404 on every other. `host` is the one that takes the mail. `directory` outlives the routes.
void add_sts_routes(net::HttpRoutes& routes, const directory::Administration& directory, dns::Name host);

} // namespace tegami::httpd
