#include "trust/dkim/canonical.h"

#include "base/ascii.h"

#include <algorithm>
#include <array>

namespace tegami::dkim {

namespace {

constexpr std::string_view kLineEnd = "\r\n";

bool is_special(char c) {
    return c == '\r' || ascii::is_wsp(c);
}

constexpr std::size_t kBlock = 16;

/// Whether relaxed octets stop being in their canonical form within the next kBlock; one more octet can be read.
/// Without a branch, so that the compiler looks at all of them at once.
bool ends_within_block(const char* octets) {
    unsigned found = 0;
    for (std::size_t i = 0; i < kBlock; ++i) {
        const char c = octets[i];
        const char next = octets[i + 1];
        const bool before_special = (next == ' ') | (next == '\t') | (next == '\r');
        found |= static_cast<unsigned>((c == '\r') | (c == '\t') | ((c == ' ') & before_special));
    }
    return found != 0;
}

/// Where the octets from `at` on, which begin with content, stop being in their canonical form already: single spaces
/// between words stay as they are.
std::size_t content_end(Canonicalization form, std::string_view octets, std::size_t at) {
    if (form == Canonicalization::simple) return std::min(octets.find('\r', at), octets.size());
    while (at + kBlock < octets.size() && !ends_within_block(octets.data() + at))
        at += kBlock;
    for (; at < octets.size(); ++at) {
        if (!is_special(octets[at])) continue;
        if (octets[at] != ' ' || at + 1 == octets.size() || is_special(octets[at + 1])) break;
    }
    return at;
}

} // namespace

std::string_view to_string(Canonicalization form) {
    return form == Canonicalization::simple ? "simple" : "relaxed";
}

std::string canonical_field(Canonicalization form, std::string_view field) {
    if (field.ends_with('\n')) field.remove_suffix(field.ends_with(kLineEnd) ? 2 : 1);
    if (form == Canonicalization::simple) return std::string(field).append(kLineEnd);
    const std::size_t colon = std::min(field.find(':'), field.size());
    std::string out = ascii::lower(ascii::trim(field.substr(0, colon)));
    out.reserve(field.size() + kLineEnd.size());
    out += ':';
    const std::size_t value_at = out.size();
    bool waiting_space = false;
    for (const char c : field.substr(std::min(colon + 1, field.size()))) {
        if (ascii::is_wsp(c)) {
            waiting_space = true;
        } else if (c != '\r' && c != '\n') {
            if (waiting_space && out.size() > value_at) out += ' ';
            waiting_space = false;
            out += c;
        }
    }
    return out.append(kLineEnd);
}

/// Joins small pieces; long ones pass without a copy.
class CanonicalBody::Output {
public:
    explicit Output(const Sink& sink) : sink_(sink) {}

    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    void write(std::string_view octets) {
        if (octets.size() > buffer_.size() - used_) flush();
        if (octets.size() > buffer_.size()) {
            sink_(octets);
        } else {
            std::ranges::copy(octets, buffer_.begin() + static_cast<std::ptrdiff_t>(used_));
            used_ += octets.size();
        }
    }

    void flush() {
        if (used_ != 0) sink_({buffer_.data(), used_});
        used_ = 0;
    }

private:
    const Sink& sink_;
    std::array<char, 4096> buffer_;
    std::size_t used_ = 0;
};

void CanonicalBody::take_content(std::string_view octets, Output& out) {
    for (; line_ends_ != 0; --line_ends_)
        out.write(kLineEnd);
    if (waiting_space_) out.write(" ");
    waiting_space_ = false;
    has_content_ = true;
    out.write(octets);
}

void CanonicalBody::take(std::string_view octets, Output& out) {
    for (std::size_t at = 0; at < octets.size();) {
        const char c = octets[at];
        if (waiting_cr_) {
            waiting_cr_ = false;
            if (c == '\n') {
                ++line_ends_;
                waiting_space_ = false;
                ++at;
            } else {
                take_content("\r", out);
            }
        } else if (c == '\r') {
            waiting_cr_ = true;
            ++at;
        } else if (form_ == Canonicalization::relaxed && ascii::is_wsp(c)) {
            waiting_space_ = true;
            ++at;
        } else {
            const std::size_t end = content_end(form_, octets, at);
            take_content(octets.substr(at, end - at), out);
            at = end;
        }
    }
}

void CanonicalBody::feed(std::string_view octets, const Sink& sink) {
    Output out(sink);
    take(octets, out);
    out.flush();
}

void CanonicalBody::finish(const Sink& sink) {
    Output out(sink);
    if (waiting_cr_) take_content("\r", out);
    // A simple body without anything is one line end, a relaxed one is nothing at all.
    if (has_content_ || form_ == Canonicalization::simple) out.write(kLineEnd);
    out.flush();
}

} // namespace tegami::dkim
