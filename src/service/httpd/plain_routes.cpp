#include "service/httpd/plain_routes.h"

#include "service/httpd/host_asked.h"

#include <fmt/format.h>

namespace tegami::httpd {

namespace {

constexpr std::string_view kChallengePath = "/.well-known/acme-challenge/";

async::Awaitable<net::HttpResponse> answer_challenge(const ChallengeBoard* board, const net::HttpRequest* request) {
    auto proof = board->find(request->path().substr(kChallengePath.size()));
    if (!proof) co_return net::text_response(404, "not found");
    net::HttpResponse response;
    response.fields.add("Content-Type", "application/octet-stream");
    response.body = *std::move(proof);
    co_return response;
}

async::Awaitable<net::HttpResponse> answer_elsewhere(std::optional<std::uint16_t> https_port,
                                                     const net::HttpRequest* request) {
    constexpr std::uint16_t kUsualPort = 443;
    const std::string name = host_asked(*request);
    if (name.empty() || !https_port || !request->target.starts_with('/'))
        co_return net::text_response(404, "not found");
    net::HttpResponse response = net::text_response(301, "this is served under HTTPS alone");
    const std::string port = *https_port == kUsualPort ? "" : fmt::format(":{}", *https_port);
    response.fields.add("Location", fmt::format("https://{}{}{}", name, port, request->target));
    co_return response;
}

} // namespace

void add_plain_routes(net::HttpRoutes& routes, const ChallengeBoard& board, std::optional<std::uint16_t> https_port) {
    routes.add("GET", std::string(kChallengePath) + "*", [board = &board](net::HttpRequest* request, net::BodySource*) {
        return answer_challenge(board, request);
    });
    routes.add("GET", "/*", [https_port](net::HttpRequest* request, net::BodySource*) {
        return answer_elsewhere(https_port, request);
    });
}

} // namespace tegami::httpd
