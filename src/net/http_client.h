// A blocking HTTP client over a UNIX socket: for the command line, which does one thing at a time.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "net/http.h"

#include <string>

namespace tegami::net {

/// Sends the request to the server that listens on `socket_path` and waits for the response, for at most `patience`.
/// The error is for the user: "no server listens on /run/tegami/control".
Result<HttpResponse, std::string> http_request(const std::string& socket_path, const HttpRequest& request,
                                               Duration patience);

} // namespace tegami::net
