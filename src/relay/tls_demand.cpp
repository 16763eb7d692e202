#include "relay/tls_demand.h"

#include "base/assert.h"

#include <utility>

namespace tegami::relay {

std::string_view describe(TlsDemand::Kind kind) {
    switch (kind) {
    case TlsDemand::Kind::opportunistic: return "";
    case TlsDemand::Kind::encrypted:
    case TlsDemand::Kind::dane: return "DANE";
    }
    std::unreachable();
}

TlsDemand demand_of(const std::string& host, const tls_policy::Dane& dane) {
    using tls_policy::DaneOutcome;
    ASSERT(dane.outcome != DaneOutcome::lookup_failed);
    TlsDemand demand{.server_name = host};
    if (dane.outcome == DaneOutcome::none) return demand;
    demand.kind = dane.outcome == DaneOutcome::authenticate ? TlsDemand::Kind::dane : TlsDemand::Kind::encrypted;
    demand.tlsa = dane.records;
    for (const dns::Name& name : dane.names)
        demand.other_names.push_back(name.to_string());
    // RFC 7672 §3.2.2: SNI is the TLSA base domain.
    demand.server_name = demand.other_names.front();
    demand.other_names.erase(demand.other_names.begin());
    return demand;
}

} // namespace tegami::relay
