// One HTTPS request to a server of somebody else, who proves by authorities that it is the one named.
#pragma once

#include "net/http.h"
#include "net/network.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace tegami::net {

struct HttpsQuestion {
    std::string host;                ///< for SNI, the certificate, and the field Host
    std::string target;              ///< "/.well-known/mta-sts.txt"
    std::vector<Endpoint> endpoints; ///< of the host, tried one after another
    std::size_t body_bytes_max = 0;  ///< Limit: a longer answer is none
    Instant deadline{};              ///< for all of it
};

/// GET. Takes whatever status there is and follows no redirect. The error says
/// in plain words what went wrong, with the words of the other side made visible by whoever shows them.
async::Awaitable<Result<HttpResponse, std::string>>
https_get(Network* network, std::shared_ptr<const TlsClientContext> tls, HttpsQuestion question);

} // namespace tegami::net
