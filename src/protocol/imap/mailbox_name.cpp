#include "protocol/imap/mailbox_name.h"

#include "base/ascii.h"
#include "message/text.h"
#include "message/utf8.h"

#include <array>

namespace tegami::imap {

namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
constexpr char32_t kReplacement = 0xfffd;

/// The value of a modified-base64 digit, or -1.
int base64_value(char c) {
    const std::size_t at = kBase64.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

/// What stands at the start of a text: a character and its octets. Malformed: one octet, and no character.
struct Utf8Step {
    std::optional<char32_t> character;
    std::size_t length = 1;
};

Utf8Step next_character(std::string_view text) {
    const auto octet = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char lead = octet(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t length = lead >= 0xf0 && lead <= 0xf4 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return {};
    char32_t character = lead & (0xffU >> (length + 1));
    for (std::size_t at = 1; at < length; ++at) {
        if ((octet(at) & 0xc0) != 0x80) return {};
        character = (character << 6) | (octet(at) & 0x3fU);
    }
    constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = character >= 0xd800 && character <= 0xdfff;
    if (character < kLeast[length] || character > 0x10ffff || surrogate) return {};
    return {character, length};
}

void append_utf8(std::string& out, char32_t character) {
    const auto put = [&](char32_t octet) { out += static_cast<char>(octet); };
    if (character < 0x80) {
        put(character);
    } else if (character < 0x800) {
        put(0xc0 | (character >> 6)), put(0x80 | (character & 0x3f));
    } else if (character < 0x10000) {
        put(0xe0 | (character >> 12)), put(0x80 | ((character >> 6) & 0x3f)), put(0x80 | (character & 0x3f));
    } else {
        put(0xf0 | (character >> 18)), put(0x80 | ((character >> 12) & 0x3f));
        put(0x80 | ((character >> 6) & 0x3f)), put(0x80 | (character & 0x3f));
    }
}

/// Printable ASCII: what modified UTF-7 leaves as it is (but for "&").
constexpr bool is_direct(char32_t character) {
    return character >= 0x20 && character <= 0x7e;
}

/// UTF-16 units of a shifted run, as modified base64.
class ShiftedRun {
public:
    explicit ShiftedRun(std::string& out) : out_(out) {}

    void put(char32_t character) {
        if (!open_) out_ += '&', open_ = true;
        if (character >= 0x10000) {
            put_unit(0xd800 | ((character - 0x10000) >> 10));
            put_unit(0xdc00 | ((character - 0x10000) & 0x3ff));
        } else {
            put_unit(character);
        }
    }

    void close() {
        if (!open_) return;
        if (bits_ > 0) out_ += kBase64[(value_ << (6 - bits_)) & 0x3f];
        out_ += '-';
        open_ = false;
        value_ = 0;
        bits_ = 0;
    }

private:
    void put_unit(char32_t unit) {
        value_ = (value_ << 16) | unit;
        for (bits_ += 16; bits_ >= 6; bits_ -= 6)
            out_ += kBase64[(value_ >> (bits_ - 6)) & 0x3f];
        value_ &= (1U << bits_) - 1;
    }

    std::string& out_;
    bool open_ = false;
    std::uint32_t value_ = 0;
    int bits_ = 0;
};

/// Appends the text of a shifted run's base64; false if it is not well-formed UTF-16.
bool decode_run(std::string_view base64, std::string& out) {
    std::uint32_t value = 0;
    int bits = 0;
    char32_t high = 0;
    for (const char c : base64) {
        const int digit = base64_value(c);
        if (digit < 0) return false;
        value = (value << 6) | static_cast<std::uint32_t>(digit);
        bits += 6;
        if (bits < 16) continue;
        bits -= 16;
        const char32_t unit = (value >> bits) & 0xffff;
        value &= (1U << bits) - 1;
        const bool is_low = unit >= 0xdc00 && unit <= 0xdfff;
        if (is_low != (high != 0)) return false;
        if (unit >= 0xd800 && unit <= 0xdbff) {
            high = unit;
        } else {
            append_utf8(out, is_low ? 0x10000 + ((high & 0x3ff) << 10) + (unit & 0x3ff) : unit);
            high = 0;
        }
    }
    return high == 0;
}

/// Characters no name may have: controls of both sets and the line separators (RFC 5198 §2), and the wildcards of LIST
/// (RFC 9051 §5.1 lets a server refuse them; a client could not name such a mailbox reliably).
constexpr bool is_forbidden(char32_t character) {
    return character < 0x20 || (character >= 0x7f && character <= 0x9f) || character == 0x2028 || character == 0x2029 ||
           character == '*' || character == '%';
}

std::optional<MailboxNameError> check_characters(std::string_view text) {
    while (!text.empty()) {
        const Utf8Step step = next_character(text);
        if (!step.character) return MailboxNameError::bad_utf8;
        if (is_forbidden(*step.character)) return MailboxNameError::bad_character;
        text.remove_prefix(step.length);
    }
    return std::nullopt;
}

} // namespace

std::string_view describe(MailboxNameError error) {
    switch (error) {
    case MailboxNameError::empty: return "A mailbox name cannot be empty";
    case MailboxNameError::too_long: return "The mailbox name is too long";
    case MailboxNameError::too_deep: return "The mailbox name has too many levels";
    case MailboxNameError::empty_level: return "A mailbox name cannot have an empty level (//, or / at an end)";
    case MailboxNameError::bad_character: return "A mailbox name cannot contain control characters, * or %";
    case MailboxNameError::bad_utf8: return "The mailbox name is not valid UTF-8";
    case MailboxNameError::bad_utf7: return "The mailbox name is not valid modified UTF-7";
    }
    return {};
}

Result<std::string, MailboxNameError> decode_modified_utf7(std::string_view text) {
    std::string utf8;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '&') {
            utf8 += text[at];
            continue;
        }
        const std::size_t end = text.find('-', at);
        if (end == std::string_view::npos) return failure(MailboxNameError::bad_utf7);
        if (end == at + 1)
            utf8 += '&';
        else if (!decode_run(text.substr(at + 1, end - at - 1), utf8))
            return failure(MailboxNameError::bad_utf7);
        at = end;
    }
    // RFC 3501 §5.1.3 forbids superfluous shifts, shifted ASCII and stray bits: all that is not the one right spelling.
    if (encode_modified_utf7(utf8) != text) return failure(MailboxNameError::bad_utf7);
    return utf8;
}

std::string encode_modified_utf7(std::string_view utf8) {
    std::string out;
    ShiftedRun run(out);
    while (!utf8.empty()) {
        const Utf8Step step = next_character(utf8);
        const char32_t character = step.character.value_or(kReplacement);
        if (is_direct(character)) {
            run.close();
            out += static_cast<char>(character);
            if (character == '&') out += '-';
        } else {
            run.put(character);
        }
        utf8.remove_prefix(step.length);
    }
    run.close();
    return out;
}

Result<MailboxName, MailboxNameError> MailboxName::from_utf8(std::string_view written) {
    if (written.empty()) return failure(MailboxNameError::empty);
    if (written.size() > kMailboxNameBytesMax * 3) return failure(MailboxNameError::too_long);
    if (!message::is_utf8(written)) return failure(MailboxNameError::bad_utf8);
    // RFC 9051 §5.1: Net-Unicode, so that what looks the same is one mailbox, whichever system the client runs on.
    const std::string text = message::to_nfc(written);
    if (text.size() > kMailboxNameBytesMax) return failure(MailboxNameError::too_long);
    if (const std::optional<MailboxNameError> error = check_characters(text)) return failure(*error);
    const std::vector<std::string_view> levels = ascii::split(std::string_view(text), kHierarchyDelimiter);
    if (levels.size() > kMailboxLevelsMax) return failure(MailboxNameError::too_deep);
    for (const std::string_view level : levels) {
        if (level.empty()) return failure(MailboxNameError::empty_level);
        if (level.size() > kMailboxLevelBytesMax) return failure(MailboxNameError::too_long);
    }
    std::string name(text);
    if (ascii::iequals(levels.front(), "INBOX")) name.replace(0, levels.front().size(), "INBOX");
    return MailboxName(std::move(name));
}

Result<MailboxName, MailboxNameError> MailboxName::from_wire(std::string_view text, EnabledSet enabled) {
    if (speaks_utf8(enabled)) return from_utf8(text);
    if (text.size() > kMailboxNameBytesMax * 3) return failure(MailboxNameError::too_long);
    // Interop: clients that never learned modified UTF-7 send plain UTF-8, which cannot be taken for it.
    if (ascii::has_high_octet(text)) return from_utf8(text);
    TRY(const std::string utf8, decode_modified_utf7(text));
    return from_utf8(utf8);
}

std::optional<MailboxName> MailboxName::parent() const {
    const std::size_t delimiter = utf8_.rfind(kHierarchyDelimiter);
    if (delimiter == std::string::npos) return std::nullopt;
    return MailboxName(utf8_.substr(0, delimiter));
}

bool MailboxName::is_below(const MailboxName& ancestor) const {
    const std::string& above = ancestor.utf8_;
    return utf8_.size() > above.size() && utf8_.starts_with(above) && utf8_[above.size()] == kHierarchyDelimiter;
}

std::string to_wire(std::string_view utf8_name, EnabledSet enabled) {
    return speaks_utf8(enabled) ? std::string(utf8_name) : encode_modified_utf7(utf8_name);
}

} // namespace tegami::imap
