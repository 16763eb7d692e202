#include "service/httpd/httpd.h"

namespace tegami::httpd {

namespace {

constexpr Duration kHandshakeTime = std::chrono::seconds(10);

async::Awaitable<bool> shake_hands(const Dependencies* service, net::Stream* stream) {
    stream->set_deadline(service->http.timers.instant() + kHandshakeTime);
    const auto shaken = co_await stream->start_tls(service->tls.get(), std::vector<std::string>{"h2", "http/1.1"});
    co_return shaken.has_value();
}

async::Awaitable<> serve_within_budget(const Dependencies* service, std::unique_ptr<net::Stream> stream, bool admitted,
                                       bool encrypted) {
    MemoryBudget::Charge charge(&service->memory);
    if (!admitted || !charge.resize(kConnectionBytes)) {
        stream->close();
        co_return;
    }
    if (encrypted) {
        const bool shaken = co_await shake_hands(service, stream.get());
        if (!shaken) {
            stream->close();
            co_return;
        }
    }
    co_await net::serve_http(std::move(stream), &service->http, kLimits);
}

} // namespace

async::Awaitable<> serve(const Dependencies* service, std::unique_ptr<net::Stream> stream, bool admitted) {
    co_await serve_within_budget(service, std::move(stream), admitted, true);
}

async::Awaitable<> serve_plainly(const Dependencies* service, std::unique_ptr<net::Stream> stream, bool admitted) {
    co_await serve_within_budget(service, std::move(stream), admitted, false);
}

} // namespace tegami::httpd
