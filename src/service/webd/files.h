// The files of the web face, as the program carries them. cmake/EmbedWeb.cmake makes them of what scripts/web has built.
#pragma once

#include <span>
#include <string_view>

namespace tegami::webd {

struct File {
    std::string_view path; ///< "/mail/assets/app-5f3a.js"
    std::string_view type; ///< of the media, with the charset of a text
    std::string_view tag;  ///< of the octets: hexadecimal digits, another file has others
    std::string_view plain;
    std::string_view gzip;   ///< RFC 1952; empty: it would not be smaller
    std::string_view brotli; ///< RFC 7932; empty likewise, or because the machine that built had no brotli
};

/// In the order of their paths; none if there was no web part when this program was built. The program that has them
/// defines it (tegami_embed_web).
std::span<const File> embedded_files();

} // namespace tegami::webd
