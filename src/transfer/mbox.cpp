#include "transfer/mbox.h"

#include "base/ascii.h"
#include "message/date.h"
#include "message/header.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace tegami::transfer {

namespace {

constexpr std::string_view kFrom = "From ";
/// Limit: octets of a line that may begin a message.
constexpr std::size_t kFromLineBytesMax = 1000;

bool is_empty_line(std::string_view line) {
    return line == "\n" || line == "\r\n";
}

/// With its end. The fields of a file are never folded: a message may begin with a line that looks like a fold.
std::string_view first_line(std::string_view field) {
    const std::size_t end = field.find('\n');
    return field.substr(0, end == std::string_view::npos ? end : end + 1);
}

std::optional<std::int64_t> date_of_from_line(std::string_view line) {
    line = ascii::trim(line.substr(kFrom.size()));
    const std::size_t quoted = line.starts_with('"') ? line.rfind('"') : 0;
    const std::size_t space = line.find(' ', quoted);
    if (space == std::string_view::npos) return std::nullopt;
    const auto date = message::parse_date(line.substr(space + 1));
    if (!date) return std::nullopt;
    return date->utc.time_since_epoch().count();
}

/// Mutt's, Dovecot's and Pine's letters in Status and X-Status.
void read_status(std::string_view value, Marks& marks) {
    for (const char letter : value) {
        switch (letter) {
        case 'R': add_letter(marks, 'S'); break;
        case 'A': add_letter(marks, 'R'); break;
        case 'F': add_letter(marks, 'F'); break;
        case 'D': add_letter(marks, 'T'); break;
        case 'T': add_letter(marks, 'D'); break;
        default: break;
        }
    }
}

} // namespace

std::vector<MboxReader::Event> MboxReader::feed(std::string_view octets) {
    while (!octets.empty() && state_ != State::no_mbox) {
        if (!passing_) {
            take_at_line_start(octets.front());
            octets.remove_prefix(1);
            continue;
        }
        const std::size_t end = octets.find('\n');
        const std::string_view piece = octets.substr(0, end == std::string_view::npos ? end : end + 1);
        give(piece);
        octets.remove_prefix(piece.size());
        passing_ = end == std::string_view::npos;
    }
    return std::exchange(events_, {});
}

/// Holds a line back only as long as it may be an empty one, one that begins a message, or a quoted one.
void MboxReader::take_at_line_start(char octet) {
    line_ += octet;
    if (octet == '\n') return take_line(std::exchange(line_, {}));
    if (line_ == "\r" || (kFrom.starts_with(line_) && line_ != kFrom)) return;
    if (line_.starts_with(kFrom) && after_empty_ && line_.size() <= kFromLineBytesMax) return;
    if (line_.front() != '>') return pass(std::exchange(line_, {}));
    const std::string_view behind = std::string_view(line_).substr(1);
    if (behind == kFrom) {
        line_.clear();
        pass(kFrom);
    } else if (behind == ">") { // the last one before "From " is the file's
        line_.pop_back();
        pass(">");
        passing_ = false;
    } else if (!kFrom.starts_with(behind)) {
        pass(std::exchange(line_, {}));
    }
}

/// The beginning of a line of the message, which goes on.
void MboxReader::pass(std::string_view octets) {
    if (state_ == State::start) {
        state_ = State::no_mbox;
        return;
    }
    give(std::exchange(held_empty_, {}));
    after_empty_ = false;
    give(octets);
    passing_ = true;
}

/// A line that was held back to its end.
void MboxReader::take_line(std::string_view line) {
    if (after_empty_ && line.starts_with(kFrom) && begin_message(line)) return;
    if (!is_empty_line(line)) {
        pass(line);
        passing_ = false;
        return;
    }
    if (state_ == State::start) return;
    give(std::exchange(held_empty_, {}));
    if (state_ == State::header) end_header();
    after_empty_ = true;
    held_empty_ = line;
}

bool MboxReader::begin_message(std::string_view line) {
    const auto date = date_of_from_line(line);
    // The first line of a file is believed without a date.
    if (!date && state_ != State::start) return false;
    end_message();
    date_ = date;
    state_ = State::header;
    after_empty_ = false;
    return true;
}

/// The header is there: says what the message is, and gives the header without the fields that are the file's.
void MboxReader::end_header() {
    state_ = State::body;
    const std::string octets = std::exchange(header_, {});
    const message::Header header(octets);
    Begin begin{.date = date_, .marks = {}, .is_internal = false};
    begin.is_internal = header.contains("X-IMAP") && header.value("Subject").value_or("").starts_with("DON'T DELETE");
    std::vector<const message::HeaderField*> ours;
    for (const std::string_view name : {"Status", "X-Status", "X-Keywords"}) {
        const message::HeaderField* const field = header.find(name);
        if (!field) continue;
        ours.push_back(field);
        const std::string_view value = first_line(header.raw_value(*field));
        if (name != "X-Keywords") read_status(value, begin.marks);
        for (const std::string_view keyword : ascii::split(name == "X-Keywords" ? ascii::trim(value) : "", ' '))
            add_keyword(begin.marks, keyword);
    }
    events_.emplace_back(std::move(begin));
    std::ranges::sort(ours, {}, [](const message::HeaderField* field) { return field->offset; });
    std::size_t from = 0;
    for (const message::HeaderField* const field : ours) {
        give(std::string_view(octets).substr(from, field->offset - from));
        from = field->offset + first_line(header.text(*field)).size();
    }
    give(std::string_view(octets).substr(from));
}

void MboxReader::end_message() {
    if (state_ == State::header) end_header();
    held_empty_.clear();
    if (state_ == State::body) events_.emplace_back(End{});
}

void MboxReader::give(std::string_view octets) {
    if (octets.empty()) return;
    if (state_ == State::header) {
        header_ += octets;
        if (header_.size() > message::kHeaderBytesMax) end_header();
        return;
    }
    if (!events_.empty())
        if (auto* const before = std::get_if<Octets>(&events_.back())) {
            before->octets += octets;
            return;
        }
    events_.emplace_back(Octets{std::string(octets)});
}

std::vector<MboxReader::Event> MboxReader::finish() {
    if (!line_.empty() && state_ != State::no_mbox) take_line(std::exchange(line_, {}));
    end_message();
    return std::exchange(events_, {});
}

std::string print_mbox_begin(const Item& item) {
    const auto has = [&](char letter) { return item.marks.letters.contains(letter); };
    std::string status;
    for (const auto& [letter, written] : {std::pair('R', 'A'), {'F', 'F'}, {'T', 'D'}, {'D', 'T'}})
        if (has(letter)) status += written;
    const std::chrono::sys_seconds date{
        std::chrono::seconds(std::clamp<std::int64_t>(item.date.value_or(0), 0, kDateMax))};
    return fmt::format("From tegami@localhost {:%a %b %d %H:%M:%S %Y}\nStatus: {}\nX-Status: {}\nX-Keywords: {}\n",
                       date, has('S') ? "RO" : "O", status, fmt::join(item.marks.keywords, " "));
}

std::string MboxWriter::write(std::string_view octets) {
    std::string written;
    written.reserve(octets.size() + octets.size() / 64);
    for (const char c : octets) {
        if (c == '\r') continue; // a stored message has none but before a line feed
        if (passing_ || (c == '>' && line_.empty())) {
            written += c;
        } else {
            line_ += c;
            if (kFrom.starts_with(line_) && line_ != kFrom) continue;
            if (line_ == kFrom) written += '>';
            written += std::exchange(line_, {});
            passing_ = true;
        }
        if (c == '\n') passing_ = false;
    }
    if (!written.empty()) last_ = written.back();
    return written;
}

std::string MboxWriter::finish() {
    std::string rest = std::exchange(line_, {});
    if (!rest.empty()) last_ = rest.back();
    rest += std::exchange(last_, '\n') == '\n' ? "\n" : "\n\n";
    passing_ = false;
    return rest;
}

} // namespace tegami::transfer
