// HTTP/1.1 requests and responses as values, and their bodies as streams.
#pragma once

#include "async/awaitable.h"
#include "base/result.h"
#include "net/address.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::net {

struct HttpField {
    std::string name;
    std::string value;
};

/// Header fields in their order. Names are compared without case; one name may stand there several times (Set-Cookie).
class HttpFields {
public:
    HttpFields() = default;

    HttpFields(std::initializer_list<HttpField> fields) : fields_(fields) {}

    void add(std::string name, std::string value) { fields_.push_back({std::move(name), std::move(value)}); }

    /// The first value with this name.
    std::optional<std::string_view> find(std::string_view name) const;
    /// All values with this name, in their order.
    std::vector<std::string_view> all(std::string_view name) const;

    auto begin() const { return fields_.begin(); }

    auto end() const { return fields_.end(); }

private:
    std::vector<HttpField> fields_;
};

/// What is wrong with a message: the status that says so to a client, and a sentence without internals.
struct HttpFault {
    unsigned status = 400;
    std::string text;
};

/// A body, taken piece by piece: whoever reads decides how fast the other side may send.
class BodySource {
public:
    virtual ~BodySource() = default;
    /// The next octets, as many as there are, but not many at once (64 KiB or so); an empty string is the end.
    virtual async::Awaitable<Result<std::string, HttpFault>> read() = 0;
};

/// The whole body. Errors: 413 if it is larger; what the source says. The source outlives the call.
async::Awaitable<Result<std::string, HttpFault>> read_whole(BodySource* body, std::size_t bytes_max);

class Stream;

/// What a connection is used for once a response with status 101 has been sent (RFC 9110 §7.8).
class HttpUpgrade {
public:
    virtual ~HttpUpgrade() = default;
    /// Returns when the connection is to end. `octets` are those that the client sent behind its request; the stream
    /// outlives the call.
    virtual async::Awaitable<> run(Stream* stream, std::string octets) = 0;
};

struct HttpRequest {
    std::string method; ///< "GET"
    std::string target; ///< "/accounts?domain=a.test"
    HttpFields fields;

    // What a server knows of the one who asks.
    Endpoint client{};    ///< empty for a socket of this machine
    bool secure = false;  ///< under TLS
    std::string identity; ///< who that is, for the log: set by the handler that finds out

    /// The target before "?".
    std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }
};

struct HttpResponse {
    unsigned status = 200;
    HttpFields fields;
    std::string body;
    std::unique_ptr<BodySource> stream;        ///< the body instead, if there is one
    std::optional<std::uint64_t> stream_bytes; ///< of the stream, if known; it must give exactly as many
    std::unique_ptr<HttpUpgrade> upgrade;      ///< with status 101 alone, to a client of HTTP/1.1
};

} // namespace tegami::net
