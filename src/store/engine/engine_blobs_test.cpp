// The contract of engine.h about blobs, run against every engine.
#include "store/engine/engine_conformance_fixture.h"
#include "store/engine/segment_format.h"
#include "testing/turns.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <ranges>

namespace tegami::store {
namespace {

using testing::content_of;
using ::testing::ElementsAre;
using testing::kNeighbour;
using testing::wait_for;

class EngineBlobs : public testing::EngineConformance {};

TEST_P(EngineBlobs, BlobsOfAllSizesReadBackWholeAndInParts) {
    constexpr std::size_t kKi = 1024;
    EXPECT_EQ(write_prepared(std::string(kSmallBlobBytes + 1, 'x'), "").error().code, ErrorCode::invalid);
    for (const std::size_t size : {0ul, 1ul, 100ul, 8 * kKi - 1, 8 * kKi, 8 * kKi + 1, 64 * kKi - 1, 64 * kKi,
                                   64 * kKi + 1, 128 * kKi, 1024 * kKi + 3}) {
        for (const bool compressible : {true, false}) {
            const std::string content = content_of(size, compressible);
            const std::string card = "card of " + std::to_string(size);
            const bool whole = compressible && size <= kSmallBlobBytes;
            const auto blob = whole ? write_prepared(content, card) : write_blob(content, card, 30000);
            ASSERT_TRUE(blob.has_value());
            EXPECT_EQ(blob->size, size);
            EXPECT_EQ(wait_for(engine().read_card(blob->id)), card);
            EXPECT_TRUE(read(blob->id, 0, size + 10) == content) << size;
            SeededRandom random(size + 1);
            for (int i = 0; i < 20 && size > 0; ++i) {
                const std::size_t offset = random.below(size);
                const std::size_t length = random.below(size + 2);
                EXPECT_TRUE(read(blob->id, offset, length) == content.substr(offset, length));
            }
            EXPECT_EQ(read(blob->id, size, 10), "");
            EXPECT_EQ(read(blob->id, ~std::uint64_t{0}, ~std::uint64_t{0}), "");
        }
    }
}

TEST_P(EngineBlobs, WhatIsPutInFrontAtTheEndIsTheBeginningOfTheContent) {
    constexpr std::size_t kKi = 1024;
    std::uint64_t number = 0;
    for (const std::size_t front_size : {1ul, 300ul, 64 * kKi, 64 * kKi + 1, 200 * kKi}) {
        for (const std::size_t size : {0ul, 100ul, 8 * kKi, 64 * kKi, 300 * kKi, 3000 * kKi}) {
            if (!tegami::testing::is_due(number++, 4)) continue;
            const std::string front = content_of(front_size, true);
            const std::string body = content_of(size, false);
            const std::string all = front + body;
            const auto blob = write_blob(body, "the card", 30000, front);
            ASSERT_TRUE(blob.has_value());
            EXPECT_EQ(blob->size, all.size());
            EXPECT_EQ(wait_for(engine().read_card(blob->id)), "the card");
            EXPECT_TRUE(read(blob->id, 0, all.size() + 10) == all) << front_size << " in front of " << size;
            EXPECT_TRUE(read(blob->id, 0, front_size) == front);
            EXPECT_TRUE(read(blob->id, front_size, size) == body);
            for (const std::uint64_t length :
                 {0ul, 1ul, front_size, front_size + 1, 64 * kKi, all.size(), all.size() + 1}) {
                const auto start = wait_for(engine().read_start(blob->id, length));
                ASSERT_TRUE(start.has_value());
                EXPECT_EQ(start->card, "the card");
                EXPECT_GE(start->octets.size(), std::min<std::uint64_t>(length, all.size()));
                EXPECT_TRUE(all.starts_with(start->octets)) << length;
            }
            SeededRandom random(size + front_size);
            for (int i = 0; i < 20; ++i) {
                const std::size_t offset = random.below(std::min(all.size(), 2 * front_size));
                const std::size_t length = random.below(all.size() - offset + 2);
                EXPECT_TRUE(read(blob->id, offset, length) == all.substr(offset, length));
            }
            EXPECT_EQ(read(blob->id, all.size(), 10), "");
        }
    }
}

TEST_P(EngineBlobs, StartsOfManyBlobsComeInOneGoAsFarAsTheyAreWanted) {
    std::vector<BlobId> blobs;
    for (const std::size_t size : {100u, 20'000u, 300'000u, 50u}) {
        const auto blob = write_blob(content_of(size, false), "card of " + std::to_string(size), 30000);
        ASSERT_TRUE(blob.has_value());
        blobs.push_back(blob->id);
    }
    BlobId none;
    none.octets[3] = 9;
    blobs.insert(blobs.begin() + 1, none);
    const auto cards = wait_for(engine().read_starts(blobs, {.length = 0}));
    ASSERT_TRUE(cards && cards->size() == 5);
    EXPECT_EQ((*cards)[0]->card, "card of 100");
    EXPECT_EQ((*cards)[1].error().code, ErrorCode::not_found);
    EXPECT_EQ((*cards)[4]->card, "card of 50");
    EXPECT_EQ((*cards)[4]->octets, "");
    const auto some = wait_for(engine().read_starts(blobs, {.length = kReadPieceBytes, .octets_max = 20'000}));
    ASSERT_TRUE(some && some->size() == 3) << "the third reaches the limit";
    EXPECT_TRUE((*some)[2]->octets == content_of(20'000, false));
    EXPECT_EQ(wait_for(engine().read_starts(blobs, {.length = 1, .octets_max = 0}))->size(), 1u);
}

TEST_P(EngineBlobs, AFrontOverTheLimitIsRefused) {
    const std::string largest(segment::kFrontBytesMax, 'f');
    EXPECT_TRUE(write_blob("body", "", 10, largest).has_value());
    EXPECT_EQ(write_blob("body", "", 10, largest + "f").error().code, ErrorCode::invalid);
}

TEST_P(EngineBlobs, AVeryLargeBlobStreams) {
    const std::string content = content_of(20u << 20, false);
    const auto blob = write_blob(content, std::string(100000, 'c'), 65536);
    ASSERT_TRUE(blob.has_value());
    EXPECT_TRUE(read(blob->id, 0, content.size()) == content);
    EXPECT_TRUE(read(blob->id, 12345678, 100) == content.substr(12345678, 100));
    EXPECT_EQ(wait_for(engine().read_card(blob->id)), std::string(100000, 'c'));
}

TEST_P(EngineBlobs, BlobIdsGrow) {
    BlobId last;
    for (int i = 0; i < 50; ++i) {
        const auto blob = write_blob(std::string(static_cast<std::size_t>(i) * 1000, 'x'), "", 65536);
        ASSERT_TRUE(blob.has_value());
        EXPECT_LT(last, blob->id);
        last = blob->id;
    }
}

TEST_P(EngineBlobs, AnUnknownBlobIsNotFound) {
    BlobId none;
    none.octets[3] = 9;
    EXPECT_EQ(read(none, 0, 1).error().code, ErrorCode::not_found);
    EXPECT_EQ(wait_for(engine().read_card(none)).error().code, ErrorCode::not_found);
    EXPECT_EQ(wait_for(engine().read_start(none, 1)).error().code, ErrorCode::not_found);
    EXPECT_EQ(commit_error({Put{"a", "1"}, AddReference{none, "t"}}), ErrorCode::not_found);
    EXPECT_EQ(get("a"), std::nullopt);
    EXPECT_EQ(commit({RemoveReference{none, "t"}}), Version(1)) << "taking out what is not there is no fault";
}

TEST_P(EngineBlobs, ReferencesAreSets) {
    for (const std::size_t size : {100u, 100000u}) {
        const std::string content = content_of(size, false);
        const auto blob = write_blob(content, "card", 65536);
        ASSERT_TRUE(blob.has_value());
        ASSERT_TRUE(commit({AddReference{blob->id, "t"}, AddReference{blob->id, "t"}, Put{"m", "1"}}));
        ASSERT_TRUE(commit({AddReference{blob->id, "u"}}, {}, {}, kNeighbour));
        ASSERT_TRUE(commit({RemoveReference{blob->id, "t"}, RemoveReference{blob->id, "t"}}));
        EXPECT_TRUE(read(blob->id, 0, size) == content);
        ASSERT_TRUE(commit({RemoveReference{blob->id, "u"}}, {}, {}, kNeighbour));
    }
}

TEST_P(EngineBlobs, AWriterDroppedHalfwayLeavesNothing) {
    {
        const auto writer = engine().new_blob();
        ASSERT_TRUE(wait_for(writer->append(std::string(3u << 20, 'x'))));
    }
    EXPECT_TRUE(write_blob("next", "", 10));
}

INSTANTIATE_TEST_SUITE_P(Engines, EngineBlobs, ::testing::ValuesIn(testing::kSubjects),
                         [](const auto& tested) { return tested.param.name; });

} // namespace
} // namespace tegami::store
