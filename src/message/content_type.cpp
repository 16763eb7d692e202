#include "message/content_type.h"

#include "base/ascii.h"

namespace tegami::message {
namespace {

/// Reads tokens, quoted strings and parameters from the value of a MIME field, from left to right.
class ValueReader {
public:
    explicit ValueReader(std::string_view value) : rest_(value) {}

    /// Skips white space and comments; a comment that never ends takes the rest.
    void skip_space() {
        int depth = 0;
        std::size_t at = 0;
        for (; at < rest_.size(); ++at) {
            const char c = rest_[at];
            if (depth > 0 && c == '\\')
                ++at;
            else if (c == '(')
                ++depth;
            else if (depth > 0 && c == ')')
                --depth;
            else if (depth == 0 && !ascii::is_space(c))
                break;
        }
        rest_.remove_prefix(std::min(at, rest_.size()));
    }

    bool at_end() const { return rest_.empty(); }

    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    void skip_octet() {
        if (!rest_.empty()) rest_.remove_prefix(1);
    }

    /// A token (RFC 2045 §5.1), widened to octets above 0x7f; empty if none is here.
    std::string_view token() {
        std::size_t length = 0;
        while (length < rest_.size() && is_token_octet(rest_[length]))
            ++length;
        const std::string_view taken = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return taken;
    }

    /// `; name=value` pairs up to the end. Text that is no parameter is skipped.
    std::vector<Parameter> parameters() {
        std::vector<Parameter> found;
        while (!at_end() && found.size() < kParametersMax) {
            skip_space();
            const std::string_view name = token();
            skip_space();
            if (!name.empty() && take('='))
                found.push_back({ascii::lower(name), value()});
            else if (name.empty())
                skip_octet();
        }
        return found;
    }

private:
    static bool is_token_octet(char c) {
        return ascii::is_high(c) || (ascii::is_vchar(c) && !std::string_view("()<>@,;:\\\"/[]?=").contains(c));
    }

    std::string value() {
        skip_space();
        return take('"') ? quoted() : bare();
    }

    std::string quoted() {
        std::string text;
        while (!rest_.empty()) {
            const char c = rest_.front();
            rest_.remove_prefix(1);
            if (c == '"') break;
            if (c == '\r' || c == '\n' || c == '\0') continue;
            // Interop: Windows paths come with bare backslashes, so only what needs escaping counts as escaped.
            if (c == '\\' && (rest_.starts_with('"') || rest_.starts_with('\\'))) {
                text += rest_.front();
                rest_.remove_prefix(1);
                continue;
            }
            text += c;
        }
        return text;
    }

    /// A value without quotes. Interop: file names come with spaces and "tspecials" in them, and semicolons between
    /// parameters are forgotten: so words belong to the value until one looks like the next parameter. An encoded word
    /// does not, although it holds "=".
    std::string bare() {
        std::string text(word());
        for (;;) {
            skip_space();
            if (rest_.empty() || rest_.front() == ';' || rest_.front() == '"') return text;
            const std::string_view before = rest_;
            const std::string_view next = word();
            if (next.contains('=') && !next.starts_with("=?")) {
                rest_ = before;
                return text;
            }
            text += ' ';
            text += next;
        }
    }

    /// Octets up to white space, ";", a quote or a comment; at least one.
    std::string_view word() {
        std::size_t length = 0;
        while (length < rest_.size() && rest_[length] != ';' && !ascii::is_space(rest_[length]) &&
               (rest_[length] != '"' || length == 0) && (rest_[length] != '(' || length == 0))
            ++length;
        const std::string_view taken = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return taken;
    }

    std::string_view rest_;
};

} // namespace

std::optional<ContentType> parse_content_type(std::string_view value) {
    ValueReader reader(value);
    reader.skip_space();
    ContentType content_type;
    content_type.type = ascii::lower(reader.token());
    reader.skip_space();
    if (content_type.type.empty() || !reader.take('/')) return std::nullopt;
    reader.skip_space();
    content_type.subtype = ascii::lower(reader.token());
    if (content_type.subtype.empty()) return std::nullopt;
    if (content_type.type.size() > kTypeNameMax || content_type.subtype.size() > kTypeNameMax) return std::nullopt;
    content_type.parameters = reader.parameters();
    return content_type;
}

std::optional<Disposition> parse_disposition(std::string_view value) {
    ValueReader reader(value);
    reader.skip_space();
    Disposition disposition;
    disposition.type = ascii::lower(reader.token());
    if (disposition.type.empty() || disposition.type.size() > kTypeNameMax) return std::nullopt;
    disposition.parameters = reader.parameters();
    return disposition;
}

std::vector<std::string> parse_languages(std::string_view value) {
    std::vector<std::string> languages;
    ValueReader reader(value);
    while (!reader.at_end() && languages.size() < kParametersMax) {
        reader.skip_space();
        if (const std::string_view tag = reader.token(); !tag.empty())
            languages.emplace_back(tag);
        else
            reader.skip_octet();
    }
    return languages;
}

} // namespace tegami::message
