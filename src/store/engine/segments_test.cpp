// Segments on a disk that fails: nothing acknowledged is lost, nothing damaged is passed off as whole.
#include "store/engine/segments.h"

#include "disk/faulty.h"
#include "store/engine/engine_fixture.h"
#include "testing/turns.h"

#include <gtest/gtest.h>

#include <map>

namespace tegami::store {
namespace {

using disk::FaultyFileSystem;
using testing::noise;
using Call = FaultyFileSystem::Call;

constexpr const char* kDirectory = "/store/segments";

BlobId id_of(std::uint64_t number) {
    BlobId id;
    for (std::size_t i = 0; i < 8; ++i)
        id.octets[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
    return id;
}

PreparedBlob prepare(std::uint64_t number, std::string_view content, std::string_view front = {}) {
    BlobBuilder builder;
    EXPECT_TRUE(builder.take(content));
    EXPECT_TRUE(content.empty());
    return builder.finish(id_of(number), "card", front).value();
}

std::unique_ptr<Segments> open(FaultyFileSystem& disk, SegmentOptions options = {},
                               const std::map<std::uint64_t, std::uint64_t>& ends = {}) {
    auto segments = Segments::open(disk, kDirectory, options, ends);
    EXPECT_TRUE(segments.has_value()) << segments.error().detail;
    return segments ? *std::move(segments) : nullptr;
}

StoreResult<Location> append(Segments& segments, const PreparedBlob& blob) {
    const PreparedBlob* const blobs[] = {&blob};
    TRY(const auto places, segments.append(blobs));
    return places.at(0);
}

std::string path_of(std::uint64_t number) {
    std::string name = "0000000000000000";
    name.back() = static_cast<char>('0' + number);
    return std::string(kDirectory) + "/" + name + ".seg";
}

std::size_t count_records(Segments& segments, std::uint64_t number) {
    const auto entries = segments.walk(number, 0, ~std::uint64_t{0}, 100000);
    EXPECT_TRUE(entries.has_value());
    return entries ? entries->size() : 0;
}

TEST(Segments, RollOverWhenFullAndGiveGiantsTheirOwn) {
    FaultyFileSystem disk(1);
    const auto segments = open(disk, {.segment_bytes_max = 100000, .open_files_max = 2});
    std::map<std::uint64_t, Location> places;
    for (std::uint64_t i = 1; i <= 12; ++i) {
        const auto at = append(*segments, prepare(i, noise(i, i == 7 ? 500000 : 40000)));
        ASSERT_TRUE(at.has_value());
        places[i] = *at;
    }
    EXPECT_EQ(segments->numbers().size(), 7u) << "two in each, the giant alone";
    EXPECT_EQ(count_records(*segments, places[7].segment), 1u);
    for (const auto& [i, at] : places) {
        EXPECT_EQ(segments->read_content(at, id_of(i), 0, 1u << 20), noise(i, i == 7 ? 500000 : 40000));
        EXPECT_EQ(segments->read_start(at, id_of(i), 0)->card, "card");
    }
    EXPECT_EQ(segments->read_start(places[1], id_of(2), 0).error().code, ErrorCode::damaged) << "another blob's record";
    ASSERT_TRUE(segments->remove(places[1].segment));
    EXPECT_EQ(segments->read_start(places[1], id_of(1), 0).error().code, ErrorCode::not_found);
}

TEST(Segments, TheNameOfASegmentThatAKilledProcessBeganIsSyncedBeforeItsFirstRecord) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        FaultyFileSystem disk(seed);
        disk.make_directory(kDirectory).value();
        disk.sync_directory("/store").value();
        const auto first = open(disk);
        // As if killed between making the file and syncing its directory.
        disk.fail(Call::sync, 2, disk::ErrorCode::io);
        disk.fail_always(Call::name, disk::ErrorCode::io);
        ASSERT_FALSE(append(*first, prepare(1, "never acknowledged")));
        disk.clear_failures();
        const auto second = open(disk);
        const auto at = append(*second, prepare(2, "acknowledged"));
        ASSERT_TRUE(at.has_value());
        disk.crash();
        const auto third = open(disk, {}, {{at->segment, at->offset + at->record_bytes}});
        EXPECT_EQ(third->read_content(*at, id_of(2), 0, 100), "acknowledged") << "seed " << seed;
    }
}

TEST(Segments, AGroupMayFillSeveralSegments) {
    FaultyFileSystem disk(1);
    const auto segments = open(disk, {.segment_bytes_max = 100000});
    std::vector<PreparedBlob> blobs;
    std::vector<const PreparedBlob*> pointers;
    for (std::uint64_t i = 0; i < 9; ++i)
        blobs.push_back(prepare(i, noise(i, 30000)));
    for (const PreparedBlob& blob : blobs)
        pointers.push_back(&blob);
    const auto places = segments->append(pointers);
    ASSERT_TRUE(places.has_value());
    EXPECT_EQ(segments->numbers().size(), 3u);
    for (std::uint64_t i = 0; i < 9; ++i)
        EXPECT_EQ(segments->read_content((*places)[i], id_of(i), 29999, 5), noise(i, 30000).substr(29999));
}

TEST(Segments, RottenBlocksAreReportedAndTheOthersStayReadable) {
    FaultyFileSystem disk(1);
    const auto segments = open(disk);
    const std::string content = noise(1, 4 * segment::kBlockBytes);
    const auto rotten = append(*segments, prepare(1, content));
    const auto whole = append(*segments, prepare(2, "whole"));
    ASSERT_TRUE(rotten && whole);
    disk.rot(path_of(1), rotten->offset + rotten->record_bytes - 10);
    EXPECT_EQ(segments->read_content(*rotten, id_of(1), 0, content.size()).error().code, ErrorCode::damaged);
    EXPECT_EQ(segments->read_content(*rotten, id_of(1), 100, 150000), content.substr(100, 150000))
        << "a range reads, and checks, only its blocks";
    EXPECT_EQ(segments->read_content(*whole, id_of(2), 0, 100), "whole");
    EXPECT_EQ(segments->read_record(*rotten, id_of(1)).error().code, ErrorCode::damaged);
    disk.rot(path_of(1), rotten->offset + 60);
    EXPECT_EQ(segments->read_start(*rotten, id_of(1), 0).error().code, ErrorCode::damaged);
    EXPECT_EQ(segments->walk(1, 0, ~std::uint64_t{0}, 10).error().code, ErrorCode::damaged);
}

TEST(Segments, TheLastSegmentIsCutAtTheFirstBadRecord) {
    FaultyFileSystem disk(1);
    Location second;
    {
        const auto segments = open(disk);
        ASSERT_TRUE(append(*segments, prepare(1, noise(1, 1000))));
        second = append(*segments, prepare(2, noise(2, 1000))).value();
        ASSERT_TRUE(append(*segments, prepare(3, noise(3, 1000))));
    }
    disk.rot(path_of(1), second.offset + 500);
    {
        const auto segments = open(disk);
        EXPECT_EQ(count_records(*segments, 1), 1u);
        EXPECT_EQ(append(*segments, prepare(4, noise(4, 1000)))->offset, second.offset);
    }
    const auto segments = open(disk);
    EXPECT_EQ(count_records(*segments, 1), 2u);
}

TEST(Segments, WhatTheIndexKnowsIsNeverCut) {
    FaultyFileSystem disk(1);
    std::uint64_t end = 0;
    {
        const auto segments = open(disk);
        ASSERT_TRUE(append(*segments, prepare(1, noise(1, 1000))));
        const Location last = append(*segments, prepare(2, noise(2, 1000))).value();
        end = last.offset + last.record_bytes;
    }
    disk.rot(path_of(1), 100);
    const auto segments = open(disk, {}, {{1, end}});
    const Location at = append(*segments, prepare(3, noise(3, 1000))).value();
    EXPECT_EQ(at.segment, 1u);
    EXPECT_EQ(at.offset, end);
}

TEST(Segments, AFailedSyncAcknowledgesNothingAndEndsTheSegment) {
    FaultyFileSystem disk(1);
    const auto segments = open(disk);
    const Location kept = append(*segments, prepare(1, noise(1, 1000))).value();
    disk.fail(Call::sync, 1, disk::ErrorCode::io);
    EXPECT_EQ(append(*segments, prepare(2, noise(2, 1000))).error().code, ErrorCode::unavailable);
    const Location next = append(*segments, prepare(3, noise(3, 1000))).value();
    EXPECT_EQ(next.segment, kept.segment + 1) << "a second sync of the same file would prove nothing";
    disk.crash();
    const auto reopened = open(disk);
    EXPECT_EQ(reopened->read_content(kept, id_of(1), 0, 1000), noise(1, 1000));
    EXPECT_EQ(reopened->read_content(next, id_of(3), 0, 1000), noise(3, 1000));
}

TEST(Segments, AFullDiskRefusesAndRecovers) {
    FaultyFileSystem disk(1);
    const auto segments = open(disk);
    disk.set_capacity(10000);
    const Location first = append(*segments, prepare(1, noise(1, 5000))).value();
    EXPECT_EQ(append(*segments, prepare(2, noise(2, 50000))).error().code, ErrorCode::no_space);
    const Location third = append(*segments, prepare(3, noise(3, 1000))).value();
    EXPECT_EQ(third.segment, first.segment);
    EXPECT_EQ(third.offset, first.offset + first.record_bytes) << "what the failed write left is gone";
    disk.set_capacity(1u << 20);
    EXPECT_TRUE(append(*segments, prepare(2, noise(2, 50000))));
    EXPECT_EQ(count_records(*segments, 1), 3u);
}

TEST(Segments, NothingAcknowledgedIsLostInAnyCrash) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        if (!tegami::testing::is_due(seed, 5)) continue;
        FaultyFileSystem disk(seed);
        SeededRandom random(seed + 1000);
        std::map<std::uint64_t, std::pair<Location, std::size_t>> acknowledged;
        std::map<std::uint64_t, std::uint64_t> ends;
        std::uint64_t number = 0;
        for (int life = 0; life < 4; ++life) {
            auto opened = Segments::open(disk, kDirectory, {.segment_bytes_max = 30000, .open_files_max = 3}, ends);
            ASSERT_TRUE(opened.has_value()) << opened.error().detail;
            Segments& segments = **opened;
            for (const auto& [i, known] : acknowledged)
                ASSERT_TRUE(segments.read_content(known.first, id_of(i), 0, 1u << 20) == noise(i, known.second))
                    << "seed " << seed << " blob " << i;
            for (const auto& [each, end] : ends)
                ASSERT_TRUE(segments.walk(each, 0, end, 1000).has_value()) << "seed " << seed << " segment " << each;
            disk.fail(Call::any, 1 + random.below(60), disk::ErrorCode::io);
            for (std::uint64_t groups = random.below(12); groups > 0; --groups) {
                std::vector<PreparedBlob> blobs;
                std::vector<const PreparedBlob*> pointers;
                std::map<std::uint64_t, std::size_t> sizes;
                for (std::uint64_t count = 1 + random.below(4); count > 0; --count) {
                    sizes[++number] = random.below(9000);
                    blobs.push_back(prepare(number, noise(number, sizes[number])));
                }
                for (const PreparedBlob& blob : blobs)
                    pointers.push_back(&blob);
                const auto places = segments.append(pointers);
                if (!places) continue;
                for (std::size_t i = 0; i < blobs.size(); ++i) {
                    const std::uint64_t made = number - blobs.size() + 1 + i;
                    const Location at = (*places)[i];
                    acknowledged[made] = {at, sizes[made]};
                    // The index may lag behind the segment, but never the other way round.
                    if (random.below(2) == 0) ends[at.segment] = at.offset + at.record_bytes;
                }
            }
            disk.clear_failures();
            opened->reset();
            disk.crash();
        }
    }
}

TEST(Segments, ALargeBlobSpillsAndReadsBack) {
    FaultyFileSystem disk(1);
    const auto segments = open(disk);
    const std::string content = noise(1, 5u << 20);
    BlobBuilder builder;
    std::string_view rest = content;
    int spills = 0;
    while (!rest.empty()) {
        ASSERT_TRUE(builder.take(rest));
        if (!builder.must_spill()) continue;
        ASSERT_TRUE(builder.spill(disk, kDirectory));
        ++spills;
    }
    EXPECT_GT(spills, 3);
    const PreparedBlob blob = builder.finish(id_of(1), std::string(200000, 'c'), {}).value();
    const PreparedBlob small = prepare(2, "after");
    const PreparedBlob* const blobs[] = {&blob, &small};
    const auto places = segments->append(blobs);
    ASSERT_TRUE(places.has_value());
    EXPECT_TRUE(segments->read_content((*places)[0], id_of(1), 0, content.size()) == content);
    EXPECT_EQ(segments->read_start((*places)[0], id_of(1), 0)->card, std::string(200000, 'c'));
    EXPECT_EQ(segments->read_content((*places)[1], id_of(2), 0, 10), "after");
    EXPECT_TRUE(segments->read_record((*places)[0], id_of(1)));
}

TEST(SegmentFormat, EveryFlippedBitOfARecordIsNoticed) {
    const std::string content = "content that is long enough to be compressed compressed compressed";
    const std::string record = prepare(1, content, "in front of the ").joined();
    ASSERT_EQ(content_of_record(record, id_of(1), 0, 1000), "in front of the " + content);
    for (std::size_t bit = 0; bit < record.size() * 8; ++bit) {
        std::string damaged = record;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
        const auto card = card_of_record(damaged, id_of(1));
        const auto read = content_of_record(damaged, id_of(1), 0, 1000);
        EXPECT_TRUE(!card || !read) << "bit " << bit;
    }
    for (std::size_t size = 0; size < record.size(); ++size)
        EXPECT_FALSE(content_of_record(std::string_view(record).substr(0, size), id_of(1), 0, 1000)) << size;
}

} // namespace
} // namespace tegami::store
