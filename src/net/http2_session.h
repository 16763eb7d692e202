// HTTP/2 (RFC 9113) on the server's side, on nghttp2: a client's octets become requests and pieces of their bodies, and
// responses become octets. No socket and no clock. Private to net; nghttp2 shows in http2_session.cpp alone.
//
// 1. What a client may send of a body ahead of consumed() is bounded by the window of its stream: kWindowBytes, or
//    kWideWindowBytes after widen().
// 2. A session keeps what give() was given until take_output() has taken it, as far as the client's windows let it.
// 3. Frames that only make work (resets, settings, pings, new priorities, empty data, malformed headers, streams that were
//    refused) are counted together: more than kNuisances at once, or kNuisancesPerSecond for long, and the session ends
//    (RFC 9113 §10.5; CVE-2019-9511 to 9518, CVE-2023-44487). A header in more than eight frames ends it too.
// 4. No push, no WebSocket over a stream (RFC 8441): a client that wants one opens a connection with HTTP/1.1. Priorities
//    are those of RFC 9218.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "net/http.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tegami::net {

/// RFC 9113 §6.5.2, 6.9: one request with a body may have so much of it under way.
inline constexpr std::uint32_t kWindowBytes = 65'535;
inline constexpr std::uint32_t kWideWindowBytes = 1024 * 1024;
/// Limit: requests of a connection at the same time.
inline constexpr std::uint32_t kStreamsMax = 100;
inline constexpr std::int64_t kNuisances = 500;
inline constexpr std::int64_t kNuisancesPerSecond = 50;

using Http2StreamId = std::int32_t;

/// A request's header is there; `fault` if it is one that has to be refused.
struct Http2Request {
    Http2StreamId stream = 0;
    HttpRequest request;
    bool has_body = false;
    std::optional<HttpFault> fault;
};

struct Http2Body {
    Http2StreamId stream = 0;
    std::string octets;
};

struct Http2BodyEnd {
    Http2StreamId stream = 0;
};

/// All that was given for the body of a response, and its end if that was said, is in the output.
struct Http2Taken {
    Http2StreamId stream = 0;
};

/// The stream is gone, because both sides are done or one has reset it. Nothing follows.
struct Http2Closed {
    Http2StreamId stream = 0;
};

using Http2Event = std::variant<Http2Request, Http2Body, Http2BodyEnd, Http2Taken, Http2Closed>;

enum class Http2Reset : std::uint8_t {
    done,     ///< once the response is out: the rest of the request is not wanted (RFC 9113 §8.1)
    refused,  ///< nothing was done for the request: it may be sent again
    failed,   ///< the response cannot be completed
    too_slow, ///< the client has not taken it
};

class Http2Session {
public:
    /// `header_bytes_max`: of a request's fields together, with 32 octets for each (RFC 9113 §6.5.2).
    explicit Http2Session(std::size_t header_bytes_max);
    ~Http2Session();
    Http2Session(const Http2Session&) = delete;
    Http2Session& operator=(const Http2Session&) = delete;

    /// Takes octets of the client, cut anywhere. A failure, in words, is final: no more can come, and the output says why.
    Result<void, std::string> feed(std::string_view octets, Instant now);
    /// Octets for the client: whole frames, until there are `bytes_max` or no more.
    std::string take_output(std::size_t bytes_max);
    /// What has happened, in order: after feed() and take_output().
    std::vector<Http2Event> take_events();

    // Of a stream that is gone these do nothing.

    /// The response without its body; `with_body`: give() and end_body() follow.
    void respond(Http2StreamId stream, const HttpResponse& response, std::optional<std::uint64_t> length,
                 bool with_body);
    /// A piece of the body, after the one before was taken.
    void give(Http2StreamId stream, std::string piece);
    void end_body(Http2StreamId stream);
    void reset(Http2StreamId stream, Http2Reset reason);
    /// The client, which waits for it, may send the body (100, RFC 9110 §10.1.1).
    void say_continue(Http2StreamId stream);
    /// So many octets of the request's body need no room any more.
    void consumed(Http2StreamId stream, std::size_t bytes);
    void widen(Http2StreamId stream);
    /// Whether it is the client's windows that keep a response's body from going on.
    bool is_held_back(Http2StreamId stream) const;

    /// A header has begun and not ended: nothing else can come before the rest of it.
    bool is_amid_header() const;
    /// Says that no further request is taken, and up to which one they were.
    void go_away();

private:
    struct State;
    struct Callbacks;

    std::unique_ptr<State> state_;
};

} // namespace tegami::net
