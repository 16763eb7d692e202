#include "net/http_server.h"

#include "net/http_codec.h"

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace tegami::net {

namespace {

constexpr std::size_t kRequestPieceBytes = 16 * 1024;

/// What the log says of one request.
struct LogLine {
    unsigned status = 0;
    std::uint64_t bytes = 0;  ///< of the response's body, as far as it was sent
    std::string_view cut_off; ///< why the response did not arrive, if it did not
};

/// One connection between its requests.
struct Connection {
    std::unique_ptr<Stream> stream;
    const HttpDependencies* dependencies;
    HttpLimits limits;
    std::string octets{};                   ///< read, and not yet part of a request
    std::unique_ptr<HttpUpgrade> upgrade{}; ///< what it is used for from now on, if it is

    Instant now() const { return dependencies->timers.instant(); }
};

/// How long a client has kept us waiting with one body, and how long it still may.
class Patience {
public:
    explicit Patience(Connection* connection) : connection_(connection) {}

    /// Before an await that hangs on the client.
    void begin() {
        begun_ = connection_->now();
        const HttpLimits& limits = connection_->limits;
        const auto earned = std::chrono::seconds(bytes_ / std::max<std::uint64_t>(1, limits.bytes_per_second_min));
        connection_->stream->set_deadline(begun_ + std::max(Duration::zero(), limits.wait_max + earned - waited_));
    }

    /// After it; `bytes` have passed.
    void end(std::size_t bytes) {
        waited_ += std::chrono::duration_cast<Duration>(connection_->now() - begun_);
        bytes_ += bytes;
        connection_->stream->set_deadline(Instant::max());
    }

private:
    Connection* connection_;
    Instant begun_{};
    Duration waited_{};
    std::uint64_t bytes_ = 0;
};

/// Appends what has arrived.
async::Awaitable<IoResult<>> read_more(Connection* connection) {
    // Waiting first, so that an idle connection holds no buffer.
    CO_TRY_VOID(co_await connection->stream->wait_readable());
    const std::size_t before = connection->octets.size();
    connection->octets.resize(before + kRequestPieceBytes);
    const IoResult<std::size_t> size =
        co_await connection->stream->read_some(connection->octets.data() + before, kRequestPieceBytes);
    connection->octets.resize(before + size.value_or(0));
    if (!size) co_return failure(size.error());
    co_return IoResult<>();
}

/// Reads one header into `reader`; a fault of the client's is kept in `fault`.
async::Awaitable<IoResult<>> read_header(Connection* connection, HttpRequestReader* reader,
                                         std::optional<HttpFault>* fault) {
    Stream* const stream = connection->stream.get();
    stream->set_deadline(connection->now() + connection->limits.idle_max);
    bool begun = false;
    for (;;) {
        if (!connection->octets.empty() && !std::exchange(begun, true))
            stream->set_deadline(connection->now() + connection->limits.header_max);
        const auto taken = reader->take_header(connection->octets);
        if (!taken) *fault = taken.error();
        if (*fault || reader->has_header()) co_return IoResult<>();
        CO_TRY_VOID(co_await read_more(connection));
    }
}

/// The body of a request, read from the connection as somebody asks for it.
class RequestBody final : public BodySource {
public:
    RequestBody(Connection* connection, HttpRequestReader* reader)
        : connection_(connection), reader_(reader), patience_(connection) {}

    async::Awaitable<Result<std::string, HttpFault>> read() override {
        for (;;) {
            if (fault_) co_return failure(*fault_);
            auto piece = reader_->take_body(connection_->octets, kRequestPieceBytes);
            if (!piece) fault_ = piece.error();
            if (!piece || !piece->empty() || reader_->is_complete()) co_return piece;
            co_await wait_for_more();
        }
    }

    /// Whether the next request begins where this body ends: all of it has arrived, or does now without waiting.
    bool skip_what_is_there() {
        while (!fault_ && !reader_->is_complete()) {
            const auto piece = reader_->take_body(connection_->octets, kRequestPieceBytes);
            if (!piece || piece->empty()) break;
        }
        return !fault_ && reader_->is_complete();
    }

    /// What the client did wrong, if it can be told.
    const std::optional<HttpFault>& fault() const { return fault_; }

    bool is_connection_lost() const { return lost_; }

private:
    async::Awaitable<> wait_for_more() {
        patience_.begin();
        IoResult<> result;
        if (reader_->expects_continue() && !std::exchange(continued_, true))
            result = co_await connection_->stream->write_all("HTTP/1.1 100 Continue\r\n\r\n");
        const std::size_t before = connection_->octets.size();
        if (result) result = co_await read_more(connection_);
        patience_.end(connection_->octets.size() - before);
        if (result) co_return;
        lost_ = result.error() != IoError::timed_out;
        fault_ = lost_ ? HttpFault{400, "the request was cut off"} : HttpFault{408, "the request came too slowly"};
    }

    Connection* connection_;
    HttpRequestReader* reader_;
    Patience patience_;
    std::optional<HttpFault> fault_;
    bool continued_ = false;
    bool lost_ = false;
};

async::Awaitable<> rethrow_if_cancelled(std::exception_ptr thrown) {
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none) std::rethrow_exception(thrown);
}

std::string reason_of(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& exception) {
        return exception.what();
    } catch (...) {
        return "an exception of no known kind";
    }
}

/// What the handler answers, or 500 for what it throws.
async::Awaitable<HttpResponse> answer(const HttpDependencies* dependencies, HttpRequest* request, BodySource* body) {
    const HttpHandler* const handler = dependencies->routes.find(request->method, request->path());
    if (!handler) co_return dependencies->routes.refusal(request->path());
    std::exception_ptr thrown;
    try {
        HttpResponse response = co_await (*handler)(request, body);
        co_return response;
    } catch (...) {
        thrown = std::current_exception();
    }
    co_await rethrow_if_cancelled(thrown);
    const std::string id = dependencies->random.token(10);
    dependencies->log.error(
        "http request failed",
        {{"id", id}, {"method", request->method}, {"path", request->path()}, {"reason", reason_of(thrown)}});
    co_return text_response(500, fmt::format("internal error {}: the log of the server says more", id));
}

/// The next octets of a response, or why there are none.
async::Awaitable<Result<std::string, HttpFault>> next_piece(BodySource* stream) {
    std::exception_ptr thrown;
    try {
        auto piece = co_await stream->read();
        co_return piece;
    } catch (...) {
        thrown = std::current_exception();
    }
    co_await rethrow_if_cancelled(thrown);
    co_return failure(HttpFault{500, reason_of(thrown)});
}

/// Writes octets of a response; whether they arrived.
async::Awaitable<bool> send(Connection* connection, Patience* patience, std::string octets, LogLine* line) {
    const std::size_t bytes = octets.size();
    patience->begin();
    const IoResult<> sent = co_await connection->stream->write_all(std::move(octets));
    patience->end(bytes);
    if (!sent) line->cut_off = describe(sent.error());
    co_return sent.has_value();
}

/// Sends what a stream gives; whether all of it was sent.
async::Awaitable<bool> send_stream(Connection* connection, Patience* patience, HttpResponse* response, bool chunked,
                                   LogLine* line) {
    for (;;) {
        const auto piece = co_await next_piece(response->stream.get());
        if (!piece) {
            connection->dependencies->log.error("http response broke off", {{"reason", piece.error().text}});
            line->cut_off = "the body broke off";
            co_return false;
        }
        if (!piece->empty()) line->bytes += piece->size();
        const bool too_many = response->stream_bytes && line->bytes > *response->stream_bytes;
        const bool too_few = piece->empty() && response->stream_bytes && line->bytes < *response->stream_bytes;
        if (too_many || too_few) {
            line->cut_off = "the body has not its length";
            co_return false;
        }
        if (piece->empty() && !chunked) co_return true;
        const bool last = piece->empty();
        const bool sent = co_await send(connection, patience, chunked ? encode_chunk(*piece) : *piece, line);
        if (!sent || last) co_return sent;
    }
}

/// How a response is sent.
struct Manner {
    bool keep_alive = false; ///< the next request may follow
    bool chunks = false;     ///< the client understands them
    bool with_body = true;   ///< not for HEAD
};

/// Sends a response; whether another request may follow.
async::Awaitable<bool> respond(Connection* connection, HttpResponse* response, Manner manner, LogLine* line) {
    line->status = response->status;
    HttpFraming framing{.keep_alive = manner.keep_alive};
    // RFC 9110 §8.6: these have neither a body nor a length.
    const bool has_body = response->status >= 200 && response->status != 204 && response->status != 304;
    if (has_body && !response->stream) framing.length = response->body.size();
    if (has_body && response->stream) framing.length = response->stream_bytes;
    framing.chunked = has_body && !framing.length && manner.chunks;
    if (has_body && !framing.length && !framing.chunked) framing.keep_alive = false; // its end is the connection's
    const bool with_body = has_body && manner.with_body;

    Patience patience(connection);
    std::string octets = encode_header(*response, framing);
    if (with_body && !response->stream) {
        octets += response->body;
        line->bytes = response->body.size();
    }
    bool sent = co_await send(connection, &patience, std::move(octets), line);
    if (sent && with_body && response->stream)
        sent = co_await send_stream(connection, &patience, response, framing.chunked, line);
    // Cut off: the client must see that this is not the end of the body.
    if (!sent) connection->stream->close();
    co_return sent&& framing.keep_alive;
}

void write_log(Connection* connection, const HttpRequest& request, Instant begun, const LogLine& line) {
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(connection->now() - begun);
    const bool local = request.client == Endpoint{};
    const std::string client = local ? "local" : request.client.address.to_string();
    const LogField method{"method", request.method};
    const LogField path{"path", request.path()};
    const LogField status{"status", line.status};
    const LogField bytes{"bytes", line.bytes};
    const LogField milliseconds{"milliseconds", static_cast<std::uint64_t>(took.count())};
    const LogField peer{"client", client};
    const LogField identity{"identity", request.identity};
    std::vector<LogField> fields{method, path, status, bytes, milliseconds, peer, identity};
    if (!line.cut_off.empty()) fields.emplace_back("reason", line.cut_off);
    const HttpDependencies& to = *connection->dependencies;
    to.log.write(to.request_level, line.cut_off.empty() ? "http request" : "http request cut off", fields);
}

/// Serves one request; whether another may follow.
async::Awaitable<IoResult<bool>> serve_one(Connection* connection) {
    HttpRequestReader reader(connection->limits.header_bytes_max, connection->limits.body_bytes_max);
    std::optional<HttpFault> fault;
    const IoResult<> arrived = co_await read_header(connection, &reader, &fault);
    if (!arrived) co_return failure(arrived.error());
    const Instant begun = connection->now();
    connection->stream->set_deadline(Instant::max());
    HttpRequest request;
    if (reader.has_header()) request = reader.header();
    request.client = connection->stream->remote_endpoint();
    request.secure = connection->stream->is_secure();
    RequestBody body(connection, &reader);
    Manner manner;
    HttpResponse response;
    if (!fault) {
        manner.chunks = reader.takes_chunks();
        manner.with_body = request.method != "HEAD";
        response = co_await answer(connection->dependencies, &request, &body);
        manner.keep_alive = reader.keeps_alive() && body.skip_what_is_there();
        fault = body.fault();
    }
    if (fault) response = text_response(fault->status, fault->text);
    LogLine line{.status = response.status};
    bool more = false;
    if (body.is_connection_lost())
        line.cut_off = "the request was cut off";
    else
        more = co_await respond(connection, &response, manner, &line);
    write_log(connection, request, begun, line);
    if (more) connection->upgrade = std::move(response.upgrade);
    co_return more && !connection->upgrade;
}

} // namespace

async::Awaitable<> serve_http(std::unique_ptr<Stream> stream, const HttpDependencies* dependencies, HttpLimits limits) {
    Connection connection{.stream = std::move(stream), .dependencies = dependencies, .limits = limits};
    for (;;) {
        const IoResult<bool> more = co_await serve_one(&connection);
        if (!more.value_or(false)) break;
    }
    if (connection.upgrade) co_await connection.upgrade->run(connection.stream.get(), std::move(connection.octets));
    co_await connection.stream->finish();
}

} // namespace tegami::net
