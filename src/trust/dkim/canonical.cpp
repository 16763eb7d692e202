#include "trust/dkim/canonical.h"

#include "base/ascii.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace tegami::dkim {

namespace {

constexpr std::string_view kLineEnd = "\r\n";

constexpr std::size_t kBlock = 64;
/// Less than this is not worth a look at a block.
constexpr std::size_t kShort = 16;

/// Whether a relaxed body changes at `c`: a tab, spaces that are not one between words, a CR that ends no line.
constexpr unsigned char changes(char c, char next) {
    const bool runs_on = (next == ' ') | (next == '\t') | (next == '\r');
    return static_cast<unsigned char>((c == '\t') | ((c == ' ') & runs_on) | ((c == '\r') & (next != '\n')));
}

/// Octets at the beginning that are in relaxed form, in whole blocks. Without branches within a block, so that the
/// compiler looks at many octets in one step.
[[gnu::always_inline]] inline std::size_t relaxed_blocks(std::string_view octets) {
    std::size_t at = 0;
    for (; at + kBlock < octets.size(); at += kBlock) {
        const char* const block = octets.data() + at;
        unsigned char found = 0;
        for (std::size_t i = 0; i < kBlock; ++i)
            found |= changes(block[i], block[i + 1]);
        if (found != 0) break;
    }
    return at;
}

#if defined(__x86_64__)
/// The same with 32 octets in a step.
__attribute__((target("avx2"))) std::size_t relaxed_blocks_wide(std::string_view octets) {
    return relaxed_blocks(octets);
}
#endif

std::size_t relaxed_blocks_here(std::string_view octets) {
#if defined(__x86_64__)
    static const bool is_wide = __builtin_cpu_supports("avx2");
    if (is_wide) return relaxed_blocks_wide(octets);
#endif
    return relaxed_blocks(octets);
}

/// How many of the octets, which begin with content, are in their form already, line ends included. What depends on
/// the octet behind the last one is left out.
std::size_t canonical_size(Canonicalization form, std::string_view octets) {
    if (form == Canonicalization::simple) return octets.size() - (octets.ends_with('\r') ? 1 : 0);
    std::size_t at = 0;
    while (at + 1 < octets.size() && changes(octets[at], octets[at + 1]) == 0) {
        ++at;
        if (at == kShort) at += relaxed_blocks_here(octets.substr(at));
    }
    const bool is_last = at + 1 == octets.size();
    return is_last && !ascii::is_wsp(octets[at]) && octets[at] != '\r' ? at + 1 : at;
}

/// How many octets at the beginning of a value, which begins with no space, are in relaxed form already: words with one
/// space between them.
std::size_t relaxed_value_size(std::string_view value) {
    const auto is_word = [](char c) { return static_cast<unsigned char>(c) > ' '; };
    std::size_t at = 1;
    while (at < value.size() && (is_word(value[at]) || (value[at] == ' ' && is_word(value[at - 1]))))
        ++at;
    return at - (value[at - 1] == ' ' ? 1 : 0);
}

/// RFC 6376 §3.4.2
void append_relaxed_value(std::string& out, std::string_view value) {
    const std::size_t value_at = out.size();
    bool waiting_space = false;
    while (!value.empty()) {
        // A line end is none of the field's octets; a CR without LF is one as any.
        if (ascii::is_wsp(value.front()) || value.front() == '\n' || value.starts_with(kLineEnd)) {
            waiting_space = waiting_space || ascii::is_wsp(value.front());
            value.remove_prefix(1);
            continue;
        }
        if (waiting_space && out.size() > value_at) out += ' ';
        waiting_space = false;
        const std::size_t size = relaxed_value_size(value);
        out += value.substr(0, size);
        value.remove_prefix(size);
    }
}

} // namespace

std::string_view to_string(Canonicalization form) {
    return form == Canonicalization::simple ? "simple" : "relaxed";
}

void append_canonical(std::string& out, Canonicalization form, std::string_view field) {
    if (field.ends_with('\n')) field.remove_suffix(field.ends_with(kLineEnd) ? 2 : 1);
    if (form == Canonicalization::simple) {
        out.append(field).append(kLineEnd);
        return;
    }
    const std::size_t colon = std::min(field.find(':'), field.size());
    std::ranges::transform(ascii::trim(field.substr(0, colon)), std::back_inserter(out), ascii::to_lower);
    out += ':';
    append_relaxed_value(out, field.substr(std::min(colon + 1, field.size())));
    out.append(kLineEnd);
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
            std::string_view content = octets.substr(at);
            content = content.substr(0, canonical_size(form_, content));
            at += content.size();
            std::uint64_t line_ends = 0;
            for (; content.ends_with(kLineEnd); content.remove_suffix(kLineEnd.size()))
                ++line_ends;
            take_content(content, out);
            line_ends_ = line_ends;
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
