// Finds the DMARC records of a domain and of the names above it, and so the organization that a domain belongs to: the
// DNS Tree Walk (RFC 9989 §4.10), which needs no list of public suffixes.
#pragma once

#include "message/domain.h"
#include "trust/dmarc/record.h"
#include "trust/dns_answers.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace tegami::dmarc {

/// Limit: names looked up in one walk (RFC 9989 §4.10).
inline constexpr std::size_t kWalkNamesMax = 8;

struct FoundRecord {
    message::Domain domain;
    Record record;
};

struct TreeWalk {
    /// Where the one record of DMARC is, from the longest name to the shortest.
    std::vector<FoundRecord> found;
    /// The domain itself if no record says otherwise; nothing if the DNS failed before that was certain.
    std::optional<message::Domain> organizational;
    /// Whether the domain's own look-up failed, so that even its own record is not known.
    bool own_failed = false;

    /// The record at exactly this domain, or nullptr.
    const Record* at(const message::Domain& domain) const;
};

/// Asks about all names of the walk at once. A domain that is an address literal has none.
trust::Evaluation<TreeWalk> walk_tree(const message::Domain& domain, const trust::DnsAnswers& answers);

/// The Organizational Domain (RFC 9989 §4.10.2); nothing if the DNS failed.
trust::Evaluation<std::optional<message::Domain>> organizational_domain(const message::Domain& domain,
                                                                        const trust::DnsAnswers& answers);

/// Whether `domain` is `ancestor` or below it.
bool is_within(const message::Domain& domain, const message::Domain& ancestor);

} // namespace tegami::dmarc
