#include "protocol/smtp/data_reader.h"

#include "message/line_scan.h"

namespace tegami::smtp {

namespace {

/// Octets that are looked at together.
constexpr std::size_t kBlockBytes = 4 * 1024;

} // namespace

/// Passes on what needs no change (every line ends in CRLF, none begins with a dot) from `at`, a block at a time; returns
/// where it stopped.
std::size_t DataReader::skip_plain(std::string_view bytes, std::size_t at, std::string& out) {
    const std::size_t begin = at;
    while (at < bytes.size()) {
        std::string_view block = bytes.substr(at, kBlockBytes);
        if (block.back() == '\r') block.remove_suffix(1); // what follows decides
        if (block.empty() || (state_ == State::line_start && block.front() == '.')) break;
        if (!message::has_only_crlf_and_no_dots(block)) break;
        state_ = block.back() == '\n' ? State::line_start : State::text;
        at += block.size();
    }
    emit(bytes.substr(begin, at - begin), out);
    return at;
}

void DataReader::emit(std::string_view octets, std::string& out) {
    message_bytes_ += octets.size();
    if (!bare_line_end_) out += octets;
}

DataReader::Progress DataReader::read(std::string_view bytes, std::string& out) {
    std::size_t at = 0;
    std::size_t looked_at = 0; // by skip_plain(): not again before the octets behind it
    while (at < bytes.size() && state_ != State::ended) {
        if (at >= looked_at && (state_ == State::line_start || state_ == State::text)) {
            at = skip_plain(bytes, at, out);
            looked_at = at + kBlockBytes;
            if (at == bytes.size()) break;
        }
        const char c = bytes[at];
        switch (state_) {
        case State::line_start:
            if (c == '.') {
                state_ = State::dot;
                ++at;
            } else {
                state_ = State::text;
            }
            break;
        case State::text: {
            std::size_t end = at;
            while (end < bytes.size() && bytes[end] != '\r' && bytes[end] != '\n')
                ++end;
            emit(bytes.substr(at, end - at), out);
            at = end;
            if (at == bytes.size()) break;
            // After a bare LF the line goes on: a "." behind it is text and ends nothing.
            if (bytes[at] == '\n') {
                bare_line_end_ = true;
                emit("\n", out);
            } else {
                state_ = State::carriage_return;
            }
            ++at;
            break;
        }
        case State::carriage_return:
            if (c == '\n') {
                emit("\r\n", out);
                state_ = State::line_start;
                ++at;
            } else {
                bare_line_end_ = true;
                emit("\r", out);
                state_ = State::text;
            }
            break;
        case State::dot:
            // Not the end: the dot was put there by the client (RFC 5321 §4.5.2) and goes.
            if (c == '\r') {
                state_ = State::dot_carriage_return;
                ++at;
            } else {
                state_ = State::text;
            }
            break;
        case State::dot_carriage_return:
            if (c == '\n') {
                state_ = State::ended;
                ++at;
            } else {
                bare_line_end_ = true;
                emit("\r", out);
                state_ = State::text;
            }
            break;
        case State::ended: break;
        }
    }
    return {.used = at, .ended = state_ == State::ended};
}

} // namespace tegami::smtp
