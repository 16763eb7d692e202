#include "service/httpd/httpd.h"

namespace tegami::httpd {

namespace {

constexpr Duration kHandshakeTime = std::chrono::seconds(10);

} // namespace

async::Awaitable<> serve(const Dependencies* service, std::unique_ptr<net::Stream> stream, bool admitted) {
    MemoryBudget::Charge charge(&service->memory);
    if (!admitted || !charge.resize(kConnectionBytes)) {
        stream->close();
        co_return;
    }
    stream->set_deadline(service->http.timers.instant() + kHandshakeTime);
    const auto shaken = co_await stream->start_tls(service->tls.get());
    if (!shaken) {
        stream->close();
        co_return;
    }
    co_await net::serve_http(std::move(stream), &service->http, kLimits);
}

} // namespace tegami::httpd
