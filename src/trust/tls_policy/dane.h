// DANE for SMTP (RFC 7672): what the DNS says about the certificate of one mail server.
//
// An error of a look-up never means that there is no DANE: who can make name servers fail could then take TLS away.
#pragma once

#include "trust/dns_answers.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tegami::tls_policy {

/// Limit: TLSA records of one server that are looked at; the first ones.
inline constexpr std::size_t kTlsaRecordsMax = 64;

/// A mail server and how its name was found.
struct DaneHost {
    dns::Name host;
    std::uint16_t port = 25;
    dns::Name domain;                  ///< of the recipients: the next-hop domain
    std::optional<dns::Name> expanded; ///< what the domain's MX was found at, if the domain is an alias
    bool by_mx = true;                 ///< an MX names it; otherwise the domain has none and is its own server
    bool route_secure = false;         ///< the answer about the MX, also that there is none, is proven
};

enum class DaneOutcome : std::uint8_t {
    none,          ///< nothing is published that counts: the usual rules
    authenticate,  ///< TLS, and the certificate is one of those that `records` describe
    encrypt,       ///< TLS, but nothing of what is published can be used to check the certificate
    lookup_failed, ///< not to be known now: this server must not be used (RFC 7672 §2.1.2)
};

struct Dane {
    DaneOutcome outcome = DaneOutcome::none;
    std::vector<dns::TlsaData> records{}; ///< the usable ones
    /// The certificate's, for usage DANE-TA (RFC 7672 §3.2.2): the TLSA base domain, which is sent as SNI, first.
    std::vector<dns::Name> names{};
    std::uint32_t ttl_seconds = UINT32_MAX; ///< the shortest of the answers about TLSA

    bool operator==(const Dane&) const = default;
};

/// Whether we can check a certificate by this record: DANE-TA or DANE-EE (RFC 7672 §3.1.3 leaves the PKIX usages out),
/// with a selector and matching type of RFC 6698 §2.1 and as many octets as that has.
bool is_usable(const dns::TlsaData& record);

/// "3 1 1 0f…" (RFC 6698 §2.2).
std::string to_string(const dns::TlsaData& record);

/// RFC 7672 §2.2.2 and §2.2.3. `answers` has those about the host's A and AAAA already: they come before TLSA, and TLSA
/// is asked for only where something could be proven.
trust::Evaluation<Dane> evaluate_dane(const DaneHost& host, const trust::DnsAnswers& answers);

} // namespace tegami::tls_policy
