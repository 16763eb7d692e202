// What is in the file of a report: gzip and zip undone, piece by piece, within limits.
//
// 1. The octets say what they are; what a letter says about them is not asked, because it is often wrong.
// 2. Nothing is ever held but one piece, no file name is used, and an archive in an archive stays one.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tegami::trust {

/// Limit: octets of a file as it came.
inline constexpr std::size_t kPackedBytesMax = std::size_t{16} << 20;
/// Limit: octets that come out of it. The reports of the largest receivers are a tenth of this.
inline constexpr std::size_t kUnpackedBytesMax = std::size_t{16} << 20;
/// Limit: how many times larger than the file what comes out may be, once it is more than kUnpackedBytesFree. Reports
/// repeat themselves and reach 50; deflate allows 1032.
inline constexpr std::size_t kUnpackRatioMax = 200;
inline constexpr std::size_t kUnpackedBytesFree = std::size_t{1} << 20;
/// Octets of one piece.
inline constexpr std::size_t kUnpackPieceBytes = std::size_t{64} << 10;

enum class UnpackError : std::uint8_t {
    too_large,     ///< beyond a limit above
    damaged,       ///< the end is missing, a checksum is wrong, or it is no such archive
    several_files, ///< an archive that does not hold exactly one file
    unsupported,   ///< encrypted, or not deflated
    stopped,       ///< the taker has had enough
};

/// Takes a piece; false to stop.
using TakePiece = std::function<bool(std::string_view piece)>;

/// Whether the octets are a gzip or zip file, by how they begin.
bool is_archive(std::string_view octets);

/// Gives away what is in a gzip or zip file, and what is neither as it is.
Result<void, UnpackError> unpack(std::string_view octets, const TakePiece& take);

/// The octets as a gzip file (RFC 1952) without a name and a time: the same octets give the same file.
std::string gzip(std::string_view octets);

} // namespace tegami::trust
