// When reports are made: at their moment, again after a failure, never for ever, and none because of another.
#include "reporting/daily.h"
#include "reporting/reporting_fixture.h"

#include <set>

namespace tegami::reporting {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Remembers when it was asked about what; some domains hang, some fail.
class Writer final : public ReportWriter {
public:
    explicit Writer(async::VirtualTime* time) : time_(*time) {}

    store::TallyKind kind() const override { return store::TallyKind::dmarc; }

    async::Awaitable<ReportOutcome> report(store::TallySum sum) override {
        asked[sum.place.domain].push_back(time_.now());
        if (hanging.contains(sum.place.domain)) co_await async::sleep(&time_, std::chrono::minutes(5));
        co_return failing.contains(sum.place.domain) ? ReportOutcome::later : ReportOutcome::done;
    }

    std::map<std::string, std::vector<Timestamp>> asked;
    std::set<std::string> hanging;
    std::set<std::string> failing;

private:
    async::VirtualTime& time_;
};

class DailyTest : public ReportingWorld {
protected:
    void run_for(Duration duration) {
        run(tally_.flush()).value();
        tasks_.spawn("daily", daily_.run());
        time_.run_for(duration);
        tasks_.cancel();
        run(tasks_.join());
    }

    void count(const std::string& name) { tally_.count(store::TallyKind::dmarc, name, "row"); }

    Writer writer_{&time_};
    Daily daily_{{.tally = tally_, .timers = time_, .log = log_}, "mail.b.test", {&writer_}};
    async::TaskGroup tasks_{time_.executor(), [](std::string_view, std::string_view why) { FAIL() << why; }};
};

TEST_F(DailyTest, ADayIsReportedOnceAfterItsEndAtMomentsThatDiffer) {
    const auto first = today();
    for (int at = 0; at < 30; ++at)
        count(std::to_string(at) + ".test");
    run_for(2 * Duration(kDay));
    ASSERT_THAT(writer_.asked, SizeIs(30));
    std::set<Timestamp> moments;
    for (const auto& [name, times] : writer_.asked) {
        ASSERT_THAT(times, SizeIs(1)) << name;
        const Timestamp due = daily_.due({.kind = writer_.kind(), .day = first, .domain = name});
        EXPECT_GE(due, Timestamp(first + kDay));
        EXPECT_LT(due, Timestamp(first + kDay) + kReportSpread);
        EXPECT_GE(times.front(), due);
        EXPECT_LT(times.front(), due + kReportRound + std::chrono::minutes(1));
        moments.insert(times.front());
    }
    EXPECT_GT(moments.size(), 8U) << "not all at once";
    EXPECT_THAT(counted(first), IsEmpty());
}

TEST_F(DailyTest, WhatFailsIsTriedAgainAndGivenUpInTheEnd) {
    const auto first = today();
    count("bad.test");
    writer_.failing = {"bad.test"};
    run_for(6 * Duration(kDay));
    const std::vector<Timestamp>& times = writer_.asked.at("bad.test");
    EXPECT_GE(times.size(), 15U);
    EXPECT_LE(times.size(), 20U);
    EXPECT_GE(times.back(), Timestamp(first + kDay) + kReportPatience);
    EXPECT_THAT(counted(first), IsEmpty());
}

TEST_F(DailyTest, DomainsThatHangDelayNoOther) {
    for (std::size_t at = 0; at < kReportsAtOnce - 1; ++at) {
        writer_.hanging.insert("a" + std::to_string(at) + ".test");
        count("a" + std::to_string(at) + ".test");
    }
    for (int at = 0; at < 50; ++at)
        count("b" + std::to_string(at) + ".test");
    run(tally_.flush()).value();
    time_.run_for(Duration(kDay) + kReportSpread);
    const Timestamp begun = time_.now();
    run_for(std::chrono::minutes(4));
    ASSERT_THAT(writer_.asked, SizeIs(50 + kReportsAtOnce - 1));
    for (const auto& [name, times] : writer_.asked)
        EXPECT_LT(times.front(), begun + std::chrono::seconds(10)) << name;
}

TEST_F(DailyTest, ADayLongAgoIsMadeUpFor) {
    count("a.test");
    run(tally_.flush()).value();
    time_.run_for(Duration(kDay) * 10);
    writer_.failing = {"a.test"};
    run_for(std::chrono::minutes(1));
    EXPECT_THAT(writer_.asked.at("a.test"), SizeIs(1));
    EXPECT_THAT(counted(today() - std::chrono::days(10)), IsEmpty());
}

} // namespace
} // namespace tegami::reporting
