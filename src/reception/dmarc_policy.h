// What becomes of a letter whose author's domain does not stand behind it (RFC 9989 §5.4).
#pragma once

#include "message/header.h"
#include "protocol/smtp/reply.h"
#include "verification/verdicts.h"

#include <set>

namespace tegami::reception {

/// Whether the letter is one for Junk; or the refusal that the domain asks for.
/// - A letter of more authors than DMARC looks at goes into Junk.
/// - What `trusted_sealers` found right before they passed it on is taken (ARC).
/// - A letter that a mailing list has passed on and that comes from where it says is not refused: lists change letters,
///   so that the author's signature breaks. It goes into Junk.
Result<bool, smtp::Reply> apply_dmarc(const verification::Verdicts& verdicts, const message::Header& header,
                                      const std::set<message::Domain>& trusted_sealers);

} // namespace tegami::reception
