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

Result<HttpResponse, HttpProblem> receive(int descriptor, const std::string& path) {
    HttpResponseReader reader(kHeaderBytesMax, kBodyBytesMax);
    std::string octets;
    std::array<char, 16 * 1024> buffer;
    while (!reader.is_complete()) {
        const ssize_t size = ::recv(descriptor, buffer.data(), buffer.size(), 0);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return failure(problem_of_server(problem(path, errno)));
        if (size == 0 && !reader.has_begun())
            return failure(problem_of_server(fmt::format("the server on {} went away before it answered", path)));
        octets.append(buffer.data(), static_cast<std::size_t>(size));
        const auto fed = size == 0 ? reader.feed_end() : reader.feed(octets);
        if (!fed || (size == 0 && !reader.is_complete()))
            return failure(problem_of_server(fmt::format("the server on {} gave no proper answer", path)));
    }
    return reader.take();
}

} // namespace

Result<HttpResponse, HttpProblem> http_request(const std::string& socket_path, const HttpRequest& request,
                                               Duration patience) {
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
    HttpRequest asked = request;
    asked.headers.insert_or_assign("Connection", "close");
    // A server that refuses early has its answer ready although it does not take all we send.
    const bool sent = send_all(socket.get(), encode(asked));
    const int send_error = errno;
    auto response = receive(socket.get(), socket_path);
    if (!response && !sent) return failure(problem_of_server(problem(socket_path, send_error)));
    return response;
}

} // namespace tegami::net
