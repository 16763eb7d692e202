#include "net/http_codec.h"

#include "base/ascii.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace tegami::net {

namespace {

namespace http = boost::beast::http;

constexpr unsigned kVersion11 = 11;
/// The end of a chunked body has at least as many octets: "0", and CR LF twice.
constexpr std::size_t kLastChunkBytes = 5;
constexpr unsigned kBadRequest = 400;
constexpr unsigned kTooLarge = 413;
constexpr unsigned kHeadersTooLarge = 431;

HttpFault fault_of(const boost::beast::error_code& error) {
    if (error == http::error::body_limit) return {kTooLarge, "the body is too large"};
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
        return {kHeadersTooLarge, "the header is too large"};
    return {kBadRequest, "not an HTTP message: " + error.message()};
}

template <class Message>
constexpr bool kIsRequest = std::is_same_v<Message, HttpRequest>;

template <bool IsRequest>
std::string serialize_header(http::message<IsRequest, http::empty_body>& message) {
    http::serializer<IsRequest, http::empty_body> serializer(message);
    serializer.split(true);
    std::string octets;
    boost::beast::error_code error;
    while (!serializer.is_header_done() && !error)
        serializer.next(error, [&](boost::beast::error_code&, const auto& buffers) {
            for (const boost::asio::const_buffer buffer : boost::beast::buffers_range_ref(buffers))
                octets.append(static_cast<const char*>(buffer.data()), buffer.size());
            serializer.consume(boost::beast::buffer_bytes(buffers));
        });
    return octets;
}

template <class Fields>
void insert_fields(Fields& into, const HttpFields& fields) {
    for (const HttpField& field : fields)
        into.insert(field.name, one_line(field.value));
}

} // namespace

template <class Message>
struct HttpReader<Message>::State {
    http::parser<kIsRequest<Message>, http::buffer_body> parser;
    std::size_t header_bytes_max;
    std::size_t header_bytes = 0; ///< taken of the header
};

template <class Message>
HttpReader<Message>::HttpReader(std::size_t header_bytes_max, std::uint64_t body_bytes_max)
    : state_(std::make_unique<State>()) {
    state_->header_bytes_max = header_bytes_max;
    // Beast counts differently for other cuts of the same header, so its limit is only a second one.
    state_->parser.header_limit(static_cast<std::uint32_t>(2 * header_bytes_max));
    state_->parser.body_limit(body_bytes_max);
}

template <class Message>
HttpReader<Message>::~HttpReader() = default;

template <class Message>
Result<void, HttpFault> HttpReader<Message>::take_header(std::string& octets) {
    while (!octets.empty() && !has_header()) {
        boost::beast::error_code error;
        const std::size_t taken = state_->parser.put(boost::asio::buffer(octets), error);
        octets.erase(0, taken);
        state_->header_bytes += taken;
        if (error == http::error::need_more) break;
        if (error) return failure(fault_of(error));
    }
    const std::size_t waiting = has_header() ? 0 : octets.size();
    if (state_->header_bytes + waiting > state_->header_bytes_max) return failure(fault_of(http::error::header_limit));
    return {};
}

template <class Message>
Result<std::string, HttpFault> HttpReader<Message>::take_body(std::string& octets, std::size_t bytes_max) {
    auto& parser = state_->parser;
    // Beast aborts when it looks twice at the beginning of the last chunk and has less of it; as much surely comes.
    if (parser.chunked() && octets.size() < kLastChunkBytes) return std::string();
    std::string piece(std::min(bytes_max, octets.size()), '\0');
    auto& room = parser.get().body();
    room.data = piece.data();
    room.size = piece.size();
    parser.eager(true);
    while (!octets.empty() && !parser.is_done()) {
        boost::beast::error_code error;
        const std::size_t taken = parser.put(boost::asio::buffer(octets), error);
        octets.erase(0, taken);
        if (error == http::error::need_more || error == http::error::need_buffer) break;
        if (error) return failure(fault_of(error));
    }
    piece.resize(piece.size() - room.size);
    return piece;
}

template <class Message>
Result<void, HttpFault> HttpReader<Message>::take_end() {
    if (!state_->parser.got_some()) return failure(HttpFault{kBadRequest, "nothing came"});
    boost::beast::error_code error;
    state_->parser.put_eof(error);
    if (error) return failure(fault_of(error));
    return {};
}

template <class Message>
bool HttpReader<Message>::has_header() const {
    return state_->parser.is_header_done();
}

template <class Message>
bool HttpReader<Message>::is_complete() const {
    return state_->parser.is_done();
}

template <class Message>
bool HttpReader<Message>::expects_continue() const {
    return takes_chunks() && boost::beast::iequals(state_->parser.get()[http::field::expect], "100-continue");
}

template <class Message>
bool HttpReader<Message>::keeps_alive() const {
    return state_->parser.keep_alive();
}

template <class Message>
bool HttpReader<Message>::takes_chunks() const {
    return state_->parser.get().version() >= kVersion11;
}

template <class Message>
Message HttpReader<Message>::header() const {
    const auto& parsed = state_->parser.get();
    Message message;
    if constexpr (kIsRequest<Message>) {
        message.method = std::string(parsed.method_string());
        message.target = std::string(parsed.target());
    } else {
        message.status = parsed.result_int();
    }
    for (const auto& field : parsed)
        message.fields.add(std::string(field.name_string()), std::string(field.value()));
    return message;
}

template class HttpReader<HttpRequest>;
template class HttpReader<HttpResponse>;

std::string one_line(std::string value) {
    std::erase_if(value, [](char c) { return ascii::is_control(c) && c != '\t'; });
    return value;
}

std::string encode_header(const HttpRequest& request, std::size_t body_bytes) {
    http::request<http::empty_body> message;
    message.version(kVersion11);
    message.method_string(request.method);
    message.target(one_line(request.target));
    insert_fields(message, request.fields);
    if (!request.fields.find("Host")) message.set(http::field::host, "localhost");
    message.content_length(body_bytes);
    return serialize_header(message);
}

std::string encode_header(const HttpResponse& response, const HttpFraming& framing) {
    http::response<http::empty_body> message;
    message.version(kVersion11);
    message.result(response.status);
    insert_fields(message, response.fields);
    message.keep_alive(framing.keep_alive);
    if (framing.chunked)
        message.chunked(true);
    else if (framing.length)
        message.content_length(*framing.length);
    return serialize_header(message);
}

std::string encode_chunk(std::string_view octets) {
    return fmt::format("{:x}\r\n{}\r\n", octets.size(), octets);
}

} // namespace tegami::net
