// The engine on disks that fail: the segments on the faulty disk, RocksDB on files whose log cannot be written.
#include "base/random.h"
#include "disk/faulty.h"
#include "store/engine/rocks_fixture.h"

#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>

namespace tegami::store {
namespace {

using testing::RocksSubject;
using testing::TemporaryDirectory;
using testing::wait_for;
using Call = disk::FaultyFileSystem::Call;

constexpr Domain kAccount{DomainKind::account, 1};

std::string noise(std::uint64_t seed, std::size_t size) {
    SeededRandom random(seed);
    std::string octets(size, '\0');
    random.fill(octets.data(), size);
    return octets;
}

StoreResult<BlobRef> store(Engine& engine, const std::string& content) {
    const auto writer = engine.new_blob();
    TRY_VOID(wait_for(writer->append(content)));
    return wait_for(writer->finish("card", {}));
}

StoreResult<Version> commit(Engine& engine, std::vector<Operation> operations) {
    return wait_for(engine.commit({kAccount, {}, {}, std::move(operations)}));
}

ErrorCode code_of(const auto& result) {
    return result ? ErrorCode::exists : result.error().code;
}

TEST(RocksOnAFaultyDisk, ASegmentThatCannotBeSyncedAcknowledgesNothing) {
    disk::FaultyFileSystem disk(1);
    const TemporaryDirectory directory;
    RocksSubject subject({.directory = directory.path(), .reserve_bytes = 0}, &disk);
    Engine& engine = subject.engine();
    const auto before = store(engine, noise(1, 50000));
    ASSERT_TRUE(before && commit(engine, {AddReference{before->id, "t"}}));
    disk.fail(Call::sync, 1, disk::ErrorCode::io);
    EXPECT_EQ(code_of(store(engine, noise(2, 50000))), ErrorCode::unavailable);
    const auto after = store(engine, noise(3, 50000));
    ASSERT_TRUE(after && commit(engine, {AddReference{after->id, "t"}}));
    subject.close();
    disk.crash();
    subject.open();
    EXPECT_TRUE(wait_for(subject.engine().read_blob(before->id, 0, 50000)) == noise(1, 50000));
    EXPECT_TRUE(wait_for(subject.engine().read_blob(after->id, 0, 50000)) == noise(3, 50000));
}

TEST(RocksOnAFaultyDisk, AFullDiskRefusesBlobsAndRecovers) {
    disk::FaultyFileSystem disk(1);
    const TemporaryDirectory directory;
    RocksSubject subject({.directory = directory.path(), .reserve_bytes = 0}, &disk);
    disk.set_capacity(30000);
    EXPECT_EQ(code_of(store(subject.engine(), noise(1, 50000))), ErrorCode::no_space);
    EXPECT_TRUE(commit(subject.engine(), {Put{"a", "1"}})) << "rows have their own disk here";
    EXPECT_EQ(code_of(store(subject.engine(), noise(1, 5u << 20))), ErrorCode::no_space) << "no room to spill either";
    disk.set_capacity(1u << 20);
    EXPECT_TRUE(store(subject.engine(), noise(1, 50000)));
}

TEST(RocksOnAFaultyDisk, TheReserveIsForDeleting) {
    disk::FaultyFileSystem disk(1);
    const TemporaryDirectory directory;
    RocksSubject subject({.directory = directory.path(), .reserve_bytes = 100000}, &disk);
    Engine& engine = subject.engine();
    disk.set_capacity(80000);
    EXPECT_EQ(code_of(store(engine, "small")), ErrorCode::no_space);
    EXPECT_EQ(code_of(store(engine, noise(1, 20000))), ErrorCode::no_space);
    EXPECT_EQ(code_of(commit(engine, {Put{"a", std::string(20000, 'x')}})), ErrorCode::no_space);
    EXPECT_TRUE(commit(engine, {Delete{"a"}}));
    disk.set_capacity(20000);
    EXPECT_EQ(code_of(commit(engine, {Delete{"a"}})), ErrorCode::no_space);
    disk.set_capacity(200000);
    EXPECT_EQ(commit(engine, {Put{"a", std::string(20000, 'x')}}), Version(2));
    EXPECT_TRUE(store(engine, "small"));
}

/// Makes every write or sync of a write-ahead log fail while it is told to.
class FailingLogs final : public rocksdb::FileSystemWrapper {
public:
    enum class Fault : std::uint8_t { none, no_space, io_error };

    FailingLogs() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

    const char* Name() const override { return "FailingLogs"; }

    rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result,
                                      rocksdb::IODebugContext* context) override {
        const rocksdb::IOStatus made = target()->NewWritableFile(name, options, result, context);
        if (made.ok() && name.ends_with(".log")) *result = std::make_unique<LogFile>(std::move(*result), fault);
        return made;
    }

    std::atomic<Fault> fault = Fault::none;

private:
    class LogFile final : public rocksdb::FSWritableFileOwnerWrapper {
    public:
        LogFile(std::unique_ptr<rocksdb::FSWritableFile> file, const std::atomic<Fault>& fault)
            : FSWritableFileOwnerWrapper(std::move(file)), fault_(fault) {}

        using FSWritableFileOwnerWrapper::Append;

        rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* context) override {
            if (fault_ == Fault::no_space) return rocksdb::IOStatus::NoSpace("told to");
            return FSWritableFileOwnerWrapper::Append(data, options, context);
        }

        rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* context) override {
            if (fault_ == Fault::io_error) return rocksdb::IOStatus::IOError("told to");
            return FSWritableFileOwnerWrapper::Sync(options, context);
        }

    private:
        const std::atomic<Fault>& fault_;
    };
};

class RocksWithoutALog : public ::testing::Test {
protected:
    Engine& engine() { return subject_.engine(); }

    std::shared_ptr<FailingLogs> logs_ = std::make_shared<FailingLogs>();
    std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(logs_);
    RocksSubject subject_{RocksEngineOptions{.reserve_bytes = 0, .rocks_env = env_.get()}};
};

TEST_F(RocksWithoutALog, AFullDiskFailsTheGroupAndLaterGroupsGoOn) {
    ASSERT_TRUE(commit(engine(), {Put{"a", "1"}}));
    const auto small = store(engine(), "small");
    const auto large = store(engine(), noise(1, 50000));
    ASSERT_TRUE(small && large);
    logs_->fault = FailingLogs::Fault::no_space;
    const std::vector<Operation> operations = {Put{"a", "2"}, AddReference{small->id, "t"},
                                               AddReference{large->id, "t"}};
    for (int i = 0; i < 3; ++i) {
        const auto refused = commit(engine(), operations);
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(refused.error().code, ErrorCode::no_space) << refused.error().detail;
    }
    EXPECT_EQ(wait_for(engine().get(kAccount, "a")), "1");
    EXPECT_EQ(wait_for(engine().read_blob(small->id, 0, 10)), "small") << "waiting blobs are still there";
    logs_->fault = FailingLogs::Fault::none;
    EXPECT_EQ(commit(engine(), operations), Version(2));
    subject_.reopen();
    EXPECT_EQ(wait_for(engine().get(kAccount, "a")), "2");
    EXPECT_EQ(wait_for(engine().read_blob(small->id, 0, 10)), "small");
    EXPECT_TRUE(wait_for(engine().read_blob(large->id, 0, 50000)) == noise(1, 50000));
}

TEST_F(RocksWithoutALog, AFailedSyncIsNeverPretendedAway) {
    ASSERT_TRUE(commit(engine(), {Put{"a", "1"}}));
    logs_->fault = FailingLogs::Fault::io_error;
    EXPECT_EQ(code_of(commit(engine(), {Put{"a", "2"}})), ErrorCode::unavailable);
    logs_->fault = FailingLogs::Fault::none;
    EXPECT_EQ(code_of(commit(engine(), {Put{"a", "3"}})), ErrorCode::unavailable) << "until it is opened again";
    EXPECT_EQ(wait_for(engine().get(kAccount, "a")), "1") << "reads go on";
    subject_.reopen();
    const auto after = wait_for(engine().get(kAccount, "a"));
    EXPECT_TRUE(after == "1" || after == "2") << "whole or absent, and never the third";
    EXPECT_TRUE(commit(engine(), {Put{"a", "4"}}));
}

} // namespace
} // namespace tegami::store
