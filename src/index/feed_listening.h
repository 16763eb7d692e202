// Listens to a feed for as long as a task runs.
#pragma once

#include "store/append_feed.h"

#include <utility>

namespace tegami::index {

/// Ends the listening however the task ends.
class Listening {
public:
    Listening(store::AppendFeed& feed, async::Executor executor) : feed_(feed) { feed_.listen(std::move(executor)); }

    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;

    ~Listening() { feed_.stop(); }

private:
    store::AppendFeed& feed_;
};

} // namespace tegami::index
