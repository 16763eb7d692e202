// Servers of other people, for measuring what sends to them: one takes every message and throws it away, another, if asked
// for, accepts connections and never says a word.
// Usage: smtp_sink ADDRESS PORT [SILENT-ADDRESS]
// For every line on its input it prints how many messages it has taken, and how many connections wait at the silent one.
#include <fmt/format.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

namespace {

[[noreturn]] void give_up(std::string_view what) {
    fmt::print(stderr, "smtp_sink: {}\n", what);
    std::exit(1);
}

int listen_at(const char* address, std::uint16_t port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const int one = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    if (::inet_pton(AF_INET, address, &at.sin_addr) != 1) give_up("not an address");
    void* const generic = &at;
    if (::bind(socket, static_cast<sockaddr*>(generic), sizeof at) != 0 || ::listen(socket, 1024) != 0)
        give_up("cannot listen");
    return socket;
}

/// One client's dialogue, as far as it has come.
class Dialogue {
public:
    /// Takes what came and returns what to answer.
    std::string hear(std::string_view octets, std::uint64_t& taken) {
        heard_ += octets;
        std::string replies;
        for (;;) {
            const std::string_view end = in_data_ ? "\r\n.\r\n" : "\r\n";
            const std::size_t at = heard_.find(end);
            if (at == std::string::npos) {
                if (in_data_ && heard_.size() > end.size()) heard_.erase(0, heard_.size() - end.size());
                return replies;
            }
            const std::string line = heard_.substr(0, at);
            heard_.erase(0, at + end.size());
            if (in_data_) {
                ++taken;
                in_data_ = false;
                replies += "250 2.0.0 taken\r\n";
            } else if (line.starts_with("EHLO")) {
                replies += "250-sink\r\n250-PIPELINING\r\n250-SIZE 104857600\r\n250 8BITMIME\r\n";
            } else if (line.starts_with("DATA")) {
                in_data_ = true;
                replies += "354 go on\r\n";
            } else if (line.starts_with("QUIT")) {
                replies += "221 bye\r\n";
            } else {
                replies += "250 2.0.0 ok\r\n";
            }
        }
    }

private:
    std::string heard_;
    bool in_data_ = false;
};

class Sink {
public:
    Sink(int talking, int silent) : events_(::epoll_create1(0)), talking_(talking), silent_(silent) {
        watch(0);
        watch(talking_);
        if (silent_ >= 0) watch(silent_);
    }

    void run() {
        std::array<epoll_event, 64> ready{};
        for (;;) {
            const int count = ::epoll_wait(events_, ready.data(), static_cast<int>(ready.size()), -1);
            for (int at = 0; at < count; ++at) {
                const int source = ready[static_cast<std::size_t>(at)].data.fd;
                if (source == 0) {
                    if (!tell()) return;
                } else if (source == talking_) {
                    accept_one();
                } else if (source == silent_) {
                    if (::accept4(silent_, nullptr, nullptr, SOCK_NONBLOCK) >= 0) ++waiting_;
                } else {
                    serve(source);
                }
            }
        }
    }

private:
    void watch(int source) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = source;
        ::epoll_ctl(events_, EPOLL_CTL_ADD, source, &event);
    }

    /// False at the end of the input.
    bool tell() {
        std::array<char, 64> line{};
        if (::read(0, line.data(), line.size()) <= 0) return false;
        fmt::print("{} {}\n", taken_, waiting_);
        std::fflush(stdout);
        return true;
    }

    void accept_one() {
        const int client = ::accept4(talking_, nullptr, nullptr, SOCK_NONBLOCK);
        if (client < 0) return;
        const int one = 1;
        ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        dialogues_.emplace(client, Dialogue());
        watch(client);
        say(client, "220 sink ESMTP\r\n");
    }

    void serve(int client) {
        std::array<char, 65536> octets;
        const ssize_t got = ::recv(client, octets.data(), octets.size(), 0);
        if (got <= 0) {
            dialogues_.erase(client);
            ::close(client);
            return;
        }
        const std::string replies =
            dialogues_[client].hear(std::string_view(octets.data(), static_cast<std::size_t>(got)), taken_);
        if (!replies.empty()) say(client, replies);
    }

    static void say(int client, std::string_view words) {
        (void)::send(client, words.data(), words.size(), MSG_NOSIGNAL);
    }

    int events_;
    int talking_;
    int silent_;
    std::map<int, Dialogue> dialogues_;
    std::uint64_t taken_ = 0;
    std::uint64_t waiting_ = 0;
};

} // namespace

int main(int count, char** arguments) {
    if (count != 3 && count != 4) give_up("usage: smtp_sink ADDRESS PORT [SILENT-ADDRESS]");
    const auto port = static_cast<std::uint16_t>(std::atoi(arguments[2]));
    Sink(listen_at(arguments[1], port), count == 4 ? listen_at(arguments[3], port) : -1).run();
    return 0;
}
