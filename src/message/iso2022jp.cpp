#include "message/iso2022jp.h"

#include "message/utf8.h"

#include <array>

namespace tegami::message {
namespace {

constexpr char kEscape = '\x1b';
constexpr unsigned kShiftOut = 0x0e;
constexpr unsigned kShiftIn = 0x0f;
constexpr char32_t kFirstKatakana = 0xff61;

/// Two octets of JIS X 0208 (0x21 to 0x7e each) as they are in Shift_JIS.
std::array<char, 2> shift_jis(unsigned lead, unsigned trail) {
    unsigned first = (lead - 0x21) / 2 + 0x81;
    if (first > 0x9f) first += 0x40;
    const unsigned second = lead % 2 == 1 ? trail + (trail >= 0x60 ? 0x20 : 0x1f) : trail + 0x7e;
    return {static_cast<char>(first), static_cast<char>(second)};
}

/// The longest escape sequence begins with one of these.
bool may_continue(std::string_view escape) {
    for (const std::string_view prefix : {"\x1b", "\x1b(", "\x1b$", "\x1b$(", "\x1b&", "\x1b."})
        if (escape == prefix) return true;
    return false;
}

} // namespace

std::optional<Iso2022JpDecoder> Iso2022JpDecoder::open() {
    auto cp932 = IcuDecoder::open("ibm-943_P15A-2003");
    if (!cp932) return std::nullopt;
    return Iso2022JpDecoder(std::move(*cp932));
}

void Iso2022JpDecoder::feed(std::string_view octets, std::string& utf8) {
    for (const char c : octets)
        put(c, utf8);
    flush(utf8);
}

void Iso2022JpDecoder::finish(std::string& utf8) {
    if (lead_ != 0 || !escape_.empty()) utf8 += kReplacement;
    reset();
}

void Iso2022JpDecoder::reset() {
    set_ = Set::ascii;
    second_ = Second::none;
    shifted_out_ = single_shift_ = false;
    escape_.clear();
    lead_ = 0;
}

/// Converts the kanji collected so far: one call of ICU for a run of them, not for each.
void Iso2022JpDecoder::flush(std::string& utf8) {
    if (kanji_.empty()) return;
    cp932_.feed(kanji_, utf8);
    cp932_.finish(utf8);
    kanji_.clear();
}

void Iso2022JpDecoder::put(char c, std::string& utf8) {
    const bool in_kanji = set_ == Set::jis_x_0208 && escape_.empty() && !single_shift_;
    if (in_kanji && c >= 0x21 && c <= 0x7e) {
        const auto trail = static_cast<unsigned>(c);
        if (lead_ == 0) {
            lead_ = trail;
            return;
        }
        const std::array<char, 2> shifted = shift_jis(lead_, trail);
        kanji_.append(shifted.data(), shifted.size());
        lead_ = 0;
        return;
    }
    flush(utf8);
    if (!escape_.empty() && put_escape(c, utf8)) return;
    if (c == kEscape) {
        if (lead_ != 0) utf8 += kReplacement;
        lead_ = 0;
        escape_ = c;
        return;
    }
    const auto octet = static_cast<unsigned char>(c);
    if (single_shift_ && octet >= 0x20) {
        single_shift_ = false;
        const char high = static_cast<char>(octet | 0x80);
        if (second_ == Second::latin)
            append_utf8(utf8, octet | 0x80U);
        else if (second_ == Second::greek)
            convert("ISO-8859-7", greek_, std::string_view(&high, 1), utf8);
        else
            utf8 += kReplacement;
        return;
    }
    if (set_ == Set::ascii || set_ == Set::katakana)
        put_single(octet, utf8);
    else
        put_double(octet, utf8);
}

void Iso2022JpDecoder::put_single(unsigned octet, std::string& utf8) {
    if (octet == kShiftOut || octet == kShiftIn)
        shifted_out_ = octet == kShiftOut;
    else if (octet >= 0xa1 && octet <= 0xdf)
        append_utf8(utf8, kFirstKatakana + (octet - 0xa1));
    else if (octet >= 0x80)
        utf8 += kReplacement;
    else if ((set_ == Set::katakana || shifted_out_) && octet >= 0x21 && octet <= 0x5f)
        append_utf8(utf8, kFirstKatakana + (octet - 0x21));
    else
        utf8 += static_cast<char>(octet);
}

void Iso2022JpDecoder::put_double(unsigned octet, std::string& utf8) {
    if (octet < 0x21 || octet > 0x7e) {
        // A line end or space in the middle: the characters go on after it in the same set, as browsers read it.
        if (lead_ != 0) utf8 += kReplacement;
        lead_ = 0;
        if (octet < 0x80)
            utf8 += static_cast<char>(octet);
        else
            utf8 += kReplacement;
        return;
    }
    if (lead_ == 0) {
        lead_ = octet;
        return;
    }
    const std::array<char, 2> high = {static_cast<char>(lead_ | 0x80), static_cast<char>(octet | 0x80)};
    const std::array<char, 3> third_set = {'\x8f', high[0], high[1]};
    lead_ = 0;
    switch (set_) {
    case Set::jis_x_0212:
        convert("euc-jp-2007", euc_jp_, std::string_view(third_set.data(), third_set.size()), utf8);
        break;
    case Set::gb_2312: convert("gb18030", gb_, std::string_view(high.data(), high.size()), utf8); break;
    case Set::ksc_5601: convert("windows-949-2000", ksc_, std::string_view(high.data(), high.size()), utf8); break;
    default: utf8 += kReplacement; break; // Other sets do not come here: put takes kanji itself.
    }
}

/// Takes one more octet of an escape sequence; false if the octet is none and must be read as text.
bool Iso2022JpDecoder::put_escape(char c, std::string& utf8) {
    escape_ += c;
    if (select(escape_)) {
        escape_.clear();
        return true;
    }
    if (may_continue(escape_)) return true;
    // Not a sequence we know: the escape itself is lost, its other octets are text.
    const std::string text = escape_.substr(1, escape_.size() - 2);
    escape_.clear();
    utf8 += kReplacement;
    for (const char octet : text)
        put(octet, utf8);
    return false;
}

bool Iso2022JpDecoder::select(std::string_view escape) {
    struct Designation {
        std::string_view escape;
        Set set;
    };

    static constexpr Designation kDesignations[] = {
        {"\x1b(B", Set::ascii},       {"\x1b(J", Set::ascii},       {"\x1b(H", Set::ascii},
        {"\x1b(I", Set::katakana},    {"\x1b$@", Set::jis_x_0208},  {"\x1b$B", Set::jis_x_0208},
        {"\x1b$(@", Set::jis_x_0208}, {"\x1b$(B", Set::jis_x_0208}, {"\x1b$(O", Set::jis_x_0208},
        {"\x1b$(Q", Set::jis_x_0208}, {"\x1b$(D", Set::jis_x_0212}, {"\x1b$A", Set::gb_2312},
        {"\x1b$(A", Set::gb_2312},    {"\x1b$(C", Set::ksc_5601},
    };
    for (const Designation& designation : kDesignations) {
        if (escape != designation.escape) continue;
        set_ = designation.set;
        shifted_out_ = false;
        return true;
    }
    if (escape == "\x1b.A" || escape == "\x1b.F") {
        second_ = escape.ends_with('A') ? Second::latin : Second::greek;
        return true;
    }
    if (escape == "\x1bN") {
        single_shift_ = true;
        return true;
    }
    // Announces that JIS X 0208-1990 is meant by the ESC $ B that follows.
    return escape == "\x1b&@";
}

void Iso2022JpDecoder::convert(const char* charset, std::optional<IcuDecoder>& decoder, std::string_view octets,
                               std::string& utf8) {
    if (!decoder) decoder = IcuDecoder::open(charset);
    if (!decoder) {
        utf8 += kReplacement;
        return;
    }
    decoder->feed(octets, utf8);
    decoder->finish(utf8);
}

} // namespace tegami::message
