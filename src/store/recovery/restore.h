// Brings messages of an account of a backup back into an account of the running store.
//
// 1. Only what is not there is added: a message is there if a message of the same mailbox has its octets (the same
//    blob, and blobs keep their ids for ever). So the same again adds nothing.
// 2. Nothing that is there is changed or removed.
// 3. Octets go through in pieces; what is held of a mailbox is an id for each message.
// It knows nothing of folders of backups: the backup is an engine that can be read.
#pragma once

#include "base/progress.h"
#include "store/account.h"
#include "store/engine/engine.h"
#include "store/store.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tegami::store {

/// What is wanted of an account; without anything: all of it.
struct RestoreWish {
    std::optional<std::string> mailbox;    ///< its whole name
    std::optional<std::string> message_id; ///< without brackets
    std::optional<std::string> into = {};  ///< a mailbox for all of it, made if need be; else those it was in
};

struct RestoredMailbox {
    std::string name;
    std::uint64_t messages = 0; ///< in the backup, of those wished for
    std::uint64_t restored = 0;
    std::uint64_t already_there = 0;
};

struct RestoreReport {
    std::vector<RestoredMailbox> mailboxes;
    std::vector<std::string> problems; ///< what could not come back, in sentences; at most kProblemsMax
    std::uint64_t failed = 0;          ///< how many messages could not
    bool over_quota = false;           ///< it ended there

    static constexpr std::size_t kProblemsMax = 100;
};

/// Where messages come from and go to. All of it outlives the call.
struct RestoreParts {
    Engine* backup = nullptr;
    AccountPtr from; ///< on `backup`
    Store* store = nullptr;
    AccountPtr to; ///< of `store`
    /// A writer for a blob with this id.
    std::function<std::unique_ptr<BlobWriter>(BlobId)> restored_blob;
    ProgressPtr progress = std::make_shared<Progress>();
};

/// Errors: not_found (there is no such mailbox in the backup), no_space, unavailable.
async::Awaitable<StoreResult<RestoreReport>> restore_messages(RestoreParts parts, RestoreWish wish);

} // namespace tegami::store
