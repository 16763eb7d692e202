#include "net/http_client.h"

#include "base/descriptor.h"
#include "net/http_codec.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace tegami::net {

namespace {

constexpr std::size_t kResponsePieceBytes = 16 * 1024;
constexpr std::size_t kHeaderBytesMax = 64 * 1024;
/// Limit: a listing of a million accounts.
constexpr std::size_t kBodyBytesMax = 256 * 1024 * 1024;

std::string problem(const std::string& path, int error) {
    if (error == ECONNREFUSED || error == ENOENT) return fmt::format("no server listens on {}", path);
    if (error == EAGAIN || error == EWOULDBLOCK) return fmt::format("the server on {} does not answer in time", path);
    return fmt::format("cannot talk to the server on {}: {}", path, std::strerror(error));
}

timeval to_timeval(Duration duration) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(duration);
    timeval value{};
    value.tv_sec = whole.count();
    value.tv_usec = (duration - whole).count();
    return value;
}

bool send_all(int descriptor, std::string_view octets) {
    while (!octets.empty()) {
        const ssize_t sent = ::send(descriptor, octets.data(), octets.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return false;
        octets.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

/// The error after the request was sent.
HttpProblem problem_of_server(std::string message) {
    return {.message = std::move(message), .reached = true};
}

/// Where the body of a good response goes; nothing: into the response.
struct Sink {
    const HttpSink* octets = nullptr;
    bool has_enough = false;
};

/// Takes what has arrived into the response, or the sink; nothing is left in `octets` but what waits for more.
bool take(HttpResponseReader& reader, std::string& octets, HttpResponse& response, Sink& sink) {
    if (!reader.has_header()) {
        if (!reader.take_header(octets)) return false;
        if (reader.has_header()) response = reader.header();
    }
    while (reader.has_header() && !reader.is_complete()) {
        const auto piece = reader.take_body(octets, kResponsePieceBytes);
        if (!piece) return false;
        if (piece->empty()) break;
        if (sink.octets == nullptr || response.status != 200)
            response.body += *piece;
        else
            sink.has_enough = !(*sink.octets)(*piece);
        if (sink.has_enough) break;
    }
    return true;
}

Result<HttpResponse, HttpProblem> receive(int descriptor, const std::string& path, Sink sink = {}) {
    HttpResponseReader reader(kHeaderBytesMax,
                              sink.octets == nullptr ? kBodyBytesMax : std::numeric_limits<std::uint64_t>::max());
    HttpResponse response;
    std::string octets;
    std::array<char, kResponsePieceBytes> buffer;
    bool begun = false;
    while (!reader.is_complete() && !sink.has_enough) {
        const ssize_t size = ::recv(descriptor, buffer.data(), buffer.size(), 0);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return failure(problem_of_server(problem(path, errno)));
        if (size == 0 && !begun)
            return failure(problem_of_server(fmt::format("the server on {} went away before it answered", path)));
        begun = true;
        octets.append(buffer.data(), static_cast<std::size_t>(size));
        const bool good = size == 0 ? reader.take_end().has_value() : take(reader, octets, response, sink);
        if (!good || (size == 0 && !reader.is_complete()))
            return failure(problem_of_server(fmt::format("the server on {} gave no proper answer", path)));
    }
    return response;
}

Result<Descriptor, HttpProblem> connect_to(const std::string& socket_path, Duration patience) {
    sockaddr_un address{};
    if (socket_path.empty() || socket_path.size() >= sizeof address.sun_path)
        return failure(HttpProblem{fmt::format("{} is no path for a socket", socket_path)});
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval limit = to_timeval(patience);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return failure(HttpProblem{problem(socket_path, errno)});
    return socket;
}

bool send_body(int descriptor, const HttpUpload& body) {
    for (std::uint64_t sent = 0; sent < body.bytes;) {
        const std::string piece = body.next();
        if (piece.empty() || !send_all(descriptor, piece)) return false;
        sent += piece.size();
    }
    return true;
}

Result<HttpResponse, HttpProblem> exchange(const std::string& socket_path, HttpRequest request, const HttpUpload& body,
                                           Sink sink, Duration patience) {
    TRY(const Descriptor socket, connect_to(socket_path, patience));
    request.fields.add("Connection", "close");
    // A server that refuses early has its answer ready although it does not take all we send.
    const bool sent = send_all(socket.get(), encode_header(request, body.bytes)) && send_body(socket.get(), body);
    const int send_error = errno;
    if (!sent) ::shutdown(socket.get(), SHUT_WR);
    auto response = receive(socket.get(), socket_path, sink);
    if (!response && !sent) return failure(problem_of_server(problem(socket_path, send_error)));
    return response;
}

/// A body that is there as a whole.
HttpUpload whole(std::string_view body) {
    return {.bytes = body.size(), .next = [body] { return std::string(body); }};
}

} // namespace

Result<HttpResponse, HttpProblem> http_request(const std::string& socket_path, HttpRequest request,
                                               std::string_view body, Duration patience) {
    return exchange(socket_path, std::move(request), whole(body), {}, patience);
}

Result<HttpResponse, HttpProblem> http_upload(const std::string& socket_path, HttpRequest request,
                                              const HttpUpload& body, Duration patience) {
    return exchange(socket_path, std::move(request), body, {}, patience);
}

Result<HttpResponse, HttpProblem> http_download(const std::string& socket_path, HttpRequest request,
                                                std::string_view body, const HttpSink& sink, Duration patience) {
    return exchange(socket_path, std::move(request), whole(body), {.octets = &sink}, patience);
}

} // namespace tegami::net
