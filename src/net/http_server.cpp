#include "net/http_server.h"

#include "base/ascii.h"
#include "net/http2_server.h"
#include "net/http_codec.h"
#include "net/http_exchange.h"

#include <utility>

namespace tegami::net {

namespace {

/// One connection between its requests.
struct Connection {
    std::unique_ptr<Stream> stream;
    const HttpDependencies* dependencies;
    HttpLimits limits;
    std::string octets{};                   ///< read, and not yet part of a request
    std::unique_ptr<HttpUpgrade> upgrade{}; ///< what it is used for from now on, if it is

    Instant now() const { return dependencies->timers.instant(); }

    /// An idle connection holds no buffer.
    void release_buffer() {
        if (octets.empty()) octets.shrink_to_fit(); // an empty string assigned to it would keep the room
    }
};

/// A client's patience with one body, on the connection's deadline.
class Patience {
public:
    explicit Patience(Connection* connection) : connection_(connection), patience_(connection->limits) {}

    void begin(std::size_t bytes_due = 0) {
        connection_->stream->set_deadline(patience_.begin(connection_->now(), bytes_due));
    }

    void end(std::size_t bytes) {
        patience_.end(connection_->now(), bytes);
        connection_->stream->set_deadline(Instant::max());
    }

private:
    Connection* connection_;
    HttpPatience patience_;
};

/// Appends what has arrived.
async::Awaitable<IoResult<>> read_more(Connection* connection) {
    // Waiting first, so that an idle connection holds no buffer.
    CO_TRY_VOID(co_await connection->stream->wait_readable());
    const std::size_t before = connection->octets.size();
    connection->octets.resize(before + kHttpPieceBytes);
    const IoResult<std::size_t> size =
        co_await connection->stream->read_some(connection->octets.data() + before, kHttpPieceBytes);
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
    connection->release_buffer();
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
            auto piece = reader_->take_body(connection_->octets, kHttpPieceBytes);
            if (!piece) fault_ = piece.error();
            if (!piece || !piece->empty() || reader_->is_complete()) co_return piece;
            // Limit: the line before a chunk, and what follows the last one.
            if (connection_->octets.size() > connection_->limits.header_bytes_max)
                fault_ = HttpFault{400, "a chunk has too much around it"};
            if (fault_) continue;
            co_await wait_for_more();
        }
    }

    /// Whether the next request begins where this body ends: all of it has arrived, or does now without waiting.
    bool skip_what_is_there() {
        while (!fault_ && !reader_->is_complete()) {
            const auto piece = reader_->take_body(connection_->octets, kHttpPieceBytes);
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

/// Writes octets of a response; whether they arrived.
async::Awaitable<bool> send(Connection* connection, Patience* patience, std::string octets, HttpLogLine* line) {
    const std::size_t bytes = octets.size();
    patience->begin(bytes);
    const IoResult<> sent = co_await connection->stream->write_all(std::move(octets));
    patience->end(bytes);
    if (!sent) line->cut_off = describe(sent.error());
    co_return sent.has_value();
}

/// Sends what a stream gives; whether all of it was sent.
async::Awaitable<bool> send_stream(Connection* connection, Patience* patience, HttpResponse* response, bool chunked,
                                   HttpLogLine* line) {
    connection->release_buffer();
    for (;;) {
        const auto piece = co_await next_piece(connection->dependencies, response, line);
        if (!piece) co_return false;
        const bool last = piece->empty();
        if (last && !chunked) co_return true;
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
async::Awaitable<bool> respond(Connection* connection, HttpResponse* response, Manner manner, HttpLogLine* line) {
    line->status = response->status;
    HttpFraming framing{.keep_alive = manner.keep_alive};
    const bool has_body = may_have_body(response->status);
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

/// What another server on the way might read differently: then it would take a part of the body for the next request.
std::optional<HttpFault> framing_fault(const HttpRequest& request, bool is_version_11) {
    const std::vector<std::string_view> codings = request.fields.all("Transfer-Encoding");
    // RFC 9112 §6.1: HTTP/1.0 had none, and we read no other one.
    if (!codings.empty() && (!is_version_11 || codings.size() != 1 || !ascii::iequals(codings.front(), "chunked")))
        return HttpFault{501, "a body comes in chunks, or with its length"};
    return is_version_11 ? host_fault(request) : std::nullopt;
}

/// Serves one request; whether another may follow.
async::Awaitable<IoResult<bool>> serve_one(Connection* connection) {
    HttpRequestReader reader(connection->limits.header_bytes_max, connection->limits.body_bytes_max);
    std::optional<HttpFault> fault;
    const IoResult<> arrived = co_await read_header(connection, &reader, &fault);
    if (!arrived) co_return failure(arrived.error());
    const Instant begun = connection->now();
    UnansweredRequests::Place unanswered(connection->dependencies->unanswered);
    connection->stream->set_deadline(Instant::max());
    HttpRequest request;
    if (reader.has_header()) request = reader.header();
    note_client(*connection->dependencies, *connection->stream, request);
    if (!fault) fault = framing_fault(request, reader.takes_chunks());
    RequestBody body(connection, &reader);
    Manner manner;
    HttpResponse response;
    if (!fault) {
        manner.chunks = reader.takes_chunks();
        manner.with_body = request.method != "HEAD";
        response = co_await answer_request(connection->dependencies, &request, &body);
        manner.keep_alive = reader.keeps_alive() && body.skip_what_is_there();
        fault = body.fault();
    }
    if (fault) response = text_response(fault->status, fault->text);
    HttpLogLine line{.status = response.status};
    if (has_no_known_end(response)) unanswered = {};
    bool more = false;
    if (body.is_connection_lost())
        line.cut_off = "the request was cut off";
    else
        more = co_await respond(connection, &response, manner, &line);
    log_request(*connection->dependencies, request, begun, line);
    if (more) connection->upgrade = std::move(response.upgrade);
    co_return more && !connection->upgrade;
}

/// What a handshake agreed on is large, and not kept.
bool speaks_http2(const Stream& stream) {
    const std::optional<TlsInfo> tls = stream.tls_info();
    return tls && tls->application == "h2";
}

} // namespace

async::Awaitable<> serve_http(std::unique_ptr<Stream> stream, const HttpDependencies* dependencies, HttpLimits limits) {
    if (speaks_http2(*stream)) co_return co_await serve_http2(std::move(stream), dependencies, limits);
    Connection connection{.stream = std::move(stream), .dependencies = dependencies, .limits = limits};
    for (;;) {
        const IoResult<bool> more = co_await serve_one(&connection);
        if (!more.value_or(false)) break;
    }
    if (connection.upgrade) co_await connection.upgrade->run(connection.stream.get(), std::move(connection.octets));
    co_await connection.stream->finish();
}

} // namespace tegami::net
