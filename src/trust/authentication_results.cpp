#include "trust/authentication_results.h"

#include "base/ascii.h"

#include <algorithm>
#include <array>

namespace tegami::trust {

namespace {

constexpr std::size_t kLineBytes = 78; // RFC 5322 §2.1.1

/// By octet; RFC 2045 §5.1.
constexpr auto kTokenChars = [] {
    std::array<bool, 256> allowed{};
    for (std::size_t octet = 0; octet < allowed.size(); ++octet) {
        const char c = static_cast<char>(octet);
        allowed[octet] =
            (ascii::is_vchar(c) || ascii::is_high(c)) && !std::string_view("()<>@,;:\\\"/[]?=").contains(c);
    }
    return allowed;
}();

bool is_token_char(char c) {
    return kTokenChars[static_cast<unsigned char>(c)];
}

/// What may stand in a pvalue without quotes beyond a token (RFC 8601 §2.2): local-part "@" domain, and i= of DKIM.
bool is_bare_char(char c) {
    return is_token_char(c) || c == '@';
}

/// Without control characters, and not over the limit: mostly the value as it is, otherwise what is put into `room`.
std::string_view plain(std::string_view value, std::string& room) {
    if (value.size() <= kValueBytesMax && std::ranges::none_of(value, ascii::is_control)) return value;
    room = value;
    std::erase_if(room, ascii::is_control);
    if (room.size() <= kValueBytesMax) return room;
    std::size_t size = kValueBytesMax;
    while (size > 0 && (static_cast<unsigned char>(room[size]) & 0xC0U) == 0x80)
        --size;
    room.resize(size);
    return room;
}

/// Between `open` and `close`, and these and backslashes behind a backslash.
void append_enclosed(std::string& out, char open, std::string_view plain_text, char close) {
    out += open;
    for (const char c : plain_text) {
        if (c == open || c == close || c == '\\') out += '\\';
        out += c;
    }
    out += close;
}

void append_value(std::string& out, std::string_view value) {
    std::string room;
    const std::string_view text = plain(value, room);
    if (!text.empty() && std::ranges::all_of(text, is_bare_char))
        out += text;
    else
        append_enclosed(out, '"', text, '"');
}

/// Puts words after one another, on a new line where one would be too long.
class Folder {
public:
    explicit Folder(std::size_t column) : column_(column) {}

    void word(std::string_view word) {
        if (column_ > 1 && column_ + 1 + word.size() > kLineBytes)
            new_line();
        else if (column_ > 1)
            put(" ");
        put(word);
    }

    void new_line() {
        text_ += "\r\n\t";
        column_ = 1;
    }

    void put(std::string_view octets) {
        text_ += octets;
        column_ += octets.size();
    }

    std::string take() && { return std::move(text_); }

private:
    std::string text_;
    std::size_t column_;
};

class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }

    std::string_view rest() const { return rest_; }

    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    /// Folding white space and comments, nested ones too (RFC 5322 §3.2.2). False: a comment has no end.
    bool skip_space() {
        std::size_t depth = 0;
        std::size_t at = 0;
        for (; at < rest_.size(); ++at) {
            const char c = rest_[at];
            if (c == '\\' && depth > 0) {
                ++at;
            } else if (c == '(') {
                ++depth;
            } else if (c == ')' && depth > 0) {
                --depth;
            } else if (depth == 0 && !ascii::is_space(c)) {
                break;
            }
        }
        rest_.remove_prefix(std::min(at, rest_.size()));
        return depth == 0;
    }

    /// Empty if there is none.
    template <class Is>
    std::string take_while(Is is) {
        const auto end = std::ranges::find_if_not(rest_, is);
        std::string taken(rest_.begin(), end);
        rest_.remove_prefix(taken.size());
        return taken;
    }

    /// Nothing if there is none, or it has no end.
    std::optional<std::string> take_quoted() {
        if (!take('"')) return std::nullopt;
        std::string value;
        while (!rest_.empty()) {
            char c = rest_.front();
            rest_.remove_prefix(1);
            if (c == '"') return value;
            if (c == '\\' && !rest_.empty()) {
                c = rest_.front();
                rest_.remove_prefix(1);
            }
            if (c != '\r' && c != '\n') value += c;
        }
        return std::nullopt;
    }

    /// `value` of RFC 2045 §5.1, or what stands without quotes in a pvalue.
    std::optional<std::string> take_value() {
        if (rest_.starts_with('"')) {
            auto value = take_quoted();
            // local-part "@" domain with a quoted local part
            if (value && rest_.starts_with('@')) *value += take_while(is_bare_char);
            return value;
        }
        std::string value = take_while(is_bare_char_or_slash);
        if (value.empty()) return std::nullopt;
        return value;
    }

    /// A word of letters, digits, "-" and "_", as methods, results and properties are.
    std::string take_keyword() {
        return take_while([](char c) { return ascii::is_alnum(c) || c == '-' || c == '_'; });
    }

private:
    // Interop: header.b, header.s and values of other programs hold base64 and more without quotes.
    static bool is_bare_char_or_slash(char c) {
        return is_bare_char(c) || c == '/' || c == '=' || c == ':' || c == '<' || c == '>' || c == '[' || c == ']';
    }

    std::string_view rest_;
};

bool take_version(Reader& reader) {
    if (!reader.skip_space()) return false;
    reader.take_while(ascii::is_digit);
    return reader.skip_space();
}

/// The rest of "ptype.property=value" behind its type and the space that may follow.
std::optional<MethodResult::Property> read_property(Reader& reader, std::string type) {
    MethodResult::Property property{.type = ascii::lower(type), .name = {}, .value = {}};
    if (!reader.take('.') || !reader.skip_space()) return std::nullopt;
    property.name = ascii::lower(reader.take_keyword());
    if (property.name.empty() || !reader.skip_space() || !reader.take('=') || !reader.skip_space()) return std::nullopt;
    auto value = reader.take_value();
    if (!value) return std::nullopt;
    property.value = *std::move(value);
    return property;
}

/// A resinfo behind its ";". Its method is empty for "none" (RFC 8601 §2.2, no-result).
std::optional<MethodResult> read_result(Reader& reader) {
    MethodResult result;
    if (!reader.skip_space()) return std::nullopt;
    result.method = ascii::lower(reader.take_keyword());
    if (result.method.empty() || !reader.skip_space()) return std::nullopt;
    if (reader.take('/') && !take_version(reader)) return std::nullopt;
    if (!reader.take('=')) {
        if (result.method != "none") return std::nullopt;
        result.method.clear();
        return result;
    }
    if (!reader.skip_space()) return std::nullopt;
    result.result = ascii::lower(reader.take_keyword());
    if (result.result.empty()) return std::nullopt;
    while (true) {
        if (!reader.skip_space()) return std::nullopt;
        std::string word = reader.take_keyword();
        if (word.empty()) return result;
        if (result.properties.empty() && result.reason.empty() && ascii::iequals(word, "reason")) {
            if (!reader.skip_space() || !reader.take('=') || !reader.skip_space()) return std::nullopt;
            auto reason = reader.take_value();
            if (!reason) return std::nullopt;
            result.reason = *std::move(reason);
            continue;
        }
        if (!reader.skip_space()) return std::nullopt;
        if (reader.take('=')) {
            // Interop: Microsoft 365 writes "action=none".
            if (!reader.skip_space() || !reader.take_value()) return std::nullopt;
            continue;
        }
        auto property = read_property(reader, std::move(word));
        if (!property || result.properties.size() == kPropertiesMax) return std::nullopt;
        result.properties.push_back(*std::move(property));
    }
}

std::optional<std::string> read_server(Reader& reader) {
    if (!reader.skip_space()) return std::nullopt;
    auto server = reader.take_value();
    if (!server || !take_version(reader)) return std::nullopt;
    return server;
}

} // namespace

std::string to_string(const AuthenticationResults& results) {
    Folder folder(std::string_view("Authentication-Results:").size());
    std::string word = " ";
    std::string room;
    append_value(word, results.server);
    folder.put(word);
    if (results.results.empty()) folder.put("; none");
    for (const MethodResult& result : results.results) {
        folder.put(";");
        folder.new_line();
        word.assign(result.method).append("=").append(result.result);
        folder.word(word);
        if (const std::string_view comment = plain(result.comment, room); !comment.empty()) {
            word.clear();
            append_enclosed(word, '(', comment, ')');
            folder.word(word);
        }
        if (const std::string_view reason = plain(result.reason, room); !reason.empty()) {
            word = "reason=";
            append_enclosed(word, '"', reason, '"');
            folder.word(word);
        }
        for (const MethodResult::Property& property : result.properties) {
            word.assign(property.type).append(".").append(property.name).append("=");
            append_value(word, property.value);
            folder.word(word);
        }
    }
    return std::move(folder).take().substr(1);
}

std::string authentication_results_field(const AuthenticationResults& results) {
    return "Authentication-Results: " + to_string(results) + "\r\n";
}

std::optional<AuthenticationResults> parse_authentication_results(std::string_view value) {
    Reader reader(value);
    AuthenticationResults results;
    auto server = read_server(reader);
    if (!server) return std::nullopt;
    results.server = *std::move(server);
    bool none = false;
    while (reader.take(';')) {
        // Interop: some end with a semicolon.
        if (!reader.skip_space()) return std::nullopt;
        if (reader.at_end()) break;
        auto result = read_result(reader);
        if (!result || results.results.size() == kResultsMax) return std::nullopt;
        if (result->method.empty())
            none = true;
        else
            results.results.push_back(*std::move(result));
    }
    if (!reader.at_end() || (none && !results.results.empty())) return std::nullopt;
    return results;
}

std::optional<InstanceAndResults> split_instance(std::string_view value) {
    Reader reader(value);
    if (!reader.skip_space() || !reader.take('i') || !reader.skip_space() || !reader.take('=') || !reader.skip_space())
        return std::nullopt;
    std::string instance = reader.take_while(ascii::is_digit);
    if (instance.empty() || !reader.skip_space() || !reader.take(';')) return std::nullopt;
    return InstanceAndResults{.instance = std::move(instance), .results = reader.rest()};
}

std::optional<std::string> server_named(std::string_view value) {
    Reader reader(value);
    if (!reader.skip_space() || reader.at_end()) return std::nullopt;
    auto server = reader.take_value();
    if (reader.at_end()) return std::nullopt;
    return server.value_or("");
}

} // namespace tegami::trust
