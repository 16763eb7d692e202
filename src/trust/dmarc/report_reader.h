// Reads the aggregate reports that other receivers send: those of RFC 9990, and those of RFC 7489 with the liberties
// that their writers take.
//
// 1. Hostile octets end in an error within the limits here and in trust/unpack. No document type is allowed, so there
//    are no entities to expand. What is read is held in at most a few times the octets that came out of the archive.
// 2. Elements that nobody here knows, extensions among them, are passed over (RFC 9990 §5). Words that nobody here
//    knows count as the most harmless of their kind.
#pragma once

#include "base/result.h"
#include "trust/dmarc/report.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tegami::dmarc {

/// Limit: rows of one report.
inline constexpr std::size_t kReadRowsMax = 100'000;
/// Limit: signatures (RFC 9990 §3.1.3) and override reasons of one row; more are passed over.
inline constexpr std::size_t kReadFindingsMax = 100;
/// Limit: octets of one text; a longer one is cut.
inline constexpr std::size_t kReportTextBytesMax = 2048;
/// Limit: elements inside each other.
inline constexpr std::size_t kXmlDepthMax = 32;
/// Limit: octets of one token, such as a start tag or a comment. Text is no token.
inline constexpr std::size_t kXmlTokenBytesMax = std::size_t{64} << 10;

enum class ReportError : std::uint8_t {
    too_large,     ///< beyond a limit
    damaged,       ///< a gzip or zip file that cannot be read to its end
    several_files, ///< a zip file that does not hold exactly one file
    unsupported,   ///< a zip file that is encrypted or not deflated
    not_xml,       ///< not well-formed
    document_type, ///< XML with a DTD, which reports do not have
    not_a_report,  ///< XML of another kind, or a report without what it must have
};

/// Whether a part of a letter may be a report, by its media type (`application/gzip`) and file name, which may be
/// empty.
bool may_be_report(std::string_view media_type, std::string_view file_name);

/// The report in a file as it was attached, whatever it was called: XML, plain or in gzip or zip.
Result<AggregateReport, ReportError> read_report(std::string_view octets);

} // namespace tegami::dmarc
