#include "protocol/smtp/data_reader.h"

namespace tegami::smtp {

void DataReader::emit(std::string_view octets, std::string& out) {
    message_bytes_ += octets.size();
    if (!bare_line_end_) out += octets;
}

DataReader::Progress DataReader::read(std::string_view bytes, std::string& out) {
    std::size_t at = 0;
    while (at < bytes.size() && state_ != State::ended) {
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
