#include "app/server/housekeeping.h"

#include "store/kept_policies.h"

namespace tegami::app {

async::Awaitable<> keep_house(Backend* backend, const Config* config, async::Timers* timers, Log* log) {
    for (;;) {
        const auto erased = co_await backend->directory().administration().sweep();
        if (!erased) log->warning("removed accounts were not erased", {{"reason", erased.error().message}});
        const auto swept = co_await backend->store().sweep();
        if (!swept) log->warning("housekeeping stopped early", {{"reason", swept.error().detail}});
        const auto forgotten = co_await backend->journeys().sweep(std::chrono::days(config->retention.journeys_days));
        if (!forgotten) log->warning("old journeys were not removed", {{"reason", forgotten.error().detail}});
        const auto swept_audit = co_await backend->audit().sweep(std::chrono::days(config->retention.audit_days));
        if (!swept_audit) log->warning("the old audit log was not removed", {{"reason", swept_audit.error().detail}});
        const auto swept_reports = co_await backend->tally().sweep(store::kReportRetention);
        if (!swept_reports) log->warning("old reports were not removed", {{"reason", swept_reports.error().detail}});
        store::KeptPolicies policies(&backend->engine());
        const auto swept_policies = co_await policies.sweep(timers->now());
        if (!swept_policies)
            log->warning("policies that have expired (MTA-STS) were not removed",
                         {{"reason", swept_policies.error().detail}});
        co_await async::sleep(timers, std::chrono::hours(24));
    }
}

} // namespace tegami::app
