// A store is taken up to a schema that does not exist yet, and back, by made-up steps: with each commit of a step
// failing in turn, and with the programs of both schemas looking at it in between.
#include "store/account_records.h"
#include "store/engine/rocks_fixture.h"
#include "store/recovery/schema.h"
#include "store/recovery/verify.h"
#include "store/store_test_support.h"

#include <gmock/gmock.h>

namespace tegami::store {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::must;
using testing::wait;

constexpr std::uint32_t kNext = kSchemaVersion + 1;
constexpr std::string_view kNewMark = "\x02";

/// A keyword of the next schema: format 2, and its letters the other way round.
std::string new_form(std::string_view value) {
    return std::string(kNewMark) + std::string(value.rbegin(), value.rend());
}

std::string old_form(std::string_view value) {
    value.remove_prefix(kNewMark.size());
    return {value.rbegin(), value.rend()};
}

/// Rewrites the keywords, one a commit; `commits_left` commits are made before the disk fails.
async::Awaitable<StoreResult<std::uint64_t>> rewrite(Engine* engine, bool up, int* commits_left) {
    const Domain domain{DomainKind::account, 1};
    std::uint64_t changed = 0;
    CO_TRY(const Page page, co_await engine->scan(domain, {"K", "L", 1000, false, true}));
    for (const Row& row : page.rows) {
        if (row.value.starts_with(kNewMark) == up) continue;
        if ((*commits_left)-- == 0) co_return failure(Error{ErrorCode::unavailable, "the disk failed"});
        Batch batch{.domain = domain, .expected = {}, .assertions = {}, .operations = {}};
        batch.operations.emplace_back(Put{row.key, up ? new_form(row.value) : old_form(row.value)});
        CO_TRY_VOID(co_await engine->commit(std::move(batch)));
        ++changed;
    }
    co_return changed;
}

async::Awaitable<StoreResult<std::uint64_t>> one_record() {
    co_return 1;
}

class SchemaTest : public ::testing::Test {
protected:
    SchemaTest() {
        const auto engine = must(open({}));
        Store store(engine.get(), &clock_, {});
        const AccountPtr account = must(wait(store.create_account(AccountId(1), {})));
        const MailboxId inbox = account->mailboxes()->find("INBOX")->id;
        const std::unique_ptr<BlobWriter> writer = engine->new_blob();
        must(wait(writer->append("octets")));
        NewMessage message{.blob = must(wait(writer->finish("card", {}))),
                           .placements = {{inbox, {}, {"$Work", "$Play", "$Rest"}}},
                           .internal_date = clock_.now(),
                           .thread = {}};
        must(wait(account->append({std::move(message)})));
    }

    RocksEngineOptions options() const { return {.directory = directory_.path() + "/store", .reserve_bytes = 0}; }

    RocksEngineDependencies parts() { return {disk_, clock_, random_, log_, pool_, pool_}; }

    StoreResult<std::unique_ptr<RocksEngine>> open(const SchemaSteps& steps) {
        return open_store(testing::wait_context(), options(), parts(), steps);
    }

    StoreResult<std::uint64_t> downgrade(const SchemaSteps& steps) {
        return downgrade_store(testing::wait_context(), options(), parts(), steps);
    }

    /// Those of the next program.
    SchemaSteps next() {
        return {{.schema = kNext,
                 .up = [this](Engine* engine) { return rewrite(engine, true, &commits_left_); },
                 .down = [this](Engine* engine) { return rewrite(engine, false, &commits_left_); }}};
    }

    /// What the next program finds in the records.
    std::vector<std::string> new_keywords() {
        const auto engine = must(open(next()));
        EXPECT_EQ(engine->schema(), (SchemaMark{.version = kNext}));
        std::vector<std::string> words;
        for (const Row& row : must(wait(engine->scan({DomainKind::account, 1}, {"K", "L", 1000, false, false}))).rows)
            words.push_back(row.value.starts_with(kNewMark) ? old_form(row.value).substr(1) : "old form: " + row.value);
        return words;
    }

    /// What this program shows to its clients, after it found the store sound.
    std::vector<std::string> keywords() {
        const auto engine = must(open({}));
        EXPECT_THAT(must(wait(verify(engine.get(), {.read_blobs = true}))).findings, IsEmpty());
        Store store(engine.get(), &clock_, {});
        const AccountPtr account = must(wait(store.account(AccountId(1))));
        const ViewPtr view = must(wait(account->open(account->mailboxes()->find("INBOX")->id)))->view();
        return view->keyword_names(view->find(Uid(1))->keywords);
    }

    void expect_refused(const SchemaSteps& steps, std::string_view because) {
        const auto refused = open(steps);
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(refused.error().code, ErrorCode::invalid);
        EXPECT_THAT(refused.error().detail, HasSubstr(because));
    }

    const std::vector<std::string> words_{"$Work", "$Play", "$Rest"};
    int commits_left_ = -1; ///< no end

private:
    testing::TemporaryDirectory directory_;
    disk::RealFileSystem disk_;
    testing::MovableClock clock_;
    SystemRandom random_;
    SilentLog log_;
    async::ThreadPool pool_{2};
};

TEST_F(SchemaTest, a_store_is_taken_up_and_leads_back) {
    EXPECT_EQ(new_keywords(), words_);
    expect_refused({}, "newer program");
    EXPECT_EQ(new_keywords(), words_) << "the refused program changed something";
    EXPECT_EQ(must(downgrade(next())), 3u);
    EXPECT_EQ(must(downgrade(next())), 0u) << "it was back already";
    EXPECT_EQ(keywords(), words_);
    EXPECT_EQ(new_keywords(), words_);
}

TEST_F(SchemaTest, a_step_that_was_cut_short_is_ended_by_the_next_start) {
    for (int failing = 0; failing < 3; ++failing) {
        for (const bool up : {true, false}) {
            commits_left_ = failing;
            const std::string error = up ? open(next()).error().detail : downgrade(next()).error().detail;
            EXPECT_EQ(error, "the disk failed");
            expect_refused({}, "newer program");
            commits_left_ = -1;
            if (!up) must(downgrade(next()));
            EXPECT_EQ(up ? new_keywords() : keywords(), words_);
        }
    }
}

TEST_F(SchemaTest, a_way_back_that_was_cut_short_can_be_given_up) {
    EXPECT_EQ(new_keywords(), words_);
    commits_left_ = 1;
    EXPECT_FALSE(downgrade(next()).has_value());
    commits_left_ = -1;
    EXPECT_EQ(new_keywords(), words_);
}

TEST_F(SchemaTest, several_steps_are_taken_in_order_and_one_leads_back) {
    std::vector<int> taken;
    const auto note = [&taken](int what) {
        return [&taken, what](Engine*) -> async::Awaitable<StoreResult<std::uint64_t>> {
            taken.push_back(what);
            return one_record();
        };
    };
    SchemaSteps steps = next();
    steps.push_back({.schema = kNext + 1, .up = note(2), .down = note(-2)});
    must(open(steps));
    must(downgrade(steps));
    EXPECT_EQ(taken, (std::vector{2, -2}));
    EXPECT_EQ(new_keywords(), words_);
}

TEST_F(SchemaTest, a_store_that_is_too_old_is_refused) {
    must(open(next()));
    SchemaSteps last = next();
    last.front().schema = kNext + 2;
    expect_refused(last, "older program");
    EXPECT_EQ(new_keywords(), words_);
}

TEST_F(SchemaTest, there_is_no_way_back_from_the_first_schema) {
    const auto refused = downgrade({});
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().detail, HasSubstr("first"));
    EXPECT_EQ(keywords(), words_);
}

} // namespace
} // namespace tegami::store
