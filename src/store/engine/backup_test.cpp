// Backups of an open store: what a point holds, what is copied, what damage and interruptions do.
#include "store/engine/backup_reader.h"
#include "store/engine/backup_restore.h"
#include "store/engine/rocks_fixture.h"

#include "base/bytes.h"
#include "base/random.h"

#include <boost/asio/executor_work_guard.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

namespace tegami::store {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kAccount;
using testing::noise;
using testing::RocksSubject;
using ::testing::SizeIs;
using testing::wait_for;

std::string key_of(std::uint64_t seed) {
    return fmt::format("{:08}", seed);
}

/// Small for even numbers, else in a segment.
std::size_t size_of(std::uint64_t seed) {
    return seed % 2 == 0 ? 500 : 20'000;
}

class Backup : public ::testing::Test {
protected:
    RocksEngine& engine() { return subject_.rocks(); }

    std::string folder() const { return folder_.path() + "/backup"; }

    /// A blob and a row that names it, in one commit.
    void store(std::uint64_t seed) { store_in(engine(), seed); }

    static BlobId store_in(RocksEngine& engine, std::uint64_t seed) {
        const auto writer = engine.new_blob();
        EXPECT_TRUE(wait_for(writer->append(noise(seed, size_of(seed)))));
        const auto blob = wait_for(writer->finish("card", {}));
        EXPECT_TRUE(blob.has_value());
        const std::string id(reinterpret_cast<const char*>(blob->id.octets.data()), blob->id.octets.size());
        EXPECT_TRUE(
            wait_for(engine.commit({kAccount, {}, {}, {AddReference{blob->id, key_of(seed)}, Put{key_of(seed), id}}})));
        return blob->id;
    }

    BackupDone backup(std::size_t keep = 0) {
        fs::create_directories(folder());
        progress_ = std::make_shared<Progress>();
        auto done = wait_for(engine().backup(
            {.directory = folder(), .keep = keep, .files = {{"note", "text"}}, .damage = {}, .progress = progress_}));
        EXPECT_TRUE(done.has_value()) << done.error().detail;
        return done.value_or(BackupDone{});
    }

    std::unique_ptr<BackupFolder> open_folder() {
        auto opened = BackupFolder::open(disk_, folder(), BackupFolder::Use::read);
        EXPECT_TRUE(opened.has_value()) << opened.error().detail;
        return *std::move(opened);
    }

    std::unique_ptr<BackupReader> read(std::string_view point) {
        auto opened = open_folder();
        const auto found = opened->find(point);
        EXPECT_TRUE(found.has_value());
        auto reader = BackupReader::open(std::move(opened), *found, pool_);
        EXPECT_TRUE(reader.has_value()) << reader.error().detail;
        return *std::move(reader);
    }

    /// Numbers of the rows that an engine has, after reading the blob of each.
    static std::vector<std::uint64_t> numbers_in(Engine& engine) {
        std::vector<std::uint64_t> numbers;
        std::string begin;
        for (bool more = true; more;) {
            const auto page = wait_for(engine.scan(kAccount, {.begin = begin, .end = {}}));
            EXPECT_TRUE(page.has_value());
            for (const Row& row : page->rows) {
                const std::uint64_t seed = std::stoull(row.key);
                BlobId id;
                std::ranges::copy(row.value, id.octets.begin());
                const auto octets = wait_for(engine.read_blob(id, 0, 1u << 20));
                EXPECT_TRUE(octets == noise(seed, size_of(seed))) << row.key;
                numbers.push_back(seed);
            }
            more = page->more;
            if (more) begin = page->rows.back().key + '\0';
        }
        return numbers;
    }

    std::vector<std::string> damage() {
        const auto check = open_folder()->check([](std::uint64_t) { return true; });
        EXPECT_TRUE(check.has_value());
        return check->damage;
    }

    /// Turns a bit of a file.
    static void flip(const fs::path& file, std::uint64_t at) {
        std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
        stream.seekg(static_cast<std::streamoff>(at));
        const char octet = static_cast<char>(stream.get() ^ 1);
        stream.seekp(static_cast<std::streamoff>(at));
        stream.put(octet);
    }

    static fs::path only_file(const fs::path& directory) { return fs::directory_iterator(directory)->path(); }

    boost::asio::io_context committing_; ///< outlives the engine, whose threads answer on it
    const boost::asio::executor_work_guard<boost::asio::io_context::executor_type> busy_{
        boost::asio::make_work_guard(committing_)};
    testing::TemporaryDirectory folder_;
    disk::RealFileSystem disk_;
    ProgressPtr progress_; ///< of the last backup
    async::ThreadPool pool_{2};
    RocksSubject subject_;
};

std::vector<std::uint64_t> up_to(std::uint64_t count) {
    std::vector<std::uint64_t> numbers(count);
    for (std::uint64_t i = 0; i < count; ++i)
        numbers[i] = i;
    return numbers;
}

TEST_F(Backup, HoldsWhatWasCommittedAndKeepsEveryPoint) {
    for (std::uint64_t seed = 0; seed < 10; ++seed)
        store(seed);
    const BackupDone first = backup();
    for (std::uint64_t seed = 10; seed < 15; ++seed)
        store(seed);
    const BackupDone second = backup();
    EXPECT_THAT(open_folder()->points(), SizeIs(2));
    EXPECT_EQ(numbers_in(*read(first.point.name)), up_to(10));
    EXPECT_EQ(numbers_in(*read(second.point.name)), up_to(15));
    EXPECT_THAT(damage(), IsEmpty());
    const auto opened = open_folder();
    EXPECT_EQ(opened->read_file(opened->points().back(), opened->points().back().files.front()), "text");
}

TEST_F(Backup, CopiesOnlyWhatIsNew) {
    for (std::uint64_t seed = 0; seed < 100; ++seed)
        store(seed);
    const BackupDone first = backup();
    EXPECT_GT(first.octets_written, 1'000'000U);
    EXPECT_GT(progress_->step().done, 1'000'000U);
    EXPECT_EQ(progress_->step().done, progress_->step().total);
    EXPECT_LT(backup().octets_written, 20'000U);
    EXPECT_LT(progress_->step().total, 20'000U);
    store(101);
    const BackupDone third = backup();
    EXPECT_GT(third.octets_written, 20'000U);
    EXPECT_LT(third.octets_written, 60'000U);
    EXPECT_GT(third.point.octets(), first.point.octets());
}

TEST_F(Backup, WhileCommitsGoOnHoldsABeginningOfThemWithAllThatWasAnsweredBefore) {
    std::atomic<std::uint64_t> answered = 0;
    std::atomic<bool> enough = false;
    std::thread committing([&] {
        for (std::uint64_t seed = 0; !enough; ++seed) {
            const auto writer = engine().new_blob();
            EXPECT_TRUE(async::run_on(committing_, writer->append(noise(seed, size_of(seed)))));
            const auto blob = async::run_on(committing_, writer->finish("card", {}));
            const std::string id(reinterpret_cast<const char*>(blob->id.octets.data()), blob->id.octets.size());
            EXPECT_TRUE(async::run_on(
                committing_,
                engine().commit({kAccount, {}, {}, {AddReference{blob->id, key_of(seed)}, Put{key_of(seed), id}}})));
            answered = seed + 1;
        }
    });
    std::vector<std::pair<std::string, std::uint64_t>> points;
    for (int round = 0; round < 6; ++round) {
        const std::uint64_t before = answered;
        points.emplace_back(backup().point.name, before);
    }
    enough = true;
    committing.join();
    for (const auto& [name, before] : points) {
        const std::vector<std::uint64_t> numbers = numbers_in(*read(name));
        EXPECT_GE(numbers.size(), before);
        EXPECT_EQ(numbers, up_to(numbers.size())) << name;
    }
    EXPECT_THAT(damage(), IsEmpty());
}

TEST_F(Backup, KeepRemovesOldPointsAndWhatOnlyTheyNeeded) {
    std::vector<BlobId> blobs;
    for (std::uint64_t seed = 1; seed < 40; seed += 2)
        blobs.push_back(store_in(engine(), seed));
    static_cast<void>(backup());
    subject_.close();
    subject_.open(); // closes no segment: the next blobs go on in the same one
    store(100);
    static_cast<void>(backup());
    const BackupDone third = backup(2);
    EXPECT_THAT(third.removed, SizeIs(1));
    EXPECT_THAT(open_folder()->points(), SizeIs(2));
    const BackupDone last = backup(1);
    EXPECT_THAT(last.removed, SizeIs(2));
    std::size_t databases = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder() + "/database/private"))
        ++databases;
    EXPECT_EQ(databases, 1U);
    EXPECT_THAT(damage(), IsEmpty());
    EXPECT_THAT(numbers_in(*read("")), SizeIs(21));
}

TEST_F(Backup, WhatTheCollectorRemovedIsStillInOlderPoints) {
    subject_.close();
    RocksSubject small({.segment_bytes_max = 100'000, .unreferenced_for = std::chrono::seconds(0)});
    std::vector<BlobId> blobs;
    for (std::uint64_t seed = 1; seed < 40; seed += 2)
        blobs.push_back(store_in(small.rocks(), seed));
    fs::create_directories(folder());
    ASSERT_TRUE(wait_for(small.rocks().backup({.directory = folder()})));
    for (std::size_t i = 0; i + 2 < blobs.size(); ++i)
        ASSERT_TRUE(wait_for(small.rocks().commit(
            {kAccount, {}, {}, {RemoveReference{blobs[i], key_of(2 * i + 1)}, Delete{key_of(2 * i + 1)}}})));
    small.clock().advance(std::chrono::hours(1));
    const auto collected = wait_for(small.rocks().collect());
    ASSERT_TRUE(collected.has_value());
    EXPECT_GT(collected->segments, 0U);
    const auto second = wait_for(small.rocks().backup({.directory = folder(), .keep = 0}));
    ASSERT_TRUE(second.has_value());
    const std::string first = open_folder()->points().front().name;
    EXPECT_THAT(numbers_in(*read(first)), SizeIs(20));
    EXPECT_THAT(numbers_in(*read(second->point.name)), SizeIs(2));
    const auto third = wait_for(small.rocks().backup({.directory = folder(), .keep = 1}));
    ASSERT_TRUE(third.has_value());
    EXPECT_THAT(numbers_in(*read("")), SizeIs(2));
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder() + "/segments"))
        ++files;
    EXPECT_EQ(files, third->point.segments.size());
}

TEST_F(Backup, TheCollectorTakesNothingAwayFromABackupUnderWay) {
    subject_.close();
    RocksSubject small({.segment_bytes_max = 60'000,
                        .unreferenced_for = std::chrono::seconds(1),
                        .collect_interval = std::chrono::seconds(0)});
    std::atomic<bool> enough = false;
    std::thread deleting([&] {
        std::map<std::uint64_t, BlobId> there;
        for (std::uint64_t seed = 1; !enough; seed += 2) {
            const auto writer = small.engine().new_blob();
            EXPECT_TRUE(async::run_on(committing_, writer->append(noise(seed, size_of(seed)))));
            const auto blob = async::run_on(committing_, writer->finish("card", {}));
            const std::string id(reinterpret_cast<const char*>(blob->id.octets.data()), blob->id.octets.size());
            Batch batch{kAccount, {}, {}, {AddReference{blob->id, key_of(seed)}, Put{key_of(seed), id}}};
            there.emplace(seed, blob->id);
            // Two of three go again soon: every segment is emptied sooner or later.
            if (there.size() > 6) {
                auto gone = seed % 3 == 0 ? there.begin() : std::next(there.begin());
                batch.operations.emplace_back(RemoveReference{gone->second, key_of(gone->first)});
                batch.operations.emplace_back(Delete{key_of(gone->first)});
                there.erase(gone);
            }
            EXPECT_TRUE(async::run_on(committing_, small.engine().commit(std::move(batch))));
        }
    });
    fs::create_directories(folder());
    std::vector<std::string> points;
    for (int round = 0; round < 4; ++round) {
        const auto done = wait_for(small.rocks().backup({.directory = folder()}));
        EXPECT_TRUE(done.has_value()) << done.error().detail;
        EXPECT_THAT(done->point.damage, IsEmpty());
        points.push_back(done->point.name);
    }
    enough = true;
    deleting.join();
    for (const std::string& point : points)
        EXPECT_LE(numbers_in(*read(point)).size(), 7U) << point; // each of them is read
    EXPECT_THAT(damage(), IsEmpty());
}

TEST_F(Backup, DamageOfTheStoreIsNamedAndTheRestIsSaved) {
    for (std::uint64_t seed = 1; seed < 20; seed += 2)
        store(seed);
    const auto segment = only_file(subject_.path() + "/segments");
    flip(segment, 50'000);
    const BackupDone done = backup();
    EXPECT_THAT(done.point.damage, ElementsAre(HasSubstr("0000000000000001 is damaged at")));
    EXPECT_THAT(damage(), IsEmpty()); // the backup itself is as it was written
    const auto reader = read("");
    std::size_t readable = 0;
    const auto page = wait_for(reader->scan(kAccount, {}));
    for (const Row& row : page->rows) {
        BlobId id;
        std::ranges::copy(row.value, id.octets.begin());
        readable += wait_for(reader->read_blob(id, 0, 1u << 20)).has_value() ? 1 : 0;
    }
    EXPECT_EQ(readable, 9U);
}

TEST_F(Backup, DamageOfTheBackupIsFound) {
    for (std::uint64_t seed = 0; seed < 20; ++seed)
        store(seed);
    static_cast<void>(backup());
    flip(only_file(folder() + "/segments"), 50'000);
    EXPECT_THAT(damage(), ElementsAre(HasSubstr("its checksum does not match")));
    flip(only_file(folder() + "/database/shared_checksum"), 1000);
    EXPECT_THAT(damage(), SizeIs(2));
    const auto opened = open_folder();
    const auto restored = restore_store(*opened, opened->points().front(), folder_.path() + "/new");
    ASSERT_FALSE(restored.has_value());
    EXPECT_EQ(restored.error().code, ErrorCode::damaged);
    EXPECT_THAT(restored.error().detail, HasSubstr("is damaged"));
}

TEST_F(Backup, ADamagedManifestIsToldAndKeepsEverything) {
    store(1);
    const BackupDone first = backup();
    store(3);
    const BackupDone second = backup();
    flip(folder() + "/points/" + first.point.name + ".manifest", 30);
    EXPECT_THAT(open_folder()->unreadable(), ElementsAre(first.point.name));
    EXPECT_EQ(open_folder()->find(first.point.name).error().code, ErrorCode::damaged);
    EXPECT_EQ(open_folder()->find("")->name, second.point.name);
    EXPECT_THAT(damage(), ElementsAre(HasSubstr(first.point.name)));
    static_cast<void>(backup(1));
    std::size_t databases = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder() + "/database/private"))
        ++databases;
    EXPECT_EQ(databases, 3U);
}

TEST_F(Backup, WhatAnInterruptedBackupLeftIsUsedAndNotTrusted) {
    for (std::uint64_t seed = 1; seed < 40; seed += 2)
        store(seed);
    static_cast<void>(backup());
    store(101);
    const auto file = only_file(folder() + "/segments");
    const auto sound = fs::file_size(file);
    {
        std::ofstream(file, std::ios::app | std::ios::binary) << noise(7, 30'000);
    } // torn
    {
        std::ofstream(folder() + "/points/2026-01-01T000000Z.tegami.toml") << "x";
    }
    {
        std::ofstream(folder() + "/segments/0000000000000009.seg") << "x";
    }
    EXPECT_THAT(damage(), IsEmpty());
    const BackupDone second = backup();
    EXPECT_GT(second.point.segments.front().octets, sound);
    EXPECT_EQ(fs::file_size(file), second.point.segments.front().octets);
    EXPECT_FALSE(fs::exists(folder() + "/points/2026-01-01T000000Z.tegami.toml"));
    EXPECT_FALSE(fs::exists(folder() + "/segments/0000000000000009.seg"));
    EXPECT_THAT(damage(), IsEmpty());
    EXPECT_THAT(numbers_in(*read("")), SizeIs(21));
}

TEST_F(Backup, WhatOneLeftThatWasCutOffAtItsBeginningIsNoForeignFolder) {
    fs::create_directories(folder());
    for (const char* const name : {"/LOCK", "/TEGAMI-BACKUP.new"})
        std::ofstream(folder() + name) << "tegami";
    store(1);
    static_cast<void>(backup());
    EXPECT_THAT(numbers_in(*read("")), SizeIs(1));
}

TEST_F(Backup, AForeignFolderIsRefused) {
    fs::create_directories(folder());
    {
        std::ofstream(folder() + "/somebody's") << "x";
    }
    const auto done = wait_for(engine().backup({.directory = folder()}));
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code, ErrorCode::invalid);
    EXPECT_FALSE(BackupFolder::open(disk_, folder(), BackupFolder::Use::read));
    EXPECT_FALSE(BackupFolder::open(disk_, folder() + "/none", BackupFolder::Use::read));
}

TEST_F(Backup, OneAtATime) {
    store(1);
    static_cast<void>(backup());
    const auto used = open_folder();
    const auto done = wait_for(engine().backup({.directory = folder()}));
    ASSERT_FALSE(done.has_value());
    EXPECT_THAT(done.error().detail, HasSubstr("in use"));
    EXPECT_THAT((*BackupFolder::open(disk_, folder(), BackupFolder::Use::look))->points(), SizeIs(1));
}

TEST_F(Backup, RestoredWholeItGoesOnAndItsHistoriesStayApart) {
    for (std::uint64_t seed = 0; seed < 10; ++seed)
        store(seed);
    const BackupDone first = backup();
    for (std::uint64_t seed = 10; seed < 20; ++seed)
        store(seed);
    const BackupDone second = backup();
    const std::string restored = folder_.path() + "/restored";
    {
        const auto opened = open_folder();
        const auto done = restore_store(*opened, *opened->find(first.point.name), restored);
        ASSERT_TRUE(done.has_value()) << done.error().detail;
        EXPECT_THAT(done->damage, IsEmpty());
    }
    RocksSubject other({.directory = restored});
    EXPECT_EQ(numbers_in(other.engine()), up_to(10));
    const auto version = wait_for(other.engine().commit({kAccount, {}, {}, {Put{"x", "y"}}}));
    EXPECT_GT(version->value, 1'000'000U);
    ASSERT_TRUE(wait_for(other.engine().commit({kAccount, {}, {}, {Delete{"x"}}})));
    for (std::uint64_t seed = 100; seed < 110; ++seed)
        store_in(other.rocks(), seed);
    ASSERT_TRUE(wait_for(other.rocks().backup({.directory = folder()})));
    EXPECT_THAT(damage(), IsEmpty());
    EXPECT_EQ(numbers_in(*read(second.point.name)), up_to(20));
    EXPECT_THAT(numbers_in(*read("")), SizeIs(20));
    EXPECT_EQ(wait_for(other.engine().check({}))->damage_count, 0U);
}

TEST_F(Backup, ABlobComesBackUnderItsId) {
    subject_.close();
    RocksSubject here({.unreferenced_for = std::chrono::seconds(0)});
    const BlobId blob = store_in(here.rocks(), 1);
    ASSERT_TRUE(
        wait_for(here.engine().commit({kAccount, {}, {}, {RemoveReference{blob, key_of(1)}, Delete{key_of(1)}}})));
    here.clock().advance(std::chrono::hours(1));
    ASSERT_TRUE(wait_for(here.rocks().collect()));
    EXPECT_FALSE(wait_for(here.engine().read_card(blob)));
    const auto writer = here.rocks().restored_blob(blob);
    ASSERT_TRUE(wait_for(writer->append(noise(1, size_of(1)))));
    const auto again = wait_for(writer->finish("card", {}));
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->id, blob);
    ASSERT_TRUE(wait_for(here.engine().commit({kAccount, {}, {}, {AddReference{blob, "t"}}})));
    here.reopen();
    EXPECT_EQ(wait_for(here.engine().read_blob(blob, 0, 1u << 20)), noise(1, size_of(1)));
    EXPECT_EQ(wait_for(here.engine().check({}))->damage_count, 0U);
}

TEST(BackupManifest, IsReadAsItWasWritten) {
    const BackupPoint point{.name = {},
                            .time = Timestamp(std::chrono::seconds(1'800'000'000)),
                            .database = 7,
                            .database_octets = 1234,
                            .accounts = 3,
                            .files = {{"tegami.toml", 10, 0xdeadbeef}},
                            .segments = {{1, "0000000000000001.seg", 99, 1}, {10, "000000000000000a.seg.1", 5, 2}},
                            .damage = {"a table is damaged"}};
    const std::string octets = encode_manifest(point);
    EXPECT_EQ(decode_manifest(octets), point);
    EXPECT_EQ(point.octets(), 1234U + 10 + 99 + 5);
    for (std::size_t at = 0; at < octets.size(); ++at) {
        std::string other = octets;
        other[at] = static_cast<char>(other[at] ^ 1);
        EXPECT_FALSE(decode_manifest(other)) << at;
        EXPECT_FALSE(decode_manifest(octets.substr(0, at))) << at;
    }
    // No name leads out of the folder, whoever has written it.
    std::string outside = "tegami-backup 1\nsegment 0000000000000001 ../x 1 00000000\n";
    outside += fmt::format("end {:08x}\n", bytes::crc32c(outside));
    EXPECT_FALSE(decode_manifest(outside));
}

} // namespace
} // namespace tegami::store
