// HTML to text (declared in text.h), octet by octet, so that documents can stream by and memory stays small.
#include "base/ascii.h"
#include "message/charset.h"
#include "message/text.h"

#include <algorithm>
#include <array>
#include <optional>

namespace tegami::message {
namespace {

struct Entity {
    std::string_view name;
    std::string_view text;
};

constexpr Entity kEntities[] = {
    {"amp", "&"},         {"lt", "<"},          {"gt", ">"},         {"quot", "\""},       {"apos", "'"},
    {"trade", "\u2122"},  {"hellip", "\u2026"}, {"mdash", "\u2014"}, {"ndash", "\u2013"},  {"lsquo", "\u2018"},
    {"rsquo", "\u2019"},  {"ldquo", "\u201c"},  {"rdquo", "\u201d"}, {"bdquo", "\u201e"},  {"sbquo", "\u201a"},
    {"bull", "\u2022"},   {"euro", "\u20ac"},   {"OElig", "\u0152"}, {"oelig", "\u0153"},  {"Scaron", "\u0160"},
    {"scaron", "\u0161"}, {"Yuml", "\u0178"},   {"fnof", "\u0192"},  {"lsaquo", "\u2039"}, {"rsaquo", "\u203a"},
    {"dagger", "\u2020"}, {"permil", "\u2030"}, {"ensp", " "},       {"emsp", " "},        {"thinsp", " "},
    {"zwnj", ""},         {"zwj", ""},          {"larr", "\u2190"},  {"rarr", "\u2192"},   {"minus", "\u2212"},
};

/// The names of U+00A0 to U+00FF, in order.
constexpr std::array<std::string_view, 96> kLatinEntities{
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",    "copy",   "ordf",
    "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn", "sup2",   "sup3",   "acute",  "micro",
    "para",   "middot", "cedil",  "sup1",   "ordm",   "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave",
    "Aacute", "Acirc",  "Atilde", "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",
    "Igrave", "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde", "Ouml",
    "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",  "szlig",  "agrave", "aacute",
    "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil", "egrave", "eacute", "ecirc",  "euml",   "igrave",
    "iacute", "icirc",  "iuml",   "eth",    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide",
    "oslash", "ugrave", "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};

/// Limit: octets of an entity between "&" and ";".
constexpr std::size_t kEntityMax = 10;
/// Limit: octets of an element's name; no known one is as long.
constexpr std::size_t kElementMax = 32;

/// Elements that begin a new line of text.
constexpr std::string_view kBlocks[] = {
    "address", "article",  "aside",      "blockquote", "body",   "br",    "caption", "center", "dd", "div", "dl",
    "dt",      "fieldset", "figcaption", "figure",     "footer", "form",  "h1",      "h2",     "h3", "h4",  "h5",
    "h6",      "header",   "hr",         "li",         "main",   "nav",   "ol",      "option", "p",  "pre", "section",
    "table",   "tbody",    "td",         "tfoot",      "th",     "thead", "tr",      "ul"};
/// Elements whose content is not text for a reader.
constexpr std::string_view kHidden[] = {"head", "script", "style", "template", "title"};

template <class Range>
bool contains(const Range& range, std::string_view wanted) {
    return std::find(std::begin(range), std::end(range), wanted) != std::end(range);
}

/// What "&#...;" says, or nothing.
std::optional<std::string> numbered_character(std::string_view digits) {
    const bool hex = digits.starts_with('x') || digits.starts_with('X');
    if (hex) digits.remove_prefix(1);
    if (digits.empty()) return std::nullopt;
    char32_t code_point = 0;
    for (const char c : digits) {
        const int digit = ascii::hex_value(c);
        if (digit < 0 || (!hex && digit > 9)) return std::nullopt;
        code_point = std::min<char32_t>(code_point * (hex ? 16 : 10) + static_cast<char32_t>(digit), 0x110000);
    }
    // Interop: what is named so is windows-1252, and browsers read it so.
    if (code_point >= 0x80 && code_point < 0xa0)
        return to_utf8(std::string(1, static_cast<char>(code_point)), "windows-1252");
    std::string text;
    append_utf8(text, code_point == 0 ? 0xfffd : code_point);
    return text;
}

std::optional<std::string> entity_text(std::string_view name) {
    if (name.starts_with('#')) return numbered_character(name.substr(1));
    for (const Entity& entity : kEntities)
        if (entity.name == name) return std::string(entity.text);
    const auto latin = std::ranges::find(kLatinEntities, name);
    if (latin == kLatinEntities.end()) return std::nullopt;
    // A place where a word may be cut at a line end is not seen.
    if (name == "shy") return std::string();
    std::string text;
    append_utf8(text, static_cast<char32_t>(0xa0 + (latin - kLatinEntities.begin())));
    return text;
}

} // namespace

class HtmlText::Machine {
public:
    void feed(std::string_view utf8, std::string& out) {
        while (!utf8.empty()) {
            // Most octets are text, or lie in what is left out: they are passed on in one piece.
            if (state_ == State::text) {
                const std::size_t next = std::min(utf8.find_first_of("<&"), utf8.size());
                if (hidden_.empty()) out += utf8.substr(0, next);
                utf8.remove_prefix(next);
                if (utf8.empty()) return;
            }
            put(utf8.front(), out);
            utf8.remove_prefix(1);
        }
    }

    void finish(std::string& out) {
        const bool is_text = state_ == State::entity || (state_ == State::open && held_ == "<");
        if (is_text && hidden_.empty()) out += held_;
        *this = Machine();
    }

private:
    enum class State : std::uint8_t { text, entity, open, name, attributes, comment, declaration };

    void put(char c, std::string& out) {
        switch (state_) {
        case State::text: begin(c); break;
        case State::entity: put_entity(c, out); break;
        case State::open: put_open(c, out); break;
        case State::name: put_name(c, out); break;
        case State::attributes: put_attribute(c, out); break;
        case State::comment:
            if (c == '>' && held_ == "--") state_ = State::text;
            held_ = c == '-' ? (held_.empty() ? "-" : "--") : "";
            break;
        case State::declaration:
            if (held_ == "!-" && c == '-') {
                state_ = State::comment;
                held_.clear();
                break;
            }
            held_ = held_ == "!" && c == '-' ? "!-" : "";
            if (c == '>') state_ = State::text;
            break;
        }
    }

    /// Takes "<" or "&".
    void begin(char c) {
        held_ = c;
        state_ = c == '<' ? State::open : State::entity;
    }

    void put_entity(char c, std::string& out) {
        if (c == ';') {
            const std::optional<std::string> text = entity_text(std::string_view(held_).substr(1));
            state_ = State::text;
            if (hidden_.empty()) out += text ? *text : held_ + ';';
            return;
        }
        if (held_.size() <= kEntityMax && (ascii::is_alnum(c) || (c == '#' && held_ == "&"))) {
            held_ += c;
            return;
        }
        leave_as_text(c, out);
    }

    /// What was held is text after all, and `c` is read anew.
    void leave_as_text(char c, std::string& out) {
        if (hidden_.empty()) out += held_;
        state_ = State::text;
        if (c == '<' || c == '&')
            begin(c);
        else if (hidden_.empty())
            out += c;
    }

    void put_open(char c, std::string& out) {
        // In these, "<" means nothing until the end tag.
        const bool raw_text = hidden_ == "script" || hidden_ == "style";
        ends_ = c == '/';
        name_.clear();
        if (ends_) {
            state_ = State::name;
        } else if (raw_text) {
            leave_as_text(c, out);
        } else if (c == '!' || c == '?') {
            state_ = State::declaration;
            held_ = c;
        } else if (ascii::is_alpha(c)) {
            state_ = State::name;
            name_ = ascii::to_lower(c);
        } else {
            leave_as_text(c, out);
        }
    }

    void put_name(char c, std::string& out) {
        if (ascii::is_alnum(c)) {
            if (name_.size() < kElementMax) name_ += ascii::to_lower(c);
            return;
        }
        const bool raw_text = hidden_ == "script" || hidden_ == "style";
        if (raw_text && name_ != hidden_) {
            held_.clear();
            leave_as_text(c, out);
            return;
        }
        state_ = State::attributes;
        quote_ = '\0';
        put_attribute(c, out);
    }

    void put_attribute(char c, std::string& out) {
        if (quote_ != '\0') {
            if (c == quote_) quote_ = '\0';
        } else if (c == '"' || c == '\'') {
            quote_ = c;
        } else if (c == '>') {
            state_ = State::text;
            end_tag(out);
        }
    }

    void end_tag(std::string& out) {
        if (!hidden_.empty()) {
            // A document whose head is never closed still has a body.
            if (ends_ ? name_ == hidden_ : name_ == "body") hidden_.clear();
            return;
        }
        if (!ends_ && contains(kHidden, name_))
            hidden_ = name_;
        else if (contains(kBlocks, name_))
            out += "\n\n";
    }

    State state_ = State::text;
    bool ends_ = false;  ///< the tag is an end tag
    char quote_ = '\0';  ///< around the attribute's value
    std::string name_;   ///< the tag's
    std::string held_;   ///< of an entity; what may end a comment
    std::string hidden_; ///< the element whose content is being left out
};

HtmlText::HtmlText() : machine_(std::make_unique<Machine>()) {}

HtmlText::HtmlText(HtmlText&&) noexcept = default;
HtmlText& HtmlText::operator=(HtmlText&&) noexcept = default;
HtmlText::~HtmlText() = default;

void HtmlText::feed(std::string_view utf8, std::string& out) {
    machine_->feed(utf8, out);
}

void HtmlText::finish(std::string& out) {
    machine_->finish(out);
}

std::string strip_html(std::string_view utf8) {
    HtmlText html;
    std::string out;
    html.feed(utf8, out);
    html.finish(out);
    return out;
}

} // namespace tegami::message
