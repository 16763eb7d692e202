#include "reporting/daily.h"

#include "async/all_of.h"
#include "reporting/coding.h"
#include "store/kept_reports.h"

#include <algorithm>
#include <utility>

namespace tegami::reporting {

namespace {

Timestamp end_of(const store::TallyPlace& place) {
    return Timestamp(place.day + std::chrono::days(1));
}

} // namespace

Timestamp Daily::due(const store::TallyPlace& place) const {
    const std::chrono::seconds spread = kReportSpread;
    const std::uint64_t digest = digest_of(host_name_ + ' ' + place.domain);
    const auto share =
        static_cast<std::int64_t>((digest ^ (digest >> 32)) % static_cast<std::uint64_t>(spread.count()));
    return end_of(place) + std::chrono::seconds(share);
}

async::Awaitable<> Daily::run() {
    while (true) {
        co_await round();
        co_await async::sleep(&dependencies_.timers, kReportRound);
    }
}

async::Awaitable<> Daily::round() {
    const auto today = std::chrono::floor<std::chrono::days>(dependencies_.timers.now());
    const auto days = co_await dependencies_.tally.days(today - store::kReportRetention);
    store::StoreResult<> outcome;
    if (!days) outcome = failure(days.error());
    if (days) {
        for (const std::chrono::sys_days day : *days) {
            for (ReportWriter* const writer : writers_) {
                if (day >= today || !outcome) continue;
                outcome = co_await round_of(writer, day);
            }
        }
    }
    if (!outcome) dependencies_.log.warning("reports cannot be made now", {{"reason", outcome.error().detail}});
}

async::Awaitable<store::StoreResult<>> Daily::round_of(ReportWriter* writer, std::chrono::sys_days day) {
    const Timestamp now = dependencies_.timers.now();
    std::string after;
    while (true) {
        CO_TRY(std::vector<store::TallySum> sums, co_await dependencies_.tally.sums(writer->kind(), day, after));
        if (sums.empty()) co_return store::StoreResult<>{};
        after = sums.back().place.domain;
        for (store::TallySum& sum : sums) {
            const auto tried = next_try_.find(sum.place);
            const Timestamp next = tried == next_try_.end() ? due(sum.place) : tried->second;
            if (next <= now) jobs_.push_back({.writer = writer, .sum = std::move(sum)});
        }
        std::vector<async::Awaitable<>> workers;
        for (std::size_t at = 0; at < std::min(kReportsAtOnce, jobs_.size()); ++at)
            workers.push_back(work());
        co_await async::all_of(std::move(workers));
    }
}

/// One of several who take jobs until there are none.
async::Awaitable<> Daily::work() {
    while (!jobs_.empty()) {
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        co_await do_job(std::move(job));
    }
}

async::Awaitable<> Daily::do_job(Job job) {
    store::TallyPlace place = job.sum.place;
    const ReportOutcome outcome = co_await job.writer->report(std::move(job.sum));
    const bool given_up =
        outcome == ReportOutcome::later && dependencies_.timers.now() >= end_of(place) + kReportPatience;
    if (given_up) dependencies_.log.warning("a report is given up", {{"domain", place.domain}});
    if (outcome == ReportOutcome::done || given_up) {
        next_try_.erase(place);
        co_await forget(std::move(place));
    } else {
        next_try_[std::move(place)] = dependencies_.timers.now() + kReportRetry;
    }
}

async::Awaitable<> Daily::forget(store::TallyPlace place) {
    const auto forgotten = co_await dependencies_.tally.forget(place);
    if (!forgotten)
        dependencies_.log.warning("counts of a report were not removed",
                                  {{"domain", place.domain}, {"reason", forgotten.error().detail}});
}

} // namespace tegami::reporting
