// Where aggregate reports may really go: nobody can have them sent to a stranger who has not agreed
// (RFC 9990 §4).
#pragma once

#include "trust/dmarc/tree_walk.h"

#include <vector>

namespace tegami::dmarc {

struct Destinations {
    /// Mailboxes inside the organization and those outside it that agreed, in the order published, none twice.
    std::vector<Uri> verified;
    /// A DNS failure left some out: asked again later, they may be there.
    bool undecided = false;
};

/// The destinations in the `rua` of the record at this domain. An outside one that agreed may have named another of its
/// own mailboxes instead. URIs of other schemes than `mailto:` are left out (RFC 9989 §4.7).
trust::Evaluation<Destinations> verified_destinations(const FoundRecord& record, const trust::DnsAnswers& answers);

} // namespace tegami::dmarc
