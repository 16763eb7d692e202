#include "net/http_server.h"

#include "net/http_codec.h"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <exception>

namespace tegami::net {

namespace {

constexpr std::size_t kReadBytes = 16 * 1024;

async::Awaitable<HttpResponse> not_found(HttpRequest) {
    co_return HttpResponse{404, {{"Content-Type", "text/plain"}}, "not found\n"};
}

async::Awaitable<HttpResponse> method_not_allowed(HttpRequest) {
    co_return HttpResponse{405, {{"Content-Type", "text/plain"}}, "method not allowed\n"};
}

bool matches(std::string_view pattern, std::string_view path) {
    if (!pattern.ends_with("/*")) return pattern == path;
    pattern.remove_suffix(1);
    return path.starts_with(pattern);
}

HttpResponse fault_response(const HttpFault& fault) {
    return {fault.status, {{"Content-Type", "text/plain"}}, fault.text + "\n"};
}

/// What the handler answers, or 500 for what it throws.
async::Awaitable<HttpResponse> answer(const HttpHandler* handler, HttpRequest request) {
    std::exception_ptr thrown;
    try {
        HttpResponse response = co_await (*handler)(std::move(request));
        co_return response;
    } catch (const std::exception&) {
        thrown = std::current_exception();
    }
    const auto cancelled = co_await boost::asio::this_coro::cancellation_state;
    if (cancelled.cancelled() != boost::asio::cancellation_type::none) std::rethrow_exception(thrown);
    co_return HttpResponse{500, {{"Content-Type", "text/plain"}}, "internal error\n"};
}

/// One connection between its requests.
struct Connection {
    std::unique_ptr<Stream> stream;
    const HttpRoutes* routes;
    HttpLimits limits;
    async::Timers* timers;
    std::string octets; ///< read, and not yet part of a request
};

async::Awaitable<IoResult<>> send(Connection* connection, std::string octets) {
    connection->stream->set_deadline(connection->timers->instant() + connection->limits.write_max);
    co_return co_await connection->stream->write_all(std::move(octets));
}

/// Appends what has arrived.
async::Awaitable<IoResult<>> read_more(Connection* connection) {
    // Waiting first, so that an idle connection holds no buffer.
    CO_TRY_VOID(co_await connection->stream->wait_readable());
    const std::size_t before = connection->octets.size();
    connection->octets.resize(before + kReadBytes);
    const IoResult<std::size_t> size =
        co_await connection->stream->read_some(connection->octets.data() + before, kReadBytes);
    connection->octets.resize(before + size.value_or(0));
    if (!size) co_return failure(size.error());
    co_return IoResult<>();
}

/// Reads one request into `reader`; a fault of the client's is kept in `fault`.
async::Awaitable<IoResult<>> read_request(Connection* connection, HttpRequestReader* reader,
                                          std::optional<HttpFault>* fault) {
    Stream* const stream = connection->stream.get();
    stream->set_deadline(connection->timers->instant() + connection->limits.idle_max);
    bool begun = false;
    bool continued = false;
    for (;;) {
        if (!connection->octets.empty() && !std::exchange(begun, true))
            stream->set_deadline(connection->timers->instant() + connection->limits.request_max);
        const auto fed = reader->feed(connection->octets);
        if (!fed) {
            *fault = fed.error();
            co_return IoResult<>();
        }
        if (reader->is_complete()) co_return IoResult<>();
        // Octets that wait for the rest of a header: Beast limits what it has seen, not what it waits with.
        if (connection->octets.size() > connection->limits.header_bytes_max) {
            *fault = HttpFault{431, "header too large"};
            co_return IoResult<>();
        }
        if (reader->expects_continue() && !std::exchange(continued, true))
            CO_TRY_VOID(co_await stream->write_all("HTTP/1.1 100 Continue\r\n\r\n"));
        CO_TRY_VOID(co_await read_more(connection));
    }
}

/// Serves one request; whether another may follow.
async::Awaitable<IoResult<bool>> serve_one(Connection* connection) {
    HttpRequestReader reader(connection->limits.header_bytes_max, connection->limits.body_bytes_max);
    std::optional<HttpFault> fault;
    CO_TRY_VOID(co_await read_request(connection, &reader, &fault));
    if (fault) {
        CO_TRY_VOID(co_await send(connection, encode(fault_response(*fault), false, true)));
        co_return false;
    }
    const bool keep_alive = reader.keeps_alive();
    HttpRequest request = reader.take();
    const bool with_body = request.method != "HEAD";
    const HttpHandler* const handler = &connection->routes->find(request);
    connection->stream->set_deadline(Instant::max());
    const HttpResponse response = co_await answer(handler, std::move(request));
    CO_TRY_VOID(co_await send(connection, encode(response, keep_alive, with_body)));
    co_return keep_alive;
}

} // namespace

void HttpRoutes::add(std::string method, std::string path, HttpHandler handler) {
    routes_.push_back({std::move(method), std::move(path), std::move(handler)});
}

const HttpHandler& HttpRoutes::find(const HttpRequest& request) const {
    static const HttpHandler kNotFound = not_found;
    static const HttpHandler kNotAllowed = method_not_allowed;
    const std::string path = request.path();
    bool path_exists = false;
    for (const Route& route : routes_) {
        if (!matches(route.path, path)) continue;
        path_exists = true;
        if (route.method == request.method || (route.method == "GET" && request.method == "HEAD")) return route.handler;
    }
    return path_exists ? kNotAllowed : kNotFound;
}

async::Awaitable<> serve_http(std::unique_ptr<Stream> stream, const HttpRoutes* routes, HttpLimits limits,
                              async::Timers* timers) {
    Connection connection{std::move(stream), routes, limits, timers, {}};
    for (;;) {
        const IoResult<bool> more = co_await serve_one(&connection);
        if (!more.value_or(false)) break;
    }
    co_await connection.stream->finish();
}

} // namespace tegami::net
