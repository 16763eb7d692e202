#include "simulation/tap.h"

namespace tegami::simulation {

namespace {

constexpr std::string_view kEnd = "\r\n.\r\n";

/// A stream in the clear that is overheard.
class TappedStream final : public net::Stream {
public:
    TappedStream(std::unique_ptr<net::Stream> stream, Passages* passages)
        : stream_(std::move(stream)), passages_(passages) {}

    async::Awaitable<net::IoResult<std::size_t>> read_some(char* into, std::size_t bytes_max) override {
        const auto got = co_await stream_->read_some(into, bytes_max);
        if (got) heard({into, *got});
        co_return got;
    }

    async::Awaitable<net::IoResult<>> write_all(const char* data, std::size_t bytes) override {
        // Before it is done: even a write that fails may have arrived.
        said({data, bytes});
        co_return co_await stream_->write_all(data, bytes);
    }

    async::Awaitable<net::IoResult<>> wait_readable() override { return stream_->wait_readable(); }

    async::Awaitable<net::IoResult<>> start_tls(std::shared_ptr<const net::TlsServerContext> context,
                                                std::vector<std::string> applications) override {
        return stream_->start_tls(std::move(context), std::move(applications));
    }

    async::Awaitable<net::IoResult<>> start_tls(std::shared_ptr<const net::TlsClientContext> context,
                                                net::TlsClientOptions options) override {
        return stream_->start_tls(std::move(context), std::move(options));
    }

    std::optional<net::TlsInfo> tls_info() const override { return stream_->tls_info(); }

    bool is_secure() const override { return stream_->is_secure(); }

    void set_deadline(Instant deadline) override { stream_->set_deadline(deadline); }

    async::Awaitable<> finish() override { return stream_->finish(); }

    void close() override { stream_->close(); }

    net::Endpoint local_endpoint() const override { return stream_->local_endpoint(); }

    net::Endpoint remote_endpoint() const override { return stream_->remote_endpoint(); }

    void set_remote_endpoint(net::Endpoint client) override { stream_->set_remote_endpoint(client); }

    async::Executor executor() const override { return stream_->executor(); }

    std::string error_text() const override { return stream_->error_text(); }

    net::CertificateFault certificate_fault() const override { return stream_->certificate_fault(); }

private:
    void said(std::string_view octets) {
        if (id_.empty()) id_ = message_id_of(octets);
        tail_ += octets.size() > kEnd.size() ? octets.substr(octets.size() - kEnd.size()) : octets;
        const bool ended = !id_.empty() && tail_.ends_with(kEnd);
        if (tail_.size() > kEnd.size()) tail_.erase(0, tail_.size() - kEnd.size());
        if (!ended) return;
        passage_ = &(*passages_)[{std::exchange(id_, {}), stream_->remote_endpoint().address}];
        ++passage_->bodies;
    }

    void heard(std::string_view octets) {
        if (passage_ == nullptr || octets.empty()) return;
        ++(octets.front() == '2' ? passage_->answered : passage_->refused);
        passage_ = nullptr;
    }

    const std::unique_ptr<net::Stream> stream_;
    Passages* const passages_;
    Passage* passage_ = nullptr; ///< of the message whose answer is due
    std::string id_;             ///< of the message that is being sent
    std::string tail_;           ///< the last octets said
};

} // namespace

std::string message_id_of(std::string_view octets) {
    constexpr std::string_view kField = "Message-ID: <";
    const std::size_t at = octets.find(kField);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = octets.substr(at + kField.size());
    return std::string(rest.substr(0, rest.find('>')));
}

async::Awaitable<net::IoResult<std::unique_ptr<net::Stream>>> TappedNetwork::connect(net::Endpoint remote,
                                                                                     net::ConnectOptions options) {
    auto made = co_await network_->connect(remote, options);
    if (!made) co_return failure(made.error());
    std::unique_ptr<net::Stream> tapped = std::make_unique<TappedStream>(std::move(*made), passages_);
    co_return std::move(tapped);
}

Result<std::unique_ptr<net::Listener>, std::string> TappedNetwork::listen(net::Endpoint local,
                                                                          async::Executor executor) {
    return network_->listen(local, executor);
}

} // namespace tegami::simulation
