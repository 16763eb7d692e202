// The engine on disks that fail: the segments on the faulty disk, RocksDB on files whose log cannot be written.
#include "base/random.h"
#include "disk/faulty.h"
#include "store/engine/rocks_fixture.h"
#include "store/engine/rocks_log.h"

#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

namespace tegami::store {
namespace {

using rocks::closed_note;
using testing::kAccount;
using testing::noise;
using testing::RocksSubject;
using testing::TemporaryDirectory;
using testing::wait_for;
using Call = disk::FaultyFileSystem::Call;

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
    EXPECT_EQ(code_of(commit(engine(), {Put{"a", "2"}})), ErrorCode::unknown);
    logs_->fault = FailingLogs::Fault::none;
    EXPECT_EQ(code_of(commit(engine(), {Put{"a", "3"}})), ErrorCode::unavailable) << "until it is opened again";
    EXPECT_EQ(wait_for(engine().get(kAccount, "a")), "1") << "reads go on";
    subject_.reopen();
    const auto after = wait_for(engine().get(kAccount, "a"));
    EXPECT_TRUE(after == "1" || after == "2") << "whole or absent, and never the third";
    EXPECT_TRUE(commit(engine(), {Put{"a", "4"}}));
}

/// Counts the syncs of write-ahead logs, and can make them wait: a disk that stalls.
class GatedLogs final : public rocksdb::FileSystemWrapper {
public:
    GatedLogs() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

    const char* Name() const override { return "GatedLogs"; }

    rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result,
                                      rocksdb::IODebugContext* context) override {
        const rocksdb::IOStatus made = target()->NewWritableFile(name, options, result, context);
        if (made.ok() && name.ends_with(".log")) *result = std::make_unique<LogFile>(std::move(*result), *this);
        return made;
    }

    void shut() {
        const std::lock_guard lock(mutex_);
        open_ = false;
    }

    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }

    /// Until a sync waits at the gate.
    void wait_until_stalled() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stalled_ > 0; });
    }

    int syncs() {
        const std::lock_guard lock(mutex_);
        return syncs_;
    }

private:
    class LogFile final : public rocksdb::FSWritableFileOwnerWrapper {
    public:
        LogFile(std::unique_ptr<rocksdb::FSWritableFile> file, GatedLogs& logs)
            : FSWritableFileOwnerWrapper(std::move(file)), logs_(logs) {}

        rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* context) override {
            logs_.pass();
            return FSWritableFileOwnerWrapper::Sync(options, context);
        }

    private:
        GatedLogs& logs_;
    };

    void pass() {
        std::unique_lock lock(mutex_);
        ++syncs_;
        ++stalled_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
        --stalled_;
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = true;
    int stalled_ = 0;
    int syncs_ = 0;
};

/// Takes a log away only when the store has noted its logs, or does not before the log is gone.
class LateRemoval final : public rocksdb::FileSystemWrapper {
public:
    explicit LateRemoval(std::filesystem::path note)
        : FileSystemWrapper(rocksdb::FileSystem::Default()), note_(std::move(note)) {}

    const char* Name() const override { return "late removal"; }

    rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* context) override {
        if (name.ends_with(".log")) {
            begun_ = true;
            begun_.notify_all();
            for (int look = 0; look < 100 && !std::filesystem::exists(note_); ++look)
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return FileSystemWrapper::DeleteFile(name, options, context);
    }

    void wait_until_begun() const { begun_.wait(false); }

private:
    const std::filesystem::path note_;
    std::atomic<bool> begun_ = false;
};

TEST(RocksOnALateDisk, AFlushThatEndsWhileTheStoreIsClosedLeavesItSound) {
    const TemporaryDirectory directory;
    const auto disk = std::make_shared<LateRemoval>(closed_note(directory.path()));
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(disk);
    RocksSubject subject(
        {.directory = directory.path(), .memory_bytes = 1u << 20, .reserve_bytes = 0, .rocks_env = env.get()});
    for (int number = 0; number < 8; ++number) // more than the write buffer
        ASSERT_TRUE(commit(subject.engine(), {Put{"k" + std::to_string(number), noise(number, 900'000)}}));
    disk->wait_until_begun();
    subject.close();
    const auto opened = subject.try_open();
    EXPECT_TRUE(opened) << opened.error().detail;
}

class RocksOnAStallingDisk : public ::testing::Test {
protected:
    Engine& engine() { return subject_.engine(); }

    std::shared_ptr<GatedLogs> logs_ = std::make_shared<GatedLogs>();
    std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(logs_);
    RocksSubject subject_{RocksEngineOptions{.reserve_bytes = 0, .rocks_env = env_.get()}};
};

/// What a queue does: a row that must be new, one that must be as it was, and a range that goes.
async::Awaitable<void> guarded(Engine* engine, std::string key, int* done, ErrorCode* last_error) {
    for (const bool first : {true, false}) {
        Batch batch{{DomainKind::queue, 0}, {}, {}, {}};
        batch.assertions.push_back({key, first ? std::nullopt : std::optional<std::string>("1")});
        if (first)
            batch.operations = {Put{key, "1"}, Put{key + "/item", "x"}};
        else
            batch.operations = {DeleteRange{key, key + "0"}};
        const auto committed = co_await engine->commit(std::move(batch));
        if (committed)
            ++*done;
        else
            *last_error = committed.error().code;
    }
}

async::Awaitable<void> put_one(Engine* engine) {
    Batch batch{kAccount, {}, {}, {Put{"a", "1"}}};
    const auto committed = co_await engine->commit(std::move(batch));
    EXPECT_TRUE(committed.has_value());
}

TEST_F(RocksOnAStallingDisk, ManyGuardedCommitsOfOneDomainAreOneSync) {
    testing::Crowd crowd;
    logs_->shut();
    const int before = logs_->syncs();
    crowd.add(put_one(&engine()));
    testing::test_context().restart();
    testing::test_context().poll();
    logs_->wait_until_stalled(); // the group is closed: what comes now goes with the next one
    int done = 0;
    auto last_error = ErrorCode::exists;
    for (int i = 0; i < 200; ++i)
        crowd.add(guarded(&engine(), "E" + std::to_string(1000 + i), &done, &last_error));
    testing::test_context().poll();
    logs_->open();
    crowd.run(1);
    EXPECT_EQ(done, 400);
    EXPECT_EQ(last_error, ErrorCode::exists) << "none";
    // The first; all that were added while it stalled; and what follows them, which the thread may find in a few
    // groups.
    EXPECT_LT(logs_->syncs() - before, 20);
    EXPECT_EQ(wait_for(engine().scan({DomainKind::queue, 0}, {}))->rows.size(), 0u);
}

TEST_F(RocksOnAStallingDisk, GuardsSeeWhatTheirGroupHasChanged) {
    testing::Crowd crowd;
    logs_->shut();
    crowd.add(put_one(&engine()));
    testing::test_context().restart();
    testing::test_context().poll();
    logs_->wait_until_stalled();
    int done = 0;
    auto last_error = ErrorCode::exists;
    for (int i = 0; i < 3; ++i)
        crowd.add(guarded(&engine(), "same", &done, &last_error));
    testing::test_context().poll();
    logs_->open();
    crowd.run(1);
    EXPECT_EQ(last_error, ErrorCode::conflict);
    // Of the three in one group one wins its first step; each second step that finds the row takes it away.
    EXPECT_EQ(done, 2);
}

async::Awaitable<void> store_small(Engine* engine, std::uint64_t number, int* stored, ErrorCode* last_error) {
    const auto writer = engine->new_blob();
    auto appended = co_await writer->append(noise(number, 8000));
    EXPECT_TRUE(appended.has_value());
    const auto blob = co_await writer->finish("card", {});
    if (blob)
        ++*stored;
    else
        *last_error = blob.error().code;
}

TEST_F(RocksOnAStallingDisk, SendersOfSmallMailWaitInsteadOfBeingRefused) {
    testing::Crowd crowd;
    logs_->shut();
    crowd.add(put_one(&engine()));
    testing::test_context().restart();
    testing::test_context().poll();
    logs_->wait_until_stalled();
    int stored = 0;
    auto last_error = ErrorCode::exists;
    constexpr int kBlobs = 5000; // 40 MB: more than may wait
    for (std::uint64_t i = 0; i < kBlobs; ++i)
        crowd.add(store_small(&engine(), i, &stored, &last_error));
    testing::test_context().poll();
    EXPECT_GT(stored, 3000);
    EXPECT_LT(stored, kBlobs) << "the others are held back";
    logs_->open();
    crowd.run(1);
    EXPECT_EQ(stored, kBlobs);
    EXPECT_EQ(last_error, ErrorCode::exists) << "none";
}

} // namespace
} // namespace tegami::store
