#include "net/http_exchange.h"

#include "net/forwarded.h"

#include <boost/asio/this_coro.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace tegami::net {

namespace {

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

/// The next octets of a stream, or why there are none.
async::Awaitable<Result<std::string, HttpFault>> read_piece(BodySource* stream) {
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

} // namespace

Instant HttpPatience::begin(Instant now, std::size_t bytes_due) {
    begun_ = now;
    const std::uint64_t bytes = bytes_ + bytes_due;
    const auto earned = std::chrono::seconds(bytes / std::max<std::uint64_t>(1, limits_.bytes_per_second_min));
    return begun_ + std::max(Duration::zero(), limits_.wait_max + earned - waited_);
}

void HttpPatience::end(Instant now, std::size_t bytes) {
    waited_ += std::chrono::duration_cast<Duration>(now - begun_);
    bytes_ += bytes;
}

void note_client(const HttpDependencies& dependencies, const Stream& stream, HttpRequest& request) {
    request.client = stream.remote_endpoint();
    request.secure = stream.is_secure();
    const auto said = forwarded_for(request, dependencies.trusted_proxies);
    if (!said) return;
    if (said->client) request.client = {.address = *said->client, .port = 0};
    if (said->secure) request.secure = *said->secure;
}

std::optional<HttpFault> host_fault(const HttpRequest& request) {
    if (request.fields.all("Host").size() == 1) return std::nullopt;
    return HttpFault{400, "a request names one host"};
}

async::Awaitable<HttpResponse> answer_request(const HttpDependencies* dependencies, HttpRequest* request,
                                              BodySource* body) {
    const bool elsewhere = request->secure && dependencies->secure_routes != nullptr;
    const HttpRoutes& routes = elsewhere ? *dependencies->secure_routes : dependencies->routes;
    const HttpHandler* const handler = routes.find(request->method, request->path());
    if (!handler) co_return routes.refusal(request->path());
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

bool may_have_body(unsigned status) {
    return status >= 200 && status != 204 && status != 304;
}

bool has_no_known_end(const HttpResponse& response) {
    return response.stream && !response.stream_bytes;
}

async::Awaitable<std::optional<std::string>> next_piece(const HttpDependencies* dependencies, HttpResponse* response,
                                                        HttpLogLine* line) {
    auto piece = co_await read_piece(response->stream.get());
    if (!piece) {
        dependencies->log.error("http response broke off", {{"reason", piece.error().text}});
        line->cut_off = "the body broke off";
        co_return std::nullopt;
    }
    line->bytes += piece->size();
    const bool too_many = response->stream_bytes && line->bytes > *response->stream_bytes;
    const bool too_few = piece->empty() && response->stream_bytes && line->bytes < *response->stream_bytes;
    if (too_many || too_few) {
        line->cut_off = "the body has not its length";
        co_return std::nullopt;
    }
    co_return *std::move(piece);
}

void log_request(const HttpDependencies& dependencies, const HttpRequest& request, Instant begun,
                 const HttpLogLine& line) {
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(dependencies.timers.instant() - begun);
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
    dependencies.log.write(dependencies.request_level, line.cut_off.empty() ? "http request" : "http request cut off",
                           fields);
}

} // namespace tegami::net
