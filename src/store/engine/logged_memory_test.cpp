// What the engine for simulation promises beyond the contract: a power cut during any disk call costs nothing that was
// acknowledged, and leaves no batch by halves.
#include "store/engine/logged_memory.h"

#include "async/virtual_time.h"
#include "disk/faulty.h"

#include <gtest/gtest.h>

namespace tegami::store {
namespace {

using testing::kAccount;
using Call = disk::FaultyFileSystem::Call;

struct World {
    explicit World(std::uint64_t seed) : time(seed), disk(seed) {}

    bool open() {
        engine.reset();
        auto opened = LoggedMemoryEngine::open({.directory = "/store"}, {disk, time, time.executor(), time.random()});
        if (opened) engine = *std::move(opened);
        return opened.has_value();
    }

    void crash() {
        disk.cut_power();
        engine.reset();
        disk.crash();
    }

    /// One message: its octets, and a row that names them. Whether it was acknowledged.
    bool deliver(int number, std::size_t size) {
        const auto writer = engine->new_blob();
        std::string octets(size, '\0');
        time.random().fill(octets.data(), octets.size());
        if (!time.run(writer->append(octets))) return false;
        const auto blob = time.run(writer->finish("card", {}));
        if (!blob) return false;
        const std::string name = std::to_string(number);
        Batch batch{kAccount, {}, {}, {}};
        batch.operations.emplace_back(AddReference{blob->id, name});
        batch.operations.emplace_back(Put{"a" + name, std::string(blob->id.octets.begin(), blob->id.octets.end())});
        batch.operations.emplace_back(Put{"b" + name, std::string(600, 'x')});
        return time.run(engine->commit(std::move(batch))).has_value();
    }

    /// Whether the message is there, whole.
    bool has(int number) {
        const auto row = time.run(engine->get(kAccount, "a" + std::to_string(number))).value();
        EXPECT_EQ(time.run(engine->get(kAccount, "b" + std::to_string(number))).value().has_value(), row.has_value());
        if (!row) return false;
        BlobId blob;
        std::ranges::copy(*row, blob.octets.begin());
        EXPECT_TRUE(time.run(engine->read_blob(blob, 0, 1 << 20)).has_value());
        return true;
    }

    async::VirtualTime time;
    disk::FaultyFileSystem disk;
    std::unique_ptr<LoggedMemoryEngine> engine;
};

TEST(LoggedMemoryEngine, APowerCutAtAnyStepLosesNothingAcknowledged) {
    bool reached_the_end = false;
    for (std::uint64_t nth = 1; !reached_the_end; ++nth) {
        SCOPED_TRACE("power goes at disk call " + std::to_string(nth));
        World world(nth);
        bool gone = false;
        world.disk.cut_power(Call::any, nth, [&gone] { gone = true; });
        std::vector<bool> acknowledged(6);
        if (world.open())
            for (int i = 0; i < 6; ++i)
                acknowledged[static_cast<std::size_t>(i)] = world.deliver(i, i % 2 == 0 ? 1000 : 20000);
        reached_the_end = !gone;
        world.crash();
        // The second crash takes what only looked saved.
        for (int round = 0; round < 2; ++round) {
            ASSERT_TRUE(world.open());
            for (int i = 0; i < 6; ++i)
                EXPECT_TRUE(world.has(i) || !acknowledged[static_cast<std::size_t>(i)]) << "message " << i;
            EXPECT_TRUE(world.deliver(10 + round, 20000));
            world.crash();
        }
    }
}

TEST(LoggedMemoryEngine, AFullDiskRefusesAndAFailedSyncAsksForAnOpening) {
    World world(1);
    ASSERT_TRUE(world.open());
    EXPECT_TRUE(world.deliver(0, 1000));
    world.disk.set_capacity(3000);
    EXPECT_FALSE(world.deliver(1, 1000));
    EXPECT_FALSE(world.engine->failed());
    world.disk.set_capacity(1 << 20);
    EXPECT_TRUE(world.deliver(2, 1000));
    world.disk.fail(Call::sync, 1, disk::ErrorCode::io);
    EXPECT_FALSE(world.deliver(3, 1000));
    EXPECT_TRUE(world.engine->failed());
    EXPECT_FALSE(world.deliver(4, 1000));
    EXPECT_TRUE(world.has(2)) << "reading goes on";
    ASSERT_TRUE(world.open());
    EXPECT_TRUE(world.deliver(5, 1000));
    world.crash();
    ASSERT_TRUE(world.open());
    EXPECT_TRUE(world.has(0) && world.has(2) && world.has(5));
    EXPECT_FALSE(world.has(1) || world.has(4));
}

} // namespace
} // namespace tegami::store
