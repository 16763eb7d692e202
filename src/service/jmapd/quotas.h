// What an account may keep, and keeps, as quotas of RFC 9425: pure. There is one of octets and one of messages, each where
// the account has such a limit.
//
// A state says limits and use in full: so what has changed since any of them is known, for ever, and no record is needed.
#pragma once

#include "protocol/jmap/arguments.h"
#include "protocol/jmap/filter.h"
#include "protocol/jmap/sort.h"
#include "store/account.h"
#include "json/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::jmapd {

std::string quota_state(const store::QuotaUse& use);
/// Nothing for what is no state.
std::optional<store::QuotaUse> parse_quota_state(std::string_view text);

struct Quota {
    std::string_view id;
    std::string_view name;
    std::string_view resource; ///< RFC 9425 §3.2
    std::uint64_t used = 0;
    std::uint64_t limit = 0;

    bool operator==(const Quota&) const = default;
};

/// Those that there are, octets first.
std::vector<Quota> quotas_of(const store::QuotaUse& use);

json::object quota_object(const Quota& quota);
bool is_quota_property(std::string_view name);

/// What became of the quotas between two states.
struct QuotaChanges {
    std::vector<std::string> created;
    std::vector<std::string> updated;
    std::vector<std::string> destroyed;
    bool only_used = true;   ///< of those updated
    store::QuotaUse reached; ///< the state up to which this tells
    bool more = false;       ///< of what came until `now`
};

/// At most `count_max` of them.
QuotaChanges quota_changes_between(const store::QuotaUse& since, const store::QuotaUse& now, std::uint64_t count_max);

struct QuotaSearch {
    std::optional<jmap::Filter> filter; ///< nothing: all
    std::vector<jmap::Comparator> sort; ///< empty: octets first
};

/// Faults: invalidArguments, unsupportedFilter, unsupportedSort.
Result<QuotaSearch, jmap::Fault> take_quota_search(const json::value* filter, const json::value* sort);

/// The ids of what is found, in order.
std::vector<std::string> find_quotas(std::vector<Quota> quotas, const QuotaSearch& search);

} // namespace tegami::jmapd
