// Which work of the engine goes where: what runs for long never takes a thread from the reads.
#include "store/engine/rocks_fixture.h"

#include <atomic>

namespace tegami::store {
namespace {

class CountingPool final : public async::WorkerPool {
public:
    void submit(Job job) override {
        ++jobs;
        pool_.submit(std::move(job));
    }

    std::atomic<int> jobs = 0;

private:
    async::ThreadPool pool_{1};
};

TEST(RocksLanes, CheckCollectionAndBackupAreNoReads) {
    const testing::TemporaryDirectory directory;
    disk::RealFileSystem disk;
    SystemClock clock;
    SystemRandom random;
    SilentLog log;
    CountingPool reads;
    CountingPool long_jobs;
    const auto engine = RocksEngine::open({.directory = directory.path() + "/store", .reserve_bytes = 0},
                                          {disk, clock, random, log, reads, long_jobs});
    ASSERT_TRUE(engine.has_value()) << engine.error().detail;
    EXPECT_TRUE(testing::wait_for((*engine)->check({})));
    EXPECT_TRUE(testing::wait_for((*engine)->collect()));
    std::filesystem::create_directories(directory.path() + "/backup");
    EXPECT_TRUE(testing::wait_for((*engine)->backup({.directory = directory.path() + "/backup"})));
    EXPECT_EQ(long_jobs.jobs, 3);
    EXPECT_EQ(reads.jobs, 0);
    EXPECT_TRUE(testing::wait_for((*engine)->domains(DomainKind::account, 0, 10)));
    EXPECT_EQ(reads.jobs, 1);
}

} // namespace
} // namespace tegami::store
