// The text of office files: XML in a zip archive (ISO/IEC 26300 OpenDocument, ISO/IEC 29500 Office Open XML). Pure.
//
// 1. Which kind it is, and which of its files have text, their names in the archive say.
// 2. Paragraphs, cells and slides are divided by an empty line. Notes and comments stand behind the text, so that it can be
//    found as it reads. What was deleted but kept for a record, and readings of Japanese above the line, are left out.
// 3. Time and memory are bounded by the limits, whatever the archive says of itself.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace tegami::extraction {

/// Limit: files of an archive that are looked at by name.
inline constexpr std::size_t kArchiveFilesMax = 5'000;
/// Limit: octets of XML in all files of an archive together; what is behind them is left out.
inline constexpr std::size_t kXmlBytesMax = std::size_t{64} << 20;
/// Limit: elements within elements.
inline constexpr std::size_t kXmlDepthMax = 512;

enum class OfficeError : std::uint8_t {
    no_archive,  ///< or a damaged one
    no_document, ///< no file in it that has text by its name
    bad_xml,     ///< in one of them; the text before it was given out
};

/// Takes the next piece of text, UTF-8; false if it wants no more.
using TakeText = std::function<bool(std::string_view utf8)>;

Result<void, OfficeError> read_office(std::string_view octets, const TakeText& take);

} // namespace tegami::extraction
