#include "relay/tls_demand.h"

#include <utility>

namespace tegami::relay {

std::string_view describe(TlsDemand::Kind kind) {
    switch (kind) {
    case TlsDemand::Kind::opportunistic:
    case TlsDemand::Kind::smarthost:
    case TlsDemand::Kind::sts_testing: return "";
    case TlsDemand::Kind::encrypted:
    case TlsDemand::Kind::dane: return "DANE";
    case TlsDemand::Kind::sts: return "MTA-STS";
    }
    std::unreachable();
}

Result<TlsDemand, PassedOver> demand_of(const std::string& host, const ServerFacts& facts,
                                        const std::optional<tls_policy::StsPolicy>& policy) {
    using tls_policy::DaneOutcome;
    const tls_policy::Dane& dane = facts.dane;
    if (dane.outcome == DaneOutcome::lookup_failed)
        return failure(
            PassedOver{.kind = TlsDemand::Kind::dane,
                       .text = "may promise TLS (DANE), but its TLSA records cannot be looked up or are forged"});
    const bool has_dane = dane.outcome != DaneOutcome::none;
    TlsDemand demand{.server_name = host};
    if (policy && !(has_dane && facts.mx_secure)) {
        const bool enforce = policy->mode == tls_policy::StsMode::enforce;
        const auto name = dns::Name::parse(host);
        demand.listed = name && policy->allows(*name);
        if (enforce && !demand.listed)
            return failure(
                PassedOver{.kind = TlsDemand::Kind::sts,
                           .text = "is not one of the servers that the policy of its domain names (MTA-STS)"});
        demand.kind = enforce ? TlsDemand::Kind::sts : TlsDemand::Kind::sts_testing;
    }
    if (!has_dane) return demand;
    demand = {.kind = dane.outcome == DaneOutcome::authenticate ? TlsDemand::Kind::dane : TlsDemand::Kind::encrypted,
              .tlsa = dane.records};
    for (const dns::Name& name : dane.names)
        demand.other_names.push_back(name.to_string());
    // RFC 7672 §3.2.2: SNI is the TLSA base domain.
    demand.server_name = demand.other_names.front();
    demand.other_names.erase(demand.other_names.begin());
    return demand;
}

tls_report::ReportedPolicy reported_policy(TlsDemand::Kind kind, const std::string& domain, const std::string& host,
                                           const ServerFacts& facts,
                                           const std::optional<tls_policy::StsPolicy>& policy) {
    tls_report::ReportedPolicy reported{.domain = domain};
    switch (kind) {
    case TlsDemand::Kind::opportunistic:
    case TlsDemand::Kind::smarthost: break;
    case TlsDemand::Kind::encrypted:
    case TlsDemand::Kind::dane:
        reported.type = tls_report::PolicyType::tlsa;
        reported.hosts.push_back(host);
        for (const dns::TlsaData& record : facts.dane.records)
            reported.texts.push_back(tls_policy::to_string(record));
        break;
    case TlsDemand::Kind::sts:
    case TlsDemand::Kind::sts_testing:
        reported.type = tls_report::PolicyType::sts;
        if (!policy) break;
        reported.texts = policy->lines();
        for (const tls_policy::StsPattern& pattern : policy->mx)
            reported.hosts.push_back(pattern.to_string());
        break;
    }
    return reported;
}

} // namespace tegami::relay
