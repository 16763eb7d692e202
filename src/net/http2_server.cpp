#include "net/http2_server.h"

#include "async/event.h"
#include "async/first_of.h"
#include "async/task_group.h"
#include "base/ascii.h"
#include "net/http2_session.h"
#include "net/http_exchange.h"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <exception>
#include <map>
#include <utility>
#include <vector>

namespace tegami::net {

namespace {

/// Octets that are written at once.
constexpr std::size_t kOutputBytes = 32 * 1024;
/// What a connection holds beside the stream (the tables of RFC 7541, octets on their way), and what one request does.
constexpr std::uint64_t kSessionBytes = 32 * 1024;
constexpr std::uint64_t kStreamBytes = 24 * 1024;
constexpr Duration kFarewellMax = std::chrono::seconds(2);

/// One request, from its header to the end of its handler.
struct Exchange {
    Exchange(Http2Request asked, const async::Executor& executor, MemoryBudget* budget)
        : id(asked.stream), request(std::move(asked.request)), fault(std::move(asked.fault)),
          body_ended(!asked.has_body), changed(executor), closed(executor), memory(budget) {}

    const Http2StreamId id;
    HttpRequest request;
    std::optional<HttpFault> fault;
    std::deque<std::string> body; ///< that nobody has asked for yet
    std::uint64_t body_bytes = 0; ///< of it, from its beginning
    bool body_ended;
    bool taken = false;    ///< what was given of the response
    bool too_slow = false; ///< the client has let `deadline` pass
    bool sends = false;    ///< what is waited for is that the client takes something
    Instant deadline = Instant::max();
    async::Event changed; ///< any of these
    async::Event closed;  ///< the stream is gone
    MemoryBudget::Charge memory;

    bool is_stopped() const { return too_slow || closed.is_set(); }

    async::Awaitable<> news() {
        changed.reset();
        return changed.wait();
    }
};

async::Awaitable<> read_into(const HttpDependencies* dependencies, HttpResponse* response, HttpLogLine* line,
                             std::optional<std::string>* piece) {
    auto read = co_await next_piece(dependencies, response, line);
    *piece = std::move(read);
}

class Http2Connection {
public:
    Http2Connection(std::unique_ptr<Stream> stream, const HttpDependencies* dependencies, HttpLimits limits)
        : stream_(std::move(stream)), dependencies_(dependencies), limits_(limits), session_(limits.header_bytes_max),
          wake_(stream_->executor()),
          requests_(stream_->executor(),
                    [this](std::string_view, std::string_view reason) {
                        dependencies_->log.error("http request failed", {{"reason", reason}});
                    }),
          memory_(dependencies->memory), idle_since_(now()) {}

    async::Awaitable<> run();

private:
    class RequestBody;
    class Registered;

    async::Awaitable<> read();
    async::Awaitable<> write();
    async::Awaitable<> take_leave();
    void handle_events();
    void handle(Http2Request event);
    void handle(Http2Body event);
    void handle(Http2BodyEnd event);
    void handle(Http2Taken event);
    void handle(Http2Closed event);
    async::Awaitable<> serve(std::shared_ptr<Exchange> exchange);
    async::Awaitable<> respond(Exchange* exchange, HttpResponse* response, HttpLogLine* line);
    async::Awaitable<bool> send_body(Exchange* exchange, HttpResponse* response, HttpLogLine* line);
    async::Awaitable<bool> send_piece(Exchange* exchange, std::string piece, bool last, HttpPatience* patience);

    Instant now() const { return dependencies_->timers.instant(); }

    void set_deadline() { stream_->set_deadline(writing_ ? write_until_ : read_until()); }

    /// How long the client may keep an exchange waiting.
    void allow(Exchange* exchange, Instant until) {
        exchange->deadline = until;
        set_deadline();
    }

    Instant read_until() const;
    /// Tells those whose time is over; false: it is the connection's.
    bool expire();
    Exchange* find(Http2StreamId id);

    const std::unique_ptr<Stream> stream_;
    const HttpDependencies* const dependencies_;
    const HttpLimits limits_;
    Http2Session session_;
    async::Event wake_; ///< there may be something to write
    async::TaskGroup requests_;
    MemoryBudget::Charge memory_;
    std::map<Http2StreamId, std::shared_ptr<Exchange>> exchanges_;
    Instant idle_since_;
    Instant header_until_ = Instant::max();
    Instant write_until_ = Instant::max();
    std::vector<UnansweredRequests::Place> unwritten_; ///< answered, and perhaps not written yet
    bool writing_ = false;                             ///< stays set where a write did not end: then nothing can follow
};

/// The body of a request, as the client sends it into the room that its stream has.
class Http2Connection::RequestBody final : public BodySource {
public:
    RequestBody(Http2Connection* connection, Exchange* exchange)
        : connection_(connection), exchange_(exchange), patience_(connection->limits_) {}

    async::Awaitable<Result<std::string, HttpFault>> read() override {
        for (;;) {
            if (exchange_->body_bytes > connection_->limits_.body_bytes_max)
                fault_ = HttpFault{413, "the body is too large"};
            if (fault_) co_return failure(*fault_);
            if (!exchange_->body.empty()) {
                std::string piece = std::move(exchange_->body.front());
                exchange_->body.pop_front();
                connection_->session_.consumed(exchange_->id, piece.size());
                connection_->wake_.set();
                co_return piece;
            }
            if (exchange_->body_ended) co_return std::string();
            co_await wait_for_more();
        }
    }

    const std::optional<HttpFault>& fault() const { return fault_; }

private:
    async::Awaitable<> wait_for_more() {
        if (!std::exchange(asked_, true)) invite();
        const std::uint64_t before = exchange_->body_bytes;
        connection_->allow(exchange_, patience_.begin(connection_->now()));
        while (exchange_->body_bytes == before && !exchange_->body_ended && !exchange_->is_stopped())
            co_await exchange_->news();
        connection_->allow(exchange_, Instant::max());
        patience_.end(connection_->now(), exchange_->body_bytes - before);
        if (exchange_->too_slow) fault_ = HttpFault{408, "the request came too slowly"};
        if (exchange_->closed.is_set() && exchange_->body.empty() && !exchange_->body_ended)
            fault_ = HttpFault{400, "the request was cut off"};
    }

    /// Before the first wait: the client may send, and as fast as the way to it allows if there is memory for it.
    void invite() {
        const HttpRequest& request = exchange_->request;
        if (ascii::iequals(request.fields.find("Expect").value_or(""), "100-continue"))
            connection_->session_.say_continue(exchange_->id);
        const auto length = ascii::parse_number<std::uint64_t>(request.fields.find("Content-Length").value_or(""));
        const bool is_large = !length || *length > kWindowBytes;
        if (is_large && exchange_->memory.resize(kStreamBytes + kWideWindowBytes))
            connection_->session_.widen(exchange_->id);
        connection_->wake_.set();
    }

    Http2Connection* connection_;
    Exchange* exchange_;
    HttpPatience patience_;
    std::optional<HttpFault> fault_;
    bool asked_ = false;
};

/// Takes an exchange off the list when its task ends, however it does.
class Http2Connection::Registered {
public:
    Registered(Http2Connection* connection, Http2StreamId id) : connection_(connection), id_(id) {}

    ~Registered() {
        connection_->exchanges_.erase(id_);
        connection_->idle_since_ = connection_->now();
        connection_->set_deadline();
    }

    Registered(const Registered&) = delete;
    Registered& operator=(const Registered&) = delete;

private:
    Http2Connection* connection_;
    Http2StreamId id_;
};

async::Awaitable<> Http2Connection::run() {
    if (!memory_.resize(kSessionBytes)) {
        stream_->close();
        co_return;
    }
    std::exception_ptr thrown;
    try {
        co_await async::first_of(read(), write());
    } catch (...) {
        thrown = std::current_exception();
    }
    // What still has to be said is short and has a deadline, so the task may end a moment after it was cancelled.
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    if (thrown) requests_.cancel();
    for (const auto& [id, exchange] : exchanges_) {
        exchange->closed.set();
        exchange->changed.set();
    }
    if (!writing_) co_await take_leave();
    co_await requests_.join();
    if (thrown) std::rethrow_exception(thrown);
    co_await stream_->finish();
}

async::Awaitable<> Http2Connection::take_leave() {
    session_.go_away();
    std::string octets = session_.take_output(kOutputBytes);
    writing_ = true;
    write_until_ = now() + kFarewellMax;
    set_deadline();
    // A client that is gone hears nothing, and need not.
    const IoResult<> written = co_await stream_->write_all(std::move(octets));
    static_cast<void>(written);
}

async::Awaitable<> Http2Connection::read() {
    for (;;) {
        set_deadline();
        const IoResult<> readable = co_await stream_->wait_readable();
        // Where something is being written it is the writing that took too long.
        if (!readable && readable.error() == IoError::timed_out && !writing_ && expire()) continue;
        if (!readable) co_return;
        std::string octets(kHttpPieceBytes, '\0');
        const IoResult<std::size_t> size = co_await stream_->read_some(octets.data(), octets.size());
        if (!size) co_return;
        octets.resize(*size);
        const auto fed = session_.feed(octets, now());
        handle_events();
        if (!session_.is_amid_header())
            header_until_ = Instant::max();
        else if (header_until_ == Instant::max())
            header_until_ = now() + limits_.header_max;
        wake_.set();
        if (!fed) {
            const std::string client = stream_->remote_endpoint().address.to_string();
            const std::array fields{LogField{"client", client}, LogField{"reason", fed.error()}};
            dependencies_->log.write(dependencies_->request_level, "http connection ended", fields);
            co_return;
        }
    }
}

async::Awaitable<> Http2Connection::write() {
    for (;;) {
        wake_.reset();
        std::string octets = session_.take_output(kOutputBytes);
        handle_events();
        if (octets.empty()) {
            unwritten_.clear();
            co_await wake_.wait();
            continue;
        }
        HttpPatience patience(limits_);
        write_until_ = patience.begin(now(), octets.size());
        writing_ = true;
        set_deadline();
        const IoResult<> written = co_await stream_->write_all(std::move(octets));
        if (!written) co_return;
        writing_ = false;
        set_deadline();
    }
}

Instant Http2Connection::read_until() const {
    Instant until = std::min(header_until_, exchanges_.empty() ? idle_since_ + limits_.idle_max : Instant::max());
    for (const auto& [id, exchange] : exchanges_)
        until = std::min(until, exchange->deadline);
    return until;
}

bool Http2Connection::expire() {
    const Instant present = now();
    for (const auto& [id, exchange] : exchanges_) {
        if (exchange->deadline > present) continue;
        if (exchange->sends && !session_.is_held_back(id)) {
            exchange->deadline = present + limits_.wait_max;
        } else {
            exchange->deadline = Instant::max();
            exchange->too_slow = true;
            exchange->changed.set();
        }
    }
    return read_until() > present;
}

Exchange* Http2Connection::find(Http2StreamId id) {
    const auto found = exchanges_.find(id);
    return found == exchanges_.end() ? nullptr : found->second.get();
}

void Http2Connection::handle_events() {
    for (Http2Event& event : session_.take_events())
        std::visit([this](auto& one) { handle(std::move(one)); }, event);
}

void Http2Connection::handle(Http2Request event) {
    const Http2StreamId id = event.stream;
    const std::uint64_t bytes = kStreamBytes + (event.has_body ? kWindowBytes : 0);
    auto exchange = std::make_shared<Exchange>(std::move(event), stream_->executor(), dependencies_->memory);
    if (exchanges_.size() >= kStreamsMax || !exchange->memory.resize(bytes))
        return session_.reset(id, Http2Reset::refused);
    exchanges_.emplace(id, exchange);
    set_deadline();
    requests_.spawn("http request", serve(std::move(exchange)));
}

void Http2Connection::handle(Http2Body event) {
    Exchange* const exchange = find(event.stream);
    if (exchange == nullptr) return;
    exchange->body_bytes += event.octets.size();
    std::deque<std::string>& body = exchange->body;
    // Many small frames are not many small strings.
    if (!body.empty() && body.back().size() + event.octets.size() <= kHttpPieceBytes)
        body.back() += event.octets;
    else
        body.push_back(std::move(event.octets));
    exchange->changed.set();
}

void Http2Connection::handle(Http2BodyEnd event) {
    Exchange* const exchange = find(event.stream);
    if (exchange == nullptr) return;
    exchange->body_ended = true;
    exchange->changed.set();
}

void Http2Connection::handle(Http2Taken event) {
    Exchange* const exchange = find(event.stream);
    if (exchange == nullptr) return;
    exchange->taken = true;
    exchange->changed.set();
}

void Http2Connection::handle(Http2Closed event) {
    Exchange* const exchange = find(event.stream);
    if (exchange == nullptr) return;
    exchange->closed.set();
    exchange->changed.set();
}

async::Awaitable<> Http2Connection::serve(std::shared_ptr<Exchange> exchange) {
    const Registered registered(this, exchange->id);
    UnansweredRequests::Place unanswered(dependencies_->unanswered);
    const Instant begun = now();
    HttpRequest& request = exchange->request;
    note_client(*dependencies_, *stream_, request);
    RequestBody body(this, exchange.get());
    HttpResponse response;
    std::optional<HttpFault> fault = exchange->fault ? exchange->fault : host_fault(request);
    // What was taken back before anything began is not begun.
    if (!fault && !exchange->closed.is_set()) {
        response = co_await answer_request(dependencies_, &request, &body);
        fault = body.fault();
    }
    if (fault) response = text_response(fault->status, fault->text);
    HttpLogLine line{.status = response.status};
    exchange->too_slow = false;
    if (has_no_known_end(response)) unanswered = {};
    if (exchange->closed.is_set())
        line.cut_off = "the request was cut off";
    else
        co_await respond(exchange.get(), &response, &line);
    log_request(*dependencies_, request, begun, line);
    unwritten_.push_back(std::move(unanswered));
    wake_.set();
}

async::Awaitable<> Http2Connection::respond(Exchange* exchange, HttpResponse* response, HttpLogLine* line) {
    const bool has_body = may_have_body(response->status);
    std::optional<std::uint64_t> length;
    if (has_body) length = response->stream ? response->stream_bytes : response->body.size();
    const bool with_body = has_body && exchange->request.method != "HEAD";
    session_.respond(exchange->id, *response, length, with_body);
    wake_.set();
    bool sent = true;
    if (with_body) sent = co_await send_body(exchange, response, line);
    if (!sent && line->cut_off.empty())
        line->cut_off = exchange->too_slow ? "the client did not take it in time" : "the client did not want it";
    if (!sent)
        session_.reset(exchange->id, exchange->too_slow ? Http2Reset::too_slow : Http2Reset::failed);
    else if (!exchange->body_ended)
        session_.reset(exchange->id, Http2Reset::done);
    wake_.set();
}

/// Whether all of the body was sent.
async::Awaitable<bool> Http2Connection::send_body(Exchange* exchange, HttpResponse* response, HttpLogLine* line) {
    HttpPatience patience(limits_);
    if (!response->stream) {
        line->bytes = response->body.size();
        co_return co_await send_piece(exchange, std::move(response->body), true, &patience);
    }
    for (;;) {
        std::optional<std::string> piece;
        // Nobody need make what the client does not want any more: a stream of events would never end.
        const auto first =
            co_await async::first_of(read_into(dependencies_, response, line, &piece), exchange->closed.wait());
        if (first == async::First::right || !piece) co_return false;
        const bool last = piece->empty();
        const bool sent = co_await send_piece(exchange, *std::move(piece), last, &patience);
        if (!sent || last) co_return sent;
    }
}

/// Whether the client's windows have let the piece go.
async::Awaitable<bool> Http2Connection::send_piece(Exchange* exchange, std::string piece, bool last,
                                                   HttpPatience* patience) {
    const std::size_t bytes = piece.size();
    exchange->taken = false;
    exchange->sends = true;
    session_.give(exchange->id, std::move(piece));
    if (last) session_.end_body(exchange->id);
    wake_.set();
    allow(exchange, patience->begin(now(), bytes));
    while (!exchange->taken && !exchange->is_stopped())
        co_await exchange->news();
    allow(exchange, Instant::max());
    patience->end(now(), bytes);
    exchange->sends = false;
    co_return exchange->taken;
}

} // namespace

async::Awaitable<> serve_http2(std::unique_ptr<Stream> stream, const HttpDependencies* dependencies,
                               HttpLimits limits) {
    Http2Connection connection(std::move(stream), dependencies, limits);
    co_await connection.run();
}

} // namespace tegami::net
