// The one implementation of Stream: a Transport, TLS on it once it is started, and the watchdog.
#pragma once

#include "async/timer.h"
#include "net/tls_session.h"
#include "net/transport.h"

#include <memory>

namespace tegami::net {

class TransportStream final : public Stream {
public:
    /// `timers` outlives the stream.
    TransportStream(std::unique_ptr<Transport> transport, async::Timers* timers);
    ~TransportStream() override;

    using Stream::start_tls;
    using Stream::write_all;
    async::Awaitable<IoResult<std::size_t>> read_some(char* into, std::size_t bytes_max) override;
    async::Awaitable<IoResult<>> write_all(const char* data, std::size_t bytes) override;
    async::Awaitable<IoResult<>> wait_readable() override;
    async::Awaitable<IoResult<>> start_tls(std::shared_ptr<const TlsServerContext> context,
                                           std::vector<std::string> applications) override;
    async::Awaitable<IoResult<>> start_tls(std::shared_ptr<const TlsClientContext> context,
                                           TlsClientOptions options) override;
    std::optional<TlsInfo> tls_info() const override;
    bool is_secure() const override;
    void set_deadline(Instant deadline) override;
    async::Awaitable<> finish() override;
    void close() override;
    Endpoint local_endpoint() const override;
    Endpoint remote_endpoint() const override;
    void set_remote_endpoint(Endpoint client) override;
    async::Executor executor() const override;
    std::string error_text() const override;
    CertificateFault certificate_fault() const override;

private:
    using Want = TlsSession::Want;
    using Step = TlsSession::Step;

    async::Awaitable<IoResult<>> shake_hands();
    /// One try, or what to wait for before the next.
    Step try_read(char* into, std::size_t bytes_max);
    Step try_write(const char* data, std::size_t bytes);
    /// Why no operation may go on, if so.
    std::optional<IoError> stopped() const;
    async::Awaitable<> wait(Want want);
    /// Reads what has arrived and throws it away: a socket closed with octets unread sends a reset, which may destroy our last
    /// words on their way. `total` counts them, up to a limit; false if no more is to be waited for.
    bool discard_what_came(std::size_t& total);
    /// Lets others run now and then: an operation that never waits would keep the thread from them.
    async::Awaitable<> give_way();
    void watch(Instant due);
    void on_watchdog();

    const std::unique_ptr<Transport> transport_;
    async::Timers* const timers_;
    std::unique_ptr<TlsSession> tls_;
    std::optional<Endpoint> client_; ///< that a proxy has connected for
    bool secure_ = false;
    bool closed_ = false;
    bool expired_ = false;
    std::size_t turn_bytes_ = 0; ///< read and written since the last wait
    Instant deadline_ = Instant::max();
    Instant watched_ = Instant::max(); ///< when the watchdog wakes; never after the deadline
    std::unique_ptr<async::Timer> watchdog_;
};

} // namespace tegami::net
