// Counts of a day: added up in the store, bounded, read in pages, forgotten; and the reports kept beside them.
#include "store/tally.h"

#include "async/task_group.h"
#include "async/virtual_time.h"
#include "store/kept_reports.h"
#include "store/store_test_support.h"

#include <gmock/gmock.h>

namespace tegami::store {
namespace {

using ::testing::ElementsAre;
using testing::error_of;
using ::testing::IsEmpty;
using testing::must;
using ::testing::UnorderedElementsAre;
using testing::wait;
using testing::World;

class NotedEvents final : public Log {
public:
    void write(LogLevel, std::string_view event, LogFields) override { lines.emplace_back(event); }

    std::vector<std::string> lines;
};

class TallyTest : public ::testing::TestWithParam<bool> {
protected:
    TallyTest() : world(GetParam()) {}

    TallyPlace place(std::string domain, TallyKind kind = TallyKind::dmarc) const {
        return {
            .kind = kind, .day = std::chrono::floor<std::chrono::days>(world.clock.time), .domain = std::move(domain)};
    }

    std::vector<TallyRow> rows(const TallyPlace& of) {
        std::vector<TallyRow> all;
        std::string from;
        do {
            TallyPage page = must(wait(tally.rows(of, from)));
            std::ranges::move(page.rows, std::back_inserter(all));
            from = page.next;
        } while (!from.empty());
        return all;
    }

    std::vector<TallySum> sums(TallyKind kind = TallyKind::dmarc) {
        return must(wait(tally.sums(kind, place("").day, "")));
    }

    World world;
    SilentLog log;
    Tally tally{&world.engine, &world.clock, &log};
    KeptReports reports{&world.engine};
};

INSTANTIATE_TEST_SUITE_P(Limits, TallyTest, ::testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "tiny" : "normal"; });

TEST_P(TallyTest, equal_rows_of_a_day_are_added_up) {
    tally.count(TallyKind::dmarc, "a.test", "one");
    tally.count(TallyKind::dmarc, "a.test", "two", 3);
    tally.count(TallyKind::dmarc, "a.test", "one");
    tally.count(TallyKind::tls, "a.test", "one", 7);
    must(wait(tally.flush()));
    tally.count(TallyKind::dmarc, "a.test", "one", 5);
    tally.count(TallyKind::dmarc, "a.test.b.test", "other");
    must(wait(tally.flush()));
    EXPECT_THAT(rows(place("a.test")), UnorderedElementsAre(TallyRow{"one", 7}, TallyRow{"two", 3}));
    EXPECT_THAT(rows(place("a.test", TallyKind::tls)), ElementsAre(TallyRow{"one", 7}));
    EXPECT_THAT(sums(), ElementsAre(TallySum{place("a.test"), 2, 0}, TallySum{place("a.test.b.test"), 1, 0}));
    EXPECT_THAT(must(wait(tally.sums(TallyKind::dmarc, place("").day, "a.test"))),
                ElementsAre(TallySum{place("a.test.b.test"), 1, 0}));
    must(wait(tally.forget(place("a.test"))));
    EXPECT_THAT(rows(place("a.test")), IsEmpty());
    EXPECT_THAT(sums(), ElementsAre(TallySum{place("a.test.b.test"), 1, 0}));
    EXPECT_THAT(rows(place("a.test", TallyKind::tls)), ElementsAre(TallyRow{"one", 7}));
}

TEST_P(TallyTest, a_day_ends_at_midnight_and_is_swept_in_the_end) {
    const TallyPlace first = place("a.test");
    tally.count(TallyKind::dmarc, "a.test", "row");
    world.clock.time += std::chrono::days(1);
    tally.count(TallyKind::dmarc, "a.test", "row");
    must(wait(tally.flush()));
    EXPECT_THAT(must(wait(tally.days({}))), ElementsAre(first.day, place("").day));
    EXPECT_THAT(must(wait(tally.days(place("").day))), ElementsAre(place("").day));
    EXPECT_THAT(rows(first), ElementsAre(TallyRow{"row", 1}));
    world.clock.time += std::chrono::days(9);
    must(wait(tally.sweep(std::chrono::days(9))));
    EXPECT_THAT(rows(first), IsEmpty());
    EXPECT_EQ(must(wait(tally.sums(TallyKind::dmarc, first.day + std::chrono::days(1), ""))).size(), 1U);
}

TEST_P(TallyTest, rows_and_octets_have_limits_and_what_is_beyond_is_counted) {
    tally.count(TallyKind::dmarc, "b.test", std::string(kTallyRowBytesMax + 1, 'x'), 4);
    for (std::uint64_t at = 0; at < kTallyRowsMax - 1; ++at)
        tally.count(TallyKind::dmarc, "a.test", std::to_string(at));
    must(wait(tally.flush()));
    for (int at = 0; at < 3; ++at)
        tally.count(TallyKind::dmarc, "a.test", "late" + std::to_string(at), 2);
    must(wait(tally.flush()));
    EXPECT_THAT(sums(), ElementsAre(TallySum{place("a.test"), kTallyRowsMax, 4}, TallySum{place("b.test"), 0, 4}));
}

TEST_P(TallyTest, strangers_bring_only_so_many_domains_and_octets_into_a_day) {
    NotedEvents told;
    const std::string row(100, 'x');
    Tally bounded{&world.engine, &world.clock, &told, {.places_max = 3, .bytes_max = 1000}};
    const auto count = [&](const std::string& domain, const std::string& what) {
        bounded.count(TallyKind::dmarc, domain, what);
        must(wait(bounded.flush()));
    };
    for (const char* const domain : {"a.test", "b.test", "c.test", "d.test", "e.test", "a.test"})
        count(domain, row);
    EXPECT_THAT(sums(), ElementsAre(TallySum{place("a.test"), 1, 0}, TallySum{place("b.test"), 1, 0},
                                    TallySum{place("c.test"), 1, 0}));
    EXPECT_THAT(rows(place("a.test")), ElementsAre(TallyRow{row, 2})) << "those that are known go on";
    EXPECT_EQ(told.lines.size(), 1U);
    // A place that was forgotten makes no room for others on the same day.
    must(wait(bounded.forget(place("c.test"))));
    count("d.test", row);
    EXPECT_EQ(sums().size(), 2U);
    // Another kind, and another server that knows of no line before, have the same bounds.
    bounded.count(TallyKind::tls, "d.test", row);
    must(wait(bounded.flush()));
    EXPECT_EQ(sums(TallyKind::tls).size(), 1U);
    for (int at = 0; at < 20; ++at)
        count("b.test", std::to_string(at) + row);
    const TallySum full = sums().back();
    EXPECT_EQ(full.rows + full.left_out, 21U);
    EXPECT_LT(full.rows * row.size(), 1000U);
    EXPECT_EQ(told.lines.size(), 1U) << "once a day";
    world.clock.time += std::chrono::days(1);
    for (const char* const domain : {"d.test", "e.test", "f.test", "g.test"})
        count(domain, "row");
    EXPECT_EQ(sums().size(), 3U);
    EXPECT_EQ(told.lines.size(), 2U);
}

TEST_P(TallyTest, what_waits_is_bounded) {
    const std::size_t length = 900;
    for (std::size_t at = 0; at < 2 * kTallyWaitingBytesMax / length; ++at)
        tally.count(TallyKind::dmarc, std::to_string(at % 20) + ".test", std::to_string(at) + std::string(length, 'x'));
    world.engine.fail(MemoryEngine::Call::commit, 1, ErrorCode::no_space);
    EXPECT_FALSE(wait(tally.flush()).has_value());
    must(wait(tally.flush()));
    std::uint64_t counted = 0;
    std::uint64_t left_out = 0;
    for (const TallySum& sum : sums()) {
        counted += sum.rows;
        left_out += sum.left_out;
    }
    EXPECT_EQ(counted + left_out, 2 * kTallyWaitingBytesMax / length) << "a failed commit loses nothing";
    EXPECT_GT(left_out, counted / 2);
    EXPECT_LT(counted * length, kTallyWaitingBytesMax);
}

TEST_P(TallyTest, whatever_call_fails_nothing_is_lost_or_counted_twice) {
    for (std::uint64_t step = 1; step < 12; ++step) {
        SCOPED_TRACE(step);
        const std::string domain = std::to_string(step) + ".test";
        for (int at = 0; at < 3; ++at)
            tally.count(TallyKind::dmarc, domain, "row" + std::to_string(at), 2);
        world.engine.fail(MemoryEngine::Call::any, step, ErrorCode::unavailable);
        static_cast<void>(wait(tally.flush()));
        world.engine.clear_failures();
        must(wait(tally.flush()));
        EXPECT_THAT(rows(place(domain)),
                    UnorderedElementsAre(TallyRow{"row0", 2}, TallyRow{"row1", 2}, TallyRow{"row2", 2}));
    }
}

TEST_P(TallyTest, the_task_writes_within_a_minute_and_what_is_left_is_written_later) {
    async::VirtualTime time{1};
    MemoryEngine engine;
    Tally counting{&engine, &time, &log};
    const auto day = std::chrono::floor<std::chrono::days>(time.now());
    async::TaskGroup tasks(time.executor(), [](std::string_view, std::string_view why) { FAIL() << why; });
    tasks.spawn("counting", counting.run(&time));
    counting.count(TallyKind::tls, "a.test", "row");
    time.run_for(kTallyGatherTime + std::chrono::seconds(1));
    EXPECT_EQ(time.run(counting.sums(TallyKind::tls, day, "")).value().size(), 1U);
    counting.count(TallyKind::tls, "b.test", "row");
    tasks.cancel();
    time.run(tasks.join());
    must(time.run(counting.flush()));
    EXPECT_EQ(time.run(counting.sums(TallyKind::tls, day, "")).value().size(), 2U);
}

TEST_P(TallyTest, a_report_is_kept_once) {
    const KeptReport first{.place = place("a.test"), .id = "org 1", .value = "first"};
    const KeptReport second{.place = place("b.test"), .id = "org 1", .value = "second"};
    EXPECT_EQ(must(wait(reports.keep(ReportWay::received, first))), Keeping::kept);
    EXPECT_EQ(must(wait(reports.keep(ReportWay::received, second))), Keeping::kept);
    EXPECT_EQ(must(wait(reports.keep(ReportWay::received, first))), Keeping::known);
    EXPECT_EQ(must(wait(reports.keep(ReportWay::sent, first))), Keeping::kept);
    EXPECT_EQ(must(wait(reports.keep(ReportWay::sent, first))), Keeping::kept);
    EXPECT_THAT(must(wait(reports.page(ReportWay::received, place(""), ""))).reports, ElementsAre(first, second));
    EXPECT_THAT(must(wait(reports.page(ReportWay::received, place("b.test"), ""))).reports, ElementsAre(second));
    EXPECT_THAT(must(wait(reports.page(ReportWay::sent, place(""), ""))).reports, ElementsAre(first));
    EXPECT_THAT(must(wait(reports.page(ReportWay::received, place("", TallyKind::tls), ""))).reports, IsEmpty());
}

TEST_P(TallyTest, strangers_fill_no_disk_with_reports) {
    for (std::uint64_t at = 0; at < kReceivedReportsMax; ++at)
        must(wait(
            reports.keep(ReportWay::received, {.place = place("a.test"), .id = std::to_string(at), .value = "value"})));
    EXPECT_EQ(must(wait(reports.keep(ReportWay::received, {.place = place("a.test"), .id = "more", .value = {}}))),
              Keeping::too_many);
    std::size_t found = 0;
    std::string from;
    do {
        const KeptPage page = must(wait(reports.page(ReportWay::received, place("a.test"), from)));
        found += page.reports.size();
        from = page.next;
    } while (!from.empty());
    EXPECT_EQ(found, kReceivedReportsMax);
    EXPECT_EQ(error_of(wait(reports.keep(
                  ReportWay::received,
                  {.place = place("b.test"), .id = "long", .value = std::string(kKeptReportBytesMax + 1, 'x')}))),
              ErrorCode::invalid);
}

} // namespace
} // namespace tegami::store
