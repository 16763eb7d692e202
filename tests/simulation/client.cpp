#include "simulation/client.h"

#include "base/base64.h"

namespace tegami::simulation {

namespace {

constexpr auto kSmtpPatience = std::chrono::minutes(10);
constexpr std::size_t kDialogueReadBytes = 4096;

bool is_positive(const std::optional<std::string>& reply) {
    return reply && !reply->empty() && (reply->front() == '2' || reply->front() == '3' || reply->front() == '+');
}

async::Awaitable<std::unique_ptr<Dialogue>> open(net::Network* network, const Clock* clock, net::Endpoint server) {
    net::ConnectOptions options{.deadline = clock->instant() + kSmtpPatience};
    auto stream = co_await network->connect(server, options);
    if (!stream) co_return nullptr;
    (*stream)->set_deadline(clock->instant() + kSmtpPatience);
    co_return std::make_unique<Dialogue>(std::move(*stream));
}

} // namespace

async::Awaitable<std::optional<std::string>> Dialogue::read_line() {
    for (;;) {
        const std::size_t end = buffer_.find("\r\n", taken_);
        if (end != std::string::npos) {
            std::string line = buffer_.substr(taken_, end - taken_);
            taken_ = end + 2;
            co_return line;
        }
        buffer_.erase(0, taken_);
        taken_ = 0;
        const std::size_t size = buffer_.size();
        buffer_.resize(size + kDialogueReadBytes);
        const auto got = co_await stream_->read_some(buffer_.data() + size, kDialogueReadBytes);
        buffer_.resize(size + got.value_or(0));
        if (!got) {
            broken_ = true;
            co_return std::nullopt;
        }
    }
}

async::Awaitable<std::optional<std::string>> Dialogue::read_message() {
    std::string message;
    for (;;) {
        auto line = co_await read_line();
        if (!line) co_return std::nullopt;
        if (*line == ".") co_return message;
        if (line->starts_with('.')) line->erase(0, 1);
        message += *line + "\r\n";
    }
}

async::Awaitable<std::optional<std::string>> Dialogue::read_reply() {
    for (;;) {
        auto line = co_await read_line();
        if (!line || line->size() < 4 || (*line)[3] != '-') co_return line;
    }
}

async::Awaitable<bool> Dialogue::send(std::string octets) {
    const auto written = co_await stream_->write_all(std::move(octets));
    broken_ = broken_ || !written;
    co_return written.has_value();
}

async::Awaitable<std::optional<std::string>> Dialogue::command(std::string line) {
    const bool sent = co_await send(line + "\r\n");
    if (!sent) co_return std::nullopt;
    co_return co_await read_reply();
}

async::Awaitable<SubmissionResult> submit(net::Network* network, const Clock* clock, Submission submission) {
    SubmissionResult result;
    const auto dialogue = co_await open(network, clock, submission.server);
    if (!dialogue) co_return result;
    auto greeting = co_await dialogue->read_reply();
    if (!is_positive(greeting)) co_return result;
    using namespace std::string_literals;
    std::vector<std::string> commands{
        "EHLO client.test", "AUTH PLAIN " + base64::encode("\0"s + submission.user + "\0"s + submission.password),
        "MAIL FROM:<" + submission.from + ">"};
    for (const std::string& to : submission.to)
        commands.push_back("RCPT TO:<" + to + ">");
    commands.push_back("DATA");
    for (const std::string& command : commands) {
        const auto reply = co_await dialogue->command(command);
        result.last_reply = reply.value_or("");
        if (!is_positive(reply)) co_return result;
    }
    const bool sent = co_await dialogue->send(submission.message + ".\r\n");
    // Even a write that failed may have arrived.
    result.promise = Promise::unknown;
    if (!sent) co_return result;
    const auto answer = co_await dialogue->read_reply();
    if (!answer) co_return result;
    result.last_reply = *answer;
    result.promise = is_positive(answer) ? Promise::accepted : Promise::refused;
    const auto goodbye = co_await dialogue->command("QUIT");
    static_cast<void>(goodbye);
    co_return result;
}

async::Awaitable<std::optional<std::vector<std::string>>> fetch(net::Network* network, const Clock* clock,
                                                                net::Endpoint server, std::string user,
                                                                std::string password, bool remove) {
    const auto dialogue = co_await open(network, clock, server);
    if (!dialogue) co_return std::nullopt;
    const auto greeting = co_await dialogue->read_line();
    if (!is_positive(greeting)) co_return std::nullopt;
    const std::vector<std::string> login{"USER " + user, "PASS " + password, "STAT"};
    std::string stat;
    for (const std::string& command : login) {
        const bool sent = co_await dialogue->send(command + "\r\n");
        const auto reply = co_await dialogue->read_line();
        if (!sent || !is_positive(reply)) co_return std::nullopt;
        stat = *reply;
    }
    const int count = std::stoi(stat.substr(4));
    std::vector<std::string> messages;
    for (int number = 1; number <= count; ++number) {
        const bool sent = co_await dialogue->send("RETR " + std::to_string(number) + "\r\n");
        const auto reply = co_await dialogue->read_line();
        if (!sent || !is_positive(reply)) co_return std::nullopt;
        auto message = co_await dialogue->read_message();
        if (!message) co_return std::nullopt;
        messages.push_back(std::move(*message));
        if (!remove) continue;
        const bool asked = co_await dialogue->send("DELE " + std::to_string(number) + "\r\n");
        const auto deleted = co_await dialogue->read_line();
        if (!asked || !is_positive(deleted)) co_return std::nullopt;
    }
    const bool sent = co_await dialogue->send("QUIT\r\n");
    const auto goodbye = co_await dialogue->read_line();
    if (!sent || !is_positive(goodbye)) co_return std::nullopt;
    co_return messages;
}

} // namespace tegami::simulation
