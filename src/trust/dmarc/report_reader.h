// Reads the aggregate reports that other receivers send: those of RFC 9990, and those of RFC 7489 with the liberties
// that their writers take.
//
// 1. Hostile octets end in an error within the limits here. No document type is allowed, so there are no entities to
//    expand. What is read is held in at most a few times the octets.
// 2. Elements that nobody here knows, extensions among them, are passed over (RFC 9990 §5). Words that nobody here
//    knows count as the most harmless of their kind.
#pragma once

#include "base/result.h"
#include "trust/dmarc/report.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tegami::dmarc {

/// Limit: octets of one report.
inline constexpr std::size_t kReportBytesMax = std::size_t{16} << 20;
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
    not_xml,       ///< not well-formed
    document_type, ///< XML with a DTD, which reports do not have
    not_a_report,  ///< XML of another kind, or a report without what it must have
};

/// Whether a part of a letter may be a report, by its media type (`application/gzip`) and file name, which may be
/// empty.
bool may_be_report(std::string_view media_type, std::string_view file_name);

/// The report in a file that came out of its archive: XML.
Result<AggregateReport, ReportError> read_report(std::string_view octets);

} // namespace tegami::dmarc
