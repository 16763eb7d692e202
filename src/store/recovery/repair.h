// Makes sound what verify() finds unsound, keeps everything that can be read, and lists what cannot.
//
// 1. It runs on an engine that nobody else uses, after Engine's own part (engine/recovery/salvage.h), which put the
//    old state aside.
// 2. An account without a fault is not touched. In the others a UID keeps its message or is never used again, and every
//    client has to look anew.
// 3. A message whose place is lost but whose octets are there comes back in the mailbox "Recovered".
// 4. A run that was cut short can be run again.
#pragma once

#include "async/awaitable.h"
#include "base/clock.h"
#include "store/account.h"
#include "store/engine/engine.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tegami::store {

/// A message that is lost.
struct LostMessage {
    std::string mailbox;
    std::uint32_t uid = 0;
    std::string subject; ///< these from its card, if that can be read
    std::string from;
    std::string date;
    std::string reason;
};

struct RepairedAccount {
    AccountId id;
    std::vector<LostMessage> lost;
    std::uint64_t recovered = 0;    ///< messages that came back in "Recovered"
    std::vector<std::string> notes; ///< in sentences
};

struct RepairReport {
    std::vector<RepairedAccount> accounts; ///< those that were not sound
    std::vector<std::string> notes;        ///< what else was done: queue, journeys
    std::set<BlobId> claimed;              ///< blobs that an account or the queue has
};

struct RepairOptions {
    /// What an account may keep, if its own record is lost.
    std::map<AccountId, std::uint64_t> quota_bytes;
    /// The blobs that references lead to, as `reference tag → blob`, and all of them can be read.
    std::map<std::string, BlobRef> references;
    /// Cards of blobs that are lost themselves.
    std::map<BlobId, std::string> lost_cards;
    /// Commits may be lost that nothing tells of: no UID that could have been given out is used again.
    bool commits_lost = false;
};

/// Errors: unavailable, no_space.
async::Awaitable<StoreResult<RepairReport>> repair(Engine* engine, Clock* clock, RepairOptions options);

} // namespace tegami::store
