#include "net/https_client.h"

#include "net/http_codec.h"

#include <fmt/format.h>

namespace tegami::net {

namespace {

constexpr std::size_t kReadBytes = 16 * 1024;
/// Limit: header of the answer.
constexpr std::size_t kAnswerHeaderBytesMax = 32 * 1024;

std::string words_of(const Stream& stream, IoError error) {
    const std::string own = error == IoError::tls_failed ? stream.error_text() : "";
    return own.empty() ? std::string(describe(error)) : own;
}

async::Awaitable<Result<HttpResponse, std::string>> receive(Stream* stream, std::size_t body_bytes_max) {
    HttpResponseReader reader(kAnswerHeaderBytesMax, body_bytes_max);
    HttpResponse response;
    std::string octets;
    while (!reader.is_complete()) {
        std::string buffer(kReadBytes, '\0');
        const auto got = co_await stream->read_some(buffer.data(), buffer.size());
        if (!got && got.error() != IoError::end_of_stream) co_return failure(words_of(*stream, got.error()));
        if (!got) {
            // Without a length the end is the end of the connection, which anybody may cut: such an answer is none.
            co_return failure(std::string("the connection ended before the answer did"));
        }
        octets.append(buffer, 0, *got);
        if (!reader.has_header()) {
            const auto taken = reader.take_header(octets);
            if (!taken) co_return failure("gave no proper answer: " + taken.error().text);
            if (!reader.has_header()) continue;
            response = reader.header();
        }
        while (!reader.is_complete()) {
            const auto piece = reader.take_body(octets, kReadBytes);
            if (!piece) co_return failure("gave no proper answer: " + piece.error().text);
            if (piece->empty()) break;
            response.body += *piece;
        }
    }
    co_return response;
}

async::Awaitable<Result<HttpResponse, std::string>>
ask(std::unique_ptr<Stream> stream, std::shared_ptr<const TlsClientContext> tls, HttpsQuestion question) {
    stream->set_deadline(question.deadline);
    TlsClientOptions options{.host_name = question.host, .applications = {"http/1.1"}, .verify = true};
    const auto shaken = co_await stream->start_tls(std::move(tls), std::move(options));
    if (!shaken) co_return failure(words_of(*stream, shaken.error()));
    const HttpRequest request{
        .method = "GET", .target = question.target, .fields = {{"Host", question.host}, {"Connection", "close"}}};
    const auto sent = co_await stream->write_all(encode_header(request, 0));
    if (!sent) co_return failure(words_of(*stream, sent.error()));
    auto response = co_await receive(stream.get(), question.body_bytes_max);
    stream->close();
    co_return response;
}

} // namespace

async::Awaitable<Result<HttpResponse, std::string>>
https_get(Network* network, std::shared_ptr<const TlsClientContext> tls, HttpsQuestion question) {
    std::string problem = "it has no address";
    for (const Endpoint& endpoint : question.endpoints) {
        const ConnectOptions options{.deadline = question.deadline};
        auto stream = co_await network->connect(endpoint, options);
        if (!stream) {
            problem = fmt::format("did not answer at {}: {}", endpoint.to_string(), describe(stream.error()));
            continue;
        }
        auto response = co_await ask(*std::move(stream), tls, question);
        if (response) co_return response;
        problem = fmt::format("at {}: {}", endpoint.to_string(), response.error());
    }
    co_return failure(problem);
}

} // namespace tegami::net
