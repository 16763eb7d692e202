#include "message/collation.h"

#include "base/ascii.h"
#include "message/charset.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

namespace tegami::message {

std::string casemap_key(std::string_view utf8) {
    if (std::ranges::none_of(utf8, ascii::is_high)) return ascii::upper(utf8);
    const std::string text = repair_utf8(utf8);
    std::string titled;
    titled.reserve(text.size());
    const auto size = static_cast<int32_t>(text.size());
    for (int32_t at = 0; at < size;) {
        UChar32 c = 0;
        U8_NEXT_OR_FFFD(text.data(), at, size, c);
        char octets[U8_MAX_LENGTH];
        int32_t length = 0;
        U8_APPEND_UNSAFE(octets, length, u_totitle(c));
        titled.append(octets, static_cast<std::size_t>(length));
    }
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* const nfkd = icu::Normalizer2::getNFKDInstance(error);
    if (!U_SUCCESS(error)) return titled;
    std::string key;
    icu::StringByteSink<std::string> sink(&key);
    nfkd->normalizeUTF8(0, icu::StringPiece(titled.data(), static_cast<int32_t>(titled.size())), sink, nullptr, error);
    return U_SUCCESS(error) ? key : titled;
}

} // namespace tegami::message
