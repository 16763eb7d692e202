// Address lists of header fields. The value is cut into tokens once; each address is then read from its tokens.
// A quoted string or comment that never ends is taken as ordinary text from then on (one failed look ahead, so that
// hostile values cost linear time).
#include "base/ascii.h"
#include "message/address.h"
#include "message/encoded_word.h"

#include <span>

namespace tegami::message {
namespace {

struct Token {
    enum class Kind : std::uint8_t { word, quoted, literal, comment, special };

    Kind kind = Kind::word;
    std::string text; ///< without quotes, parentheses and backslashes
    bool space_before = false;

    bool is(char special) const { return kind == Kind::special && text.front() == special; }
};

class Lexer {
public:
    explicit Lexer(std::string_view value) : value_(value) {}

    /// The next token, or nothing at the end.
    std::optional<Token> next() {
        bool space = false;
        while (at_ < value_.size() && (ascii::is_space(value_[at_]) || value_[at_] == '\0'))
            ++at_, space = true;
        if (at_ >= value_.size()) return std::nullopt;
        Token token = read();
        token.space_before = space;
        return token;
    }

private:
    static bool is_special(char c) { return std::string_view("<>,;:@.").contains(c) && c != '\0'; }

    Token read() {
        const char c = value_[at_];
        if (is_special(c)) {
            ++at_;
            return {Token::Kind::special, std::string(1, c)};
        }
        if (c == '"' && quotes_end_) {
            if (auto text = enclosed('"', '"')) return {Token::Kind::quoted, std::move(*text)};
            quotes_end_ = false;
        }
        if (c == '(' && comments_end_) {
            if (auto text = enclosed('(', ')')) return {Token::Kind::comment, std::string(ascii::trim(*text))};
            comments_end_ = false;
        }
        if (c == '[') {
            const std::size_t end = value_.find_first_of("[]<>,;@\r\n", at_ + 1);
            if (end != value_.npos && value_[end] == ']') {
                Token token{Token::Kind::literal, std::string(value_.substr(at_, end + 1 - at_))};
                at_ = end + 1;
                return token;
            }
        }
        return {Token::Kind::word, word()};
    }

    /// The text between delimiters, folding undone and backslashes removed; nothing if there is no end.
    std::optional<std::string> enclosed(char open, char close) {
        std::string text;
        int depth = 0;
        for (std::size_t at = at_; at < value_.size(); ++at) {
            const char c = value_[at];
            if (c == '\r' || c == '\n' || c == '\0') continue;
            if (c == '\\' && at + 1 < value_.size()) {
                const char escaped = value_[++at];
                if (escaped != '\r' && escaped != '\n' && escaped != '\0') text += escaped;
                continue;
            }
            if (c == close && (open == close ? depth == 1 : --depth == 0)) {
                at_ = at + 1;
                return text;
            }
            if (c == open && (open != close || depth == 0) && ++depth == 1) continue;
            text += c;
        }
        return std::nullopt;
    }

    std::string word() {
        if (const std::size_t length = word_length(); length > 0) {
            std::string text(value_.substr(at_, length));
            at_ += length;
            return text;
        }
        const std::size_t start = at_++;
        while (at_ < value_.size()) {
            const char c = value_[at_];
            if (is_special(c) || ascii::is_space(c) || c == '\0' || c == '[') break;
            if ((c == '"' && quotes_end_) || (c == '(' && comments_end_)) break;
            ++at_;
        }
        return std::string(value_.substr(start, at_ - start));
    }

    /// Octets of an encoded word without blanks at this place, or 0. Interop: mailers leave commas, dots and brackets
    /// in the text of Q words in phrases, against RFC 2047 §5.
    std::size_t word_length() const {
        const std::string_view rest = value_.substr(at_);
        const std::size_t length = encoded_word_length(rest);
        return rest.substr(0, length).find_first_of(" \t\r\n") == rest.npos ? length : 0;
    }

    std::string_view value_;
    std::size_t at_ = 0;
    bool quotes_end_ = true;
    bool comments_end_ = true;
};

/// Tokens as people wrote them: text joined, each run of white space one space. Comments are left out.
std::string join(std::span<const Token> tokens) {
    std::string text;
    bool space = false;
    for (const Token& token : tokens) {
        space = space || token.space_before;
        if (token.kind == Token::Kind::comment) continue;
        if (space && !text.empty()) text += ' ';
        text += token.text;
        space = false;
    }
    return text;
}

/// As join, but without any space beside dots: local parts and domains (obsolete forms, RFC 5322 §4.4).
std::string join_dotted(std::span<const Token> tokens) {
    std::string text;
    bool space = false;
    bool after_dot = true;
    for (const Token& token : tokens) {
        space = space || token.space_before;
        if (token.kind == Token::Kind::comment) continue;
        const bool dot = token.is('.');
        if (space && !after_dot && !dot) text += ' ';
        text += token.text;
        after_dot = dot;
        space = false;
    }
    return text;
}

/// Splits address tokens at the last "@" and stores both sides. Without "@" all of it is the local part.
void set_address(HeaderAddress& entry, std::span<const Token> tokens) {
    std::size_t at = tokens.size();
    while (at > 0 && !tokens[at - 1].is('@'))
        --at;
    if (at == 0) {
        entry.local_part = join_dotted(tokens);
        return;
    }
    entry.local_part = join_dotted(tokens.subspan(0, at - 1));
    entry.domain = join_dotted(tokens.subspan(at));
    // What follows a domain after a space is no part of it: `a@b and c`.
    entry.domain.resize(std::min(entry.domain.size(), entry.domain.find(' ')));
}

/// Reads what is between angle brackets, obsolete route included.
void set_angle_address(HeaderAddress& entry, std::span<const Token> tokens) {
    std::size_t colon = 0;
    while (colon < tokens.size() && !tokens[colon].is(':'))
        ++colon;
    if (colon < tokens.size() && !tokens.empty() && tokens.front().is('@')) {
        for (const Token& token : tokens.subspan(0, colon))
            if (token.kind != Token::Kind::comment) entry.route += token.text;
        tokens = tokens.subspan(colon + 1);
    }
    set_address(entry, tokens);
}

bool has_at_sign(std::span<const Token> tokens) {
    return std::any_of(tokens.begin(), tokens.end(), [](const Token& token) { return token.is('@'); });
}

class ListParser {
public:
    explicit ListParser(std::string_view value) : lexer_(value) {}

    std::vector<HeaderAddress> parse() && {
        while (auto token = lexer_.next()) {
            if (entries_.size() + 2 >= kHeaderAddressesMax) break;
            take(std::move(*token));
        }
        end_address();
        if (in_group_) end_group();
        return std::move(entries_);
    }

private:
    void take(Token token) {
        if (in_angle_) {
            // A comma ends an angle address that was never closed, unless a source route is going on.
            const bool route = !angle_.empty() && angle_.front().is('@');
            if (token.is('>'))
                in_angle_ = false;
            else if (token.is(',') && !route)
                in_angle_ = false, end_address();
            else if (!token.is('<'))
                angle_.push_back(std::move(token));
            return;
        }
        if (token.is('<')) {
            // The second of two angle addresses without a comma between them: the words between are its name.
            if (has_angle_) {
                std::vector<Token> name = std::move(trailing_);
                end_address();
                phrase_ = std::move(name);
            }
            in_angle_ = has_angle_ = true;
        } else if (token.is(',')) {
            end_address();
        } else if (token.is(';')) {
            end_address();
            if (in_group_) end_group();
        } else if (token.is(':') && !in_group_ && !has_angle_ && !has_at_sign_) {
            entries_.push_back({.kind = HeaderAddress::Kind::group_start, .name = join(phrase_)});
            clear();
            in_group_ = true;
        } else if (token.kind == Token::Kind::comment) {
            if (comment_.empty()) comment_ = token.text;
            if (!has_angle_) phrase_.push_back(std::move(token));
        } else if (has_angle_) {
            trailing_.push_back(std::move(token));
        } else if (!token.is('>')) {
            has_at_sign_ = has_at_sign_ || token.is('@');
            phrase_.push_back(std::move(token));
        }
    }

    void end_address() {
        HeaderAddress entry;
        if (has_angle_) {
            entry.name = join(phrase_);
            set_angle_address(entry, angle_);
        } else if (has_at_sign(phrase_)) {
            set_address(entry, phrase_);
        } else if (is_lone_word()) {
            set_address(entry, phrase_);
        } else {
            entry.name = join(phrase_);
        }
        // RFC 5322 §3.4: older mailers put the display name into a comment after the address.
        const bool has_address = !entry.local_part.empty() || !entry.domain.empty();
        if (entry.name.empty() && has_address) entry.name = comment_;
        if (has_address || !entry.name.empty()) entries_.push_back(std::move(entry));
        clear();
    }

    /// One word without space and quotes, such as `root`: a local part whose domain is missing.
    bool is_lone_word() const {
        bool first = true;
        for (const Token& token : phrase_) {
            if (token.kind == Token::Kind::comment) continue;
            if (token.kind != Token::Kind::word && !token.is('.')) return false;
            if (!first && token.space_before) return false;
            first = false;
        }
        return !first;
    }

    void end_group() {
        entries_.push_back({.kind = HeaderAddress::Kind::group_end});
        in_group_ = false;
    }

    void clear() {
        phrase_.clear();
        angle_.clear();
        trailing_.clear();
        comment_.clear();
        has_angle_ = has_at_sign_ = in_angle_ = false;
    }

    Lexer lexer_;
    std::vector<HeaderAddress> entries_;
    std::vector<Token> phrase_;
    std::vector<Token> angle_;
    std::vector<Token> trailing_; ///< words after the angle address
    std::string comment_;
    bool in_angle_ = false;
    bool has_angle_ = false;
    bool has_at_sign_ = false;
    bool in_group_ = false;
};

bool is_plain_phrase(std::string_view name) {
    if (name.empty() || ascii::is_space(name.front()) || ascii::is_space(name.back())) return false;
    char before = ' ';
    for (const char c : name) {
        const bool plain = ascii::is_alnum(c) || ascii::is_high(c) || c == ' ' ||
                           (c != '\0' && std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c));
        if (!plain || (c == ' ' && before == ' ')) return false;
        before = c;
    }
    return true;
}

std::string print_name(std::string_view name) {
    if (is_plain_phrase(name)) return std::string(name);
    std::string out = "\"";
    for (const char c : name) {
        if (c == '"' || c == '\\') out += '\\';
        out += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
    }
    return out + '"';
}

std::string print_mailbox(const HeaderAddress& entry) {
    std::string address = entry.local_part.empty() && entry.domain.empty() ? "" : quote_local_part(entry.local_part);
    if (!entry.domain.empty()) address += "@" + entry.domain;
    if (!entry.route.empty()) address = entry.route + ":" + address;
    if (entry.name.empty() && entry.route.empty() && !entry.domain.empty()) return address;
    return (entry.name.empty() ? "" : print_name(entry.name) + " ") + "<" + address + ">";
}

} // namespace

std::vector<HeaderAddress> parse_address_list(std::string_view value) {
    return ListParser(value).parse();
}

std::string print_address_list(const std::vector<HeaderAddress>& addresses) {
    std::string out;
    bool separate = false;
    for (const HeaderAddress& entry : addresses) {
        if (entry.kind == HeaderAddress::Kind::group_end) {
            out += ';';
            separate = true;
            continue;
        }
        if (separate) out += ", ";
        if (entry.kind == HeaderAddress::Kind::group_start) {
            out += print_name(entry.name) + ": ";
            separate = false;
        } else {
            out += print_mailbox(entry);
            separate = true;
        }
    }
    return out;
}

} // namespace tegami::message
