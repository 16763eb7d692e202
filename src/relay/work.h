// One queue entry under way; shared by the tasks that send it to its destinations.
#pragma once

#include "relay/relay.h"

namespace tegami::relay {

struct Relay::Work {
    Work(store::QueueEntry queued, async::Executor executor)
        : entry(std::move(queued)), groups_done(std::move(executor)) {}

    store::QueueEntry entry;
    std::vector<std::size_t> changed; ///< positions of recipients whose state is to be written
    std::size_t groups_left = 0;
    async::Event groups_done;
};

} // namespace tegami::relay
