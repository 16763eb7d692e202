// A blocking HTTP client over a UNIX socket: for the command line, which does one thing at a time.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "net/http.h"

#include <cstdint>
#include <functional>
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

/// A body that is made while it is sent.
struct HttpUpload {
    std::uint64_t bytes = 0; ///< in all
    std::function<std::string()>
        next; ///< the next of them; an empty string: there are no more, and the request is cut off
};

/// The same with a body of any size. A server that has refused is not sent the rest.
Result<HttpResponse, HttpProblem> http_upload(const std::string& socket_path, HttpRequest request,
                                              const HttpUpload& body, Duration patience);

/// Takes octets of a response's body as they come; false: no more are wanted.
using HttpSink = std::function<bool(std::string_view octets)>;

/// The same for a response of any size: the body of one with status 200 goes into `sink` and is not in the result.
Result<HttpResponse, HttpProblem> http_download(const std::string& socket_path, HttpRequest request,
                                                std::string_view body, const HttpSink& sink, Duration patience);

} // namespace tegami::net
