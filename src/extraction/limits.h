// What attachments can be read, and how much of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tegami::extraction {

/// By how they are read.
enum class Format : std::uint8_t {
    pdf = 1,
    office = 2, ///< XML in a zip archive: OpenDocument, Office Open XML
};

/// A set of formats: the sum of their numbers.
using Formats = std::uint8_t;

constexpr bool has(Formats formats, Format format) {
    return (formats & static_cast<Formats>(format)) != 0;
}

/// What reads PDF. Of poppler-utils.
inline constexpr const char* kPdfReader = "/usr/bin/pdftotext";

/// Limit: octets of an attachment, decoded; larger ones are not read.
inline constexpr std::size_t kAttachmentBytesMax = std::size_t{32} << 20;
/// Limit: octets of the text of one attachment; what is behind them is left out.
inline constexpr std::size_t kTextBytesMax = std::size_t{1} << 20;

} // namespace tegami::extraction
