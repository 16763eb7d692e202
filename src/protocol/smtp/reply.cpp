#include "protocol/smtp/reply.h"

#include "base/ascii.h"

#include <fmt/format.h>

#include <algorithm>

namespace tegami::smtp {

namespace {

/// Limit: RFC 5321 §4.5.3.1.5, the CRLF included.
constexpr std::size_t kSentLineBytesMax = 512;

/// One number of an enhanced status at the front of `rest`: up to three digits (RFC 3463 §2), no leading zero.
std::optional<std::uint16_t> take_number(std::string_view& rest) {
    const auto end = std::ranges::find_if_not(rest, ascii::is_digit);
    const std::string_view digits = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
    rest.remove_prefix(digits.size());
    return ascii::parse_number<std::uint16_t>(digits);
}

std::string safe_text(std::string_view text, std::size_t bytes_max) {
    std::string safe(text.substr(0, bytes_max));
    // A cut must not leave half a UTF-8 character.
    if (safe.size() < text.size())
        while (!safe.empty() && (static_cast<unsigned char>(text[safe.size()]) & 0xc0) == 0x80)
            safe.pop_back();
    std::ranges::replace_if(safe, [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, '?');
    return safe;
}

} // namespace

std::string to_string(const EnhancedStatus& status) {
    return fmt::format("{}.{}.{}", status.kind, status.subject, status.detail);
}

std::optional<EnhancedStatus> parse_enhanced_status(std::string_view text) {
    EnhancedStatus status;
    if (text.size() < 5 || (text[0] != '2' && text[0] != '4' && text[0] != '5') || text[1] != '.') return std::nullopt;
    status.kind = static_cast<std::uint16_t>(text[0] - '0');
    text.remove_prefix(2);
    const std::optional<std::uint16_t> subject = take_number(text);
    if (!subject || !text.starts_with('.')) return std::nullopt;
    text.remove_prefix(1);
    const std::optional<std::uint16_t> detail = take_number(text);
    if (!detail || (!text.empty() && text[0] != ' ')) return std::nullopt;
    status.subject = *subject;
    status.detail = *detail;
    return status;
}

Reply make_reply(int code, std::string_view status, std::string_view text) {
    Reply reply{.code = code, .status = parse_enhanced_status(status), .lines = {}};
    for (const std::string_view line : ascii::split(text, '\n'))
        reply.lines.emplace_back(line);
    return reply;
}

std::string encode(const Reply& reply) {
    const std::string status = reply.status ? to_string(*reply.status) + ' ' : std::string();
    std::string bytes;
    const std::size_t count = std::max<std::size_t>(reply.lines.size(), 1);
    for (std::size_t index = 0; index < count; ++index) {
        const std::string_view text = reply.lines.empty() ? std::string_view() : reply.lines[index];
        bytes += std::to_string(reply.code);
        bytes += index + 1 < count ? '-' : ' ';
        bytes += status;
        bytes += safe_text(text, kSentLineBytesMax - 6 - status.size());
        bytes += "\r\n";
    }
    return bytes;
}

std::string one_line(const Reply& reply) {
    std::string text = std::to_string(reply.code);
    if (reply.status) text += ' ' + to_string(*reply.status);
    for (std::size_t index = 0; index < reply.lines.size(); ++index)
        text += (index == 0 ? " " : " / ") + reply.lines[index];
    return text;
}

Result<std::optional<Reply>, ReplyError> ReplyReader::read(std::string_view& bytes) {
    if (error_) return failure(*error_);
    while (!bytes.empty()) {
        const std::size_t newline = bytes.find('\n');
        const std::string_view piece = bytes.substr(0, newline);
        bytes_ += piece.size() + 1;
        if (line_.size() + piece.size() > kReplyLineBytesMax || bytes_ > kReplyBytesMax)
            return failure(*(error_ = ReplyError::too_long));
        line_ += piece;
        bytes.remove_prefix(newline == std::string_view::npos ? bytes.size() : newline + 1);
        if (newline == std::string_view::npos) break;
        const Result<bool, ReplyError> complete = finish_line();
        if (!complete) return failure(*(error_ = complete.error()));
        if (*complete) {
            bytes_ = 0;
            return std::exchange(partial_, Reply{});
        }
    }
    return std::nullopt;
}

/// True if that was the last line of the reply.
Result<bool, ReplyError> ReplyReader::finish_line() {
    const std::string line = std::exchange(line_, {});
    std::string_view text = line;
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.empty()) return false; // Interop: gateways put empty lines between their replies
    const bool has_code = text.size() >= 3 && text[0] >= '2' && text[0] <= '5' && ascii::is_digit(text[1]) &&
                          ascii::is_digit(text[2]) && (text.size() == 3 || text[3] == ' ' || text[3] == '-');
    if (!has_code) return failure(ReplyError::not_a_reply);
    const int code = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
    const bool last = text.size() == 3 || text[3] == ' ';
    text.remove_prefix(std::min<std::size_t>(text.size(), 4));

    // Interop: postscreen of Postfix begins its greeting with "220-" and ends it with "521 " or "550 " for whom it
    // knows.
    const bool first = partial_.lines.empty() || code != partial_.code;
    if (first) partial_.status.reset();
    if (partial_.lines.size() == kReplyLinesMax) return failure(ReplyError::too_many_lines);
    partial_.code = code;
    const std::optional<EnhancedStatus> status = parse_enhanced_status(text);
    // RFC 2034 §4: the class of the status must be that of the code, and every line repeats the status.
    if (first && status && status->kind == code / 100) partial_.status = status;
    if (status && status == partial_.status) {
        text.remove_prefix(to_string(*status).size());
        if (text.starts_with(' ')) text.remove_prefix(1);
    }
    partial_.lines.emplace_back(text);
    return last;
}

} // namespace tegami::smtp
