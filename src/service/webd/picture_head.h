// What kind of picture octets are, and how large it is: by what they begin with, whatever a server calls them.
//
// SVG is none of them: it is a document, with scripts and references. Pure; any octets are looked at in linear time.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tegami::webd {

/// Limit: octets at the beginning in which a picture says what it is. Photographs have a preview and colours before that.
inline constexpr std::size_t kPictureHeadBytesMax = std::size_t{256} << 10;
/// Limit: pixels of a side, and of both together. A browser takes four octets for each, whatever the file's size.
inline constexpr std::uint32_t kPictureSideMax = 16'384;
inline constexpr std::uint64_t kPicturePixelsMax = 64ULL << 20;

struct Picture {
    std::string_view type; ///< of the media: "image/png"
    std::uint32_t width = 0;
    std::uint32_t height = 0;

    bool operator==(const Picture&) const = default;
};

enum class NoPicture : std::uint8_t {
    unknown,   ///< none that every browser shows: PNG, JPEG, GIF, WebP, AVIF
    too_large, ///< by its pixels
};

/// Nothing: more octets are needed to tell, of which there are at most kPictureHeadBytesMax.
std::optional<Result<Picture, NoPicture>> look_at_picture(std::string_view octets);

} // namespace tegami::webd
