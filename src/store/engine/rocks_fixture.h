// A RocksDB engine in a temporary directory, for tests.
#pragma once

#include "disk/real.h"
#include "store/engine/engine_fixture.h"
#include "store/engine/rocks.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <optional>
#include <string>

#include <stdlib.h>

namespace tegami::store::testing {

class TemporaryDirectory {
public:
    TemporaryDirectory() {
        path_ = (std::filesystem::temp_directory_path() / "tegami_engine_XXXXXX").string();
        if (::mkdtemp(path_.data()) == nullptr) path_.clear();
    }

    ~TemporaryDirectory() { std::filesystem::remove_all(path_); }

    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// The machine's clock, and what a test adds to it.
class MovableClock final : public Clock {
public:
    Timestamp now() const override { return system_.now() + ahead_.load(); }

    Instant instant() const override { return system_.instant() + ahead_.load(); }

    void advance(Duration by) { ahead_ = ahead_.load() + by; }

private:
    SystemClock system_;
    std::atomic<Duration> ahead_{Duration::zero()};
};

class RocksSubject final : public Subject {
public:
    explicit RocksSubject(RocksEngineOptions options = {}, disk::FileSystem* disk = nullptr)
        : options_(std::move(options)), disk_(disk != nullptr ? *disk : real_), pool_(2) {
        if (options_.directory.empty()) options_.directory = directory_.emplace().path() + "/store";
        if (disk == nullptr) options_.reserve_bytes = 0; // the machine that runs the tests may be nearly full
        open();
    }

    Engine& engine() override { return *engine_; }

    RocksEngine& rocks() { return *engine_; }

    bool reopen() override {
        close();
        open();
        return true;
    }

    void close() { engine_.reset(); }

    void open() {
        auto opened = try_open();
        ASSERT_TRUE(opened.has_value()) << opened.error().detail;
        engine_ = *std::move(opened);
    }

    StoreResult<std::unique_ptr<RocksEngine>> try_open() {
        return RocksEngine::open(options_, {disk_, clock_, random_, log_, pool_, long_jobs_});
    }

    MovableClock& clock() { return clock_; }

    const std::string& path() const { return options_.directory; }

private:
    std::optional<TemporaryDirectory> directory_; ///< unless the options name one
    RocksEngineOptions options_;
    disk::RealFileSystem real_;
    disk::FileSystem& disk_;
    MovableClock clock_;
    SystemRandom random_;
    SilentLog log_;
    async::ThreadPool pool_;
    async::ThreadPool long_jobs_{1};
    std::unique_ptr<RocksEngine> engine_;
};

} // namespace tegami::store::testing
