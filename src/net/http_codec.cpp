#include "net/http_codec.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>

#include <type_traits>
#include <utility>

namespace tegami::net {

namespace {

namespace http = boost::beast::http;

constexpr unsigned kVersion11 = 11;
constexpr unsigned kBadRequest = 400;
constexpr unsigned kTooLarge = 413;
constexpr unsigned kHeadersTooLarge = 431;

unsigned status_of(const boost::beast::error_code& error) {
    if (error == http::error::body_limit) return kTooLarge;
    if (error == http::error::header_limit || error == http::error::buffer_overflow) return kHeadersTooLarge;
    return kBadRequest;
}

template <class Message>
constexpr bool kIsRequest = std::is_same_v<Message, HttpRequest>;

template <bool IsRequest>
std::string serialize(http::message<IsRequest, http::string_body>& message) {
    http::serializer<IsRequest, http::string_body> serializer(message);
    std::string octets;
    boost::beast::error_code error;
    while (!serializer.is_done() && !error)
        serializer.next(error, [&](boost::beast::error_code&, const auto& buffers) {
            for (const boost::asio::const_buffer buffer : boost::beast::buffers_range_ref(buffers))
                octets.append(static_cast<const char*>(buffer.data()), buffer.size());
            serializer.consume(boost::beast::buffer_bytes(buffers));
        });
    return octets;
}

/// A header's text comes from our own code; a line end in it would be a bug that splits the message.
std::string one_line(std::string text) {
    std::erase_if(text, [](char c) { return ascii::is_control(c) && c != '\t'; });
    return text;
}

template <class Fields>
void set_headers(Fields& fields, const HttpHeaders& headers) {
    for (const auto& [name, value] : headers)
        fields.set(name, one_line(value));
}

} // namespace

template <class Message>
struct HttpReader<Message>::State {
    http::parser<kIsRequest<Message>, http::string_body> parser;
};

template <class Message>
HttpReader<Message>::HttpReader(std::size_t header_bytes_max, std::size_t body_bytes_max)
    : state_(std::make_unique<State>()) {
    state_->parser.header_limit(static_cast<std::uint32_t>(header_bytes_max));
    state_->parser.body_limit(body_bytes_max);
    state_->parser.eager(true);
}

template <class Message>
HttpReader<Message>::~HttpReader() = default;

template <class Message>
Result<void, HttpFault> HttpReader<Message>::feed(std::string& octets) {
    while (!octets.empty() && !state_->parser.is_done()) {
        boost::beast::error_code error;
        const std::size_t taken = state_->parser.put(boost::asio::buffer(octets), error);
        octets.erase(0, taken);
        if (error == http::error::need_more) return {};
        if (error) return failure(HttpFault{status_of(error), error.message()});
    }
    return {};
}

template <class Message>
Result<void, HttpFault> HttpReader<Message>::feed_end() {
    boost::beast::error_code error;
    state_->parser.put_eof(error);
    if (error) return failure(HttpFault{kBadRequest, error.message()});
    return {};
}

template <class Message>
bool HttpReader<Message>::is_complete() const {
    return state_->parser.is_done();
}

template <class Message>
bool HttpReader<Message>::expects_continue() const {
    return state_->parser.is_header_done() && !state_->parser.is_done() &&
           boost::beast::iequals(state_->parser.get()[http::field::expect], "100-continue");
}

template <class Message>
bool HttpReader<Message>::keeps_alive() const {
    return state_->parser.keep_alive();
}

template <class Message>
Message HttpReader<Message>::take() {
    auto parsed = state_->parser.release();
    Message message;
    if constexpr (kIsRequest<Message>) {
        message.method = std::string(parsed.method_string());
        message.target = std::string(parsed.target());
    } else {
        message.status = parsed.result_int();
    }
    for (const auto& field : parsed)
        message.headers.insert_or_assign(std::string(field.name_string()), std::string(field.value()));
    message.body = std::move(parsed.body());
    return message;
}

template class HttpReader<HttpRequest>;
template class HttpReader<HttpResponse>;

std::string encode(const HttpRequest& request) {
    http::request<http::string_body> message;
    message.version(kVersion11);
    message.method_string(request.method);
    message.target(one_line(request.target));
    set_headers(message, request.headers);
    if (request.headers.find("Host") == request.headers.end()) message.set(http::field::host, "localhost");
    message.body() = request.body;
    message.prepare_payload();
    return serialize(message);
}

std::string encode(const HttpResponse& response, bool keep_alive, bool with_body) {
    http::response<http::string_body> message;
    message.version(kVersion11);
    message.result(response.status);
    set_headers(message, response.headers);
    message.keep_alive(keep_alive);
    message.body() = response.body;
    message.prepare_payload();
    // HEAD: the length that a GET would have, and no body (RFC 9110 §9.3.2).
    if (!with_body) message.body().clear();
    return serialize(message);
}

} // namespace tegami::net
