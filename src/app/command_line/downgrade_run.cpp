#include "app/command_line/downgrade_run.h"

#include "app/server/backend.h"
#include "app/server/log_writer.h"
#include "async/timer.h"
#include "async/worker_pool.h"
#include "base/random.h"
#include "disk/real.h"

#include <fmt/format.h>

#include <unistd.h>

namespace tegami::app {

Result<json::object, std::string> run_downgrade(const Config& config, const store::SchemaSteps& steps) {
    TRY_VOID(check_owner(config.data_directory, ::geteuid()));
    boost::asio::io_context context{1};
    async::RealTimers timers;
    SystemRandom random;
    LogWriter log{{.least = LogLevel::warning}};
    disk::RealFileSystem disk;
    async::ThreadPool workers{2};
    const auto changed = store::downgrade_store(
        context, {.directory = config.data_directory + "/store"},
        {.disk = disk, .clock = timers, .random = random, .log = log, .pool = workers, .long_jobs = workers}, steps);
    if (!changed)
        return failure(
            fmt::format("the store in {} cannot be taken back: {}", config.data_directory, changed.error().detail));
    return boost::json::object{{"records", *changed}};
}

} // namespace tegami::app
