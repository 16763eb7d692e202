// Preview lines (declared in text.h): HTML to text in one pass, then the first characters worth showing.
#include "base/ascii.h"
#include "message/charset.h"
#include "message/text.h"

#include <unicode/utf8.h>

#include <algorithm>

namespace tegami::message {
namespace {

struct Entity {
    std::string_view name;
    std::string_view text;
};

constexpr Entity kEntities[] = {
    {"amp", "&"},        {"lt", "<"},         {"gt", ">"},          {"quot", "\""},      {"apos", "'"},
    {"nbsp", " "},       {"copy", "\u00a9"},  {"reg", "\u00ae"},    {"trade", "\u2122"}, {"hellip", "\u2026"},
    {"mdash", "\u2014"}, {"ndash", "\u2013"}, {"lsquo", "\u2018"},  {"rsquo", "\u2019"}, {"ldquo", "\u201c"},
    {"rdquo", "\u201d"}, {"bull", "\u2022"},  {"middot", "\u00b7"}, {"yen", "\u00a5"},   {"euro", "\u20ac"},
    {"laquo", "\u00ab"}, {"raquo", "\u00bb"}, {"times", "\u00d7"},  {"zwnj", ""},        {"shy", ""},
};

/// Limit: octets of an entity between "&" and ";".
constexpr std::size_t kEntityMax = 10;

/// Elements that begin a new line of text.
constexpr std::string_view kBlocks[] = {
    "address", "article", "blockquote", "br", "dd", "div", "dt",  "footer",  "h1",    "h2", "h3", "h4", "h5",
    "h6",      "header",  "hr",         "li", "ol", "p",   "pre", "section", "table", "td", "th", "tr", "ul"};
/// Elements whose content is not text for a reader.
constexpr std::string_view kHidden[] = {"head", "script", "style", "template", "title"};

template <class Range>
bool contains(const Range& range, std::string_view wanted) {
    return std::find(std::begin(range), std::end(range), wanted) != std::end(range);
}

class HtmlStripper {
public:
    explicit HtmlStripper(std::string_view html) : rest_(html) {}

    std::string strip() && {
        while (!rest_.empty()) {
            const std::size_t next = std::min(rest_.find_first_of("<&"), rest_.size());
            if (hidden_.empty()) out_ += rest_.substr(0, next);
            rest_.remove_prefix(next);
            if (rest_.starts_with('<'))
                take_tag();
            else if (rest_.starts_with('&'))
                take_entity();
        }
        return std::move(out_);
    }

private:
    void take_tag() {
        // In these, "<" means nothing until the end tag.
        const bool raw_text = hidden_ == "script" || hidden_ == "style";
        if (raw_text && !(rest_.starts_with("</") && ascii::istarts_with(rest_.substr(2), hidden_))) {
            rest_.remove_prefix(1);
            return;
        }
        const char c = rest_.size() > 1 ? rest_[1] : ' ';
        if (rest_.starts_with("<!--")) {
            drop_through(rest_.find("-->", 4), 3);
        } else if (c == '!' || c == '?') {
            drop_through(rest_.find('>'), 1);
        } else if (ascii::is_alpha(c) || c == '/') {
            const std::size_t name_start = c == '/' ? 2 : 1;
            std::size_t name_end = name_start;
            while (name_end < rest_.size() && ascii::is_alnum(rest_[name_end]))
                ++name_end;
            const std::string name = ascii::lower(rest_.substr(name_start, name_end - name_start));
            drop_through(tag_end(name_end), 1);
            begin_or_end(name, c == '/');
        } else {
            if (hidden_.empty()) out_ += '<';
            rest_.remove_prefix(1);
        }
    }

    /// The ">" that ends a tag; those in quoted attribute values do not.
    std::size_t tag_end(std::size_t at) const {
        char quote = '\0';
        for (; at < rest_.size(); ++at) {
            const char c = rest_[at];
            if (quote == '\0' && c == '>') return at;
            if (quote == '\0' && (c == '"' || c == '\''))
                quote = c;
            else if (c == quote)
                quote = '\0';
        }
        return rest_.npos;
    }

    void drop_through(std::size_t end, std::size_t length) {
        rest_.remove_prefix(end == rest_.npos ? rest_.size() : end + length);
    }

    void begin_or_end(const std::string& name, bool ends) {
        if (!hidden_.empty()) {
            if (ends && name == hidden_) hidden_.clear();
            // A document whose head is never closed still has a body.
            if (!ends && name == "body") hidden_.clear();
            return;
        }
        if (!ends && contains(kHidden, name))
            hidden_ = name;
        else if (contains(kBlocks, name))
            out_ += '\n';
    }

    void take_entity() {
        const std::size_t end = rest_.substr(0, kEntityMax + 2).find(';');
        const std::string_view name = end == rest_.npos ? std::string_view() : rest_.substr(1, end - 1);
        std::string text = "&";
        std::size_t length = 1;
        if (const auto known = entity_text(name)) {
            text = *known;
            length = end + 1;
        }
        if (hidden_.empty()) out_ += text;
        rest_.remove_prefix(length);
    }

    static std::optional<std::string> entity_text(std::string_view name) {
        for (const Entity& entity : kEntities)
            if (entity.name == name) return std::string(entity.text);
        if (!name.starts_with('#')) return std::nullopt;
        name.remove_prefix(1);
        const bool hex = name.starts_with('x') || name.starts_with('X');
        if (hex) name.remove_prefix(1);
        char32_t code_point = 0;
        if (name.empty()) return std::nullopt;
        for (const char c : name) {
            const int digit = ascii::hex_value(c);
            if (digit < 0 || (!hex && digit > 9)) return std::nullopt;
            code_point = std::min<char32_t>(code_point * (hex ? 16 : 10) + static_cast<char32_t>(digit), 0x110000);
        }
        std::string text;
        append_utf8(text, code_point == 0 ? 0xfffd : code_point);
        return text;
    }

    std::string_view rest_;
    std::string out_;
    std::string hidden_; ///< the element whose content is being left out
};

/// Characters that take no place on the screen; newsletters put hundreds of them behind their first line.
bool is_invisible(UChar32 c) {
    return c == 0x00ad || c == 0x034f || c == 0x200b || c == 0x200c || c == 0x2060 || c == 0xfeff || c == 0xfffd ||
           (c < 0x20 && !ascii::is_space(static_cast<char>(c))) || (c >= 0x7f && c <= 0x9f);
}

bool is_white(UChar32 c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0xa0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200a);
}

/// The first characters of well-formed UTF-8 with white space joined.
std::string first_characters(std::string_view utf8) {
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
            if (count + 2 > kPreviewCharactersMax) break;
            out += ' ';
            ++count;
            space = false;
        }
        append_utf8(out, static_cast<char32_t>(c));
        ++count;
    }
    return out;
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

} // namespace

std::string strip_html(std::string_view utf8) {
    return HtmlStripper(utf8).strip();
}

std::string make_preview(const TextSample& sample) {
    const std::string octets = decode_transfer(sample.bytes, sample.encoding);
    const std::string text = to_utf8_guessing(octets, sample.content_type.parameter("charset"));
    if (sample.content_type.subtype == "html") return first_characters(strip_html(text));
    const std::string preview = first_characters(own_words(text));
    return preview.empty() ? first_characters(text) : preview;
}

} // namespace tegami::message
