#include "store/packed_octets.h"

#include <lz4.h>

namespace tegami::store::record {

std::string pack(std::string_view octets) {
    std::string packed;
    const int bound = LZ4_compressBound(static_cast<int>(octets.size()));
    packed.resize_and_overwrite(static_cast<std::size_t>(bound), [&](char* out, std::size_t) {
        return static_cast<std::size_t>(
            LZ4_compress_default(octets.data(), out, static_cast<int>(octets.size()), bound));
    });
    return packed;
}

std::optional<std::string> unpack(std::string_view packed, std::size_t size, std::size_t bytes_max) {
    // LZ4 makes at most 255 octets of one.
    if (size > bytes_max || size > packed.size() * 255) return std::nullopt;
    std::string octets;
    int unpacked = 0;
    octets.resize_and_overwrite(size, [&](char* out, std::size_t) {
        unpacked = LZ4_decompress_safe(packed.data(), out, static_cast<int>(packed.size()), static_cast<int>(size));
        return unpacked < 0 ? 0 : static_cast<std::size_t>(unpacked);
    });
    if (unpacked < 0 || static_cast<std::size_t>(unpacked) != size) return std::nullopt;
    return octets;
}

} // namespace tegami::store::record
