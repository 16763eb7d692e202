// Any octets taken for a record: an answer or `damaged`, never a crash.
#include "store/engine/rocks_keys.h"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tegami::store;
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    BlobId id;
    if (size >= 32) std::ranges::copy(octets.substr(16, 16), id.octets.begin());
    static_cast<void>(card_of_record(octets, id));
    static_cast<void>(content_of_record(octets, id, 0, ~std::uint64_t{0}));
    static_cast<void>(content_of_record(octets, id, size, 100));
    static_cast<void>(rocks::decode_index(id, octets));
    static_cast<void>(rocks::decode_use(octets));
    return 0;
}
