// Whether the client's address has a name that leads back to it: "iprev" (RFC 8601 §3).
#pragma once

#include "base/ip_address.h"
#include "trust/dns_answers.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace tegami::trust {

/// Limit: names of one address that are looked at; the first ones by their octets.
inline constexpr std::size_t kReverseNamesMax = 5;

enum class IprevOutcome : std::uint8_t {
    pass,
    fail,      ///< it has names, and none of them leads back
    temperror, ///< a look-up failed
    permerror, ///< it has no name (RFC 8601 §3)
};

struct Iprev {
    IprevOutcome outcome = IprevOutcome::permerror;
    /// The one that leads back; otherwise the first, if there is one.
    std::optional<dns::Name> name;
};

Evaluation<Iprev> check_iprev(const IpAddress& client, const DnsAnswers& answers);

/// The word of RFC 8601: "pass".
std::string_view to_string(IprevOutcome outcome);

/// Where the names of an address are published: 1.2.0.192.in-addr.arpa (RFC 1035 §3.5), or below ip6.arpa (RFC 3596
/// §2.5).
dns::Name reverse_name(const IpAddress& address);

} // namespace tegami::trust
