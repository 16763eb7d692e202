// Encoded words, parameters and charsets from any octets: always UTF-8; what is encoded comes back.
#include "base/assert.h"
#include "message/charset.h"
#include "message/content_type.h"

#include <cstdint>

using namespace tegami::message;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const std::string text = decode_encoded_words(octets, "iso-2022-jp");
    ASSERT(is_utf8(text));
    ASSERT(decode_encoded_words(encode_words(text)) == text);
    if (const auto type = parse_content_type(octets))
        for (const Parameter& parameter : type->parameters)
            ASSERT(is_utf8(type->parameter(parameter.name)));
    for (const auto* charset : {"iso-2022-jp", "shift_jis", "euc-jp", "utf-7", "utf-16", "gb18030", "utf-8"}) {
        const auto whole = to_utf8(octets, charset);
        ASSERT(whole && is_utf8(*whole));
        auto decoder = CharsetDecoder::open(charset);
        std::string pieces;
        for (std::size_t at = 0; at < size; ++at)
            decoder->feed(octets.substr(at, 1), pieces);
        decoder->finish(pieces);
        ASSERT(pieces == *whole);
    }
    return 0;
}
