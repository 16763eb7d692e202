// The records of kept policies: docs/formats/queue.md.
#pragma once

#include "store/engine/engine.h"
#include "store/kept_policies.h"

#include <optional>
#include <string>
#include <string_view>

namespace tegami::store::record {

/// Beside the mail that they are asked for by.
inline constexpr Domain kPolicyDomain{.kind = DomainKind::queue, .id = 0};

inline constexpr std::string_view kPolicyPrefix = "P";

/// P: the policy of a mail domain.
std::string kept_policy_key(std::string_view domain);
std::string encode_kept_policy(const KeptPolicy& policy);
std::optional<KeptPolicy> decode_kept_policy(std::string_view key, std::string_view value);

} // namespace tegami::store::record
