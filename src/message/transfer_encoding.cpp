#include "message/transfer_encoding.h"

#include "base/ascii.h"
#include "message/charset.h"

#include <algorithm>
#include <array>

namespace tegami::message {
namespace {

/// Limit: octets of an encoding's name; all known ones are far shorter.
constexpr std::size_t kSqueezedBytesMax = 64;
/// Limit: octets of an encoded line (RFC 2045 §6.7, §6.8).
constexpr std::size_t kEncodedLineMax = 76;
/// Limit: blanks at the end of a quoted-printable line that wait for the line end; longer runs are text.
constexpr std::size_t kPendingBlanksMax = 1'000;
/// Limit: octets of a line that go out as they are (RFC 5322 §2.1.1).
constexpr std::size_t kPlainLineMax = 998;

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<signed char, 256> make_base64_values() {
    std::array<signed char, 256> values{};
    values.fill(-1);
    for (std::size_t at = 0; at < kAlphabet.size(); ++at)
        values[static_cast<unsigned char>(kAlphabet[at])] = static_cast<signed char>(at);
    return values;
}

constexpr std::array<signed char, 256> kBase64Values = make_base64_values();

int base64_value(char c) {
    return kBase64Values[static_cast<unsigned char>(c)];
}

bool is_blank_or_cr(char c) {
    return ascii::is_wsp(c) || c == '\r';
}

char octet(std::uint32_t bits) {
    return static_cast<char>(bits & 0xff);
}

/// The letters and digits of the first word or words of the value, lower case: comments, quotes, blanks and hyphens gone,
/// so that ways to misspell a name ("8 bit", "base-64") are one. It ends at what cannot be part of a name.
std::string squeezed(std::string_view value) {
    std::string name;
    int depth = 0;
    for (const char c : value) {
        if (c == '(') ++depth;
        if (depth > 0) {
            if (c == ')') --depth;
            continue;
        }
        if (c == ';' || c == ',' || name.size() > kSqueezedBytesMax) break;
        if (ascii::is_alnum(c) || c == '+') name += ascii::to_lower(c);
    }
    return name;
}

} // namespace

TransferEncoding parse_transfer_encoding(std::string_view value) {
    const std::string name = squeezed(value);
    if (name.empty() || name == "7bit" || name == "7bits") return TransferEncoding::seven_bit;
    if (name == "8bit" || name == "8bits") return TransferEncoding::eight_bit;
    if (name == "binary") return TransferEncoding::binary;
    if (name == "base64" || name == "b") return TransferEncoding::base64;
    if (name == "quotedprintable" || name == "q" || name == "qp") return TransferEncoding::quoted_printable;
    // Interop: the name of a charset, or "none": whoever wrote that encoded nothing.
    if (name == "none" || name == "plain" || name == "text" || is_known_charset(name))
        return TransferEncoding::eight_bit;
    return TransferEncoding::unknown;
}

std::string_view name_of(TransferEncoding encoding) {
    switch (encoding) {
    case TransferEncoding::seven_bit: return "7bit";
    case TransferEncoding::eight_bit: return "8bit";
    case TransferEncoding::binary: return "binary";
    case TransferEncoding::base64: return "base64";
    case TransferEncoding::quoted_printable: return "quoted-printable";
    case TransferEncoding::unknown: return "x-unknown";
    }
    return "x-unknown";
}

void TransferDecoder::feed(std::string_view encoded, std::string& out) {
    if (encoding_ == TransferEncoding::base64)
        feed_base64(encoded, out);
    else if (encoding_ == TransferEncoding::quoted_printable)
        feed_quoted_printable(encoded, out);
    else
        out.append(encoded);
}

void TransferDecoder::finish(std::string& out) {
    // Blanks at the very end are trailing (RFC 2045 §6.7 rule 3); an unfinished "=X" is kept as text.
    if (pending_.starts_with('=') && pending_.size() > 1 && !is_blank_or_cr(pending_[1])) out += pending_;
    pending_.clear();
    bit_count_ = 0;
}

void TransferDecoder::feed_base64(std::string_view encoded, std::string& out) {
    const std::size_t before = out.size();
    out.resize(before + encoded.size() / 4 * 3 + 6);
    char* to = out.data() + before;
    std::size_t at = 0;
    while (at < encoded.size()) {
        // Four good characters at a time while nothing is left over from before.
        while (bit_count_ == 0 && at + 4 <= encoded.size()) {
            const int a = base64_value(encoded[at]);
            const int b = base64_value(encoded[at + 1]);
            const int c = base64_value(encoded[at + 2]);
            const int d = base64_value(encoded[at + 3]);
            if ((a | b | c | d) < 0) break;
            const auto bits = static_cast<std::uint32_t>((a << 18) | (b << 12) | (c << 6) | d);
            *to++ = octet(bits >> 16);
            *to++ = octet(bits >> 8);
            *to++ = octet(bits);
            at += 4;
        }
        if (at >= encoded.size()) break;
        const char c = encoded[at++];
        if (c == '=') bit_count_ = 0; // Padding ends a group; another encoded text may follow it.
        const int value = base64_value(c);
        if (value < 0) continue;
        bits_ = (bits_ << 6) | static_cast<std::uint32_t>(value);
        bit_count_ += 6;
        if (bit_count_ < 8) continue;
        bit_count_ -= 8;
        *to++ = octet(bits_ >> bit_count_);
    }
    out.resize(static_cast<std::size_t>(to - out.data()));
}

/// Decides with one more octet about what is pending; false if that octet is still to be read.
bool TransferDecoder::step_quoted_printable(char c, std::string& out) {
    if (pending_.front() != '=') {
        if (is_blank_or_cr(c)) {
            if (pending_.size() == kPendingBlanksMax) {
                out += pending_;
                pending_.clear();
            }
            pending_ += c;
            return true;
        }
        if (c == '\n')
            out += pending_.back() == '\r' ? "\r\n" : "\n";
        else
            out += pending_;
        pending_.clear();
        return c == '\n';
    }
    if (c == '\n' && (pending_.size() == 1 || is_blank_or_cr(pending_[1]))) {
        pending_.clear(); // A soft line break, with blanks a relay may have added.
        return true;
    }
    if (pending_.size() == 1
            ? ascii::is_hex_digit(c) || is_blank_or_cr(c)
            : is_blank_or_cr(pending_[1]) && is_blank_or_cr(c) && pending_.size() < kPendingBlanksMax) {
        pending_ += c;
        return true;
    }
    if (pending_.size() == 2 && ascii::is_hex_digit(pending_[1]) && ascii::is_hex_digit(c)) {
        out += static_cast<char>(ascii::hex_value(pending_[1]) * 16 + ascii::hex_value(c));
        pending_.clear();
        return true;
    }
    out += pending_;
    pending_.clear();
    return false;
}

void TransferDecoder::feed_quoted_printable(std::string_view encoded, std::string& out) {
    std::size_t at = 0;
    while (at < encoded.size()) {
        if (!pending_.empty()) {
            if (step_quoted_printable(encoded[at], out)) ++at;
            continue;
        }
        const std::size_t start = at;
        while (at < encoded.size() && encoded[at] != '=' && !is_blank_or_cr(encoded[at]))
            ++at;
        out.append(encoded, start, at - start);
        if (at == encoded.size()) break;
        // A blank between words is by far the commonest case: it need not wait.
        const bool inner_blank = at + 1 < encoded.size() && encoded[at] != '=' && !is_blank_or_cr(encoded[at + 1]) &&
                                 encoded[at + 1] != '\n';
        if (inner_blank)
            out += encoded[at];
        else
            pending_ = encoded[at];
        ++at;
    }
}

std::string decode_transfer(std::string_view encoded, TransferEncoding encoding) {
    TransferDecoder decoder(encoding);
    std::string out;
    decoder.feed(encoded, out);
    decoder.finish(out);
    return out;
}

void TransferEncoder::feed(std::string_view octets, std::string& out) {
    if (encoding_ == TransferEncoding::base64)
        feed_base64(octets, out);
    else if (encoding_ == TransferEncoding::quoted_printable)
        feed_quoted_printable(octets, out);
    else
        out.append(octets);
}

void TransferEncoder::finish(std::string& out) {
    if (encoding_ == TransferEncoding::base64) {
        if (!pending_.empty()) put_base64_group(pending_, out);
        if (column_ > 0) out += "\r\n";
    } else if (encoding_ == TransferEncoding::quoted_printable) {
        for (const char c : pending_)
            put_escaped(c, out);
    }
    pending_.clear();
    column_ = 0;
}

/// One group of one to three octets, padded.
void TransferEncoder::put_base64_group(std::string_view group, std::string& out) {
    std::uint32_t bits = 0;
    for (std::size_t at = 0; at < 3; ++at)
        bits = (bits << 8) | (at < group.size() ? static_cast<unsigned char>(group[at]) : 0U);
    for (std::size_t at = 0; at < 4; ++at)
        out += at <= group.size() ? kAlphabet[(bits >> (18 - 6 * at)) & 63] : '=';
    column_ += 4;
    if (column_ < kEncodedLineMax) return;
    out += "\r\n";
    column_ = 0;
}

void TransferEncoder::feed_base64(std::string_view octets, std::string& out) {
    while (!pending_.empty() && !octets.empty()) {
        pending_ += octets.front();
        octets.remove_prefix(1);
        if (pending_.size() < 3) continue;
        put_base64_group(pending_, out);
        pending_.clear();
    }
    std::size_t at = 0;
    for (; at + 3 <= octets.size(); at += 3)
        put_base64_group(octets.substr(at, 3), out);
    pending_ += octets.substr(at);
}

void TransferEncoder::put_quoted(std::string_view piece, std::string& out) {
    if (column_ + piece.size() >= kEncodedLineMax) {
        out += "=\r\n";
        column_ = 0;
    }
    out += piece;
    column_ += piece.size();
}

void TransferEncoder::put_escaped(char c, std::string& out) {
    const auto value = static_cast<unsigned char>(c);
    const std::array<char, 3> escaped = {'=', ascii::kUpperHex[value >> 4], ascii::kUpperHex[value & 15]};
    put_quoted(std::string_view(escaped.data(), escaped.size()), out);
}

void TransferEncoder::feed_quoted_printable(std::string_view octets, std::string& out) {
    for (const char c : octets) {
        // pending_ is "", a blank, a CR, or a blank and a CR: whether they end a line is not known yet.
        if (c == '\n' && pending_.ends_with('\r')) {
            if (pending_.size() == 2) put_escaped(pending_.front(), out);
            out += "\r\n";
            column_ = 0;
            pending_.clear();
            continue;
        }
        if (c == '\r' && !pending_.ends_with('\r')) {
            pending_ += c;
            continue;
        }
        const bool cr = pending_.ends_with('\r');
        if (!pending_.empty() && pending_.front() != '\r') put_quoted(pending_.substr(0, 1), out);
        if (cr) put_escaped('\r', out);
        pending_.clear();
        if (ascii::is_wsp(c) || c == '\r')
            pending_ = c;
        else if (ascii::is_vchar(c) && c != '=')
            put_quoted(std::string_view(&c, 1), out);
        else
            put_escaped(c, out);
    }
}

std::string encode_transfer(std::string_view octets, TransferEncoding encoding) {
    TransferEncoder encoder(encoding);
    std::string out;
    encoder.feed(octets, out);
    encoder.finish(out);
    return out;
}

void EncodingChooser::feed(std::string_view octets) {
    size_ += octets.size();
    for (const char c : octets) {
        if ((c == '\n') != after_cr_) bare_ = true;
        after_cr_ = c == '\r';
        column_ = c == '\n' ? 0 : column_ + 1;
        if (column_ > kPlainLineMax) long_line_ = true;
        if (ascii::is_high(c)) ++high_;
        if (c == '\0') nul_ = true;
    }
}

TransferEncoding EncodingChooser::for_text() const {
    if (high_ == 0 && !long_line_ && !nul_ && !bare_ && !after_cr_) return TransferEncoding::seven_bit;
    // Beyond a sixth of escaped octets base64 is the shorter one.
    return high_ * 6 > size_ ? TransferEncoding::base64 : TransferEncoding::quoted_printable;
}

std::optional<TransferEncoding> EncodingChooser::for_message() const {
    if (long_line_ || nul_) return std::nullopt;
    return high_ == 0 ? TransferEncoding::seven_bit : TransferEncoding::eight_bit;
}

TransferEncoding choose_encoding(std::string_view octets) {
    EncodingChooser chooser;
    chooser.feed(octets);
    return chooser.for_text();
}

} // namespace tegami::message
