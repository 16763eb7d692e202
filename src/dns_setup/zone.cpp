#include "dns_setup/zone.h"

#include "base/assert.h"

#include <fmt/format.h>

namespace tegami::dns_setup {

namespace {

/// Names with their last dot: without it they would be taken for ones below the zone.
std::string zone_value(const dns::Data& data) {
    const bool ends_with_name = std::holds_alternative<dns::MxData>(data) ||
                                std::holds_alternative<dns::NameData>(data) ||
                                std::holds_alternative<dns::SrvData>(data);
    const std::string text = dns::to_string(data);
    return text + (ends_with_name && !text.ends_with('.') ? "." : ""); // the root has it
}

} // namespace

std::vector<std::string> zone_lines(const std::vector<PlannedRecord>& records, const message::Domain& domain) {
    const auto zone = dns::Name::parse(domain.ascii());
    ASSERT(zone.has_value());
    std::vector<std::string> lines;
    for (const PlannedRecord& record : records) {
        lines.push_back("; " + record.what_for);
        const std::string owner = record.name ? record.name->to_string() + "." : "(reverse name of the address)";
        const std::string line = fmt::format("{} 3600 IN {} {}", owner, dns::to_string(record.type),
                                             record.data ? zone_value(*record.data) : "(the public address)");
        if (!record.name || !record.data)
            lines.push_back("; " + line);
        else if (!record.name->is_within(*zone))
            lines.push_back("; in another zone: " + line);
        else
            lines.push_back(line);
    }
    return lines;
}

} // namespace tegami::dns_setup
