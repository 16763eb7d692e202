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

struct HttpsAttempt {
    Result<HttpResponse, HttpsError> outcome;
    bool asked = false; ///< the server may have acted
};

async::Awaitable<HttpsAttempt> ask(std::unique_ptr<Stream> stream, std::shared_ptr<const TlsClientContext> tls,
                                   HttpsQuestion question, std::string method) {
    stream->set_deadline(question.deadline);
    TlsClientOptions options{.host_name = question.host, .applications = {"http/1.1"}, .verify = true};
    const auto shaken = co_await stream->start_tls(std::move(tls), std::move(options));
    if (!shaken)
        co_return HttpsAttempt{
            failure(HttpsError{.text = words_of(*stream, shaken.error()),
                               .certificate = stream->certificate_fault() != CertificateFault::none})};
    const std::string& authority = question.authority.empty() ? question.host : question.authority;
    HttpRequest request{.method = std::move(method),
                        .target = question.target,
                        .fields = {{"Host", authority}, {"Connection", "close"}}};
    for (const HttpField& field : question.fields)
        request.fields.add(field.name, field.value);
    if (!question.body_type.empty()) request.fields.add("Content-Type", question.body_type);
    const auto sent = co_await stream->write_all(encode_header(request, question.body.size()) + question.body);
    if (!sent) co_return HttpsAttempt{failure(HttpsError{.text = words_of(*stream, sent.error())}), true};
    auto response = co_await receive(stream.get(), question.body_bytes_max);
    stream->close();
    if (!response) co_return HttpsAttempt{failure(HttpsError{.text = response.error()}), true};
    co_return HttpsAttempt{*std::move(response), true};
}

async::Awaitable<Result<HttpResponse, HttpsError>>
ask_each(Network* network, std::shared_ptr<const TlsClientContext> tls, HttpsQuestion question, std::string method) {
    HttpsError problem{.text = "it has no address"};
    for (const Endpoint& endpoint : question.endpoints) {
        const ConnectOptions options{.deadline = question.deadline};
        auto stream = co_await network->connect(endpoint, options);
        if (!stream) {
            problem = {.text = fmt::format("did not answer at {}: {}", endpoint.to_string(), describe(stream.error()))};
            continue;
        }
        HttpsAttempt attempt = co_await ask(*std::move(stream), tls, question, method);
        if (attempt.outcome) co_return std::move(attempt.outcome);
        problem = attempt.outcome.error();
        problem.text = fmt::format("at {}: {}", endpoint.to_string(), problem.text);
        if (attempt.asked && method != "GET") break;
    }
    co_return failure(problem);
}

} // namespace

async::Awaitable<Result<HttpResponse, HttpsError>>
https_get(Network* network, std::shared_ptr<const TlsClientContext> tls, HttpsQuestion question) {
    auto response = co_await ask_each(network, std::move(tls), std::move(question), "GET");
    co_return response;
}

async::Awaitable<Result<HttpResponse, HttpsError>>
https_post(Network* network, std::shared_ptr<const TlsClientContext> tls, HttpsQuestion question) {
    auto response = co_await ask_each(network, std::move(tls), std::move(question), "POST");
    co_return response;
}

} // namespace tegami::net
