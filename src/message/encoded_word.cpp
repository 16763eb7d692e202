#include "message/encoded_word.h"

#include "base/ascii.h"
#include "message/charset.h"
#include "message/transfer_encoding.h"

#include <algorithm>

namespace tegami::message {
namespace {

/// Limit: octets of the charset and language of an encoded word.
constexpr std::size_t kCharsetMax = 100;

constexpr std::string_view kPrefixB = "=?UTF-8?B?";
constexpr std::string_view kPrefixQ = "=?UTF-8?Q?";
constexpr std::size_t kPayloadMax = kEncodedWordBytesMax - kPrefixB.size() - 2;

struct EncodedWord {
    std::string_view charset;
    bool base64 = false;
    std::string_view text;
    std::size_t length = 0; ///< of the whole word with its delimiters
};

/// Where the text that starts here ends: the place of the "?=" behind it. Looks no further than the next "=?", where
/// another word may begin, so that scanning a value stays linear.
std::optional<std::size_t> text_end(std::string_view rest, std::size_t start, bool base64) {
    for (std::size_t at = start; at < rest.size(); ++at) {
        if (rest[at] == '?' && at + 1 < rest.size() && rest[at + 1] == '=') return at;
        // Interop: Q words with question marks in them, against RFC 2047 §4.2. No base64 has one.
        if (rest[at] == '?' && base64) return std::nullopt;
        if (rest.substr(at).starts_with("=?") && !rest.substr(at).starts_with("=?=")) return std::nullopt;
    }
    return std::nullopt;
}

/// The encoded word at the front of `rest`, if there is one.
std::optional<EncodedWord> read_word(std::string_view rest) {
    if (!rest.starts_with("=?")) return std::nullopt;
    const std::size_t charset_end = rest.substr(0, kCharsetMax).find('?', 2);
    if (charset_end == rest.npos || charset_end == 2 || charset_end + 2 >= rest.size()) return std::nullopt;
    const char encoding = ascii::to_lower(rest[charset_end + 1]);
    if ((encoding != 'b' && encoding != 'q') || rest[charset_end + 2] != '?') return std::nullopt;
    const std::size_t start = charset_end + 3;
    const std::optional<std::size_t> end = text_end(rest, start, encoding == 'b');
    if (!end) return std::nullopt;
    EncodedWord word;
    word.charset = rest.substr(2, charset_end - 2);
    // RFC 2231 §5: a language may follow the charset.
    word.charset = word.charset.substr(0, word.charset.find('*'));
    word.base64 = encoding == 'b';
    word.text = rest.substr(start, *end - start);
    word.length = *end + 2;
    return word;
}

std::string decode_q(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool escape = text[at] == '=' && at + 2 < text.size() && ascii::is_hex_digit(text[at + 1]) &&
                            ascii::is_hex_digit(text[at + 2]);
        if (escape) {
            out += static_cast<char>(ascii::hex_value(text[at + 1]) * 16 + ascii::hex_value(text[at + 2]));
            at += 2;
        } else {
            out += text[at] == '_' ? ' ' : text[at];
        }
    }
    return out;
}

/// Line ends and NULs would let decoded text break out of wherever it is shown.
std::string flattened(std::string text) {
    for (char& c : text)
        if (c == '\r' || c == '\n' || c == '\0') c = ' ';
    return text;
}

class WordDecoder {
public:
    explicit WordDecoder(std::string_view charset_hint) : hint_(charset_hint) {}

    std::string decode(std::string_view value) && {
        std::size_t plain_start = 0;
        std::size_t at = value.find("=?");
        while (at != value.npos) {
            const auto word = read_word(value.substr(at));
            if (!word) {
                at = value.find("=?", at + 1);
                continue;
            }
            put_plain(value.substr(plain_start, at - plain_start));
            put_word(*word);
            plain_start = at + word->length;
            at = value.find("=?", plain_start);
        }
        put_plain(value.substr(plain_start));
        end_words();
        return flattened(std::move(out_));
    }

private:
    /// Text between words; white space alone between two words is not text (RFC 2047 §6.2).
    void put_plain(std::string_view text) {
        if (after_word_ && ascii::trim(text).empty()) {
            space_ = text;
            return;
        }
        end_words();
        put_raw(text);
        after_word_ = false;
    }

    void put_word(const EncodedWord& word) {
        if (!ascii::iequals(charset_, word.charset)) flush_octets();
        space_ = {};
        charset_ = word.charset;
        octets_ += word.base64 ? decode_transfer(word.text, TransferEncoding::base64) : decode_q(word.text);
        after_word_ = true;
    }

    /// The run of words is over: what they said, then the white space that followed them.
    void end_words() {
        flush_octets();
        out_ += space_;
        space_ = {};
    }

    void flush_octets() {
        if (!octets_.empty()) out_ += to_utf8_guessing(octets_, charset_.empty() ? hint_ : charset_);
        octets_.clear();
    }

    void put_raw(std::string_view text) {
        if (is_utf8(text) && !text.contains('\x1b'))
            out_ += text;
        else
            out_ += to_utf8_guessing(text, text.contains('\x1b') ? std::string_view() : hint_);
    }

    std::string_view hint_;
    std::string out_;
    std::string octets_;       ///< decoded octets of neighbouring words of one charset
    std::string_view charset_; ///< their charset
    std::string_view space_;   ///< white space after the last word
    bool after_word_ = false;
};

bool is_phrase_safe(char c) {
    return ascii::is_alnum(c) || (c != '\0' && std::string_view("!*+-/").contains(c));
}

std::size_t q_length(std::string_view text) {
    std::size_t length = 0;
    for (const char c : text)
        length += is_phrase_safe(c) || c == ' ' ? 1 : 3;
    return length;
}

void append_q(std::string& out, std::string_view text) {
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (c == ' ')
            out += '_';
        else if (is_phrase_safe(c))
            out += c;
        else
            out += {'=', ascii::kUpperHex[octet >> 4], ascii::kUpperHex[octet & 15]};
    }
}

std::string without_line_ends(std::string_view utf8) {
    return flattened(repair_utf8(utf8));
}

/// The octets of the character at the front of well-formed UTF-8.
std::string_view first_character(std::string_view utf8) {
    std::size_t length = 1;
    while (length < utf8.size() && (static_cast<unsigned char>(utf8[length]) & 0xc0) == 0x80)
        ++length;
    return utf8.substr(0, length);
}

std::string encode_as_words(std::string_view text, std::size_t column) {
    const bool base64 = text.size() * 4 / 3 < q_length(text);
    std::string out;
    // However little room the first line has, a word must hold at least one character.
    constexpr std::size_t kPayloadMin = 16;
    std::size_t payload_max = std::max(kPayloadMax - std::min(kPayloadMax, column), kPayloadMin);
    while (!text.empty()) {
        std::string_view piece;
        std::string payload;
        if (base64) {
            piece = utf8_prefix(text, payload_max / 4 * 3);
            payload = encode_transfer(piece, TransferEncoding::base64);
            std::erase_if(payload, ascii::is_space);
        } else {
            std::size_t taken = 0;
            std::size_t length = 0;
            while (taken < text.size()) {
                const std::string_view character = first_character(text.substr(taken));
                length += q_length(character);
                if (length > payload_max) break;
                taken += character.size();
            }
            piece = text.substr(0, taken);
            append_q(payload, piece);
        }
        if (!out.empty()) out += ' ';
        out.append(base64 ? kPrefixB : kPrefixQ).append(payload).append("?=");
        text.remove_prefix(piece.size());
        payload_max = kPayloadMax;
    }
    return out;
}

bool is_printable_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || ascii::is_vchar(c); });
}

bool has_long_word(std::string_view text) {
    // Limit: a line must not exceed 998 octets (RFC 5322 §2.1.1), and it can only be folded at spaces.
    constexpr std::size_t kWordMax = 900;
    std::size_t length = 0;
    for (const char c : text) {
        length = c == ' ' ? 0 : length + 1;
        if (length > kWordMax) return true;
    }
    return false;
}

/// True if the text can go out as it is, and comes back as it was.
bool is_plain(std::string_view text) {
    return is_printable_ascii(text) && !text.contains("=?") && !text.starts_with(' ') && !text.ends_with(' ') &&
           !text.contains("  ") && !has_long_word(text);
}

bool is_atom_octet(char c) {
    return ascii::is_alnum(c) || (c != '\0' && std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c));
}

} // namespace

std::size_t encoded_word_length(std::string_view text) {
    const std::optional<EncodedWord> word = read_word(text);
    return word ? word->length : 0;
}

std::string decode_encoded_words(std::string_view value, std::string_view charset_hint) {
    std::string unfolded;
    if (value.find_first_of("\r\n") != value.npos) {
        for (const char c : ascii::trim(value))
            if (c != '\r' && c != '\n') unfolded += c;
        value = unfolded;
    }
    return WordDecoder(charset_hint).decode(value);
}

std::string encode_words(std::string_view utf8, std::size_t column) {
    const std::string text = without_line_ends(utf8);
    return is_plain(text) ? text : encode_as_words(text, column);
}

std::string encode_phrase(std::string_view utf8) {
    std::string text = without_line_ends(utf8);
    if (text.empty()) return {};
    if (!is_plain(text)) return encode_as_words(text, 0);
    if (std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || is_atom_octet(c); })) return text;
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

} // namespace tegami::message
