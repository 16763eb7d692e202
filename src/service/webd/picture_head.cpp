#include "service/webd/picture_head.h"

#include <algorithm>

namespace tegami::webd {

namespace {

using Look = std::optional<Result<Picture, NoPicture>>;

constexpr Look kUnknown = failure(NoPicture::unknown);
constexpr Look kMoreNeeded = std::nullopt;

/// The octets are there: whoever asks has looked.
std::uint32_t big(std::string_view octets, std::size_t at, std::size_t bytes) {
    std::uint32_t number = 0;
    for (const char octet : octets.substr(at, bytes))
        number = number << 8 | static_cast<unsigned char>(octet);
    return number;
}

std::uint32_t little(std::string_view octets, std::size_t at, std::size_t bytes) {
    std::uint32_t number = 0;
    for (std::size_t i = bytes; i-- > 0;)
        number = number << 8 | static_cast<unsigned char>(octets[at + i]);
    return number;
}

Look judge(std::string_view type, std::uint32_t width, std::uint32_t height) {
    if (width == 0 || height == 0) return kUnknown;
    if (width > kPictureSideMax || height > kPictureSideMax || std::uint64_t{width} * height > kPicturePixelsMax)
        return failure(NoPicture::too_large);
    return Picture{.type = type, .width = width, .height = height};
}

/// ISO/IEC 15948 §11.2.2
Look look_at_png(std::string_view octets) {
    if (octets.size() < 24) return kMoreNeeded;
    if (octets.substr(12, 4) != "IHDR") return kUnknown;
    return judge("image/png", big(octets, 16, 4), big(octets, 20, 4));
}

Look look_at_gif(std::string_view octets) {
    if (octets.size() < 10) return kMoreNeeded;
    return judge("image/gif", little(octets, 6, 2), little(octets, 8, 2));
}

/// ITU-T T.81 §B.2.2: segments with their lengths, until that of the frame. Sizes that come later (DNL) are unknown.
Look look_at_jpeg(std::string_view octets) {
    constexpr unsigned kMark = 0xff;
    for (std::size_t at = 2;;) {
        if (octets.size() < at + 4) return kMoreNeeded;
        if (big(octets, at, 1) != kMark) return kUnknown;
        const std::uint32_t marker = big(octets, at + 1, 1);
        if (marker == kMark) { // padding
            ++at;
            continue;
        }
        const bool is_frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
        const bool has_length = marker >= 0xc0 && (marker < 0xd0 || marker > 0xda);
        const std::uint32_t length = big(octets, at + 2, 2);
        if (!has_length || length < 2) return kUnknown;
        if (is_frame) {
            if (octets.size() < at + 9) return kMoreNeeded;
            return judge("image/jpeg", big(octets, at + 7, 2), big(octets, at + 5, 2));
        }
        at += 2 + length;
    }
}

/// RFC 9649 §2.5 to §2.7
Look look_at_webp(std::string_view octets) {
    if (octets.size() < 30) return kMoreNeeded;
    if (octets.substr(8, 4) != "WEBP") return kUnknown;
    const std::string_view chunk = octets.substr(12, 4);
    if (chunk == "VP8X") return judge("image/webp", little(octets, 24, 3) + 1, little(octets, 27, 3) + 1);
    if (chunk == "VP8 " && octets.substr(23, 3) == "\x9d\x01\x2a")
        return judge("image/webp", little(octets, 26, 2) & 0x3fff, little(octets, 28, 2) & 0x3fff);
    if (chunk == "VP8L" && octets[20] == '\x2f') {
        const std::uint32_t sizes = little(octets, 21, 4);
        return judge("image/webp", (sizes & 0x3fff) + 1, (sizes >> 14 & 0x3fff) + 1);
    }
    return kUnknown;
}

/// The largest of the pictures that a box `meta` speaks of (ISO/IEC 23008-12 §6.5.3).
Look look_at_meta(std::string_view meta) {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    for (std::size_t at = meta.find("ispe"); at != std::string_view::npos; at = meta.find("ispe", at + 4)) {
        if (meta.size() < at + 16) break;
        width = std::max(width, big(meta, at + 8, 4));
        height = std::max(height, big(meta, at + 12, 4));
    }
    return judge("image/avif", width, height);
}

/// ISO/IEC 14496-12 §4.2: boxes, each with its size and kind before it.
Look look_at_avif(std::string_view octets) {
    constexpr std::size_t kBoxHead = 8;
    for (std::size_t at = 0;;) {
        if (octets.size() < at + kBoxHead) return kMoreNeeded;
        const std::size_t size = big(octets, at, 4);
        if (size < kBoxHead || size > kPictureHeadBytesMax) return kUnknown;
        if (octets.size() < at + size) return kMoreNeeded;
        const std::string_view box = octets.substr(at, size);
        const std::string_view kind = box.substr(4, 4);
        if (at == 0 && !box.contains("avif") && !box.contains("avis")) return kUnknown;
        if (kind == "meta") return look_at_meta(box);
        at += size;
    }
}

} // namespace

std::optional<Result<Picture, NoPicture>> look_at_picture(std::string_view octets) {
    constexpr std::size_t kKindBytes = 8;
    const bool is_full = octets.size() >= kPictureHeadBytesMax;
    octets = octets.substr(0, kPictureHeadBytesMax);
    Look look = kUnknown;
    if (octets.size() < kKindBytes)
        look = kMoreNeeded;
    else if (octets.starts_with("\x89PNG\r\n\x1a\n"))
        look = look_at_png(octets);
    else if (octets.starts_with("GIF87a") || octets.starts_with("GIF89a"))
        look = look_at_gif(octets);
    else if (octets.starts_with("\xff\xd8\xff"))
        look = look_at_jpeg(octets);
    else if (octets.starts_with("RIFF"))
        look = look_at_webp(octets);
    else if (octets.substr(4, 4) == "ftyp")
        look = look_at_avif(octets);
    return !look && is_full ? kUnknown : look;
}

} // namespace tegami::webd
