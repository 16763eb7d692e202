// The submissions of an account, as they are now: they follow the queue and the journeys of their letters.
#pragma once

#include "service/jmapd/call.h"
#include "service/jmapd/submission_object.h"
#include "store/account_objects.h"

#include <map>

namespace tegami::jmapd {

struct Submissions {
    store::Objects objects;
    std::map<store::ObjectId, Submission> all; ///< those that are there
};

/// What has happened to letters on their way since the last look is written first, so that it is a change that clients
/// are told of. Faults: of the method.
async::Awaitable<Result<Submissions, jmap::Fault>> current_submissions(Call* call);

/// Takes a held letter back. Faults: cannotUnsend; those of a record.
async::Awaitable<Result<void, jmap::Fault>> cancel_submission(Call* call, store::Object object, Submission submission);

} // namespace tegami::jmapd
