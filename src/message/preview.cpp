// Preview lines (declared in text.h): the first characters worth showing.
#include "base/ascii.h"
#include "message/charset.h"
#include "message/text.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <array>

namespace tegami::message {
namespace {

/// Characters that take no place on the screen; newsletters put hundreds of them behind their first line.
bool is_invisible(UChar32 c) {
    return c == 0x00ad || c == 0x034f || c == 0x200b || c == 0x200c || c == 0x2060 || c == 0xfeff || c == 0xfffd ||
           (c < 0x20 && !ascii::is_space(static_cast<char>(c))) || (c >= 0x7f && c <= 0x9f);
}

bool is_white(UChar32 c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0xa0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200a);
}

/// Octets of a text that are looked at first, and then. Few previews need more, and decoding all of a sample would take
/// longer than anything else that a card needs.
constexpr std::array<std::size_t, 2> kStartBytes = {768, 4 * 1024};

struct Preview {
    std::string text;
    bool full = false; ///< what follows in the message would not be in it
};

/// The first characters of well-formed UTF-8 with white space joined.
Preview first_characters(std::string_view utf8) {
    std::string out;
    std::size_t count = 0;
    bool space = false;
    const auto size = static_cast<int32_t>(utf8.size());
    for (int32_t at = 0; at < size && count < kPreviewCharactersMax;) {
        UChar32 c = 0;
        U8_NEXT(utf8.data(), at, size, c);
        if (is_white(c)) {
            space = !out.empty();
            continue;
        }
        if (is_invisible(c)) continue;
        if (space) {
            if (count + 2 > kPreviewCharactersMax) return {std::move(out), true};
            out += ' ';
            ++count;
            space = false;
        }
        append_utf8(out, static_cast<char32_t>(c));
        ++count;
    }
    return {std::move(out), count == kPreviewCharactersMax};
}

/// The text without quoted lines, and without what follows the signature mark.
std::string own_words(std::string_view text) {
    std::string out;
    for (std::string_view line : ascii::split(text, '\n')) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line == "-- ") break;
        if (line.starts_with('>')) continue;
        out += line;
        out += '\n';
    }
    return out;
}

Preview preview_of(std::string_view bytes, const TextSample& sample) {
    const std::string octets = decode_transfer(bytes, sample.encoding);
    const std::string text = to_utf8_guessing(octets, sample.content_type.parameter("charset"));
    if (sample.content_type.subtype == "html") return first_characters(strip_html(text));
    Preview preview = first_characters(own_words(text));
    // Words of the sender's own may follow those of others.
    if (preview.text.empty()) return {first_characters(text).text, false};
    return preview;
}

} // namespace

std::string make_preview(const TextSample& sample) {
    for (const std::size_t start_bytes : kStartBytes) {
        if (sample.bytes.size() <= start_bytes) break;
        // Whole lines: no character and no coded word is cut.
        const std::string_view start =
            std::string_view(sample.bytes).substr(0, sample.bytes.rfind('\n', start_bytes) + 1);
        if (Preview preview = preview_of(start, sample); preview.full) return std::move(preview.text);
    }
    return preview_of(sample.bytes, sample).text;
}

} // namespace tegami::message
