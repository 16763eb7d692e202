// ISO-2022-JP (RFC 1468) as Japanese mail really uses it: with the rows of NEC and IBM (①, ㈱, 髙), half-width
// katakana by escape, shift or eighth bit, JIS X 0212 and the sets of ISO-2022-JP-2 (RFC 1554). ICU's converter of
// that name knows the standard rows only, so escapes are read here and the double octets go to ICU as CP932.
#pragma once

#include "message/icu_decoder.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tegami::message {

class Iso2022JpDecoder {
public:
    /// Nothing if ICU's data lacks a table that is needed.
    static std::optional<Iso2022JpDecoder> open();

    void feed(std::string_view octets, std::string& utf8);
    void finish(std::string& utf8);

private:
    enum class Set : std::uint8_t { ascii, katakana, jis_x_0208, jis_x_0212, gb_2312, ksc_5601 };
    enum class Second : std::uint8_t { none, latin, greek };

    explicit Iso2022JpDecoder(IcuDecoder cp932) : cp932_(std::move(cp932)) {}

    void put(char c, std::string& utf8);
    void flush(std::string& utf8);
    void put_single(unsigned octet, std::string& utf8);
    void put_double(unsigned octet, std::string& utf8);
    bool put_escape(char c, std::string& utf8);
    bool select(std::string_view escape);
    void convert(const char* charset, std::optional<IcuDecoder>& decoder, std::string_view octets, std::string& utf8);
    void reset();

    IcuDecoder cp932_;
    std::optional<IcuDecoder> euc_jp_, gb_, ksc_, greek_;
    Set set_ = Set::ascii;
    Second second_ = Second::none;
    bool shifted_out_ = false;  ///< SO: half-width katakana until SI
    bool single_shift_ = false; ///< ESC N: the next octet is of the second set
    std::string escape_;        ///< an escape sequence that has begun
    std::string kanji_;         ///< JIS X 0208 collected as Shift_JIS, within one call of feed
    unsigned lead_ = 0;         ///< the first of two octets
};

} // namespace tegami::message
