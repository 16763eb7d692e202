// The plan as a zone file (RFC 1035 §5.1).
#pragma once

#include "dns_setup/plan.h"

#include <string>
#include <vector>

namespace tegami::dns_setup {

/// Lines of a zone file for the domain, with what each record is for as comments. What does not belong into this zone,
/// or has no address yet, is a comment too.
std::vector<std::string> zone_lines(const std::vector<PlannedRecord>& records, const message::Domain& domain);

} // namespace tegami::dns_setup
