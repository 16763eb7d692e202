#include "message/icu_decoder.h"

#include "message/utf8.h"

#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>
#include <unicode/ucnv_err.h>

#include <array>

namespace tegami::message {
namespace {

/// ICU's own substitution writes U+001A for some octets, which is a control character.
void substitute(const void*, UConverterToUnicodeArgs* arguments, const char*, int32_t, UConverterCallbackReason reason,
                UErrorCode* error) {
    if (reason > UCNV_IRREGULAR) return;
    constexpr UChar kSubstitute = 0xfffd;
    *error = U_ZERO_ERROR;
    ucnv_cbToUWriteUChars(arguments, &kSubstitute, 1, 0, error);
}

bool is_high_surrogate(char16_t unit) {
    return (unit & 0xfc00) == 0xd800;
}

bool is_low_surrogate(char16_t unit) {
    return (unit & 0xfc00) == 0xdc00;
}

} // namespace

void IcuDecoder::Close::operator()(UConverter* converter) const {
    ucnv_close(converter);
}

std::optional<IcuDecoder> IcuDecoder::open(const std::string& name) {
    UErrorCode error = U_ZERO_ERROR;
    UConverter* converter = ucnv_open(name.c_str(), &error);
    if (U_FAILURE(error)) return std::nullopt;
    IcuDecoder decoder(converter);
    ucnv_setToUCallBack(converter, substitute, nullptr, nullptr, nullptr, &error);
    if (U_FAILURE(error)) return std::nullopt;
    return decoder;
}

void IcuDecoder::feed(std::string_view octets, std::string& utf8) {
    convert(octets, false, utf8);
}

void IcuDecoder::finish(std::string& utf8) {
    convert({}, true, utf8);
    if (high_surrogate_ != 0) utf8 += kReplacement;
    high_surrogate_ = 0;
    ucnv_resetToUnicode(converter_.get());
}

void IcuDecoder::convert(std::string_view octets, bool last, std::string& utf8) {
    std::array<UChar, 1024> units;
    const char* source = octets.data();
    const char* const source_end = source + octets.size();
    UErrorCode error = U_BUFFER_OVERFLOW_ERROR;
    while (error == U_BUFFER_OVERFLOW_ERROR) {
        error = U_ZERO_ERROR;
        UChar* target = units.data();
        ucnv_toUnicode(converter_.get(), &target, units.data() + units.size(), &source, source_end, nullptr, last,
                       &error);
        for (const UChar* unit = units.data(); unit != target; ++unit) {
            if (high_surrogate_ != 0 && is_low_surrogate(*unit)) {
                append_utf8(utf8, 0x10000U + ((high_surrogate_ & 0x3ffU) << 10) + (*unit & 0x3ffU));
                high_surrogate_ = 0;
                continue;
            }
            if (high_surrogate_ != 0) utf8 += kReplacement;
            high_surrogate_ = is_high_surrogate(*unit) ? *unit : char16_t{0};
            if (high_surrogate_ == 0) append_utf8(utf8, *unit);
        }
    }
}

} // namespace tegami::message
