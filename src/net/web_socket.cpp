#include "net/web_socket.h"

#include "base/ascii.h"
#include "base/base64.h"
#include "net/http_routes.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace tegami::net {

namespace {

using websocket::CloseCode;

constexpr std::size_t kPieceBytes = 16 * 1024;
/// How long a client may be silent before it is asked, and then how long it may take to say something. Routers forget a
/// connection that says nothing for some minutes.
constexpr Duration kSilenceMax = std::chrono::minutes(5);
constexpr Duration kAnswerMax = std::chrono::minutes(1);
/// How long a client may take for a message: this, and a second for so many octets.
constexpr Duration kWriteMax = std::chrono::seconds(30);
constexpr std::size_t kBytesPerSecondMin = 1024;
constexpr Duration kFarewellMax = std::chrono::seconds(5);

/// Whether one of the tokens of a field that is a list is this one.
bool lists(const HttpRequest& request, std::string_view field, std::string_view token) {
    for (const std::string_view value : request.fields.all(field))
        for (const std::string_view one : ascii::split(value, ','))
            if (ascii::iequals(ascii::trim(one), token)) return true;
    return false;
}

/// RFC 6455 §4.2.2, 5.4
std::string accept_key(std::string_view key) {
    const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
    return base64::encode({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

} // namespace

HttpResponse answer_web_socket(const HttpRequest& request, std::string_view subprotocol) {
    constexpr std::size_t kKeyOctets = 16;
    if (request.method != "GET" || !lists(request, "Connection", "Upgrade") ||
        !lists(request, "Upgrade", "websocket")) {
        HttpResponse response = text_response(426, "this address speaks WebSocket");
        response.fields.add("Connection", "Upgrade");
        response.fields.add("Upgrade", "websocket");
        return response;
    }
    if (request.fields.find("Sec-WebSocket-Version").value_or("") != "13") {
        HttpResponse response = text_response(426, "the version of WebSocket is 13");
        response.fields.add("Sec-WebSocket-Version", "13");
        return response;
    }
    const std::string_view key = request.fields.find("Sec-WebSocket-Key").value_or("");
    const auto octets = base64::decode(key);
    if (!octets || octets->size() != kKeyOctets) return text_response(400, "Sec-WebSocket-Key has 16 octets");
    if (!lists(request, "Sec-WebSocket-Protocol", subprotocol))
        return text_response(400, std::string("the subprotocol is ") + std::string(subprotocol));
    HttpResponse response;
    response.status = 101;
    response.fields.add("Connection", "Upgrade");
    response.fields.add("Upgrade", "websocket");
    response.fields.add("Sec-WebSocket-Accept", accept_key(key));
    response.fields.add("Sec-WebSocket-Protocol", std::string(subprotocol));
    return response;
}

WebSocket::WebSocket(Stream* stream, async::Timers* timers, std::string octets)
    : stream_(stream), timers_(timers), octets_(std::move(octets)) {}

WebSocket::Taken WebSocket::take() {
    std::string_view rest = std::string_view(octets_).substr(taken_);
    Taken taken = reader_.take(rest);
    taken_ = octets_.size() - rest.size();
    return taken;
}

async::Awaitable<IoResult<websocket::TextPiece>> WebSocket::read() {
    for (;;) {
        Taken taken = closed_ ? Taken(std::nullopt) : take();
        if (!taken) {
            co_await close(taken.error().code, std::string(taken.error().reason));
            co_return failure(IoError::cancelled);
        }
        if (closed_) co_return failure(IoError::cancelled);
        if (!*taken) {
            CO_TRY_VOID(co_await read_more());
            continue;
        }
        if (auto* const text = std::get_if<websocket::TextPiece>(&**taken)) co_return std::move(*text);
        if (const auto* const ping = std::get_if<websocket::Ping>(&**taken)) {
            std::string pong = websocket::encode_pong(ping->payload);
            CO_TRY_VOID(co_await write(std::move(pong)));
        } else if (std::holds_alternative<websocket::Close>(**taken)) {
            co_await close(CloseCode::normal, {});
            co_return failure(IoError::cancelled);
        }
    }
}

async::Awaitable<IoResult<>> WebSocket::read_more() {
    octets_.erase(0, std::exchange(taken_, 0));
    if (octets_.empty()) octets_.shrink_to_fit();
    for (;;) {
        read_until_ = timers_->instant() + (asked_ ? kAnswerMax : kSilenceMax);
        set_deadline();
        const IoResult<> readable = co_await stream_->wait_readable();
        if (readable) break;
        // Where something is being written it is the writing that took too long.
        if (readable.error() != IoError::timed_out || asked_ || writing_ || closed_) co_return readable;
        asked_ = true;
        CO_TRY_VOID(co_await write(websocket::encode_ping()));
    }
    asked_ = false;
    const std::size_t before = octets_.size();
    octets_.resize(before + kPieceBytes);
    const IoResult<std::size_t> size = co_await stream_->read_some(octets_.data() + before, kPieceBytes);
    octets_.resize(before + size.value_or(0));
    if (!size) co_return failure(size.error());
    co_return IoResult<>();
}

async::Awaitable<IoResult<>> WebSocket::send(std::string message) {
    std::string frame = websocket::encode_text(message);
    message = {};
    co_return co_await write(std::move(frame));
}

async::Awaitable<IoResult<>> WebSocket::write(std::string frame) {
    const async::Mutex::Lock turn = co_await writes_.lock();
    if (closed_) co_return failure(IoError::cancelled);
    write_until_ = timers_->instant() + kWriteMax + std::chrono::seconds(frame.size() / kBytesPerSecondMin);
    writing_ = true;
    set_deadline();
    const IoResult<> written = co_await stream_->write_all(std::move(frame));
    writing_ = false;
    set_deadline();
    // A part of a frame may be out: nothing can follow.
    if (!written) stream_->close();
    co_return written;
}

async::Awaitable<> WebSocket::close(CloseCode code, std::string reason) {
    if (std::exchange(closed_, true)) co_return;
    // What is being written just now has a moment to get out, too.
    write_until_ = timers_->instant() + kFarewellMax;
    set_deadline();
    const async::Mutex::Lock turn = co_await writes_.lock();
    writing_ = true;
    set_deadline();
    std::string frame = websocket::encode_close(code, reason);
    const IoResult<> written = co_await stream_->write_all(std::move(frame));
    if (!written) stream_->close();
}

void WebSocket::set_deadline() {
    stream_->set_deadline(writing_ ? write_until_ : read_until_);
}

} // namespace tegami::net
