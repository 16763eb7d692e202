#include "net/transport_stream.h"

#include "async/turns.h"
#include "base/assert.h"

#include <algorithm>
#include <array>

namespace tegami::net {

namespace {

/// What one connection reads and writes without waiting before
/// others get their turn. A small operation counts as kTurnBytesMin.
constexpr std::size_t kTurnBytes = 64 * 1024;
constexpr std::size_t kTurnBytesMin = 2 * 1024;

/// What finish() grants the other side: enough to read our last words and hang up.
constexpr Duration kFarewellTime = std::chrono::seconds(2);
constexpr std::size_t kFarewellBytesMax = 256 * 1024;

/// `Transport` says "nothing yet" without saying what to wait for; the operation knows.
TlsSession::Step step_of(Attempt attempt, TlsSession::Want otherwise) {
    if (!attempt) return otherwise;
    return *std::move(attempt);
}

} // namespace

TransportStream::TransportStream(std::unique_ptr<Transport> transport, async::Timers* timers)
    : transport_(std::move(transport)), timers_(timers) {}

TransportStream::~TransportStream() {
    close();
}

async::Awaitable<IoResult<std::size_t>> TransportStream::read_some(char* into, std::size_t bytes_max) {
    co_await give_way();
    for (;;) {
        if (const auto error = stopped()) co_return failure(*error);
        Step step = try_read(into, bytes_max);
        if (auto* const result = std::get_if<IoResult<std::size_t>>(&step)) {
            if (*result) turn_bytes_ += std::max(**result, kTurnBytesMin);
            co_return *result;
        }
        co_await wait(std::get<Want>(step));
    }
}

async::Awaitable<IoResult<>> TransportStream::write_all(const char* data, std::size_t bytes) {
    while (bytes != 0) {
        co_await give_way();
        if (const auto error = stopped()) co_return failure(*error);
        Step step = try_write(data, bytes);
        if (auto* const result = std::get_if<IoResult<std::size_t>>(&step)) {
            if (!*result) co_return failure(result->error());
            data += **result;
            bytes -= **result;
            turn_bytes_ += std::max(**result, kTurnBytesMin);
        } else {
            co_await wait(std::get<Want>(step));
        }
    }
    co_return IoResult<>();
}

async::Awaitable<IoResult<>> TransportStream::wait_readable() {
    if (const auto error = stopped()) co_return failure(*error);
    if (secure_ && tls_->has_pending()) co_return IoResult<>();
    co_await wait(Want::readable);
    if (const auto error = stopped()) co_return failure(*error);
    co_return IoResult<>();
}

async::Awaitable<IoResult<>> TransportStream::start_tls(std::shared_ptr<const TlsServerContext> context,
                                                        std::vector<std::string> applications) {
    ASSERT(!tls_);
    tls_ = std::make_unique<TlsSession>(transport_.get(), std::move(context), std::move(applications));
    co_return co_await shake_hands();
}

async::Awaitable<IoResult<>> TransportStream::start_tls(std::shared_ptr<const TlsClientContext> context,
                                                        TlsClientOptions options) {
    ASSERT(!tls_);
    tls_ = std::make_unique<TlsSession>(transport_.get(), std::move(context), options);
    co_return co_await shake_hands();
}

async::Awaitable<IoResult<>> TransportStream::shake_hands() {
    for (;;) {
        // Each step computes with keys, for most of a millisecond: of a flood of them one goes at a time.
        co_await async::give_way();
        if (const auto error = stopped()) co_return failure(*error);
        const Step step = tls_->handshake();
        if (const auto* const result = std::get_if<IoResult<std::size_t>>(&step)) {
            if (!*result) co_return failure(result->error());
            secure_ = true;
            co_return IoResult<>();
        }
        co_await wait(std::get<Want>(step));
    }
}

TransportStream::Step TransportStream::try_read(char* into, std::size_t bytes_max) {
    return tls_ ? tls_->read(into, bytes_max) : step_of(transport_->try_read(into, bytes_max), Want::readable);
}

TransportStream::Step TransportStream::try_write(const char* data, std::size_t bytes) {
    return tls_ ? tls_->write(data, bytes) : step_of(transport_->try_write(data, bytes), Want::writable);
}

std::optional<IoError> TransportStream::stopped() const {
    if (closed_) return IoError::cancelled;
    if (expired_) return IoError::timed_out;
    return std::nullopt;
}

async::Awaitable<> TransportStream::wait(Want want) {
    turn_bytes_ = 0;
    return want == Want::readable ? transport_->wait_readable() : transport_->wait_writable();
}

async::Awaitable<> TransportStream::give_way() {
    if (turn_bytes_ < kTurnBytes) co_return;
    turn_bytes_ = 0;
    co_await async::give_way();
}

std::optional<TlsInfo> TransportStream::tls_info() const {
    if (!secure_) return std::nullopt;
    return tls_->info();
}

bool TransportStream::is_secure() const {
    return secure_;
}

void TransportStream::set_deadline(Instant deadline) {
    deadline_ = deadline;
    expired_ = false;
    // A deadline that moves away leaves the watchdog alone: it looks at the new one when it wakes.
    if (deadline < watched_) watch(deadline);
}

void TransportStream::watch(Instant due) {
    if (!watchdog_) watchdog_ = timers_->make_timer(transport_->executor());
    watched_ = due;
    watchdog_->arm(due, [this] { on_watchdog(); });
}

void TransportStream::on_watchdog() {
    watched_ = Instant::max();
    if (deadline_ == Instant::max()) return;
    if (timers_->instant() < deadline_) return watch(deadline_);
    expired_ = true;
    transport_->wake();
}

async::Awaitable<> TransportStream::finish() {
    if (closed_) co_return;
    if (secure_) tls_->say_goodbye();
    transport_->end_output();
    set_deadline(std::min(deadline_, timers_->instant() + kFarewellTime));
    std::size_t discarded = 0;
    while (!stopped() && discard_what_came(discarded))
        co_await wait(Want::readable);
    close();
}

void TransportStream::close() {
    if (closed_) return;
    closed_ = true;
    if (watchdog_) watchdog_->disarm();
    if (secure_) tls_->say_goodbye();
    std::size_t discarded = 0;
    discard_what_came(discarded);
    transport_->close();
}

bool TransportStream::discard_what_came(std::size_t& total) {
    std::array<char, 1024> discarded;
    while (total < kFarewellBytesMax) {
        const Attempt attempt = transport_->try_read(discarded.data(), discarded.size());
        if (!attempt) return true;
        if (!attempt->has_value()) return false;
        total += **attempt;
    }
    return false;
}

Endpoint TransportStream::local_endpoint() const {
    return transport_->local_endpoint();
}

Endpoint TransportStream::remote_endpoint() const {
    return client_ ? *client_ : transport_->remote_endpoint();
}

void TransportStream::set_remote_endpoint(Endpoint client) {
    client_ = client;
}

async::Executor TransportStream::executor() const {
    return transport_->executor();
}

std::string TransportStream::error_text() const {
    return tls_ && !tls_->error_text().empty() ? tls_->error_text() : transport_->error_text();
}

CertificateFault TransportStream::certificate_fault() const {
    return tls_ ? tls_->certificate_fault() : CertificateFault::none;
}

} // namespace tegami::net
