// Scan and guarded_update: what the readers and changers of every room rest on.
#include "store/engine/engine_fixture.h"
#include "store/engine/guarded_update.h"
#include "store/engine/memory.h"
#include "store/engine/scan.h"

#include <gtest/gtest.h>

namespace tegami::store::testing {
namespace {

constexpr Domain kDomain{DomainKind::directory, 0};

class ScanTest : public ::testing::Test {
protected:
    void put(const std::string& key, const std::string& value = "v") {
        Batch batch{.domain = kDomain, .expected = {}, .assertions = {}, .operations = {Put{key, value}}};
        ASSERT_TRUE(wait_for(engine_.commit(std::move(batch))));
    }

    /// The keys of the pages that the scan still has, page by page.
    static std::vector<std::vector<std::string>> keys(Scan& scan) {
        std::vector<std::vector<std::string>> pages;
        while (scan.more()) {
            const auto page = wait_for(scan.next());
            if (!page) break;
            pages.emplace_back();
            for (const Row& row : page->rows)
                pages.back().push_back(row.key);
        }
        return pages;
    }

    MemoryEngine engine_;
};

using Pages = std::vector<std::vector<std::string>>;

TEST_F(ScanTest, ReadsAllPagesForwardsAndInReverse) {
    for (const char* key : {"a", "b", "c", "d", "e"})
        put(key);
    Scan forwards(&engine_, kDomain, {.begin = "b", .end = "", .rows_max = 2});
    EXPECT_EQ(keys(forwards), (Pages{{"b", "c"}, {"d", "e"}}));
    Scan reverse(&engine_, kDomain, {.begin = "", .end = "e", .rows_max = 3, .reverse = true});
    EXPECT_EQ(keys(reverse), (Pages{{"d", "c", "b"}, {"a"}}));
}

TEST_F(ScanTest, AnEmptyRangeHasNoPage) {
    put("a");
    Scan scan(&engine_, kDomain, {.begin = "b", .end = "b"});
    EXPECT_FALSE(scan.more());
}

TEST_F(ScanTest, SkipsAndSaysWhereItIs) {
    for (const char* key : {"a", "b", "c", "d"})
        put(key);
    Scan scan(&engine_, kDomain, {.begin = "", .end = "d", .rows_max = 1});
    ASSERT_TRUE(wait_for(scan.next()));
    EXPECT_EQ(scan.position(), std::string("a\0", 2));
    scan.skip_to("c");
    EXPECT_EQ(keys(scan), (Pages{{"c"}}));
    scan.skip_to("d");
    EXPECT_FALSE(scan.more());
}

TEST_F(ScanTest, ACommitBetweenTwoPagesIsAConflictIfOneVersionIsWanted) {
    for (const char* key : {"a", "b", "c"})
        put(key);
    Scan any(&engine_, kDomain, {.begin = "", .end = "", .rows_max = 1});
    Scan one(&engine_, kDomain, {.begin = "", .end = "", .rows_max = 1}, Version(3));
    ASSERT_TRUE(wait_for(any.next()));
    ASSERT_TRUE(wait_for(one.next()));
    put("d");
    EXPECT_TRUE(wait_for(any.next()));
    const auto refused = wait_for(one.next());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
}

/// Raises the number under "n"; before the first `quicker` attempts somebody else does it.
class GuardedUpdateTest : public ScanTest {
protected:
    StoreResult<> raise(int quicker) {
        const auto decide = [&](const std::optional<std::string>& value) -> StoreResult<Update> {
            ++decided_;
            const int number = value ? std::stoi(*value) : 0;
            if (quicker-- > 0) put_by_another(number + 1);
            return Update{.operations = {Put{"n", std::to_string(number + 1)}}, .assertions = {}};
        };
        return wait_for(guarded_update(&engine_, kDomain, "n", decide));
    }

    /// Another writer's commit, at the worst moment: between the reading and the commit.
    void put_by_another(int number) {
        boost::asio::io_context context;
        Batch batch{
            .domain = kDomain, .expected = {}, .assertions = {}, .operations = {Put{"n", std::to_string(number)}}};
        EXPECT_TRUE(async::run_on(context, engine_.commit(std::move(batch))));
    }

    std::string number() { return wait_for(engine_.get(kDomain, "n")).value().value_or("none"); }

    int decided_ = 0;
};

TEST_F(GuardedUpdateTest, LosesNothingThatOthersCommitMeanwhile) {
    ASSERT_TRUE(raise(0));
    EXPECT_EQ(number(), "1");
    ASSERT_TRUE(raise(3));
    EXPECT_EQ(number(), "5");
    EXPECT_EQ(decided_, 5);
}

TEST_F(GuardedUpdateTest, GivesUpSometime) {
    const auto refused = raise(1000);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_EQ(decided_, kCommitAttemptsMax);
    EXPECT_EQ(number(), std::to_string(kCommitAttemptsMax));
}

TEST_F(GuardedUpdateTest, CommitsNothingWithoutOperationsAndPassesErrorsOn) {
    const auto nothing = [](const std::optional<std::string>&) -> StoreResult<Update> { return Update(); };
    EXPECT_TRUE(wait_for(guarded_update(&engine_, kDomain, "n", nothing)));
    EXPECT_EQ(number(), "none");
    const auto refuse = [](const std::optional<std::string>&) -> StoreResult<Update> {
        return failure(Error{ErrorCode::exists, "there already"});
    };
    const auto refused = wait_for(guarded_update(&engine_, kDomain, "n", refuse));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::exists);
}

} // namespace
} // namespace tegami::store::testing
