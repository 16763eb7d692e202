// A letter of a user from the mailbox to the queue (RFC 8621 §7.5, create).
#pragma once

#include "service/jmapd/call.h"
#include "service/jmapd/identities.h"
#include "service/jmapd/submission_object.h"

namespace tegami::jmapd {

struct NewSubmission {
    store::ObjectId id;
    Submission submission;
};

/// Checks what the client wants to send and as whom, and hands the letter in as submission over SMTP does: the same
/// questions to `reception`, signed the same way, without Bcc; the email itself stays as it is. On return both the letter
/// and the record of it are durable. Faults: those of RFC 8621 §7.5.
async::Awaitable<Result<NewSubmission, jmap::Fault>> create_submission(Call* call, const json::object* wanted,
                                                                       const Identities* identities);

} // namespace tegami::jmapd
