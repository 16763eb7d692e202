// What HTTP/1.1 and HTTP/2 share: how a request is answered, how long a client may keep us waiting, what the log says.
// Private to net.
#pragma once

#include "net/http_server.h"

#include <optional>
#include <string>
#include <string_view>

namespace tegami::net {

/// Octets of a body that are handed on at once.
inline constexpr std::size_t kHttpPieceBytes = 16 * 1024;

/// How long a client has kept us waiting with one body, and how long it still may.
class HttpPatience {
public:
    explicit HttpPatience(const HttpLimits& limits) : limits_(limits) {}

    /// Before an await that hangs on the client, for so many octets if that is known; until when it may take.
    Instant begin(Instant now, std::size_t bytes_due = 0);
    /// After it; `bytes` have passed.
    void end(Instant now, std::size_t bytes);

private:
    HttpLimits limits_;
    Instant begun_{};
    Duration waited_{};
    std::uint64_t bytes_ = 0;
};

/// What the log says of one request.
struct HttpLogLine {
    unsigned status = 0;
    std::uint64_t bytes = 0;  ///< of the response's body, as far as it was sent
    std::string_view cut_off; ///< why the response did not arrive, if it did not
};

/// Completes what the request says of the one who asks: what the connection knows, or a trusted proxy says.
void note_client(const HttpDependencies& dependencies, const Stream& stream, HttpRequest& request);

/// RFC 9112 §3.2, 9113 §8.3.1: a request names one host.
std::optional<HttpFault> host_fault(const HttpRequest& request);

/// What the handler answers, or 500 for what it throws.
async::Awaitable<HttpResponse> answer_request(const HttpDependencies* dependencies, HttpRequest* request,
                                              BodySource* body);

/// Whether a response with this status has a body, and says how long it is (RFC 9110 §8.6).
bool may_have_body(unsigned status);

/// Whether it is a stream that ends when it wants to.
bool has_no_known_end(const HttpResponse& response);

/// The next octets of a response's stream, an empty string at its end; nothing, and the reason in `line`, if it breaks off
/// or has not its length.
async::Awaitable<std::optional<std::string>> next_piece(const HttpDependencies* dependencies, HttpResponse* response,
                                                        HttpLogLine* line);

void log_request(const HttpDependencies& dependencies, const HttpRequest& request, Instant begun,
                 const HttpLogLine& line);

} // namespace tegami::net
