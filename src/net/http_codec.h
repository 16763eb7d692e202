// HTTP/1.1 between octets and values, on Beast's parser. Private to net; Beast shows in http_codec.cpp alone.
#pragma once

#include "base/result.h"
#include "net/http.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::net {

/// Takes one message from octets as they arrive, however they are cut: first its header, then its body piece by piece.
/// `Message` is HttpRequest or HttpResponse. A fault is final; that of a response has a status that means nothing.
template <class Message>
class HttpReader {
public:
    HttpReader(std::size_t header_bytes_max, std::uint64_t body_bytes_max);
    ~HttpReader();
    HttpReader(const HttpReader&) = delete;
    HttpReader& operator=(const HttpReader&) = delete;

    /// Takes octets of the header; what follows it stays in `octets`.
    Result<void, HttpFault> take_header(std::string& octets);
    bool has_header() const;
    /// The message without its body. After has_header().
    Message header() const;

    /// Takes octets of the body and returns at most `bytes_max` of it; none: more must arrive, or it is complete.
    Result<std::string, HttpFault> take_body(std::string& octets, std::size_t bytes_max);
    /// The stream has ended: a response without a length ends here; anything else was cut off.
    Result<void, HttpFault> take_end();
    /// Header and body have been taken.
    bool is_complete() const;

    /// Whether the client waits for 100 before it sends the body (RFC 9110 §10.1.1).
    bool expects_continue() const;
    bool keeps_alive() const;
    /// Whether a chunked body is understood: HTTP/1.1.
    bool takes_chunks() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

using HttpRequestReader = HttpReader<HttpRequest>;
using HttpResponseReader = HttpReader<HttpResponse>;

/// How the end of a response's body is found.
struct HttpFraming {
    bool keep_alive = false;
    std::optional<std::uint64_t> length; ///< its octets; nothing: it is chunked, or lasts until the connection ends
    bool chunked = false;
};

/// A field's value without control characters: a line end in it would make a field of its own.
std::string one_line(std::string value);

/// The header alone. Line ends in fields are left out, so that no value can make a field of its own.
std::string encode_header(const HttpRequest& request, std::size_t body_bytes);
std::string encode_header(const HttpResponse& response, const HttpFraming& framing);
/// A piece of a chunked body; an empty one is the end.
std::string encode_chunk(std::string_view octets);

} // namespace tegami::net
