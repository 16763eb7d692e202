// Any octets as an archive: what comes out keeps the limits, and what was packed comes out the same.
#include "base/assert.h"
#include "trust/unpack/unpack.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tegami::trust;
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    std::size_t bytes = 0;
    const auto count = [&bytes](std::string_view piece) {
        ASSERT(piece.size() <= kUnpackPieceBytes);
        bytes += piece.size();
        return true;
    };
    const auto done = unpack(octets, count);
    ASSERT(bytes <= kUnpackedBytesMax);
    ASSERT(is_archive(octets) || (done && bytes == octets.size()));
    // Fuzzers do not find checksums.
    std::string again;
    const auto whole = unpack(gzip(octets), [&again](std::string_view piece) {
        again += piece;
        return true;
    });
    ASSERT(!whole || again == octets);
    return 0;
}
