// Pictures as octets.
#pragma once

#include <cstdint>
#include <string>

namespace tegami::webd {

/// The beginning of a PNG of this size.
inline std::string png_of(std::uint32_t width, std::uint32_t height) {
    std::string octets("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
    for (const std::uint32_t side : {width, height})
        for (int shift = 24; shift >= 0; shift -= 8)
            octets += static_cast<char>(side >> shift & 0xff);
    return octets + std::string("\x08\x06\0\0\0", 5);
}

} // namespace tegami::webd
