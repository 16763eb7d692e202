// What the configuration and the certificate say about the server's place in the DNS.
#pragma once

#include "app/configuration/config.h"
#include "dns_setup/facts.h"
#include "net/tls_context.h"

#include <string_view>

namespace tegami::app {

/// The name that the server has in the DNS.
dns::Name host_name(const Config& config);

/// The addresses are those that SMTP listens on, as far as everybody can reach them; none if it listens on all, or
/// behind a router that translates them. The services are those with TLS from the first octet on, otherwise those with
/// STARTTLS (RFC 8314 §3). `certificate`: nothing if there is none yet; `next_key_sha256`: of the key to
/// announce, likewise.
dns_setup::Host dns_host(const Config& config, const net::CertificateSummary* certificate,
                         std::string_view next_key_sha256 = {});

} // namespace tegami::app
