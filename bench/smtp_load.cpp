// A load of SMTP: N connections that each deliver one message after another, to userN of one server, and wait for every
// 250; or submit them (STARTTLS, AUTH PLAIN) as userN to somebody elsewhere; and, for comparison, the disk alone: the same
// octets from N writers, one fdatasync for all that wait. bench/smtp_in and bench/relay_out run them in turns.
// Usage: smtp_load send ADDRESS PORT DOMAIN CONNECTIONS BYTES SECONDS [KEY SELECTOR]
//        smtp_load submit ADDRESS PORT DOMAIN CONNECTIONS BYTES SECONDS PASSWORD RECIPIENT [MESSAGES]
//        smtp_load disk FILE CONNECTIONS BYTES SECONDS
// With a KEY (a file in PEM) the messages of `send` are signed for elsewhere.test (DKIM). `submit` ends early after that many MESSAGES of a connection.
// Prints how many messages were acknowledged, and how long it took in seconds.
#include "base/clock.h"
#include "base/random.h"
#include "trust/dkim/signer.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

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
#include <fstream>
#include <iterator>
#include <limits>
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
std::string make_message(std::size_t bytes, std::uint64_t seed, std::string_view author = "load@elsewhere.test") {
    SeededRandom random(seed);
    std::string text = fmt::format("From: {}\r\nSubject: load {}\r\nMessage-ID: <{}@elsewhere.test>\r\n\r\n", author,
                                   seed, random.token(24));
    while (text.size() + 78 < bytes)
        text += random.token(76) + "\r\n";
    return text;
}

std::string sign(const std::string& message, const std::string& key_file, const std::string& selector) {
    std::ifstream file(key_file);
    const auto key = dkim::PrivateKey::load(std::string(std::istreambuf_iterator<char>(file), {}));
    dkim::Signer signer;
    signer.feed(message);
    signer.finish();
    const dkim::SigningKey pair{.domain = *message::Domain::parse("elsewhere.test"),
                                .selector = *message::Domain::parse(selector),
                                .key = &key.value()};
    return signer.sign("", message::Header(message), {pair}, SystemClock().now()).value() + message;
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

    ~Client() {
        if (tls_ != nullptr) SSL_free(tls_);
        ::close(socket_);
    }

    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// STARTTLS, whoever the server is, and AUTH PLAIN.
    void sign_in(SSL_CTX* context, const std::string& user, const std::string& password) {
        say("STARTTLS\r\n");
        reply();
        tls_ = SSL_new(context);
        SSL_set_fd(tls_, socket_);
        if (SSL_connect(tls_) != 1) fail("no TLS");
        say("EHLO load.test\r\n");
        reply();
        const std::string plain = '\0' + user + '\0' + password;
        std::string encoded(4 * plain.size(), '\0');
        const void* const octets = plain.data();
        void* const text = encoded.data();
        encoded.resize(static_cast<std::size_t>(EVP_EncodeBlock(static_cast<unsigned char*>(text),
                                                                static_cast<const unsigned char*>(octets),
                                                                static_cast<int>(plain.size()))));
        say("AUTH PLAIN " + encoded + "\r\n");
        if (reply() != '2') fail("the password is refused");
    }

    /// True if the message was acknowledged.
    bool deliver(const std::string& recipient, const std::string& message,
                 std::string_view sender = "load@elsewhere.test") {
        say(fmt::format("MAIL FROM:<{}>\r\nRCPT TO:<{}>\r\nDATA\r\n", sender, recipient));
        reply();
        reply();
        if (reply() != '3') return false;
        say(message + ".\r\n");
        return reply() == '2';
    }

private:
    void say(std::string_view octets) {
        while (!octets.empty()) {
            const ssize_t sent = tls_ != nullptr ? SSL_write(tls_, octets.data(), static_cast<int>(octets.size()))
                                                 : ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
            if (sent <= 0) fail("the server has hung up");
            octets.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    /// The first digit of the next whole reply.
    char reply() {
        for (;;) {
            const auto end = pending_.find("\r\n");
            if (end == std::string::npos) {
                char buffer[4096];
                const ssize_t got =
                    tls_ != nullptr ? SSL_read(tls_, buffer, sizeof buffer) : ::recv(socket_, buffer, sizeof buffer, 0);
                if (got <= 0) fail("the server has hung up");
                pending_.append(buffer, static_cast<std::size_t>(got));
                continue;
            }
            const std::string line = pending_.substr(0, end);
            pending_.erase(0, end + 2);
            if (line.size() < 4 || line[3] != '-') return line.empty() ? '0' : line[0];
        }
    }

    [[noreturn]] static void fail(std::string_view why) {
        fmt::print(stderr, "smtp_load: {}\n", why);
        std::_Exit(1);
    }

    int socket_;
    SSL* tls_ = nullptr;
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
    if ((words.size() == 7 || words.size() == 9) && words[0] == "send") {
        const std::size_t bytes = std::stoul(words[5]);
        measure(std::stoul(words[4]), std::stod(words[6]), [&](std::size_t number, SteadyClock::time_point end) {
            std::string message = make_message(bytes, number);
            if (words.size() == 9) message = sign(message, words[7], words[8]);
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
    if ((words.size() == 9 || words.size() == 10) && words[0] == "submit") {
        SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
        const int messages = words.size() == 10 ? std::stoi(words[9]) : std::numeric_limits<int>::max();
        measure(std::stoul(words[4]), std::stod(words[6]), [&](std::size_t number, SteadyClock::time_point end) {
            const std::string user = fmt::format("user{}@{}", number, words[3]);
            const std::string message = make_message(std::stoul(words[5]), number, user);
            std::uint64_t acknowledged = 0;
            int left = messages;
            while (left > 0 && SteadyClock::now() < end) {
                Client client(words[1].c_str(), static_cast<std::uint16_t>(std::stoul(words[2])));
                client.sign_in(context, user, words[7]);
                for (int sent = 0; sent < kMessagesPerConnection && left > 0 && SteadyClock::now() < end;
                     ++sent, --left)
                    if (client.deliver(words[8], message, user)) ++acknowledged;
            }
            return acknowledged;
        });
        SSL_CTX_free(context);
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
    fmt::print(stderr,
               "usage: smtp_load send ADDRESS PORT DOMAIN CONNECTIONS BYTES SECONDS\n"
               "       smtp_load submit ADDRESS PORT DOMAIN CONNECTIONS BYTES SECONDS PASSWORD RECIPIENT [MESSAGES]\n"
               "       smtp_load disk FILE CONNECTIONS BYTES SECONDS\n");
    return 2;
}
