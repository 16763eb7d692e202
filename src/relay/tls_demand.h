// What a connection to another mail server must prove before anything is sent over it.
#pragma once

#include "net/stream.h"
#include "relay/route.h"

#include <string>
#include <string_view>
#include <vector>

namespace tegami::relay {

struct TlsDemand {
    enum class Kind : std::uint8_t {
        opportunistic, ///< TLS if it can be had, with any certificate (RFC 7435)
        encrypted, ///< TLS with any certificate: the domain publishes that there is TLS, and nothing that we can check
        dane,      ///< TLS with a certificate that is published in the DNS (RFC 7672)
    };
    Kind kind = Kind::opportunistic;
    std::string server_name{}; ///< SNI
    std::vector<std::string> other_names{};
    std::vector<dns::TlsaData> tlsa{};

    /// Nothing may be sent without TLS.
    bool needs_tls() const { return kind != Kind::opportunistic; }

    bool operator==(const TlsDemand&) const = default;
};

/// "DANE"; empty for what is no policy.
std::string_view describe(TlsDemand::Kind kind);

/// What the DNS says of a server. Not for one whose TLSA records cannot be known.
TlsDemand demand_of(const std::string& host, const tls_policy::Dane& dane);

/// What one connection showed about TLS, as a domain may want to have it reported (RFC 8460 §4.3).
struct TlsResult {
    TlsDemand::Kind kind = TlsDemand::Kind::opportunistic;
    std::string server;
    net::Endpoint endpoint{};
    std::string problem{}; ///< in plain words; empty: the demand was met
};

} // namespace tegami::relay
