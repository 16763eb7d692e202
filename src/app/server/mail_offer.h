// What mail programs are told of this server.
#pragma once

#include "app/configuration/config.h"
#include "discovery/offer.h"

namespace tegami::app {

/// Of what listens, all that is encrypted: of each protocol TLS from the first octet on first, then STARTTLS (RFC 8314
/// §3), at the port of the first listener of its kind.
discovery::Offer mail_offer(const Config& config);

} // namespace tegami::app
