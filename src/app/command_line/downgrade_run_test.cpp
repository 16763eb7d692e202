// `tegami downgrade` on a store that a program of a schema to come has taken up.
#include "app/command_line/downgrade_run.h"

#include "app/server/backend.h"
#include "async/run.h"
#include "store/engine/rocks_fixture.h"

#include <gmock/gmock.h>

namespace tegami::app {
namespace {

using ::testing::HasSubstr;

async::Awaitable<store::StoreResult<std::uint64_t>> nothing_to_do(store::Engine* engine) {
    CO_TRY(const std::vector<store::Domain> domains, co_await engine->domains(store::DomainKind::account, 0, 10));
    co_return domains.size();
}

class DowngradeRunTest : public testing::Test {
protected:
    DowngradeRunTest() { config_.data_directory = directory_.path() + "/data"; }

    Result<std::unique_ptr<Backend>, std::string> open() {
        return Backend::open(config_, {context_, lanes_.lanes(), timers_, random_, log_});
    }

    store::testing::TemporaryDirectory directory_;
    Config config_;
    boost::asio::io_context context_{1};
    async::RealTimers timers_;
    SystemRandom random_;
    SilentLog log_;
    async::ThreadLanes lanes_{async::lane_sizes(1)};
};

TEST_F(DowngradeRunTest, the_program_before_can_open_the_store_again) {
    {
        const auto backend = open();
        ASSERT_TRUE(backend.has_value()) << backend.error();
        ASSERT_TRUE(async::run_on(context_, (*backend)->store().create_account(store::AccountId(1), {})).has_value());
    }
    const store::SchemaSteps steps{{.schema = store::kSchemaVersion + 1, .up = nothing_to_do, .down = nothing_to_do}};
    {
        disk::RealFileSystem disk;
        const auto next =
            store::open_store(context_, {.directory = config_.data_directory + "/store"},
                              {disk, timers_, random_, log_, lanes_.lanes().reads, lanes_.lanes().long_jobs}, steps);
        ASSERT_TRUE(next.has_value()) << next.error().detail;
    }
    const auto refused = open();
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error(), HasSubstr("newer program"));

    const auto report = run_downgrade(config_, steps);
    ASSERT_TRUE(report.has_value()) << report.error();
    EXPECT_EQ(report->at("records").as_uint64(), 1U);
    const auto backend = open();
    ASSERT_TRUE(backend.has_value()) << backend.error();
    EXPECT_TRUE(async::run_on(context_, (*backend)->store().account(store::AccountId(1))).has_value());
}

TEST_F(DowngradeRunTest, the_first_schema_says_that_it_is_the_first) {
    ASSERT_TRUE(open().has_value());
    const auto refused = run_downgrade(config_);
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error(), HasSubstr("no way back"));
    EXPECT_TRUE(open().has_value());
}

} // namespace
} // namespace tegami::app
