// Tells senders what could not be delivered.
#pragma once

#include "relay/dependencies.h"
#include "relay/destinations.h"

#include <functional>
#include <optional>
#include <vector>

namespace tegami::relay {

/// How long a failure waits for other items of its message, so that one report tells of all.
inline constexpr auto kReportPatience = std::chrono::minutes(5);
/// Limit: recipients of one report; with texts of the greatest length they fit into one commit.
inline constexpr std::size_t kReportRecipientsMax = 200;

class Reporting {
public:
    /// All outlive it. `look_again` is told that an item there may be due.
    Reporting(const Dependencies& dependencies, const RelayOptions& options, Destinations& destinations,
              std::function<void(const store::QueueDestination&)> look_again)
        : dependencies_(dependencies), options_(options), destinations_(destinations),
          look_again_(std::move(look_again)) {}

    /// Writes down the outcome of `own`, if it is given, and reports its failures and those that other items of the
    /// message wait with; the caller works on `held_by_caller`, which may be one of those. True if nothing is left to be
    /// written; what could not be reported is due again in a while.
    async::Awaitable<bool> report(store::QueueMessage message, std::optional<store::QueueItem> own,
                                  store::QueueItemId held_by_caller = {});

private:
    /// A fault of ours kept the report from being made: it is made later.
    struct Unreported {};

    async::Awaitable<std::vector<store::QueueItem>> failed_items(store::QueueId id);
    async::Awaitable<Result<std::optional<store::QueuedMessage>, Unreported>>
    make_report(store::QueueMessage message, std::vector<store::QueueRecipient> failed);

    const Dependencies& dependencies_;
    const RelayOptions& options_;
    Destinations& destinations_;
    const std::function<void(const store::QueueDestination&)> look_again_;
};

} // namespace tegami::relay
