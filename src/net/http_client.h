// A blocking HTTP client over a UNIX socket: for the command line, which does one thing at a time.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "net/http.h"

#include <string>
#include <string_view>

namespace tegami::net {

struct HttpProblem {
    std::string message;  ///< for the user: "no server listens on /run/tegami/control"
    bool reached = false; ///< a server took the request: it may have carried it out, or may still
};

/// Sends the request to the server that listens on `socket_path` and waits for the whole response; no read or write
/// waits longer than `patience`. Limit: 256 MiB of body.
Result<HttpResponse, HttpProblem> http_request(const std::string& socket_path, HttpRequest request,
                                               std::string_view body, Duration patience);

} // namespace tegami::net
