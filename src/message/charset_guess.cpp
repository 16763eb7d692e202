// Guessing charsets (declared in charset.h), in the order of how sure the evidence is: escapes of ISO-2022-JP, valid
// UTF-8, then EUC-JP and Shift_JIS, which are believed only if every octet has a meaning and the result looks like
// words; windows-1252, in which nearly anything means something, comes last.
#include "base/ascii.h"
#include "message/charset.h"

#include <unicode/utf8.h>

namespace tegami::message {
namespace {

/// Limit: octets that are gathered before their charset is judged.
constexpr std::size_t kGuessBytesMax = 64 * 1024;

/// Octets of a text that are looked at first, up to a line end.
constexpr std::size_t kStartBytes = 4 * 1024;

constexpr std::string_view kIsoJp = "iso-2022-jp";

bool is_ascii_name(std::string_view charset) {
    const std::string name = ascii::lower(ascii::trim(charset));
    return name == "us-ascii" || name == "ascii" || name == "us_ascii" || name == "646" || name == "ansi_x3.4-1968";
}

bool has_iso2022jp_escape(std::string_view octets) {
    for (std::size_t at = octets.find('\x1b'); at != octets.npos; at = octets.find('\x1b', at + 1)) {
        const std::string_view escape = octets.substr(at + 1, 2);
        if (escape == "$B" || escape == "$@" || escape == "(J" || escape == "(I") return true;
    }
    return false;
}

/// What speaks for and against a charset in the text it gave.
struct Evidence {
    std::size_t good = 0; ///< characters beyond ASCII; not halfwidth katakana, which nearly any octet can be
    std::size_t bad = 0;  ///< octets without meaning, controls and private characters
    std::size_t runs = 0; ///< of characters beyond ASCII
    /// Runs of one character with a Latin letter beside it: an accented letter read in the wrong charset.
    std::size_t lonely = 0;
};

Evidence weigh(std::string_view utf8) {
    Evidence evidence;
    std::size_t length = 0; // of the running run
    bool after_letter = false;
    UChar32 before = ' ';
    const auto end_run = [&](UChar32 next) {
        if (length == 0) return;
        ++evidence.runs;
        const bool letter_next = next < 0x80 && ascii::is_alpha(static_cast<char>(next));
        if (length == 1 && (after_letter || letter_next)) ++evidence.lonely;
        length = 0;
    };
    const auto size = static_cast<int32_t>(utf8.size());
    for (int32_t at = 0; at < size;) {
        UChar32 c = 0;
        U8_NEXT(utf8.data(), at, size, c);
        if (c < 0x80) {
            evidence.bad += c == 0x1b ? 1 : 0;
            end_run(c);
        } else {
            const bool bad = c == 0xfffd || c < 0xa0 || (c >= 0xe000 && c <= 0xf8ff);
            const bool halfwidth = c >= 0xff61 && c <= 0xff9f;
            evidence.bad += bad ? 1 : 0;
            evidence.good += bad || halfwidth ? 0 : 1;
            if (length++ == 0) after_letter = before < 0x80 && ascii::is_alpha(static_cast<char>(before));
        }
        before = c;
    }
    end_run(' ');
    return evidence;
}

/// The text, if it is in that Japanese charset beyond reasonable doubt.
std::optional<std::string> japanese(std::string_view octets, std::string_view charset) {
    // The first lines of a text in another charset say so already: that spares reading all of it.
    const std::string_view start = octets.substr(0, octets.rfind('\n', kStartBytes) + 1);
    if (octets.size() > kStartBytes && weigh(to_utf8(start, charset).value_or("")).bad > 0) return std::nullopt;
    std::optional<std::string> utf8 = to_utf8(octets, charset);
    if (!utf8) return std::nullopt;
    const Evidence evidence = weigh(*utf8);
    if (evidence.bad > 0 || evidence.runs == 0 || 2 * evidence.lonely > evidence.runs) return std::nullopt;
    return utf8;
}

/// The text in a charset that hardly any other text is valid in.
std::optional<std::string> unmistakable(std::string_view octets) {
    if (has_iso2022jp_escape(octets)) {
        std::optional<std::string> utf8 = to_utf8(octets, kIsoJp);
        if (utf8 && weigh(*utf8).bad == 0) return utf8;
    }
    if (is_utf8(octets)) return std::string(octets);
    return std::nullopt;
}

std::string guess(std::string_view octets) {
    if (std::optional<std::string> utf8 = unmistakable(octets)) return *std::move(utf8);
    for (const std::string_view charset : {"euc-jp", "shift_jis"})
        if (std::optional<std::string> utf8 = japanese(octets, charset)) return *std::move(utf8);
    if (has_iso2022jp_escape(octets))
        if (std::optional<std::string> utf8 = to_utf8(octets, kIsoJp)) return *std::move(utf8);
    if (std::optional<std::string> utf8 = to_utf8(octets, "windows-1252")) return *std::move(utf8);
    return repair_utf8(octets);
}

/// The text that the octets are in truth, if the label's reading of them, `labelled`, cannot be right. Damage here and
/// there refutes nothing: most of the text must be without meaning, or another charset unmistakable.
std::optional<std::string> refutation(std::string_view octets, std::string_view labelled) {
    if (!ascii::has_high_octet(labelled) && !labelled.contains('\x1b')) return std::nullopt;
    const Evidence evidence = weigh(labelled);
    if (evidence.bad == 0) return std::nullopt;
    std::optional<std::string> utf8 = unmistakable(octets);
    if (!utf8 && 3 * evidence.bad > evidence.good) utf8 = guess(octets);
    if (utf8 && weigh(*utf8).bad < evidence.bad) return utf8;
    return std::nullopt;
}

} // namespace

std::string to_utf8_guessing(std::string_view octets, std::string_view label) {
    // Text said to be ASCII that has other octets was labelled by nobody in particular.
    const bool labelled = !label.empty() && !is_ascii_name(label);
    std::optional<std::string> utf8 = labelled ? to_utf8(octets, label) : std::nullopt;
    if (!utf8) return guess(octets);
    if (std::optional<std::string> better = refutation(octets, *utf8)) return *std::move(better);
    return *std::move(utf8);
}

GuessingDecoder::GuessingDecoder(std::string_view label) : label_(is_ascii_name(label) ? std::string_view() : label) {
    believed_ = CharsetDecoder::open(label_);
}

void GuessingDecoder::feed(std::string_view octets, std::string& utf8) {
    gathered_ += octets;
    while (gathered_.size() >= kGuessBytesMax) {
        // Cut after a line, where no character is in two pieces, and at a place that the text alone decides.
        const std::size_t line_end = gathered_.rfind('\n', kGuessBytesMax - 1);
        take(line_end == std::string::npos ? kGuessBytesMax : line_end + 1, false, utf8);
    }
}

void GuessingDecoder::finish(std::string& utf8) {
    take(gathered_.size(), true, utf8);
}

/// Gives out the first `bytes` gathered octets.
void GuessingDecoder::take(std::size_t bytes, bool last, std::string& utf8) {
    const std::string_view piece = std::string_view(gathered_).substr(0, bytes);
    std::string text;
    if (believed_) {
        believed_->feed(piece, text);
        if (last) believed_->finish(text);
        if (std::optional<std::string> better = refutation(piece, text)) {
            text = *std::move(better);
            believed_.reset();
            label_.clear();
        }
    } else {
        text = to_utf8_guessing(piece, label_);
    }
    utf8 += text;
    gathered_.erase(0, bytes);
}

} // namespace tegami::message
