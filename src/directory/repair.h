// Makes the directory sound again after damage: what check.h finds goes or is made anew, and every account that has
// mail can be reached. It never guesses whose mail it is: an account whose address is lost gets the address
// recovered-ID and a password that nobody knows, until the operator gives it to its owner.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "base/random.h"
#include "directory/types.h"
#include "store/engine/engine.h"

#include <map>
#include <string>
#include <vector>

namespace tegami::directory {

struct RepairRequest {
    message::Domain default_domain;
    std::vector<AccountId> with_mail; ///< accounts that the store has
};

struct RepairResult {
    std::vector<std::string> notes; ///< what was lost or made, in sentences; empty: it was sound
    std::map<AccountId, Account> accounts;
};

/// Errors: unavailable.
async::Awaitable<DirectoryResult<RepairResult>> repair(store::Engine* engine, Clock* clock, RandomSource* random,
                                                       RepairRequest request);

} // namespace tegami::directory
