// What is counted of commits, for who watches the server.
#pragma once

#include "base/counter.h"

namespace tegami::store {

struct CommitCounts {
    DurationHistogram taken;  ///< from the call to the answer, of each batch that was committed
    Counter failed;           ///< batches that were not: a conflict, no room, an error of the disk
    Counter writes;           ///< synced writes, each of the batches that waited
    DurationHistogram synced; ///< how long each of them took
};

} // namespace tegami::store
