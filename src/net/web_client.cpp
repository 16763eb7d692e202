#include "net/web_client.h"

#include "async/first_of.h"
#include "base/ascii.h"
#include "net/http_codec.h"

#include <algorithm>

namespace tegami::net {

namespace {

constexpr std::size_t kWebPieceBytes = 16 * 1024;
/// Limit: header of the answer.
constexpr std::size_t kWebHeaderBytesMax = 32 * 1024;
/// Limit: addresses of one host that are tried, and how long one may take while there is another.
constexpr std::size_t kEndpointsMax = 4;
constexpr auto kConnectTime = std::chrono::seconds(3);

constexpr std::uint16_t kWebPort = 80;

/// It says what browsers say, and nothing about the host or whose letter it is.
constexpr std::string_view kUserAgent = "Mozilla/5.0";

WebFault failed(std::string text) {
    return WebFault{.refused = false, .text = std::move(text)};
}

WebFault refused(std::string text) {
    return WebFault{.refused = true, .text = std::move(text)};
}

/// What comes from one server, with what came already.
struct WebConnection {
    std::unique_ptr<Stream> stream;
    std::unique_ptr<HttpResponseReader> reader;
    std::string octets;
    async::Timers* timers;
    Duration patience;

    /// More octets, or the proper end of the answer.
    async::Awaitable<Result<void, WebFault>> read() {
        const Instant begun = timers->instant();
        stream->set_deadline(begun + std::max(patience, Duration::zero()));
        std::string buffer(kWebPieceBytes, '\0');
        const auto got = co_await stream->read_some(buffer.data(), buffer.size());
        stream->set_deadline(Instant::max());
        patience -= timers->instant() - begun;
        if (got) {
            octets.append(buffer, 0, *got);
            co_return Result<void, WebFault>();
        }
        if (got.error() != IoError::end_of_stream) co_return failure(failed(std::string(describe(got.error()))));
        if (!reader->has_header() || !reader->take_end())
            co_return failure(failed("the connection ended before the answer did"));
        co_return Result<void, WebFault>();
    }
};

class WebBody final : public BodySource {
public:
    explicit WebBody(WebConnection connection) : from_(std::move(connection)) {}

    async::Awaitable<Result<std::string, HttpFault>> read() override {
        constexpr unsigned kBadGateway = 502;
        for (;;) {
            auto piece = from_.reader->take_body(from_.octets, kWebPieceBytes);
            if (!piece) co_return failure(HttpFault{kBadGateway, "the answer is too large, or not a proper one"});
            if (!piece->empty() || from_.reader->is_complete()) co_return *std::move(piece);
            const auto more = co_await from_.read();
            if (!more) co_return failure(HttpFault{kBadGateway, more.error().text});
        }
    }

private:
    WebConnection from_;
};

/// The header of the answer; what says that one is to come (1xx, RFC 9110 §15.2) is passed over.
async::Awaitable<Result<HttpResponse, WebFault>> receive_header(WebConnection* connection,
                                                                std::uint64_t body_bytes_max) {
    for (int interim = 0; interim < 5;) {
        const auto taken = connection->reader->take_header(connection->octets);
        if (!taken) co_return failure(failed("the answer is too large, or not a proper one"));
        if (!connection->reader->has_header()) {
            CO_TRY_VOID(co_await connection->read());
            continue;
        }
        HttpResponse response = connection->reader->header();
        if (response.status / 100 != 1) co_return response;
        connection->reader = std::make_unique<HttpResponseReader>(kWebHeaderBytesMax, body_bytes_max);
        ++interim;
    }
    co_return failure(failed("the answer does not come to an end"));
}

std::optional<std::uint64_t> length_of(const HttpResponse& response) {
    if (response.fields.find("Transfer-Encoding")) return std::nullopt;
    return ascii::parse_number<std::uint64_t>(response.fields.find("Content-Length").value_or(""));
}

bool is_redirect(unsigned status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

} // namespace

async::Awaitable<WebClient::Outcome> WebClient::ask(WebQuestion question) const {
    Outcome outcome = failure(failed("no answer came in time"));
    const Instant begun = dependencies_.timers.instant();
    co_await async::first_of(follow(&question, begun, &outcome),
                             async::sleep(&dependencies_.timers, question.patience));
    co_return outcome;
}

async::Awaitable<> WebClient::follow(const WebQuestion* question, Instant begun, Outcome* outcome) const {
    WebUrl url = question->url;
    for (unsigned redirects = 0;; ++redirects) {
        Outcome answer = co_await ask_once(question, url, begun);
        const bool leads_on = answer && is_redirect(answer->status) && question->redirects_max > 0;
        if (!leads_on) {
            *outcome = std::move(answer);
            co_return;
        }
        const auto next = resolve(url, answer->fields.find("Location").value_or(""));
        if (redirects == question->redirects_max || !next) {
            *outcome = failure(refused(next ? "it leads on too often" : "it leads to no address of the web"));
            co_return;
        }
        url = *next;
    }
}

async::Awaitable<WebClient::Outcome> WebClient::ask_once(const WebQuestion* question, WebUrl url, Instant begun) const {
    if (url.port != (url.secure ? dependencies_.secure_port : kWebPort))
        co_return failure(refused("it has an unusual port"));
    const auto name = dns::Name::parse(url.host);
    if (!name) co_return failure(failed("its host has no address"));
    HostEndpoints places = co_await find_endpoints(&dependencies_.resolver, *name, url.port, dependencies_.may_reach);
    if (places.refused) co_return failure(refused("its host is not one of the Internet"));
    if (places.reachable.empty()) co_return failure(failed("its host has no address"));
    auto stream = co_await connect(std::move(places.reachable));
    if (!stream) co_return failure(failed(std::string(describe(stream.error()))));
    if (url.secure) {
        TlsClientOptions options{.host_name = url.host, .applications = {"http/1.1"}, .verify = true};
        const auto shaken = co_await (*stream)->start_tls(dependencies_.tls, std::move(options));
        if (!shaken) co_return failure(failed("its host does not prove that it is the one named"));
    }
    HttpRequest request{
        .method = question->method,
        .target = url.target,
        .fields = {{"Host", url.authority()}, {"Connection", "close"}, {"User-Agent", std::string(kUserAgent)}}};
    for (const HttpField& field : question->fields)
        request.fields.add(field.name, field.value);
    const auto sent = co_await (*stream)->write_all(encode_header(request, question->body.size()) + question->body);
    if (!sent) co_return failure(failed(std::string(describe(sent.error()))));
    WebConnection connection{.stream = *std::move(stream),
                             .reader =
                                 std::make_unique<HttpResponseReader>(kWebHeaderBytesMax, question->body_bytes_max),
                             .octets = {},
                             .timers = &dependencies_.timers,
                             .patience = question->patience};
    CO_TRY(HttpResponse response, co_await receive_header(&connection, question->body_bytes_max));
    connection.patience = question->patience - (dependencies_.timers.instant() - begun);
    const auto length = length_of(response);
    co_return WebAnswer{.status = response.status,
                        .fields = std::move(response.fields),
                        .length = length,
                        .body = std::make_unique<WebBody>(std::move(connection))};
}

async::Awaitable<IoResult<std::unique_ptr<Stream>>> WebClient::connect(std::vector<Endpoint> endpoints) const {
    IoError error = IoError::unreachable;
    endpoints.resize(std::min(endpoints.size(), kEndpointsMax));
    for (const Endpoint& endpoint : endpoints) {
        const ConnectOptions options{.deadline = dependencies_.timers.instant() + Duration(kConnectTime)};
        auto stream = co_await dependencies_.network.connect(endpoint, options);
        if (stream) co_return stream;
        error = stream.error();
    }
    co_return failure(error);
}

} // namespace tegami::net
