#include "sandbox/channel.h"

#include <fmt/format.h>

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace tegami::sandbox {

namespace {

constexpr std::size_t kTwoBytes = 2 * sizeof(int);

/// One octet, and room for two descriptors beside it (unix(7), SCM_RIGHTS).
struct TwoFiles {
    char octet = 0;
    iovec octets{.iov_base = &octet, .iov_len = 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(kTwoBytes)> beside{};
    msghdr header{.msg_name = nullptr,
                  .msg_namelen = 0,
                  .msg_iov = &octets,
                  .msg_iovlen = 1,
                  .msg_control = beside.data(),
                  .msg_controllen = beside.size(),
                  .msg_flags = 0};
};

} // namespace

Result<Channel, std::string> make_channel() {
    std::array<int, 2> ends{};
    // In packets, so that files come two at a time.
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return failure(fmt::format("no pair of sockets can be made: {}", std::strerror(errno)));
    return Channel{.ours = Descriptor(ends[0]), .theirs = Descriptor(ends[1])};
}

bool hand_over(int channel, int first, int second) {
    TwoFiles message;
    cmsghdr* const rights = CMSG_FIRSTHDR(&message.header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(kTwoBytes);
    const std::array<int, 2> files{first, second};
    std::memcpy(CMSG_DATA(rights), files.data(), kTwoBytes);
    ssize_t sent = -1;
    do {
        sent = ::sendmsg(channel, &message.header, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent == 1;
}

std::optional<HandedOver> take_over(int channel) {
    TwoFiles message;
    ssize_t got = -1;
    do {
        got = ::recvmsg(channel, &message.header, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    const cmsghdr* const rights = got == 1 ? CMSG_FIRSTHDR(&message.header) : nullptr;
    if (rights == nullptr || rights->cmsg_type != SCM_RIGHTS || rights->cmsg_len != CMSG_LEN(kTwoBytes))
        return std::nullopt;
    std::array<int, 2> files{};
    std::memcpy(files.data(), CMSG_DATA(rights), kTwoBytes);
    return HandedOver{.first = Descriptor(files[0]), .second = Descriptor(files[1])};
}

} // namespace tegami::sandbox
