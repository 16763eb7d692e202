// The admin operations without a server: opens the data directory for as long as one command runs.
#pragma once

#include "admin/admin.h"
#include "admin/backups.h"
#include "admin/progress_board.h"
#include "app/server/backend.h"
#include "app/server/dns_update.h"
#include "app/server/log_writer.h"
#include "net/real_network.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tegami::app {

class LocalAdmin {
public:
    /// `config` and `progress` outlive it. The error is a sentence for the operator, such as that a server has the store open.
    static Result<std::unique_ptr<LocalAdmin>, std::string> open(const Config& config, admin::ProgressBoard* progress);

    /// Carries out one operation; blocks.
    admin::Answer call(std::string operation, json::object parameters);

    /// The same for mail that goes in, given piece by piece until an empty one, and for mail that comes out.
    admin::Answer take_mail(json::object parameters, std::function<std::string()> next);
    admin::Answer give_mail(json::object parameters, const std::function<bool(std::string_view)>& sink);

private:
    explicit LocalAdmin(const Config& config) : config_(config) {}

    dns_setup::Host host() const;
    Result<std::unique_ptr<net::Resolver>, std::string> new_resolver();
    NewPrimary new_primary();
    static async::Awaitable<directory::DirectoryResult<>> look_at_keys(LocalAdmin* local, message::Domain domain,
                                                                       bool renew);

    const Config& config_;

    // The order matters: what wakes coroutines ends before the context that they run on.
    boost::asio::io_context context_{1};
    async::RealTimers timers_;
    SystemRandom random_;
    net::RealNetwork network_{&timers_};
    LogWriter log_{{.least = LogLevel::warning}};
    async::ThreadLanes lanes_{async::lane_sizes_here()};
    std::unique_ptr<Backend> backend_;
    std::unique_ptr<admin::Backups> backups_;
    std::unique_ptr<admin::Admin> admin_;
};

} // namespace tegami::app
