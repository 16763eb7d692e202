// Any octets as a file with a report. What is read prints, and the print is read the same.
#include "base/assert.h"
#include "trust/dmarc/report_reader.h"
#include "trust/unpack/unpack.h"

#include <cstddef>
#include <cstdint>

using namespace tegami::dmarc;
using tegami::trust::gzip;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const auto report = read_report(octets);
    // Fuzzers do not find checksums: what they make of the inside of an archive, they make of plain XML.
    const auto packed = read_report(gzip(octets));
    ASSERT(octets.starts_with("PK") || octets.starts_with("\x1f\x8b") || packed == report ||
           packed == tegami::failure(ReportError::too_large));
    if (!report) return 0;
    // The first print makes texts visible and so longer; after that nothing changes any more.
    const auto visible = read_report(print_report(*report));
    ASSERT(visible && visible->rows.size() == report->rows.size());
    const auto again = read_report(print_report(*visible));
    ASSERT(again == visible);
    return 0;
}
