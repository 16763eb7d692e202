// A load of SMTP: N connections that each deliver one message after another, to userN of one server, and wait for every
// 250; and,
// for comparison, the disk alone: the same octets from N writers, one fdatasync for all that wait. bench/smtp_in
// runs both in turns.
// Usage: smtp_load send ADDRESS PORT DOMAIN CONNECTIONS BYTES SECONDS
//        smtp_load disk FILE CONNECTIONS BYTES SECONDS
// Prints how many messages were acknowledged, and how long it took in seconds.
#include "base/random.h"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tegami {
namespace {

/// Below the server's limit of 1,000.
constexpr int kMessagesPerConnection = 900;

using SteadyClock = std::chrono::steady_clock;

/// Lines of letters that do not compress much, `bytes` in all with the header.
std::string make_message(std::size_t bytes, std::uint64_t seed) {
    SeededRandom random(seed);
    std::string text =
        fmt::format("From: load@elsewhere.test\r\nSubject: load {}\r\nMessage-ID: <{}@elsewhere.test>\r\n\r\n", seed,
                    random.token(24));
    while (text.size() + 78 < bytes)
        text += random.token(76) + "\r\n";
    return text;
}

class Client {
public:
    Client(const char* address, std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        ::inet_pton(AF_INET, address, &to.sin_addr);
        const int one = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        void* const generic = &to;
        if (::connect(socket_, static_cast<sockaddr*>(generic), sizeof to) != 0) {
            fmt::print(stderr, "cannot connect to {}:{}\n", address, port);
            std::exit(1);
        }
        reply();
        say("EHLO load.test\r\n");
        reply();
    }

    ~Client() { ::close(socket_); }

    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// True if the message was acknowledged.
    bool deliver(const std::string& recipient, const std::string& message) {
        say(fmt::format("MAIL FROM:<load@elsewhere.test>\r\nRCPT TO:<{}>\r\nDATA\r\n", recipient));
        reply();
        reply();
        if (reply() != '3') return false;
        say(message + ".\r\n");
        return reply() == '2';
    }

private:
    void say(std::string_view octets) {
        while (!octets.empty()) {
            const ssize_t sent = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
            if (sent <= 0) std::exit(1);
            octets.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    /// The first digit of the next whole reply.
    char reply() {
        for (;;) {
            const auto end = pending_.find("\r\n");
            if (end == std::string::npos) {
                char buffer[4096];
                const ssize_t got = ::recv(socket_, buffer, sizeof buffer, 0);
                if (got <= 0) std::exit(1);
                pending_.append(buffer, static_cast<std::size_t>(got));
                continue;
            }
            const std::string line = pending_.substr(0, end);
            pending_.erase(0, end + 2);
            if (line.size() < 4 || line[3] != '-') return line.empty() ? '0' : line[0];
        }
    }

    int socket_;
    std::string pending_;
};

/// One writer takes all that wait, writes them in one piece and syncs.
class GroupedFile {
public:
    explicit GroupedFile(const char* path)
        : file_(::open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600)), writer_([this] { run(); }) {}

    ~GroupedFile() {
        {
            const std::lock_guard lock(guard_);
            stopping_ = true;
        }
        arrived_.notify_one();
        writer_.join();
        ::close(file_);
    }

    GroupedFile(const GroupedFile&) = delete;
    GroupedFile& operator=(const GroupedFile&) = delete;

    void append(const std::string& octets) {
        std::unique_lock lock(guard_);
        waiting_ += octets;
        const std::uint64_t mine = next_group_;
        arrived_.notify_one();
        written_.wait(lock, [&] { return done_group_ >= mine; });
    }

private:
    void run() {
        std::unique_lock lock(guard_);
        for (;;) {
            arrived_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
            if (waiting_.empty()) return;
            std::string group;
            group.swap(waiting_);
            const std::uint64_t number = next_group_++;
            lock.unlock();
            if (::write(file_, group.data(), group.size()) != static_cast<ssize_t>(group.size()) ||
                ::fdatasync(file_) != 0)
                std::exit(1);
            lock.lock();
            done_group_ = number;
            written_.notify_all();
        }
    }

    int file_;
    std::mutex guard_;
    std::condition_variable arrived_;
    std::condition_variable written_;
    std::string waiting_;
    std::uint64_t next_group_ = 1;
    std::uint64_t done_group_ = 0;
    bool stopping_ = false;
    std::thread writer_;
};

template <class Work>
void measure(std::size_t connections, double seconds, Work work) {
    std::atomic<std::uint64_t> acknowledged = 0;
    const auto begin = SteadyClock::now();
    const auto end = begin + std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
    std::vector<std::thread> threads;
    for (std::size_t number = 0; number < connections; ++number)
        threads.emplace_back([&, number] { acknowledged += work(number, end); });
    for (std::thread& thread : threads)
        thread.join();
    const std::chrono::duration<double> took = SteadyClock::now() - begin;
    fmt::print("{} {:.3f}\n", acknowledged.load(), took.count());
}

} // namespace
} // namespace tegami

int main(int count, char** arguments) {
    using namespace tegami;
    const std::vector<std::string> words(arguments + 1, arguments + count);
    if (words.size() == 7 && words[0] == "send") {
        const std::size_t bytes = std::stoul(words[5]);
        measure(std::stoul(words[4]), std::stod(words[6]), [&](std::size_t number, SteadyClock::time_point end) {
            const std::string message = make_message(bytes, number);
            std::uint64_t acknowledged = 0;
            const std::string recipient = fmt::format("user{}@{}", number, words[3]);
            while (SteadyClock::now() < end) {
                Client client(words[1].c_str(), static_cast<std::uint16_t>(std::stoul(words[2])));
                for (int sent = 0; sent < kMessagesPerConnection && SteadyClock::now() < end; ++sent)
                    if (client.deliver(recipient, message)) ++acknowledged;
            }
            return acknowledged;
        });
        return 0;
    }
    if (words.size() == 5 && words[0] == "disk") {
        const std::size_t bytes = std::stoul(words[3]);
        GroupedFile file(words[1].c_str());
        measure(std::stoul(words[2]), std::stod(words[4]), [&](std::size_t number, SteadyClock::time_point end) {
            const std::string message = make_message(bytes, number);
            std::uint64_t acknowledged = 0;
            for (; SteadyClock::now() < end; ++acknowledged)
                file.append(message);
            return acknowledged;
        });
        return 0;
    }
    fmt::print(stderr, "usage: smtp_load send ADDRESS PORT DOMAIN CONNECTIONS BYTES SECONDS\n"
                       "       smtp_load disk FILE CONNECTIONS BYTES SECONDS\n");
    return 2;
}
