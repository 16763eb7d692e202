// What a connection to another mail server must prove before anything is sent over it.
#pragma once

#include "base/result.h"
#include "net/stream.h"
#include "relay/route.h"
#include "reporting/tls_rows.h"
#include "trust/tls_policy/mta_sts.h"

#include <string>
#include <string_view>
#include <vector>

namespace tegami::relay {

struct TlsSight;

struct TlsDemand {
    enum class Kind : std::uint8_t {
        opportunistic, ///< TLS if it can be had, with any certificate (RFC 7435)
        encrypted, ///< TLS with any certificate: the domain publishes that there is TLS, and nothing that we can check
        dane,      ///< TLS with a certificate that is published in the DNS (RFC 7672)
        sts,       ///< TLS with a certificate that authorities have signed for the host (RFC 8461)
        sts_testing, ///< as opportunistic; whether `sts` would be met is noted
        smarthost,   ///< as `sts`, because we want it: it gets our password
    };
    Kind kind = Kind::opportunistic;
    std::string server_name{}; ///< SNI
    std::vector<std::string> other_names{};
    std::vector<dns::TlsaData> tlsa{};
    bool listed = true; ///< of sts_testing: the policy names the host

    /// Nothing may be sent without TLS.
    bool needs_tls() const { return kind != Kind::opportunistic && kind != Kind::sts_testing; }

    bool operator==(const TlsDemand&) const = default;
};

/// Why a server is not even asked.
struct PassedOver {
    TlsDemand::Kind kind{}; ///< of the policy that forbids it
    std::string text;       ///< behind the server's name
};

/// "DANE", "MTA-STS"; empty for what is no policy.
std::string_view describe(TlsDemand::Kind kind);

/// What the DNS and the policy of the domain, if there is one, ask of a server. DANE stands before MTA-STS (RFC 8461
/// §2); where the MX is not proven, the policy must name the host all the same: DANE then says only that the host is
/// itself. The error is why nothing may be sent there: its TLSA records cannot be known, or the policy does not name
/// it.
Result<TlsDemand, PassedOver> demand_of(const std::string& host, const ServerFacts& facts,
                                        const std::optional<tls_policy::StsPolicy>& policy);

/// What the domain has published that makes this demand, as reports have it. `policy` counts for MTA-STS.
tls_report::ReportedPolicy reported_policy(TlsDemand::Kind kind, const std::string& domain, const std::string& host,
                                           const ServerFacts& facts,
                                           const std::optional<tls_policy::StsPolicy>& policy);

/// What one connection showed about TLS, as a domain may want to have it reported (RFC 8460 §4.3).
struct TlsResult {
    TlsDemand::Kind kind = TlsDemand::Kind::opportunistic;
    std::string domain; ///< of the recipients, in A-labels
    std::string server;
    net::Endpoint endpoint{};
    std::string problem{}; ///< in plain words; empty: the demand was met
    reporting::TlsRow
        row{}; ///< for the report; there something may be a failure that is no problem: no TLS without a demand

    /// Makes it a failure in the report; of a server that was not asked the sight is empty.
    void fail(tls_report::ResultType type, std::string reason, const TlsSight& sight);
};

} // namespace tegami::relay
