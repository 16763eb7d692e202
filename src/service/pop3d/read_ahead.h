// The beginnings of messages that a client takes one after the other, read some at a time: a download of a maildrop asks
// the store once for many of them.
#pragma once

#include "async/awaitable.h"
#include "base/memory_budget.h"
#include "store/store.h"

#include <cstddef>
#include <deque>
#include <functional>

namespace tegami::pop3d {

/// What of a message is read at once.
inline constexpr std::uint64_t kChunkBytes = 2 * store::kReadPieceBytes;

class ReadAhead {
public:
    struct Start {
        store::EmailRow email;
        store::BlobStart blob;
    };

    /// Both outlive it.
    ReadAhead(store::Store& store, MemoryBudget& memory) : store_(store), charge_(&memory) {}

    /// The message at a place among `count`; `email_at` says which email is at a place. Those behind it are read with it if
    /// the one before it was asked for last. Errors of Account::emails() and Store::read_start().
    async::Awaitable<store::StoreResult<Start>> read(store::Account* account, std::size_t place, std::size_t count,
                                                     std::function<store::EmailId(std::size_t)> email_at);

private:
    struct Waiting {
        std::size_t place;
        Start start;
    };

    store::Store& store_;
    MemoryBudget::Charge charge_; ///< for what waits
    std::deque<Waiting> waiting_;
    std::size_t expected_ = 0; ///< the place behind the last one that was asked for
};

} // namespace tegami::pop3d
