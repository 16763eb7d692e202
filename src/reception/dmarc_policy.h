// What becomes of a letter whose author's domain does not stand behind it (RFC 9989 §5.4).
#pragma once

#include "message/header.h"
#include "protocol/smtp/reply.h"
#include "trust/dmarc/report.h"
#include "verification/verdicts.h"

#include <set>
#include <vector>

namespace tegami::reception {

/// What is done with a letter, and why where that is not what the domain asks for.
struct DmarcAction {
    dmarc::Policy action = dmarc::Policy::none;
    std::vector<dmarc::Override> reasons;
};

/// - A letter of more authors than DMARC looks at goes into Junk.
/// - What `trusted_sealers` found right before they passed it on is taken (ARC).
/// - A letter that a mailing list has passed on and that comes from where it says is not refused: lists change letters,
///   so that the author's signature breaks. It goes into Junk.
DmarcAction dmarc_action(const verification::Verdicts& verdicts, const message::Header& header,
                         const std::set<message::Domain>& trusted_sealers);

/// The same as an answer: whether the letter is one for Junk; or the refusal that the domain asks for.
Result<bool, smtp::Reply> apply_dmarc(const verification::Verdicts& verdicts, const message::Header& header,
                                      const std::set<message::Domain>& trusted_sealers);

} // namespace tegami::reception
