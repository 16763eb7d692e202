// Transfer encodings of any octets: the same whole and octet by octet, and encoding is undone by decoding, also the one that is chosen.
#include "base/assert.h"
#include "message/transfer_encoding.h"

#include <cstdint>

using namespace tegami::message;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    for (const auto encoding : {TransferEncoding::base64, TransferEncoding::quoted_printable}) {
        const std::string whole = decode_transfer(octets, encoding);
        TransferDecoder decoder(encoding);
        std::string pieces;
        for (std::size_t at = 0; at < size; ++at)
            decoder.feed(octets.substr(at, 1), pieces);
        decoder.finish(pieces);
        ASSERT(pieces == whole);
        ASSERT(decode_transfer(encode_transfer(octets, encoding), encoding) == octets);
    }
    EncodingChooser chooser;
    for (std::size_t at = 0; at < size; ++at)
        chooser.feed(octets.substr(at, 1));
    ASSERT(chooser.for_text() == choose_encoding(octets));
    ASSERT(decode_transfer(encode_transfer(octets, chooser.for_text()), chooser.for_text()) == octets);
    return 0;
}
