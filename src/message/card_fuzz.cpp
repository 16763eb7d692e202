// Cards from any octets: refused, or the same after encoding again.
#include "base/assert.h"
#include "message/card.h"
#include "message/sort_key.h"

#include <cstdint>

using namespace tegami::message;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const auto head = decode_card_head(octets);
    if (const auto card = decode_card(octets)) {
        ASSERT(head && head->envelope == card->envelope && head->references == card->references);
        static_cast<void>(sort_fields(*card));
        const auto again = decode_card(encode_card(*card));
        ASSERT(again && *again == *card);
    }
    return 0;
}
