// Any octets as a report. What is read prints, and the print is read the same.
#include "base/assert.h"
#include "trust/dmarc/report_reader.h"

#include <cstddef>
#include <cstdint>

using namespace tegami::dmarc;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const auto report = read_report(octets);
    if (!report) return 0;
    // The first print makes texts visible and so longer; after that nothing changes any more.
    const auto visible = read_report(print_report(*report));
    ASSERT(visible && visible->rows.size() == report->rows.size());
    const auto again = read_report(print_report(*visible));
    ASSERT(again == visible);
    return 0;
}
