// Any octets as a row of counts, or as what is kept of a report: reading ends, and what was read is written the same.
#include "base/assert.h"
#include "reporting/dmarc_rows.h"
#include "reporting/dmarc_summary.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tegami::reporting;
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    if (const auto row = decode_dmarc_row("a.test", octets))
        ASSERT(decode_dmarc_row("a.test", encode_dmarc_row(*row)) == row);
    if (const auto summary = decode_dmarc_summary(octets))
        ASSERT(decode_dmarc_summary(encode_dmarc_summary(*summary)) == summary);
    if (const auto sent = decode_sent_report(octets)) ASSERT(decode_sent_report(encode_sent_report(*sent)) == sent);
    return 0;
}
