#include "directory/types.h"

#include "base/ascii.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

namespace tegami::directory {

namespace {

/// RFC 6532 §3.1 asks for NFC; NFKC_Casefold also makes letters of either case equal.
std::string fold(const std::string& local_part) {
    if (std::ranges::none_of(local_part, ascii::is_high)) return ascii::lower(local_part);
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* const normalizer = icu::Normalizer2::getNFKCCasefoldInstance(status);
    if (U_FAILURE(status)) return ascii::lower(local_part);
    const icu::UnicodeString folded = normalizer->normalize(icu::UnicodeString::fromUTF8(local_part), status);
    if (U_FAILURE(status)) return ascii::lower(local_part);
    std::string result;
    folded.toUTF8String(result);
    return result;
}

} // namespace

bool has_ignorable(std::string_view local_part) {
    const icu::UnicodeString text = icu::UnicodeString::fromUTF8(local_part);
    for (std::int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1))
        if (u_hasBinaryProperty(text.char32At(at), UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) return true;
    return false;
}

std::string address_key(const EmailAddress& address) {
    return address.domain.ascii() + '\0' + fold(address.local_part);
}

} // namespace tegami::directory
