#include "app/command_line/downgrade_run.h"

#include "app/server/backend.h"
#include "app/server/log_writer.h"
#include "async/run.h"
#include "store/recovery/downgrade.h"

#include <fmt/format.h>

namespace tegami::app {

namespace json = boost::json;

namespace {

/// The previous release erases a removed account as soon as it sees it.
Result<void, std::string> check_removed(boost::asio::io_context& context, Backend& backend) {
    const auto removed = async::run_on(context, backend.directory().list_removed({}, 1));
    if (!removed) return failure(removed.error().message);
    if (removed->items.empty()) return {};
    return failure(
        fmt::format("the removed account {} is still kept, and the previous release would erase it: bring it "
                    "back with tegami account undelete, or erase it with tegami account remove --now; tegami "
                    "account list --removed shows all of them",
                    removed->items.front().account.address.to_string()));
}

} // namespace

Result<json::object, std::string> run_downgrade(const Config& config) {
    boost::asio::io_context context{1};
    async::RealTimers timers;
    SystemRandom random;
    LogWriter log{LogLevel::warning};
    async::ThreadLanes lanes{async::lane_sizes_here()};
    TRY(const std::unique_ptr<Backend> backend,
        Backend::open(config,
                      {.context = context, .lanes = lanes.lanes(), .timers = timers, .random = random, .log = log}));
    TRY_VOID(check_removed(context, *backend));
    const auto changed = async::run_on(context, store::downgrade_accounts(&backend->engine()));
    if (!changed) return failure(changed.error().detail);
    if (const auto closed = backend->engine().close_for_previous_release(); !closed)
        return failure(closed.error().detail);
    return json::object{{"records", *changed}};
}

} // namespace tegami::app
