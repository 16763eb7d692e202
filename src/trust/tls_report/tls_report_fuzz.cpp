// Any octets as a report, and as a record. What is read prints, and the print is read the same.
#include "base/assert.h"
#include "trust/tls_report/record.h"
#include "trust/tls_report/report.h"

#include <cstddef>
#include <cstdint>

using namespace tegami;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view octets(reinterpret_cast<const char*>(data), size);
    const auto report = tls_report::read_report(octets);
    if (report) {
        ASSERT(report->policies.size() <= tls_report::kTlsReportPoliciesMax);
        const auto again = tls_report::read_report(tls_report::print_report(*report));
        ASSERT(!again || again->policies.size() == report->policies.size());
    }
    const std::string record = "v=TLSRPTv1;rua=" + std::string(octets);
    const auto addresses = tls_report::find_report_addresses({record});
    ASSERT(addresses.size() <= tls_report::kTlsReportUrisMax);
    for (const tls_report::ReportAddress& each : addresses) {
        const auto* web = std::get_if<tls_report::WebAddress>(&each);
        if (web == nullptr) continue;
        ASSERT(web->target.starts_with('/') && !web->host.empty());
        const auto same = tls_report::find_report_addresses({"v=TLSRPTv1;rua=" + web->to_string()});
        ASSERT(same.size() == 1 && same.front() == each);
    }
    return 0;
}
