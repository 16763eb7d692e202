// What foreign files can be read, and how much of them.
#pragma once

#include "trust/unpack/unpack.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tegami::extraction {

/// By how they are read.
enum class Format : std::uint8_t {
    pdf = 1,
    office = 2,  ///< XML in a zip archive: OpenDocument, Office Open XML
    archive = 4, ///< the one file in a zip or gzip archive: what comes out is not text but that file (archives.h)
};

/// A set of formats: the sum of their numbers.
using Formats = std::uint8_t;

constexpr bool has(Formats formats, Format format) {
    return (formats & static_cast<Formats>(format)) != 0;
}

/// Those that an attachment may have whose text is looked for.
constexpr Formats searchable(Formats formats) {
    return formats & (static_cast<Formats>(Format::pdf) | static_cast<Formats>(Format::office));
}

/// What reads PDF. Of poppler-utils.
inline constexpr const char* kPdfReader = "/usr/bin/pdftotext";

/// Limit: octets of a file, decoded; larger ones are not read.
inline constexpr std::size_t kAttachmentBytesMax = std::size_t{32} << 20;
/// Limit: octets of the text of one attachment; what is behind them is left out.
inline constexpr std::size_t kTextBytesMax = std::size_t{1} << 20;

/// Limit: octets that come out of a file of this format; of an archive one more than of its file.
constexpr std::size_t output_bytes_max(Format format) {
    return format == Format::archive ? trust::kUnpackedBytesMax + 1 : kTextBytesMax;
}

} // namespace tegami::extraction
