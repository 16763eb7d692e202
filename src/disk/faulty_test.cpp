// What the twin does to those who trust a disk too much.
#include "disk/faulty.h"

#include <gmock/gmock.h>

#include <set>

namespace tegami::disk {
namespace {

using Call = FaultyFileSystem::Call;
using ::testing::Contains;

constexpr const char* kPath = "/d/f";

std::unique_ptr<File> new_file(FaultyFileSystem& disk) {
    disk.make_directory("/d").value();
    auto file = disk.create(kPath).value();
    disk.sync_directory("/d").value();
    return file;
}

DiskResult<> write(File& file, std::uint64_t offset, std::string_view octets) {
    const std::string_view pieces[] = {octets};
    return file.write_at(offset, pieces);
}

std::string content(FaultyFileSystem& disk) {
    return disk.open(kPath).value()->read_at(0, 1 << 20).value();
}

TEST(FaultyDisk, SyncedOctetsSurvive) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        FaultyFileSystem disk(seed);
        const auto file = new_file(disk);
        ASSERT_TRUE(write(*file, 0, std::string(5000, 'a')));
        ASSERT_TRUE(file->sync());
        ASSERT_TRUE(write(*file, 5000, std::string(5000, 'b')));
        disk.crash();
        const std::string after = content(disk);
        EXPECT_EQ(after.substr(0, 5000), std::string(5000, 'a'));
        EXPECT_EQ(file->read_at(0, 1).error().code, ErrorCode::io) << "a handle from before the crash is dead";
    }
}

TEST(FaultyDisk, UnsyncedOctetsAreTornAndReordered) {
    std::set<std::string> outcomes;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        FaultyFileSystem disk(seed);
        const auto file = new_file(disk);
        ASSERT_TRUE(write(*file, 0, std::string(512, 'a')));
        ASSERT_TRUE(write(*file, 512, std::string(512, 'b')));
        disk.crash();
        outcomes.insert(content(disk));
    }
    EXPECT_THAT(outcomes, Contains(""));
    EXPECT_THAT(outcomes, Contains(std::string(512, 'a')));
    EXPECT_THAT(outcomes, Contains(std::string(512, '\0') + std::string(512, 'b')));
    EXPECT_THAT(outcomes, Contains(std::string(512, 'a') + std::string(512, 'b')));
}

TEST(FaultyDisk, UnsyncedNamesMayBeLost) {
    std::set<bool> outcomes;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        FaultyFileSystem disk(seed);
        disk.make_directory("/d").value();
        const auto file = disk.create(kPath).value();
        ASSERT_TRUE(write(*file, 0, "x"));
        ASSERT_TRUE(file->sync());
        disk.crash();
        outcomes.insert(disk.open(kPath).has_value());
    }
    EXPECT_EQ(outcomes.size(), 2u);
}

TEST(FaultyDisk, AFailedSyncLosesWhatItShouldHaveSaved) {
    FaultyFileSystem disk(1);
    const auto file = new_file(disk);
    ASSERT_TRUE(write(*file, 0, "lost"));
    disk.fail(Call::sync, 1, ErrorCode::io);
    EXPECT_EQ(file->sync().error().code, ErrorCode::io);
    EXPECT_TRUE(file->sync()) << "the second sync lies, as real ones do";
    EXPECT_EQ(file->read_at(0, 9), "lost");
    disk.crash();
    EXPECT_EQ(content(disk), "");
}

TEST(FaultyDisk, RunsFull) {
    FaultyFileSystem disk(1);
    const auto file = new_file(disk);
    disk.set_capacity(1000);
    EXPECT_EQ(disk.free_bytes("/d"), 1000u);
    EXPECT_TRUE(write(*file, 0, std::string(900, 'a')));
    EXPECT_EQ(write(*file, 900, std::string(200, 'b')).error().code, ErrorCode::no_space);
    EXPECT_EQ(file->size(), 1000u) << "a part was written";
    disk.set_capacity(2000);
    EXPECT_TRUE(write(*file, 900, std::string(200, 'b')));
}

TEST(FaultyDisk, FailsTheNthCallAndRots) {
    FaultyFileSystem disk(1);
    const auto file = new_file(disk);
    disk.fail(Call::write, 2, ErrorCode::io);
    EXPECT_TRUE(write(*file, 0, "abc"));
    EXPECT_FALSE(write(*file, 3, "def"));
    EXPECT_TRUE(write(*file, 3, "def"));
    disk.rot(kPath, 1);
    EXPECT_EQ(file->read_at(0, 3), std::string("a") + static_cast<char>('b' ^ 0x10) + "c");
    disk.fail_always(Call::read, ErrorCode::io);
    EXPECT_FALSE(file->read_at(0, 1));
    disk.clear_failures();
    EXPECT_TRUE(file->read_at(0, 1));
}

TEST(FaultyDisk, ACrashReleasesLocks) {
    FaultyFileSystem disk(1);
    const auto before = disk.lock("/LOCK");
    disk.crash();
    EXPECT_TRUE(disk.lock("/LOCK"));
}

TEST(FaultyDisk, ThePowerGoesInTheMiddleOfACall) {
    std::set<std::string> outcomes;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        FaultyFileSystem disk(seed);
        const auto file = new_file(disk);
        int told = 0;
        disk.cut_power(Call::sync, 1, [&told] { ++told; });
        ASSERT_TRUE(write(*file, 0, std::string(1024, 'a')));
        EXPECT_FALSE(file->sync()) << "the power goes while it syncs";
        EXPECT_EQ(told, 1);
        EXPECT_EQ(write(*file, 0, "b").error().code, ErrorCode::io);
        EXPECT_FALSE(disk.open(kPath));
        disk.crash();
        outcomes.insert(content(disk));
    }
    EXPECT_GE(outcomes.size(), 3u) << "all, nothing and a part";
}

} // namespace
} // namespace tegami::disk
