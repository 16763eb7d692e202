// The policy of MTA-STS that a domain of ours publishes: that its mail is taken by one host, with TLS.
#pragma once

#include "trust/tls_policy/mta_sts.h"

#include <chrono>
#include <string>
#include <string_view>

namespace tegami::tls_policy {

/// How long senders keep a policy that they have to keep to; RFC 8461 §3.2 wants weeks.
inline constexpr std::chrono::seconds kOwnEnforcedAge = std::chrono::days(14);
/// The same of one that binds nobody: whatever comes after it is to be seen soon.
inline constexpr std::chrono::seconds kOwnOtherAge = std::chrono::days(1);

/// The octets to serve (RFC 8461 §3.2). A policy of the mode `none` is one, too: it ends an earlier one (RFC 8461
/// §8.3).
std::string own_policy(StsMode mode, const dns::Name& host);

/// The id of the policy with these octets, 20 letters and digits: the same for the same octets (RFC 8461 §3.1).
std::string policy_id(std::string_view policy);

/// How long senders may keep a policy of this mode.
std::chrono::seconds own_policy_age(StsMode mode);

} // namespace tegami::tls_policy
