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
    std::string body{};              ///< of a POST
    std::string body_type{};         ///< its media type
    std::string authority{};         ///< the field Host, if that is not `host` alone: with a port (RFC 9110 §7.2)
    HttpFields fields{};             ///< more of them
};

/// What it takes to know how a GET or POST failed.
struct HttpsError {
    std::string text;         ///< in plain words; those of the other side are made visible by whoever shows them
    bool certificate = false; ///< the server has not proven that it is the one named
};

/// GET. Takes whatever status there is and follows no redirect.
async::Awaitable<Result<HttpResponse, HttpsError>>
https_get(Network* network, std::shared_ptr<const TlsClientContext> tls, HttpsQuestion question);

/// POST of the body, likewise. An address is tried after another only if none of the body was taken before.
async::Awaitable<Result<HttpResponse, HttpsError>>
https_post(Network* network, std::shared_ptr<const TlsClientContext> tls, HttpsQuestion question);

} // namespace tegami::net
