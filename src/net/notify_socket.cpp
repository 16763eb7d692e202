#include "net/notify_socket.h"

#include "base/assert.h"

#include <array>
#include <cstddef>
#include <cstring>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

namespace tegami::net {

namespace {

/// Limit: files that go with one datagram.
constexpr std::size_t kFilesMax = 16;
constexpr timeval kPatience{.tv_sec = 0, .tv_usec = 100'000};

} // namespace

std::optional<NotifySocket> NotifySocket::connect(std::string_view address) {
    sockaddr_un manager{};
    if (address.size() < 2 || address.size() > sizeof manager.sun_path) return std::nullopt;
    manager.sun_family = AF_UNIX;
    std::memcpy(manager.sun_path, address.data(), address.size());
    if (address.front() == '@') manager.sun_path[0] = '\0';
    // A name without a path has no end of its own; a path may have one.
    const auto bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
    Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (socket.get() < 0 || ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience) != 0 ||
        ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&manager), bytes) != 0)
        return std::nullopt;
    return NotifySocket(std::move(socket));
}

bool NotifySocket::send(std::string_view lines, std::span<const int> open_files) const {
    ASSERT(open_files.size() <= kFilesMax);
    iovec text{.iov_base = const_cast<char*>(lines.data()), .iov_len = lines.size()};
    msghdr message{};
    message.msg_iov = &text;
    message.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kFilesMax)> control{};
    if (!open_files.empty()) {
        message.msg_control = control.data();
        message.msg_controllen = CMSG_SPACE(open_files.size_bytes());
        cmsghdr* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(open_files.size_bytes());
        std::memcpy(CMSG_DATA(header), open_files.data(), open_files.size_bytes());
    }
    return ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL) >= 0;
}

} // namespace tegami::net
