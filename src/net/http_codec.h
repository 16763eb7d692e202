// HTTP/1.1 between octets and values, on Beast's parser. Private to net; Beast shows in http_codec.cpp alone.
#pragma once

#include "base/result.h"
#include "net/http.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::net {

/// What is wrong with a request: the status to answer with, or with a response: then the number means nothing.
struct HttpFault {
    unsigned status = 400;
    std::string text;
};

/// Takes one message from octets as they arrive, however they are cut.
template <class Message>
class HttpReader {
public:
    HttpReader(std::size_t header_bytes_max, std::size_t body_bytes_max);
    ~HttpReader();
    HttpReader(const HttpReader&) = delete;
    HttpReader& operator=(const HttpReader&) = delete;

    /// Takes octets; those after the message stay in `octets`.
    Result<void, HttpFault> feed(std::string& octets);
    /// The stream has ended: a response without a length ends here.
    Result<void, HttpFault> feed_end();
    /// Whether anything came.
    bool has_begun() const;
    bool is_complete() const;
    /// Whether the client wants to hear 100 before it sends the body (RFC 9110 §10.1.1).
    bool expects_continue() const;
    bool keeps_alive() const;
    Message take();

private:
    struct State;
    std::unique_ptr<State> state_;
};

using HttpRequestReader = HttpReader<HttpRequest>;
using HttpResponseReader = HttpReader<HttpResponse>;

std::string encode(const HttpRequest& request);
std::string encode(const HttpResponse& response, bool keep_alive, bool with_body);

} // namespace tegami::net
