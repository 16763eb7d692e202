// What the conformance suite cannot see: collecting, damage, refusal to open, full disks and failed syncs.
#include "store/engine/rocks.h"

#include "base/random.h"
#include "disk/faulty.h"
#include "store/engine/rocks_fixture.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rocksdb/db.h>

#include <filesystem>
#include <fstream>

namespace tegami::store {
namespace {

using ::testing::HasSubstr;
using testing::kAccount;
using testing::noise;
using testing::RocksSubject;
using testing::wait_for;
using namespace std::chrono_literals;

class Rocks : public ::testing::Test {
protected:
    RocksEngine& engine() { return subject_.rocks(); }

    BlobId store(std::uint64_t seed, std::size_t size, bool referenced = true) {
        const auto writer = engine().new_blob();
        EXPECT_TRUE(wait_for(writer->append(noise(seed, size))));
        const auto blob = wait_for(writer->finish("card " + std::to_string(seed), {}));
        EXPECT_TRUE(blob.has_value());
        if (referenced) {
            EXPECT_TRUE(commit({AddReference{blob->id, "t"}}));
        }
        return blob->id;
    }

    StoreResult<Version> commit(std::vector<Operation> operations) {
        return wait_for(engine().commit({kAccount, {}, {}, std::move(operations)}));
    }

    bool is_whole(BlobId blob, std::uint64_t seed, std::size_t size) {
        return wait_for(engine().read_blob(blob, 0, size + 1)) == noise(seed, size) &&
               wait_for(engine().read_card(blob)) == "card " + std::to_string(seed);
    }

    ErrorCode read_error(BlobId blob) {
        const auto octets = wait_for(engine().read_blob(blob, 0, 100));
        return octets ? ErrorCode::exists : octets.error().code;
    }

    std::vector<std::filesystem::path> segment_files() {
        std::vector<std::filesystem::path> files;
        for (const auto& entry : std::filesystem::directory_iterator(subject_.path() + "/segments"))
            files.push_back(entry.path());
        std::ranges::sort(files);
        return files;
    }

    static void flip(const std::filesystem::path& path, std::streamoff offset) {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(offset);
        const int octet = file.get();
        file.seekp(offset);
        file.put(static_cast<char>(octet ^ 0x40));
    }

    /// Moves all rows from the log into a table and turns a bit in the middle of it around; the store is closed.
    static void damage_table(const std::filesystem::path& directory) {
        rocksdb::DB* raw = nullptr;
        ASSERT_TRUE(rocksdb::DB::Open({}, directory.string(), &raw).ok());
        ASSERT_TRUE(raw->Flush({}).ok());
        delete raw;
        std::filesystem::path largest;
        for (const auto& entry : std::filesystem::directory_iterator(directory))
            if (entry.path().extension() == ".sst" &&
                (largest.empty() || entry.file_size() > std::filesystem::file_size(largest)))
                largest = entry.path();
        ASSERT_FALSE(largest.empty());
        flip(largest, static_cast<std::streamoff>(std::filesystem::file_size(largest) / 2));
    }

    RocksSubject subject_{RocksEngineOptions{.segment_bytes_max = 200000}};
};

TEST_F(Rocks, UnreferencedBlobsGoAfterAnHour) {
    for (const std::size_t size : {500u, 50000u}) {
        const BlobId kept = store(1, size);
        const BlobId orphan = store(2, size, false);
        const BlobId dropped = store(3, size);
        ASSERT_TRUE(commit({AddReference{kept, "u"}, RemoveReference{kept, "t"}, RemoveReference{dropped, "t"}}));
        EXPECT_EQ(wait_for(engine().collect())->blobs, 0u) << "too early";
        EXPECT_TRUE(is_whole(dropped, 3, size));
        subject_.clock().advance(3601s);
        EXPECT_EQ(wait_for(engine().collect())->blobs, 2u);
        EXPECT_EQ(read_error(orphan), ErrorCode::not_found);
        EXPECT_EQ(read_error(dropped), ErrorCode::not_found);
        EXPECT_TRUE(is_whole(kept, 1, size));
        EXPECT_EQ(commit({AddReference{orphan, "t"}}).error().code, ErrorCode::not_found);
    }
}

TEST_F(Rocks, AReferenceTakenOutAndPutBackKeepsTheBlob) {
    const BlobId blob = store(1, 50000);
    ASSERT_TRUE(commit({RemoveReference{blob, "t"}}));
    subject_.clock().advance(3601s);
    ASSERT_TRUE(commit({AddReference{blob, "again"}}));
    EXPECT_EQ(wait_for(engine().collect())->blobs, 0u);
    EXPECT_TRUE(is_whole(blob, 1, 50000));
}

TEST_F(Rocks, SegmentsLessThanHalfAliveAreEmptied) {
    std::vector<BlobId> blobs;
    for (std::uint64_t i = 0; i < 40; ++i)
        blobs.push_back(store(i, 40000));
    const std::size_t before = segment_files().size();
    EXPECT_EQ(before, 10u);
    for (std::size_t i = 0; i < blobs.size(); ++i)
        if (i % 4 != 0) ASSERT_TRUE(commit({RemoveReference{blobs[i], "t"}}));
    subject_.clock().advance(3601s);
    const auto collected = wait_for(engine().collect());
    ASSERT_TRUE(collected.has_value());
    EXPECT_EQ(collected->blobs, 30u);
    EXPECT_GE(collected->segments, 9u);
    EXPECT_LE(segment_files().size(), 4u);
    for (int round = 0; round < 2; ++round) {
        for (std::size_t i = 0; i < blobs.size(); ++i) {
            if (i % 4 == 0)
                EXPECT_TRUE(is_whole(blobs[i], i, 40000));
            else
                EXPECT_EQ(read_error(blobs[i]), ErrorCode::not_found);
        }
        subject_.reopen();
    }
    const auto progress = std::make_shared<Progress>();
    const auto report = wait_for(engine().check(progress));
    EXPECT_GT(progress->step().done, 10 * 20'000u);
    EXPECT_GE(progress->step().total, progress->step().done);
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->damage_count, 0u);
    EXPECT_EQ(report->blobs, 10u);
    EXPECT_EQ(report->blob_octets, 400000u);
}

TEST_F(Rocks, CheckCountsAndFindsNothingWrongInASoundStore) {
    store(1, 500);
    store(2, 500000);
    store(3, 600, false);
    ASSERT_TRUE(commit({Put{"a", "1"}, Put{"b", "2"}}));
    const auto report = wait_for(engine().check({}));
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->rows, 2u);
    EXPECT_EQ(report->blobs, 3u);
    EXPECT_EQ(report->blob_octets, 501100u);
    EXPECT_EQ(report->unreferenced, 1u);
    EXPECT_EQ(report->damage_count, 0u) << report->damage.front();
}

TEST_F(Rocks, CheckNamesADamagedBlobAndTheRestStaysReadable) {
    const BlobId rotten = store(1, 60000);
    const BlobId whole = store(2, 60000);
    flip(segment_files().front(), 30000);
    EXPECT_EQ(read_error(rotten), ErrorCode::damaged);
    EXPECT_TRUE(is_whole(whole, 2, 60000));
    const auto report = wait_for(engine().check({}));
    ASSERT_TRUE(report.has_value());
    ASSERT_EQ(report->damage_count, 1u);
    EXPECT_THAT(report->damage.front(), HasSubstr("checksum"));
}

TEST_F(Rocks, ADamagedSegmentIsNeverCollected) {
    std::vector<BlobId> blobs;
    for (std::uint64_t i = 0; i < 8; ++i)
        blobs.push_back(store(i, 40000));
    ASSERT_TRUE(
        commit({RemoveReference{blobs[0], "t"}, RemoveReference{blobs[1], "t"}, RemoveReference{blobs[2], "t"}}));
    flip(segment_files().front(), 8 + 2 * 40064); // somewhere in the third record
    flip(segment_files().front(), 8 + 3 * 40064 + 300);
    subject_.clock().advance(3601s);
    const auto collected = wait_for(engine().collect());
    ASSERT_TRUE(collected.has_value());
    EXPECT_EQ(collected->blobs, 3u);
    EXPECT_EQ(collected->segments, 0u);
    EXPECT_EQ(segment_files().size(), 2u);
    EXPECT_TRUE(is_whole(blobs[5], 5, 40000));
}

TEST_F(Rocks, OneProcessAtATime) {
    const auto second = subject_.try_open();
    ASSERT_FALSE(second.has_value());
    EXPECT_THAT(second.error().detail, HasSubstr("in use by another process"));
    subject_.close();
    EXPECT_TRUE(subject_.try_open().has_value());
}

TEST_F(Rocks, ANewerSchemaIsRefused) {
    subject_.close();
    {
        rocksdb::DB* raw = nullptr;
        ASSERT_TRUE(rocksdb::DB::Open({}, subject_.path() + "/db", &raw).ok());
        const std::unique_ptr<rocksdb::DB> db(raw);
        ASSERT_TRUE(db->Put({}, "S", rocksdb::Slice("\0\0\1\0\1", 5)).ok());
    }
    const auto refused = subject_.try_open();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::invalid);
    EXPECT_THAT(refused.error().detail, HasSubstr("newer"));
}

TEST_F(Rocks, SegmentsWithoutADatabaseAreRefused) {
    store(1, 50000);
    subject_.close();
    std::filesystem::remove_all(subject_.path() + "/db");
    for (int attempt = 0; attempt < 2; ++attempt) {
        const auto refused = subject_.try_open();
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(refused.error().code, ErrorCode::damaged);
    }
    EXPECT_EQ(segment_files().size(), 1u);
}

TEST_F(Rocks, AScanGoesAroundADamagedBlock) {
    constexpr int kRows = 2000;
    for (int i = 0; i < kRows; i += 500) {
        std::vector<Operation> operations;
        for (int k = i; k < i + 500; ++k)
            operations.emplace_back(Put{fmt::format("k{:04}", k), std::string(100, static_cast<char>('a' + k % 7))});
        ASSERT_TRUE(commit(std::move(operations)));
    }
    subject_.close();
    damage_table(subject_.path() + "/db");
    subject_.open();
    Range range{.begin = "k", .end = "l", .rows_max = 300};
    const auto refused = wait_for(engine().scan(kAccount, {"k0800", "", 1000}));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::damaged);
    range.around_damage = true;
    std::size_t rows = 0;
    std::vector<DamagedKeys> damaged;
    for (bool more = true; more;) {
        const auto page = wait_for(engine().scan(kAccount, range));
        ASSERT_TRUE(page.has_value());
        for (const Row& row : page->rows) {
            EXPECT_EQ(row.value, std::string(100, static_cast<char>('a' + std::stoi(row.key.substr(1)) % 7)));
            for (const DamagedKeys& keys : damaged)
                EXPECT_FALSE(row.key >= keys.begin && row.key < keys.end);
        }
        rows += page->rows.size();
        damaged.insert(damaged.end(), page->damaged.begin(), page->damaged.end());
        more = page->more;
        if (more) range.begin = page->rows.back().key + '\0';
    }
    ASSERT_EQ(damaged.size(), 1u);
    // One block of 4 KiB holds some 40 rows.
    EXPECT_LT(rows, static_cast<std::size_t>(kRows));
    EXPECT_GT(rows, static_cast<std::size_t>(kRows - 100));
    const auto report = wait_for(engine().check({}));
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->damage_count, 1u);
    EXPECT_THAT(report->damage.front(), HasSubstr("cannot be read"));
    EXPECT_TRUE(commit({Put{"k0001", "written behind it"}}));
}

TEST_F(Rocks, RangesOfAnySizeAreDeleted) {
    for (const int count : {0, 1, 999, 1000, 1001, 3000}) {
        std::vector<Operation> operations;
        for (int i = 0; i < count; ++i)
            operations.emplace_back(Put{"k" + std::to_string(i), "v"});
        operations.emplace_back(Put{"a", "before"});
        operations.emplace_back(Put{"z", "behind"});
        ASSERT_TRUE(commit(std::move(operations)));
        ASSERT_TRUE(commit({Put{"kx", "in this batch"}, DeleteRange{"k", "l"}, Put{"ky", "after the range"}}));
        const auto page = wait_for(engine().scan(kAccount, {}));
        ASSERT_TRUE(page.has_value());
        ASSERT_EQ(page->rows.size(), 3u) << count;
        EXPECT_EQ(page->rows[1].key, "ky");
    }
}

async::Awaitable<void> put_and_delete_range(Engine* engine, std::uint64_t number) {
    const std::string prefix = "k" + std::to_string(number) + ".";
    for (int i = 0; i < 20; ++i) {
        Batch puts{kAccount, {}, {}, {}};
        for (const char* tail : {"a", "b", "c"})
            puts.operations.emplace_back(Put{prefix + tail, "v"});
        auto put = co_await engine->commit(std::move(puts));
        Batch range{kAccount, {}, {}, {}};
        range.operations.emplace_back(DeleteRange{prefix, prefix + "~"});
        auto deleted = co_await engine->commit(std::move(range));
        EXPECT_TRUE(put && deleted);
    }
}

TEST_F(Rocks, RangesDeletedByManyAtOnceLeaveNothing) {
    testing::Crowd crowd;
    for (std::uint64_t i = 0; i < 30; ++i)
        crowd.add(put_and_delete_range(&engine(), i));
    crowd.run(2);
    EXPECT_EQ(wait_for(engine().scan(kAccount, {}))->rows.size(), 0u);
}

TEST_F(Rocks, BatchesWithAssertionsOfOneDomainDoNotPassEachOther) {
    // All of them want the same key to be missing: exactly one may have its way, in whatever groups they travel.
    testing::Crowd crowd;
    std::atomic<int> won = 0;

    struct Claim {
        static async::Awaitable<void> run(Engine* engine, std::atomic<int>* wins) {
            Batch batch{kAccount, {}, {{"claimed", std::nullopt}}, {}};
            batch.operations.emplace_back(Put{"claimed", "yes"});
            auto result = co_await engine->commit(std::move(batch));
            *wins += result.has_value();
        }
    };

    for (int i = 0; i < 50; ++i)
        crowd.add(Claim::run(&engine(), &won));
    crowd.run(2);
    EXPECT_EQ(won, 1);
}

} // namespace
} // namespace tegami::store
