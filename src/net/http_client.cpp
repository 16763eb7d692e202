#include "net/http_client.h"

#include "base/descriptor.h"
#include "net/http_codec.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>

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

/// Takes what has arrived into the response; nothing is left in `octets` but what waits for more.
bool take(HttpResponseReader& reader, std::string& octets, HttpResponse& response) {
    if (!reader.has_header()) {
        if (!reader.take_header(octets)) return false;
        if (reader.has_header()) response = reader.header();
    }
    while (reader.has_header() && !reader.is_complete()) {
        const auto piece = reader.take_body(octets, kResponsePieceBytes);
        if (!piece) return false;
        if (piece->empty()) break;
        response.body += *piece;
    }
    return true;
}

Result<HttpResponse, HttpProblem> receive(int descriptor, const std::string& path) {
    HttpResponseReader reader(kHeaderBytesMax, kBodyBytesMax);
    HttpResponse response;
    std::string octets;
    std::array<char, kResponsePieceBytes> buffer;
    bool begun = false;
    while (!reader.is_complete()) {
        const ssize_t size = ::recv(descriptor, buffer.data(), buffer.size(), 0);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return failure(problem_of_server(problem(path, errno)));
        if (size == 0 && !begun)
            return failure(problem_of_server(fmt::format("the server on {} went away before it answered", path)));
        begun = true;
        octets.append(buffer.data(), static_cast<std::size_t>(size));
        const bool good = size == 0 ? reader.take_end().has_value() : take(reader, octets, response);
        if (!good || (size == 0 && !reader.is_complete()))
            return failure(problem_of_server(fmt::format("the server on {} gave no proper answer", path)));
    }
    return response;
}

} // namespace

Result<HttpResponse, HttpProblem> http_request(const std::string& socket_path, HttpRequest request,
                                               std::string_view body, Duration patience) {
    sockaddr_un address{};
    if (socket_path.empty() || socket_path.size() >= sizeof address.sun_path)
        return failure(HttpProblem{fmt::format("{} is no path for a socket", socket_path)});
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
    const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval limit = to_timeval(patience);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return failure(HttpProblem{problem(socket_path, errno)});
    request.fields.add("Connection", "close");
    // A server that refuses early has its answer ready although it does not take all we send.
    const bool sent = send_all(socket.get(), encode_header(request, body.size())) && send_all(socket.get(), body);
    const int send_error = errno;
    auto response = receive(socket.get(), socket_path);
    if (!response && !sent) return failure(problem_of_server(problem(socket_path, send_error)));
    return response;
}

} // namespace tegami::net
