#include "message/charset.h"

#include "base/ascii.h"
#include "message/icu_decoder.h"
#include "message/iso2022jp.h"

#include <algorithm>
#include <variant>

namespace tegami::message {
namespace {

/// Limit: octets of a charset name.
constexpr std::size_t kCharsetNameMax = 64;

struct Alias {
    std::string_view name;
    const char* icu;
};

constexpr const char* kUtf8 = "UTF-8";
constexpr const char* kIso2022Jp = "ISO-2022-JP";

/// Names whose meaning in mail is not the one ICU would take, or that ICU does not know. Sorted.
constexpr Alias kAliases[] = {
    {"646", kUtf8},
    {"8859_1", "windows-1252"},
    {"ansi_x3.4-1968", kUtf8},
    {"ascii", kUtf8},
    {"big5", "ibm-1375_P100-2008"},
    {"big5-eten", "ibm-1375_P100-2008"},
    {"cn-big5", "ibm-1375_P100-2008"},
    {"cn-gb", "gb18030"},
    {"cp-850", "ibm-850"},
    {"cp1250", "windows-1250"},
    {"cp1251", "windows-1251"},
    {"cp1252", "windows-1252"},
    {"cp50220", kIso2022Jp},
    {"cp50221", kIso2022Jp},
    {"cp50222", kIso2022Jp},
    {"cp51932", "euc-jp-2007"},
    {"cp65001", kUtf8},
    {"cp932", "ibm-943_P15A-2003"},
    {"cp936", "gb18030"},
    {"cp949", "windows-949-2000"},
    {"cp950", "ibm-1375_P100-2008"},
    {"csiso2022jp", kIso2022Jp},
    {"csiso2022jp2", kIso2022Jp},
    {"csshiftjis", "ibm-943_P15A-2003"},
    {"euc-cn", "gb18030"},
    {"euc-jp", "euc-jp-2007"},
    {"euc-jp-ms", "euc-jp-2007"},
    {"euc-kr", "windows-949-2000"},
    {"euc_jp", "euc-jp-2007"},
    {"eucjp", "euc-jp-2007"},
    {"eucjp-ms", "euc-jp-2007"},
    {"euckr", "windows-949-2000"},
    {"gb2312", "gb18030"},
    {"gb_2312-80", "gb18030"},
    {"gbk", "gb18030"},
    {"iso-2022-jp", kIso2022Jp},
    {"iso-2022-jp-1", kIso2022Jp},
    {"iso-2022-jp-2", kIso2022Jp},
    {"iso-2022-jp-3", kIso2022Jp},
    {"iso-2022-jp-ms", kIso2022Jp},
    {"iso-8859-1", "windows-1252"},
    {"iso-8859-11", "windows-874-2000"},
    {"iso-8859-6-e", "ISO-8859-6"},
    {"iso-8859-6-i", "ISO-8859-6"},
    {"iso-8859-8-e", "ISO-8859-8"},
    {"iso-8859-8-i", "ISO-8859-8"},
    {"iso-8859-9", "windows-1254"},
    {"iso2022jp", kIso2022Jp},
    {"iso8859-1", "windows-1252"},
    {"iso8859_1", "windows-1252"},
    {"iso_8859-1", "windows-1252"},
    {"jis", kIso2022Jp},
    {"ks_c_5601-1987", "windows-949-2000"},
    {"ks_c_5601-1989", "windows-949-2000"},
    {"ksc5601", "windows-949-2000"},
    {"ksc_5601", "windows-949-2000"},
    {"l1", "windows-1252"},
    {"latin-1", "windows-1252"},
    {"latin1", "windows-1252"},
    {"ms932", "ibm-943_P15A-2003"},
    {"ms_kanji", "ibm-943_P15A-2003"},
    {"shift-jis", "ibm-943_P15A-2003"},
    {"shift_jis", "ibm-943_P15A-2003"},
    {"shiftjis", "ibm-943_P15A-2003"},
    {"sjis", "ibm-943_P15A-2003"},
    {"tis-620", "windows-874-2000"},
    {"uhc", "windows-949-2000"},
    {"unicode-1-1-utf-7", "UTF-7"},
    {"unicode-1-1-utf-8", kUtf8},
    {"unicode-2-0-utf-7", "UTF-7"},
    {"unicode-2-0-utf-8", kUtf8},
    {"us-ascii", kUtf8},
    {"us_ascii", kUtf8},
    {"utf-8", kUtf8},
    {"utf7", "UTF-7"},
    {"utf8", kUtf8},
    {"utf8mb4", kUtf8},
    {"windows-31j", "ibm-943_P15A-2003"},
    {"windows-932", "ibm-943_P15A-2003"},
    {"windows-936", "gb18030"},
    {"windows-950", "ibm-1375_P100-2008"},
    {"windows1252", "windows-1252"},
    {"x-cp1250", "windows-1250"},
    {"x-cp1251", "windows-1251"},
    {"x-cp1252", "windows-1252"},
    {"x-euc-jp", "euc-jp-2007"},
    {"x-eucjp", "euc-jp-2007"},
    {"x-gbk", "gb18030"},
    {"x-mac-cyrillic", "macos-7_3-10.2"},
    {"x-mac-roman", "macintosh"},
    {"x-ms-cp932", "ibm-943_P15A-2003"},
    {"x-sjis", "ibm-943_P15A-2003"},
    {"x-windows-949", "windows-949-2000"},
    {"x-x-big5", "ibm-1375_P100-2008"},
};

/// The name as ICU knows it, or empty if it cannot be a charset name.
std::string icu_name(std::string_view charset) {
    std::string name = ascii::lower(ascii::trim(charset));
    std::erase_if(name, [](char c) { return c == '"' || c == '\''; });
    if (name.empty() || name.size() > kCharsetNameMax) return {};
    // Interop: Outlook's MIME library leaks its internal names, such as "_iso-2022-jp$ESC".
    if (name.starts_with("_iso-2022-jp")) return kIso2022Jp;
    for (const char c : name)
        // No commas or equals signs: ICU would read them as options of its converters.
        if (!ascii::is_alnum(c) && !std::string_view("-_.:+()").contains(c)) return {};
    const auto* found =
        std::lower_bound(std::begin(kAliases), std::end(kAliases), name,
                         [](const Alias& alias, const std::string& wanted) { return alias.name < wanted; });
    if (found != std::end(kAliases) && found->name == name) return found->icu;
    return name;
}

} // namespace

struct CharsetDecoder::Implementation {
    std::variant<Utf8Repair, Iso2022JpDecoder, IcuDecoder> decoder;
};

CharsetDecoder::CharsetDecoder(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

CharsetDecoder::CharsetDecoder(CharsetDecoder&&) noexcept = default;
CharsetDecoder& CharsetDecoder::operator=(CharsetDecoder&&) noexcept = default;
CharsetDecoder::~CharsetDecoder() = default;

std::optional<CharsetDecoder> CharsetDecoder::open(std::string_view charset) {
    const std::string name = icu_name(charset);
    if (name.empty()) return std::nullopt;
    if (name == kUtf8) return CharsetDecoder(std::make_unique<Implementation>(Utf8Repair()));
    if (name == kIso2022Jp) {
        auto decoder = Iso2022JpDecoder::open();
        if (!decoder) return std::nullopt;
        return CharsetDecoder(std::make_unique<Implementation>(std::move(*decoder)));
    }
    auto decoder = IcuDecoder::open(name);
    if (!decoder) return std::nullopt;
    return CharsetDecoder(std::make_unique<Implementation>(std::move(*decoder)));
}

void CharsetDecoder::feed(std::string_view octets, std::string& utf8) {
    std::visit([&](auto& decoder) { decoder.feed(octets, utf8); }, implementation_->decoder);
}

void CharsetDecoder::finish(std::string& utf8) {
    std::visit([&](auto& decoder) { decoder.finish(utf8); }, implementation_->decoder);
}

bool is_known_charset(std::string_view charset) {
    return CharsetDecoder::open(charset).has_value();
}

std::optional<std::string> to_utf8(std::string_view octets, std::string_view charset) {
    auto decoder = CharsetDecoder::open(charset);
    if (!decoder) return std::nullopt;
    std::string utf8;
    decoder->feed(octets, utf8);
    decoder->finish(utf8);
    return utf8;
}

} // namespace tegami::message
