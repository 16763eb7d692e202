// Any octets as a row, and as what is kept of a report: what is read is within the limits, and its octets are read the
// same.
#include "base/assert.h"
#include "reporting/tls_rows.h"
#include "reporting/tls_summary.h"

#include <cstddef>
#include <cstdint>

using namespace tegami::reporting;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto summary = decode_tls_summary({reinterpret_cast<const char*>(data), size});
    ASSERT(!summary || decode_tls_summary(encode_tls_summary(*summary)) == summary);
    const auto row = decode_tls_row("b.test", {reinterpret_cast<const char*>(data), size});
    if (!row) return 0;
    ASSERT(row->policy.texts.size() <= kTlsRowTextsMax && row->policy.hosts.size() <= kTlsRowTextsMax);
    ASSERT(decode_tls_row("b.test", encode_tls_row(*row)) == row);
    return 0;
}
