#include "net/real_network.h"

#include "net/transport_stream.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace tegami::net {

namespace {

using Protocol = boost::asio::generic::stream_protocol;
using Socket = boost::asio::basic_stream_socket<Protocol, async::Executor>;
using Acceptor = boost::asio::basic_socket_acceptor<Protocol, async::Executor>;
using SocketAddress = Protocol::endpoint;

constexpr auto kAwaitTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

IoError to_io_error(int error) {
    switch (error) {
    case ECONNRESET:
    case EPIPE:
    case ECONNABORTED: return IoError::reset;
    case ETIMEDOUT: return IoError::timed_out;
    case ECANCELED:
    case EBADF: return IoError::cancelled;
    case ECONNREFUSED:
    case ENOENT: return IoError::refused;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EAFNOSUPPORT:
    case EADDRNOTAVAIL:
    case EACCES:
    case EPERM: return IoError::unreachable;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EAGAIN: return IoError::exhausted;
    default: return IoError::failed;
    }
}

SocketAddress to_socket_address(const Endpoint& endpoint) {
    if (endpoint.address.is_v4()) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(endpoint.port);
        std::memcpy(&v4.sin_addr, endpoint.address.octets().data(), sizeof v4.sin_addr);
        return {&v4, sizeof v4, IPPROTO_TCP};
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&v6.sin6_addr, endpoint.address.octets().data(), sizeof v6.sin6_addr);
    return {&v6, sizeof v6, IPPROTO_TCP};
}

/// An empty endpoint for a UNIX socket, which has none.
Endpoint to_endpoint(const sockaddr_storage& address) {
    if (address.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        IpAddress::V4Octets octets{};
        std::memcpy(octets.data(), &v4.sin_addr, octets.size());
        return {IpAddress::v4(octets), ntohs(v4.sin_port)};
    }
    if (address.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        IpAddress::V6Octets octets{};
        std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
        return {IpAddress::v6(octets), ntohs(v6.sin6_port)};
    }
    return {};
}

Endpoint endpoint_of(int descriptor, decltype(&::getsockname) which) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (which(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
    return to_endpoint(address);
}

class SocketTransport final : public Transport {
public:
    explicit SocketTransport(Socket socket) : socket_(std::move(socket)), executor_(socket_.get_executor()) {
        boost::system::error_code ignored;
        socket_.non_blocking(true, ignored);
        local_ = endpoint_of(socket_.native_handle(), ::getsockname);
        remote_ = endpoint_of(socket_.native_handle(), ::getpeername);
        const int on = 1;
        // Fails on UNIX sockets, which do not wait for more octets anyway.
        ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }

    Attempt try_read(char* into, std::size_t bytes_max) override {
        return attempt(bytes_max, [&] { return ::recv(socket_.native_handle(), into, bytes_max, MSG_DONTWAIT); });
    }

    Attempt try_write(const char* data, std::size_t bytes) override {
        return attempt(bytes,
                       [&] { return ::send(socket_.native_handle(), data, bytes, MSG_DONTWAIT | MSG_NOSIGNAL); });
    }

    async::Awaitable<> wait_readable() override { return wait(Socket::wait_read); }

    async::Awaitable<> wait_writable() override { return wait(Socket::wait_write); }

    void wake() override {
        boost::system::error_code ignored;
        socket_.cancel(ignored);
    }

    void end_output() override {
        boost::system::error_code ignored;
        socket_.shutdown(Socket::shutdown_send, ignored);
    }

    void close() override {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }

    Endpoint local_endpoint() const override { return local_; }

    Endpoint remote_endpoint() const override { return remote_; }

    async::Executor executor() const override { return executor_; }

    std::string error_text() const override { return error_ == 0 ? "" : std::strerror(error_); }

private:
    template <class Call>
    Attempt attempt(std::size_t bytes, Call call) {
        ssize_t done = 0;
        do {
            done = call();
        } while (done < 0 && errno == EINTR);
        if (done > 0) return static_cast<std::size_t>(done);
        if (done == 0) return bytes == 0 ? IoResult<std::size_t>(0) : failure(IoError::end_of_stream);
        if (errno == EAGAIN || errno == EWOULDBLOCK) return std::nullopt;
        error_ = errno;
        return failure(to_io_error(error_));
    }

    async::Awaitable<> wait(Socket::wait_type what) {
        // Whatever ends the wait, the next attempt finds out what is the matter.
        co_await socket_.async_wait(what, kAwaitTuple);
    }

    Socket socket_;
    const async::Executor executor_;
    Endpoint local_;
    Endpoint remote_;
    int error_ = 0;
};

class SocketListener final : public Listener {
public:
    SocketListener(Acceptor acceptor, async::Timers* timers, std::string path)
        : acceptor_(std::move(acceptor)), timers_(timers), path_(std::move(path)),
          local_(endpoint_of(acceptor_.native_handle(), ::getsockname)) {}

    ~SocketListener() override { close(); }

    async::Awaitable<IoResult<std::unique_ptr<Stream>>> accept(async::Executor executor) override {
        auto [error, socket] = co_await acceptor_.async_accept(executor, kAwaitTuple);
        if (error) co_return failure(to_io_error(error.value()));
        auto transport = std::make_unique<SocketTransport>(std::move(socket));
        co_return std::make_unique<TransportStream>(std::move(transport), timers_);
    }

    Endpoint local_endpoint() const override { return local_; }

    void close() override {
        if (!acceptor_.is_open()) return;
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        if (!path_.empty()) ::unlink(path_.c_str());
    }

private:
    Acceptor acceptor_;
    async::Timers* const timers_;
    const std::string path_; ///< of a UNIX socket
    const Endpoint local_;
};

/// The socket is closed, which ends the attempt, when the deadline passes.
async::Awaitable<IoResult<std::unique_ptr<Stream>>> connect_socket(Socket socket, SocketAddress remote,
                                                                   Instant deadline, async::Timers* timers) {
    const std::unique_ptr<async::Timer> watchdog = timers->make_timer(socket.get_executor());
    bool expired = false;
    if (deadline != Instant::max())
        watchdog->arm(deadline, [&socket, &expired] {
            boost::system::error_code ignored;
            expired = true;
            socket.close(ignored);
        });
    const auto [error] = co_await socket.async_connect(remote, kAwaitTuple);
    if (expired) co_return failure(IoError::timed_out);
    if (error) co_return failure(to_io_error(error.value()));
    watchdog->disarm();
    auto transport = std::make_unique<SocketTransport>(std::move(socket));
    co_return std::make_unique<TransportStream>(std::move(transport), timers);
}

using ListenResult = Result<std::unique_ptr<Listener>, std::string>;

/// Why nobody can listen there, in words that say what to look for.
std::string refusal(const boost::system::error_code& error) {
    if (error == boost::asio::error::address_in_use) return "another program listens there";
    if (error.value() == EADDRNOTAVAIL) return "this machine has no such address";
    if (error == boost::asio::error::access_denied)
        return "permission denied: ports below 1024 are for root and for services with CAP_NET_BIND_SERVICE";
    return error.message();
}

/// A socket that has the address and does not listen yet.
Result<Descriptor, std::string> bind_socket(const Endpoint& local) {
    const SocketAddress address = to_socket_address(local);
    const int on = 1;
    Descriptor socket(::socket(address.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
    // One listener for each address the operator names; [::] does not silently take IPv4 too.
    if (socket.get() < 0 || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        (local.address.is_v6() && ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) ||
        ::bind(socket.get(), address.data(), static_cast<socklen_t>(address.size())) != 0)
        return failure(fmt::format("cannot listen on {}: {}", local.to_string(),
                                   refusal({errno, boost::system::system_category()})));
    return socket;
}

/// What is bound begins to listen.
ListenResult listen_on(Acceptor acceptor, const std::string& name, async::Timers* timers, const std::string& path) {
    boost::system::error_code error;
    acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
    if (error)
        return failure(fmt::format("cannot listen on {}: {}", name, path.empty() ? refusal(error) : error.message()));
    return std::make_unique<SocketListener>(std::move(acceptor), timers, path);
}

/// Whether somebody accepts connections on the UNIX socket.
bool is_served(const sockaddr_un& address) {
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int result = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    const bool served = result == 0 || errno == EAGAIN;
    ::close(probe);
    return served;
}

std::optional<sockaddr_un> local_address(const std::string& path) {
    sockaddr_un address{};
    if (path.empty() || path.size() >= sizeof address.sun_path) return std::nullopt;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

} // namespace

async::Awaitable<IoResult<std::unique_ptr<Stream>>> RealNetwork::connect(Endpoint remote, ConnectOptions options) {
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    const SocketAddress address = to_socket_address(remote);
    Socket socket(executor);
    boost::system::error_code error;
    socket.open(address.protocol(), error);
    if (error) co_return failure(to_io_error(error.value()));
    co_return co_await connect_socket(std::move(socket), address, options.deadline, timers_);
}

Result<void, std::string> RealNetwork::bind(Endpoint local) {
    TRY(Descriptor socket, bind_socket(local));
    const std::lock_guard lock(guard_);
    bound_.emplace(local, std::move(socket));
    return {};
}

void RealNetwork::adopt(Endpoint local, Descriptor socket) {
    // Whoever made it may have left them as a new process has them.
    ::fcntl(socket.get(), F_SETFD, FD_CLOEXEC);
    ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) | O_NONBLOCK);
    const std::lock_guard lock(guard_);
    bound_.emplace(local, std::move(socket));
}

std::map<Endpoint, int> RealNetwork::bound() const {
    const std::lock_guard lock(guard_);
    std::map<Endpoint, int> all;
    for (const auto& [local, socket] : bound_)
        all.emplace(local, socket.get());
    return all;
}

std::optional<Endpoint> bound_to(int socket) {
    int type = 0;
    socklen_t bytes = sizeof type;
    sockaddr_storage other_end{};
    socklen_t other_bytes = sizeof other_end;
    if (::getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &bytes) != 0 || type != SOCK_STREAM ||
        ::getpeername(socket, reinterpret_cast<sockaddr*>(&other_end), &other_bytes) == 0)
        return std::nullopt;
    const Endpoint local = endpoint_of(socket, ::getsockname);
    return local.port == 0 ? std::nullopt : std::optional(local);
}

Result<Descriptor, std::string> RealNetwork::take_bound(const Endpoint& local) {
    const std::lock_guard lock(guard_);
    const auto found = bound_.find(local);
    if (found == bound_.end()) return bind_socket(local);
    Descriptor socket = std::move(found->second);
    bound_.erase(found);
    return socket;
}

ListenResult RealNetwork::listen(Endpoint local, async::Executor executor) {
    TRY(Descriptor socket, take_bound(local));
    Acceptor acceptor(executor);
    acceptor.assign(to_socket_address(local).protocol(), socket.release());
    return listen_on(std::move(acceptor), local.to_string(), timers_, "");
}

ListenResult RealNetwork::listen_local(const std::string& path, unsigned mode, async::Executor executor) {
    const auto address = local_address(path);
    if (!address) return failure(fmt::format("cannot listen on {}: the path is too long for a socket", path));
    if (is_served(*address)) return failure(fmt::format("cannot listen on {}: somebody else does", path));
    struct stat found{};
    if (::lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode)) ::unlink(path.c_str());
    const SocketAddress generic(&*address, sizeof *address);
    Acceptor acceptor(executor);
    boost::system::error_code error;
    acceptor.open(generic.protocol(), error);
    if (error) return failure(fmt::format("cannot listen on {}: {}", path, error.message()));
    // On Linux the file takes the mode of the socket, so there is no moment at which it is open to more people.
    ::fchmod(acceptor.native_handle(), mode);
    acceptor.bind(generic, error);
    if (error) return failure(fmt::format("cannot listen on {}: {}", path, error.message()));
    auto listener = listen_on(std::move(acceptor), path, timers_, path);
    if (listener && ::chmod(path.c_str(), mode) != 0)
        return failure(fmt::format("cannot set the mode of {}: {}", path, std::strerror(errno)));
    return listener;
}

async::Awaitable<IoResult<std::unique_ptr<Stream>>> RealNetwork::connect_local(std::string path, Instant deadline) {
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    const auto address = local_address(path);
    if (!address) co_return failure(IoError::unreachable);
    const SocketAddress generic(&*address, sizeof *address);
    Socket socket(executor);
    boost::system::error_code error;
    socket.open(generic.protocol(), error);
    if (error) co_return failure(to_io_error(error.value()));
    co_return co_await connect_socket(std::move(socket), generic, deadline, timers_);
}

} // namespace tegami::net
