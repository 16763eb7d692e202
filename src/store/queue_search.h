// How far the searches for what is due in the queue have come.
#pragma once

#include "store/queue_items.h"

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace tegami::store {

/// Kept in memory, because an engine takes time to step over what was deleted, and a queue deletes at its front. A search
/// begins with everything up to its end as seen; what becomes due meanwhile, or is not found after all, brings it back.
/// From any thread.
class DueSearch {
public:
    /// Called after a commit: what it made due is looked for again.
    void became_due(const QueueItem& item);
    void became_due(const std::vector<QueueItem>& items);

    /// Where to look for destinations (D records), before `end`.
    std::string begin(const std::string& end);
    /// The next search begins there, or before.
    void end(std::string next);

    /// The same for the items of a destination (T records). Between begin() and end() no other search of it begins.
    std::string begin(const QueueDestination& destination, const std::string& end);
    void end(const QueueDestination& destination, std::string next);
    /// The next search begins at the front.
    void look_again(const QueueDestination& destination);

private:
    std::mutex mutex_;
    std::string seen_{"D"};                         ///< the destinations of all D records before it have been told
    std::map<QueueDestination, std::string> begun_; ///< all T records before it are worked on, or leftovers
};

} // namespace tegami::store
