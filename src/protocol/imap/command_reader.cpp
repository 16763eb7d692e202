#include "protocol/imap/command_reader.h"

#include "base/ascii.h"
#include "base/assert.h"
#include "protocol/imap/parser.h"

#include <algorithm>

namespace tegami::imap {

namespace {

/// Octets of a line's end that are enough to see "~{18446744073709551615+}".
constexpr std::size_t kMarkerBytesMax = 32;

/// "{n}" or "{n+}" at the end of a line (RFC 9051 §4.3, RFC 7888).
struct LiteralMarker {
    std::size_t at = 0;                // where "{" stands
    std::optional<std::uint64_t> size; // nothing: too large for a number
    bool waiting = false;              // synchronising: the client waits for "+"
};

std::optional<LiteralMarker> find_literal_marker(std::string_view line) {
    if (line.empty() || line.back() != '}') return std::nullopt;
    const std::size_t window = line.size() - std::min(line.size(), kMarkerBytesMax);
    const std::size_t open = line.rfind('{');
    if (open == std::string_view::npos || open < window) return std::nullopt;
    std::string_view digits = line.substr(open + 1, line.size() - open - 2);
    LiteralMarker marker{.at = open, .size = {}, .waiting = true};
    if (digits.ends_with('+')) {
        digits.remove_suffix(1);
        marker.waiting = false;
    }
    if (digits.empty() || !std::ranges::all_of(digits, ascii::is_digit)) return std::nullopt;
    marker.size = ascii::parse_number<std::uint64_t>(digits);
    if (marker.size && *marker.size > kLiteralSizeMax) marker.size.reset();
    return marker;
}

/// True if the literal at `marker` is the message of an APPEND: it is not the first thing after the command's name,
/// which is the mailbox (RFC 9051 §9, append).
bool is_append_message(std::string_view command, std::size_t marker) {
    const std::string_view tag = tag_of(command);
    constexpr std::string_view kAppend = " APPEND ";
    return !tag.empty() && ascii::istarts_with(command.substr(tag.size()), kAppend) &&
           marker > tag.size() + kAppend.size();
}

} // namespace

void CommandReader::feed(std::string_view bytes) {
    input_.erase(0, at_);
    scanned_ -= at_;
    at_ = 0;
    input_ += bytes;
}

std::optional<ReaderEvent> CommandReader::next() {
    for (;;) {
        starved_ = false;
        std::optional<ReaderEvent> event = step();
        if (event) return event;
        if (!starved_) continue;
        // A connection that waits keeps no buffer: most of them wait for hours.
        if (at_ == input_.size()) {
            std::string().swap(input_); // assigning would keep it
            at_ = scanned_ = 0;
        }
        return std::nullopt;
    }
}

std::optional<ReaderEvent> CommandReader::step() {
    switch (state_) {
    case State::line: return read_line();
    case State::literal: return read_literal();
    case State::append_body: return read_append_body();
    case State::append_end: return read_append_end();
    case State::raw_line: return read_raw_line();
    case State::skip_literal:
    case State::skip_line: return read_skipped();
    case State::append_undecided:
    case State::dead: starved_ = true; return std::nullopt;
    }
    return std::nullopt;
}

std::optional<std::string_view> CommandReader::take_line(std::size_t bytes_max, bool& too_long) {
    const std::size_t end = input_.find('\n', scanned_);
    const std::size_t have = (end == std::string::npos ? input_.size() : end) - at_;
    // One more for the CR that does not count.
    too_long = have > bytes_max + 1;
    if (too_long) return std::nullopt;
    if (end == std::string::npos) {
        scanned_ = input_.size();
        starved_ = true;
        return std::nullopt;
    }
    std::string_view line(input_.data() + at_, have);
    // Interop: people type at servers with tools that send a bare LF; between commands nothing can be smuggled by it.
    if (line.ends_with('\r')) line.remove_suffix(1);
    at_ = scanned_ = end + 1;
    too_long = line.size() > bytes_max;
    if (too_long) at_ = scanned_ = end - have; // left for the skipper, which looks for literals at its end
    return too_long ? std::nullopt : std::optional(line);
}

std::optional<ReaderEvent> CommandReader::read_line() {
    bool too_long = false;
    const std::optional<std::string_view> line = take_line(limits_.line_bytes_max - line_bytes_, too_long);
    if (too_long) {
        // A tag counts only with the space after it, so that it is the same wherever the network cut the line.
        if (command_.empty()) command_ = input_.substr(at_, std::min(limits_.line_bytes_max, kTagBytesMax + 1));
        const std::size_t space = command_.find(' ');
        const std::string tag(space == std::string::npos ? "" : tag_of(command_));
        refusal_ = Refused{tag, "", "Command line too long"};
        state_ = State::skip_line;
        return std::nullopt;
    }
    if (!line) return std::nullopt;
    // Interop: some clients send an empty line after an APPEND's message or between commands.
    if (command_.empty() && line->empty()) return std::nullopt;
    line_bytes_ += line->size();
    command_ += *line;
    if (const std::optional<LiteralMarker> marker = find_literal_marker(*line)) {
        if (!marker->size) return abandon("Literal too large");
        return take_literal_start(command_.size() - line->size() + marker->at, *marker->size, marker->waiting);
    }
    CommandText event{std::move(command_)};
    begin_command();
    return event;
}

std::optional<ReaderEvent> CommandReader::take_literal_start(std::size_t marker, std::uint64_t size, bool waiting) {
    if (is_append_message(command_, marker)) {
        std::optional<ReaderEvent> refused = start_append(std::string_view(command_).substr(0, marker), size, waiting);
        if (refused || state_ != State::append_undecided) return refused;
        return AppendStarted{command_, size, waiting};
    }
    const bool too_big = size > limits_.literal_bytes_max - literal_bytes_;
    if (too_big || literals_ == limits_.literals_max) {
        const std::string text = too_big ? "Literals too large for this command" : "Too many literals in one command";
        refusal_ = Refused{std::string(tag_of(command_)), "", text};
        if (waiting) return end_skipping();
        if (size > limits_.discard_bytes_max) return abandon(text);
        skip(size);
        return std::nullopt;
    }
    ++literals_;
    literal_bytes_ += static_cast<std::size_t>(size);
    literal_left_ = size;
    command_ += "\r\n";
    state_ = State::literal;
    if (waiting) return ContinuationWanted{};
    return std::nullopt;
}

std::optional<ReaderEvent> CommandReader::start_append(std::string_view before, std::uint64_t size, bool waiting) {
    if (size > limits_.append_bytes_max) {
        refusal_ = limits_.append_bytes_max == 0 ? Refused{std::string(tag_of(command_)), "", "Log in first"}
                                                 : Refused{std::string(tag_of(command_)), "TOOBIG",
                                                           "The message is larger than this server accepts"};
        if (waiting) return end_skipping();
        if (size > limits_.discard_bytes_max) return abandon("The message is larger than this server accepts");
        skip(size);
        return std::nullopt;
    }
    literal_left_ = size;
    append_waiting_ = waiting;
    append_utf8_ = before.ends_with('(') || before.ends_with("(~");
    state_ = State::append_undecided;
    return std::nullopt;
}

std::optional<ReaderEvent> CommandReader::read_literal() {
    const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(literal_left_, input_.size() - at_));
    command_.append(input_, at_, size);
    at_ = scanned_ = at_ + size;
    literal_left_ -= size;
    if (literal_left_ == 0)
        state_ = State::line;
    else
        starved_ = true;
    return std::nullopt;
}

void CommandReader::append_accepted() {
    ASSERT(state_ == State::append_undecided);
    state_ = State::append_body;
}

void CommandReader::append_refused() {
    ASSERT(state_ == State::append_undecided);
    if (append_waiting_)
        begin_command();
    else
        skip(literal_left_);
}

std::optional<ReaderEvent> CommandReader::read_append_body() {
    if (literal_left_ == 0) {
        state_ = State::append_end;
        line_bytes_ = 0;
        return std::nullopt;
    }
    const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(literal_left_, input_.size() - at_));
    if (size == 0) {
        starved_ = true;
        return std::nullopt;
    }
    const AppendChunk chunk{std::string_view(input_).substr(at_, size)};
    at_ = scanned_ = at_ + size;
    literal_left_ -= size;
    return chunk;
}

std::optional<ReaderEvent> CommandReader::read_append_end() {
    bool too_long = false;
    std::optional<std::string_view> line = take_line(limits_.line_bytes_max, too_long);
    if (starved_) return std::nullopt;
    if (!line) {
        refusal_ = Refused{std::string(tag_of(command_)), "", "Command line too long"};
        state_ = State::skip_line;
        return std::nullopt;
    }
    std::string_view rest = *line;
    const bool closed = !append_utf8_ || rest.starts_with(')');
    if (append_utf8_ && closed) rest.remove_prefix(1);
    if (closed && ascii::trim(rest).empty()) {
        begin_command();
        return AppendFinished{};
    }
    const std::optional<LiteralMarker> marker = find_literal_marker(rest);
    if (marker && !marker->size) return abandon("Literal too large");
    if (closed && marker && rest.starts_with(' ')) {
        std::string text(rest);
        std::optional<ReaderEvent> refused = start_append(rest.substr(0, marker->at), *marker->size, marker->waiting);
        if (refused || state_ != State::append_undecided) return refused;
        return NextMessageStarted{std::move(text), *marker->size, marker->waiting};
    }
    refusal_ = Refused{std::string(tag_of(command_)), "", "Only another message may follow the message of an APPEND"};
    if (!marker || marker->waiting) return end_skipping();
    skip(*marker->size);
    return std::nullopt;
}

void CommandReader::expect_line(std::size_t bytes_max) {
    ASSERT(state_ == State::line && command_.empty());
    raw_line_bytes_max_ = bytes_max;
    state_ = State::raw_line;
}

std::optional<ReaderEvent> CommandReader::read_raw_line() {
    bool too_long = false;
    const std::optional<std::string_view> line = take_line(raw_line_bytes_max_, too_long);
    if (too_long) {
        refusal_ = Refused{"", "", "Line too long"};
        skipping_raw_line_ = true;
        state_ = State::skip_line;
        return std::nullopt;
    }
    if (!line) return std::nullopt;
    state_ = State::line;
    return RawLine{std::string(*line)};
}

void CommandReader::skip(std::uint64_t literal_octets) {
    literal_left_ = literal_octets;
    skipped_tail_.clear();
    state_ = State::skip_literal;
}

std::optional<ReaderEvent> CommandReader::read_skipped() {
    if (skipped_ > limits_.discard_bytes_max || literal_left_ > limits_.discard_bytes_max - skipped_)
        return abandon("Too much input in one refused command");
    if (state_ == State::skip_literal) {
        const std::uint64_t size = std::min<std::uint64_t>(literal_left_, input_.size() - at_);
        at_ = scanned_ = at_ + static_cast<std::size_t>(size);
        skipped_ += size;
        literal_left_ -= size;
        if (literal_left_ == 0)
            state_ = State::skip_line;
        else
            starved_ = true;
        return std::nullopt;
    }
    const std::size_t end = input_.find('\n', at_);
    const std::size_t stop = end == std::string::npos ? input_.size() : end;
    skipped_ += stop - at_;
    const std::size_t tail = std::min(stop - at_, kMarkerBytesMax + 1);
    skipped_tail_.append(input_, stop - tail, tail);
    if (skipped_tail_.size() > kMarkerBytesMax + 1) skipped_tail_.erase(0, skipped_tail_.size() - kMarkerBytesMax - 1);
    at_ = scanned_ = end == std::string::npos ? stop : end + 1;
    if (end == std::string::npos) {
        starved_ = true;
        return std::nullopt;
    }
    std::string_view line = skipped_tail_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::optional<LiteralMarker> marker = skipping_raw_line_ ? std::nullopt : find_literal_marker(line);
    if (marker && !marker->size) return abandon("Literal too large");
    if (!marker || marker->waiting) return end_skipping();
    skip(*marker->size);
    return std::nullopt;
}

std::optional<ReaderEvent> CommandReader::end_skipping() {
    std::optional<Refused> refusal = std::move(refusal_);
    begin_command();
    if (refusal) return ReaderEvent(*std::move(refusal));
    return std::nullopt;
}

bool CommandReader::discard_input() {
    const bool any = has_input();
    input_.clear();
    at_ = scanned_ = 0;
    return any;
}

void CommandReader::begin_command() {
    state_ = State::line;
    std::string().swap(command_); // it may have held literals
    line_bytes_ = literal_bytes_ = literals_ = 0;
    literal_left_ = 0;
    skipped_ = 0;
    skipped_tail_.clear();
    skipping_raw_line_ = false;
    refusal_.reset();
}

ReaderEvent CommandReader::abandon(std::string text) {
    begin_command();
    state_ = State::dead;
    return Abandoned{std::move(text)};
}

} // namespace tegami::imap
