#include "simulation/imap_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tegami::simulation {

namespace {

constexpr auto kImapPatience = std::chrono::minutes(5);
constexpr std::size_t kImapReadBytes = 16384;

std::uint32_t number_at(std::string_view text, std::size_t at) {
    std::uint32_t number = 0;
    if (at < text.size()) std::from_chars(text.data() + at, text.data() + text.size(), number);
    return number;
}

/// How long the literal is that the line announces at its end.
std::optional<std::size_t> announced_literal(std::string_view line) {
    if (!line.ends_with('}')) return std::nullopt;
    const std::size_t brace = line.rfind('{');
    if (brace == std::string_view::npos) return std::nullopt;
    return number_at(line, brace + 1);
}

/// "1:3,7" as a list of numbers.
std::vector<std::uint32_t> expand(std::string_view set) {
    std::vector<std::uint32_t> numbers;
    while (!set.empty()) {
        const std::string_view part = set.substr(0, set.find(','));
        set.remove_prefix(std::min(part.size() + 1, set.size()));
        const std::uint32_t first = number_at(part, 0);
        const std::size_t colon = part.find(':');
        const std::uint32_t last = colon == std::string_view::npos ? first : number_at(part, colon + 1);
        for (std::uint32_t number = first; number <= last; ++number)
            numbers.push_back(number);
    }
    return numbers;
}

} // namespace

async::Awaitable<bool> ImapClient::connect(net::Endpoint server, std::string user, std::string password) {
    net::ConnectOptions options{.deadline = clock_->instant() + kImapPatience};
    auto made = co_await network_->connect(server, options);
    if (!made) co_return false;
    stream_ = std::move(*made);
    buffer_.clear();
    taken_ = 0;
    const auto greeting = co_await read_response();
    if (!greeting || !greeting->starts_with("* OK")) co_return false;
    const ImapAnswer login = co_await command("LOGIN " + user + " " + password);
    co_return login.status == ImapStatus::ok;
}

async::Awaitable<bool> ImapClient::send(std::string octets) {
    if (!stream_) co_return false;
    stream_->set_deadline(clock_->instant() + kImapPatience);
    const auto written = co_await stream_->write_all(std::move(octets));
    co_return written.has_value();
}

async::Awaitable<bool> ImapClient::fill() {
    if (!stream_) co_return false;
    buffer_.erase(0, taken_);
    taken_ = 0;
    const std::size_t size = buffer_.size();
    buffer_.resize(size + kImapReadBytes);
    stream_->set_deadline(std::min(listens_until_, clock_->instant() + kImapPatience));
    const auto got = co_await stream_->read_some(buffer_.data() + size, kImapReadBytes);
    buffer_.resize(size + got.value_or(0));
    co_return got.has_value();
}

/// One response with its literals, without the last line end.
async::Awaitable<std::optional<std::string>> ImapClient::read_response() {
    std::string response;
    for (;;) {
        std::size_t end = buffer_.find("\r\n", taken_);
        while (end == std::string::npos) {
            const bool filled = co_await fill();
            if (!filled) co_return std::nullopt;
            end = buffer_.find("\r\n", taken_);
        }
        const std::string line = buffer_.substr(taken_, end - taken_);
        taken_ = end + 2;
        response += line;
        const auto literal = announced_literal(line);
        if (!literal) co_return response;
        response += "\r\n";
        while (buffer_.size() - taken_ < *literal) {
            const bool filled = co_await fill();
            if (!filled) co_return std::nullopt;
        }
        response.append(buffer_, taken_, *literal);
        taken_ += *literal;
    }
}

async::Awaitable<ImapAnswer> ImapClient::read_answer(std::string tag) {
    ImapAnswer answer;
    for (;;) {
        auto response = co_await read_response();
        if (!response) {
            close();
            answer.status = ImapStatus::gone;
            co_return answer;
        }
        if (response->starts_with("* ")) {
            answer.untagged.push_back(response->substr(2));
            continue;
        }
        if (!response->starts_with(tag)) continue;
        std::string_view rest = std::string_view(*response).substr(tag.size());
        answer.status = rest.starts_with("OK")   ? ImapStatus::ok
                        : rest.starts_with("NO") ? ImapStatus::no
                                                 : ImapStatus::bad;
        answer.text = rest.substr(std::min<std::size_t>(3, rest.size()));
        co_return answer;
    }
}

async::Awaitable<ImapAnswer> ImapClient::command(std::string line) {
    std::string tag = fmt::format("t{} ", ++last_tag_);
    const bool sent = co_await send(tag + line + "\r\n");
    if (!sent) {
        close();
        co_return ImapAnswer{};
    }
    co_return co_await read_answer(std::move(tag));
}

async::Awaitable<ImapAnswer> ImapClient::idle(Duration how_long) {
    std::string tag = fmt::format("t{} ", ++last_tag_);
    std::vector<std::string> heard;
    bool good = co_await send(tag + "IDLE\r\n");
    // The invitation comes soon; what is said after it comes whenever it happens.
    const Instant end = clock_->instant() + how_long;
    bool invited = false;
    while (good) {
        listens_until_ = invited ? end : Instant::max();
        const auto response = co_await read_response();
        listens_until_ = Instant::max();
        if (!response) {
            good = invited && clock_->instant() >= end;
            break;
        }
        invited = invited || response->starts_with('+');
        if (response->starts_with("* ")) heard.push_back(response->substr(2));
    }
    if (good) good = co_await send("DONE\r\n");
    if (!good) {
        close();
        co_return ImapAnswer{};
    }
    ImapAnswer answer = co_await read_answer(std::move(tag));
    answer.untagged.insert(answer.untagged.begin(), heard.begin(), heard.end());
    co_return answer;
}

async::Awaitable<ImapAnswer> ImapClient::command_with_literal(std::string line, std::string literal) {
    // LITERAL+ (RFC 7888): no waiting for the "+".
    line += fmt::format(" {{{}+}}\r\n", literal.size()) + literal;
    co_return co_await command(std::move(line));
}

std::optional<Fetched> parse_fetch(const std::string& response) {
    const std::size_t word = response.find(" FETCH (");
    if (word == std::string::npos || word > 10) return std::nullopt;
    Fetched fetched{.sequence = number_at(response, 0)};
    // What is in a literal is not the server's to say.
    const std::size_t brace = response.find("}\r\n", word);
    std::string_view head(response);
    std::string_view tail;
    if (brace != std::string::npos) {
        const std::size_t open = response.rfind('{', brace);
        const std::size_t size = number_at(response, open + 1);
        fetched.literal = response.substr(brace + 3, size);
        tail = head.substr(std::min(head.size(), brace + 3 + size));
        head = head.substr(0, open);
    } else if (head.find("] \"\"") != std::string_view::npos) {
        fetched.literal = "";
    }
    for (const std::string_view part : {head, tail}) {
        if (const std::size_t at = part.find("UID "); at != std::string_view::npos)
            fetched.uid = number_at(part, at + 4);
        const std::size_t at = part.find("FLAGS (");
        if (at == std::string_view::npos) continue;
        std::string_view flags = part.substr(at + 7);
        flags = flags.substr(0, flags.find(')'));
        fetched.flags.emplace();
        while (!flags.empty()) {
            const std::string_view flag = flags.substr(0, flags.find(' '));
            flags.remove_prefix(std::min(flag.size() + 1, flags.size()));
            if (flag != "\\Recent") fetched.flags->emplace(flag);
        }
    }
    return fetched;
}

std::optional<std::uint32_t> parse_count(std::string_view response, std::string_view name) {
    const std::size_t space = response.find(' ');
    if (space == std::string_view::npos || response.substr(space + 1) != name) return std::nullopt;
    return number_at(response, 0);
}

std::optional<std::uint32_t> code_number(const ImapAnswer& answer, std::string_view code) {
    const std::string wanted = "[" + std::string(code) + " ";
    for (const std::string& line : answer.untagged)
        if (const std::size_t at = line.find(wanted); at != std::string::npos)
            return number_at(line, at + wanted.size());
    if (const std::size_t at = answer.text.find(wanted); at != std::string::npos)
        return number_at(answer.text, at + wanted.size());
    return std::nullopt;
}

std::optional<CopyUid> copy_uid(const ImapAnswer& answer) {
    constexpr std::string_view kCode = "[COPYUID ";
    std::vector<std::string_view> lines(answer.untagged.begin(), answer.untagged.end());
    lines.emplace_back(answer.text);
    for (std::string_view line : lines) {
        const std::size_t at = line.find(kCode);
        if (at == std::string_view::npos) continue;
        line.remove_prefix(at + kCode.size());
        const std::size_t first = line.find(' ');
        const std::size_t second = line.find(' ', first + 1);
        const std::size_t end = line.find(']');
        const auto from = expand(line.substr(first + 1, second - first - 1));
        const auto to = expand(line.substr(second + 1, end - second - 1));
        CopyUid copied{.validity = number_at(line, 0), .pairs = {}};
        for (std::size_t i = 0; i < std::min(from.size(), to.size()); ++i)
            copied.pairs.emplace_back(from[i], to[i]);
        return copied;
    }
    return std::nullopt;
}

} // namespace tegami::simulation
