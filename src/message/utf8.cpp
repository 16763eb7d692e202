#include "message/utf8.h"

#include "base/ascii.h"

#include <cstdint>
#include <cstring>

namespace tegami::message {
namespace {

enum class Verdict { good, bad, unfinished };

struct Sequence {
    Verdict verdict;
    std::size_t length;
};

unsigned octet_at(std::string_view octets, std::size_t at) {
    return static_cast<unsigned char>(octets[at]);
}

/// Judges the sequence at the front of non-empty `octets`: a character, the longest beginning of one that is wrong, or
/// a beginning that the octets end in.
Sequence judge(std::string_view octets) {
    const unsigned lead = octet_at(octets, 0);
    if (lead < 0x80) return {Verdict::good, 1};
    if (lead < 0xc2 || lead > 0xf4) return {Verdict::bad, 1};
    const std::size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    unsigned lowest = 0x80;
    unsigned highest = 0xbf;
    if (lead == 0xe0) lowest = 0xa0;
    if (lead == 0xed) highest = 0x9f;
    if (lead == 0xf0) lowest = 0x90;
    if (lead == 0xf4) highest = 0x8f;
    for (std::size_t at = 1; at < length; ++at) {
        if (at == octets.size()) return {Verdict::unfinished, at};
        const unsigned next = octet_at(octets, at);
        if (next < lowest || next > highest) return {Verdict::bad, at};
        lowest = 0x80;
        highest = 0xbf;
    }
    return {Verdict::good, length};
}

/// Octets at the front that are ASCII, eight at a time.
std::size_t ascii_length(std::string_view octets) {
    std::size_t at = 0;
    for (; at + 8 <= octets.size(); at += 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, octets.data() + at, 8);
        if ((eight & 0x8080808080808080ULL) != 0) break;
    }
    while (at < octets.size() && !ascii::is_high(octets[at]))
        ++at;
    return at;
}

} // namespace

bool is_utf8(std::string_view octets) {
    while (true) {
        octets.remove_prefix(ascii_length(octets));
        if (octets.empty()) return true;
        const Sequence sequence = judge(octets);
        if (sequence.verdict != Verdict::good) return false;
        octets.remove_prefix(sequence.length);
    }
}

std::string repair_utf8(std::string_view octets) {
    std::string utf8;
    Utf8Repair repair;
    repair.feed(octets, utf8);
    repair.finish(utf8);
    return utf8;
}

std::string_view utf8_prefix(std::string_view utf8, std::size_t bytes_max) {
    if (utf8.size() <= bytes_max) return utf8;
    while (bytes_max > 0 && (octet_at(utf8, bytes_max) & 0xc0) == 0x80)
        --bytes_max;
    return utf8.substr(0, bytes_max);
}

std::size_t utf8_length(std::string_view utf8) {
    std::size_t count = 0;
    for (const char c : utf8)
        if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) ++count;
    return count;
}

void append_utf8(std::string& out, char32_t code_point) {
    if (code_point > 0x10ffff || (code_point >= 0xd800 && code_point <= 0xdfff)) {
        out += kReplacement;
        return;
    }
    const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((code_point >> shift) & 0x3f)); };
    if (code_point < 0x80) {
        out += static_cast<char>(code_point);
    } else if (code_point < 0x800) {
        out += static_cast<char>(0xc0 | (code_point >> 6));
        tail(0);
    } else if (code_point < 0x10000) {
        out += static_cast<char>(0xe0 | (code_point >> 12));
        tail(6), tail(0);
    } else {
        out += static_cast<char>(0xf0 | (code_point >> 18));
        tail(12), tail(6), tail(0);
    }
}

void Utf8Repair::feed(std::string_view octets, std::string& utf8) {
    // First complete the character that the last call left unfinished.
    while (!pending_.empty() && !octets.empty()) {
        pending_ += octets.front();
        const Sequence sequence = judge(pending_);
        if (sequence.verdict == Verdict::bad) {
            // The new octet does not belong to the sequence: it is read again on its own.
            utf8 += kReplacement;
            pending_.clear();
            break;
        }
        octets.remove_prefix(1);
        if (sequence.verdict == Verdict::good) {
            utf8 += pending_;
            pending_.clear();
        }
    }
    while (!octets.empty()) {
        const std::size_t plain = ascii_length(octets);
        utf8.append(octets.substr(0, plain));
        octets.remove_prefix(plain);
        if (octets.empty()) return;
        const Sequence sequence = judge(octets);
        if (sequence.verdict == Verdict::unfinished) {
            pending_ = octets;
            return;
        }
        utf8 += sequence.verdict == Verdict::good ? octets.substr(0, sequence.length) : kReplacement;
        octets.remove_prefix(sequence.length);
    }
}

void Utf8Repair::finish(std::string& utf8) {
    if (!pending_.empty()) utf8 += kReplacement;
    pending_.clear();
}

} // namespace tegami::message
