#include "index/indexer.h"

#include "async/task_group.h"
#include "index/index_fixture.h"
#include "store/account_records.h"

#include <fmt/format.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

namespace tegami::index {
namespace {

using store::ErrorCode;
using store::MemoryEngine;

std::string letter_about(std::string_view word) {
    return fmt::format("Subject: {}\r\n\r\nSome text about {}.\r\n", word, word);
}

class IndexerTest : public IndexFixture {
protected:
    Found found(std::string_view word, store::EmailId email) {
        return asked({.fields = kAllFields, .folded = std::string(word)}).of(0, email);
    }

    std::uint32_t mark() { return current().state.messages.next_email; }

    void expunge(store::Uid uid) {
        store::UidSet uids;
        uids.add(uid);
        EXPECT_TRUE(run(account_->expunge(inbox_, std::move(uids), store::Account::Expunge::forced)));
    }

    /// Rows of the account's index.
    std::vector<store::Row> rows() {
        return run(engine_.scan(index_domain(account_->id()), {.begin = "", .end = ""})).value().rows;
    }

    void damage(const store::Row& row) {
        std::string changed = row.value;
        changed[changed.size() / 2] = static_cast<char>(changed[changed.size() / 2] ^ 1);
        put(row.key, std::move(changed));
    }

    void put(std::string key, std::string value) {
        store::Batch batch{.domain = index_domain(account_->id()),
                           .expected = {},
                           .assertions = {},
                           .operations = {store::Put{std::move(key), std::move(value)}}};
        EXPECT_TRUE(run(engine_.commit(std::move(batch))));
    }
};

TEST_F(IndexerTest, KnowsWhatItHasComeTo) {
    const store::EmailId apple = add_letter(letter_about("apple")).email;
    EXPECT_EQ(found("apple", apple), Found::maybe);
    catch_up();
    EXPECT_EQ(found("apple", apple), Found::yes);
    EXPECT_EQ(found("ppl", apple), Found::yes);
    EXPECT_EQ(found("pear", apple), Found::no);
    EXPECT_EQ(found("about apple", apple), Found::maybe) << "the words are there, but perhaps not side by side";
    EXPECT_EQ(found("about pear", apple), Found::no);
    const store::EmailId pear = add_letter(letter_about("pear")).email;
    EXPECT_EQ(found("pear", pear), Found::maybe);
    EXPECT_EQ(found("pear", apple), Found::no);
}

TEST_F(IndexerTest, JoinsSegmentsAndLeavesNothingBehind) {
    std::vector<store::EmailId> emails;
    for (int number = 0; number < 70; ++number) {
        emails.push_back(add_letter(letter_about(fmt::format("word{}x", number))).email);
        catch_up();
    }
    const IndexState state = current().state;
    EXPECT_LE(state.messages.segments.size(), 9U);
    std::uint64_t bytes = 0;
    for (const store::Row& row : rows())
        if (row.key != state_key()) bytes += row.key.size() + row.value.size();
    EXPECT_EQ(bytes, state.bytes());
    for (std::size_t number = 0; number < emails.size(); ++number) {
        const Answers answers = asked({.fields = kAllFields, .folded = fmt::format("word{}x", number)});
        for (std::size_t other = 0; other < emails.size(); ++other)
            EXPECT_EQ(answers.of(0, emails[other]), number == other ? Found::yes : Found::no);
    }
}

TEST_F(IndexerTest, ForgetsWordsOfEmailsThatAreGone) {
    std::vector<store::Placed> placed;
    for (int number = 0; number < 4; ++number)
        placed.push_back(add_letter(letter_about(fmt::format("word{}x", number))));
    catch_up();
    expunge(placed[1].uid);
    time_.run_for(std::chrono::hours(24 * 20));
    ASSERT_TRUE(run(store_.sweep()));
    ASSERT_TRUE(run(indexer_.tidy(account_->id())));
    EXPECT_EQ(found("word0x", placed[0].email), Found::yes);
    EXPECT_EQ(found("word1x", placed[0].email), Found::no);
    for (const store::Row& row : rows())
        EXPECT_FALSE(row.value.contains("word1x")) << "the word is still there";
    EXPECT_EQ(current().state.messages.segments.front().emails, 3U);
}

TEST_F(IndexerTest, LeavesAnEmailThatCannotBeReadToTheSearch) {
    const store::Placed placed = add_letter(letter_about("apple"));
    std::vector<store::EmailId> ids{placed.email};
    engine_.damage((*run(account_->emails(std::move(ids))))[0]->blob.id);
    catch_up();
    EXPECT_EQ(mark(), 2U);
    EXPECT_EQ(found("apple", placed.email), Found::maybe);
    EXPECT_EQ(found("pear", placed.email), Found::maybe);
}

TEST_F(IndexerTest, LeavesEmailsWhoseRecordsCannotBeReadToTheSearch) {
    std::vector<store::EmailId> emails;
    for (int number = 0; number < 5; ++number)
        emails.push_back(add_letter(letter_about(fmt::format("word{}x", number))).email);
    const store::Domain domain{store::DomainKind::account, account_->id().value};
    const auto record = store::record::email_key(static_cast<std::uint32_t>(emails[2].value));
    engine_.damage_row(domain, record);
    catch_up();
    EXPECT_EQ(mark(), 6U);
    EXPECT_EQ(found("word1x", emails[1]), Found::yes);
    EXPECT_EQ(found("word1x", emails[2]), Found::maybe) << "it may be readable again some time";
    EXPECT_EQ(found("word1x", emails[3]), Found::no);
}

TEST_F(IndexerTest, PassesOverManyIdsThatNoEmailHas) {
    add_letter(letter_about("apple"));
    catch_up();
    // As after a restore, which gives ids out anew far behind those that it knows of.
    const store::Domain domain{store::DomainKind::account, account_->id().value};
    auto row = store::record::decode_account(*run(engine_.get(domain, store::record::account_key())).value());
    row->next_email += 300'000;
    store::Batch batch{.domain = domain,
                       .expected = {},
                       .assertions = {},
                       .operations = {store::Put{store::record::account_key(), store::record::encode(*row)}}};
    ASSERT_TRUE(run(engine_.commit(std::move(batch))));
    const store::EmailId pear = add_letter(letter_about("pear")).email;
    EXPECT_GT(pear.value, 300'000U);
    catch_up();
    EXPECT_EQ(found("pear", pear), Found::yes);
    EXPECT_EQ(mark(), pear.value + 1);
}

TEST_F(IndexerTest, NoticesEveryDamageAndBeginsAnew) {
    for (int number = 0; number < 3; ++number)
        add_letter(letter_about(fmt::format("word{}x", number)));
    const store::EmailId last = add_letter(letter_about("apple")).email;
    catch_up();
    const std::vector<store::Row> sound = rows();
    for (const store::Row& row : sound) {
        for (const bool missing : {false, true}) {
            if (missing && row.key == state_key()) continue; // there is no index then
            for (const store::Row& other : sound)
                put(other.key, other.value);
            if (missing)
                engine_.damage_row(index_domain(account_->id()), row.key);
            else
                damage(row);
            std::vector<Question> questions{{.fields = kAllFields, .folded = "e"}}; // reads all pages
            const auto answers = run(look_up(&store_, &log_, account_->id(), std::move(questions)));
            EXPECT_FALSE(answers) << row.key;
            EXPECT_FALSE(current().there) << "forgotten, to be made anew";
        }
    }
    catch_up();
    EXPECT_EQ(found("apple", last), Found::yes);
}

TEST_F(IndexerTest, MakesTheIndexAnewWhoseTermsAreOthers) {
    const store::EmailId apple = add_letter(letter_about("apple")).email;
    catch_up();
    IndexState state = current().state;
    ++state.terms_version;
    put(state_key(), encode_state(state));
    EXPECT_FALSE(current().sound);
    catch_up();
    EXPECT_TRUE(current().sound);
    EXPECT_EQ(found("apple", apple), Found::yes);
}

TEST_F(IndexerTest, ComesThroughWhereverACallFails) {
    std::vector<store::EmailId> emails;
    std::uint64_t failing = 1;
    for (int number = 0; number < 24; ++number) {
        emails.push_back(add_letter(letter_about(fmt::format("word{}x", number))).email);
        for (const ErrorCode code : {ErrorCode::unavailable, ErrorCode::unknown, ErrorCode::conflict}) {
            engine_.fail(MemoryEngine::Call::any, failing++ % 23 + 1, code);
            static_cast<void>(run(indexer_.catch_up(account_->id())));
            engine_.clear_failures();
        }
        catch_up();
    }
    for (std::size_t number = 0; number < emails.size(); ++number)
        EXPECT_EQ(found(fmt::format("word{}x", number), emails[number]), Found::yes);
}

TEST_F(IndexerTest, TakesWhatACrashHasLeftOfASegmentAway) {
    add_letter(letter_about("apple"));
    put(term_page_key({SegmentId(0), Dictionary::body}, "zzz"), "left");
    put(postings_page_key({SegmentId(0), Dictionary::head}, "zzz"), "left");
    catch_up();
    for (const store::Row& row : rows())
        EXPECT_FALSE(row.key.contains("zzz"));
}

TEST_F(IndexerTest, RemovedAccountsTakeTheirWordsAlong) {
    add_letter(letter_about("apple"));
    catch_up();
    EXPECT_FALSE(rows().empty());
    ASSERT_TRUE(run(store_.remove_account(account_->id())));
    EXPECT_TRUE(rows().empty());
    catch_up();
    EXPECT_TRUE(rows().empty());
}

TEST_F(IndexerTest, RunsInTheBackground) {
    const store::EmailId before = add_letter(letter_about("before")).email;
    async::TaskGroup group(time_.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    group.spawn("indexer", indexer_.run());
    time_.run_for(kGatherTime);
    EXPECT_EQ(found("before", before), Found::yes) << "what was there at the start";
    const store::EmailId after = add_letter(letter_about("after")).email;
    EXPECT_EQ(found("after", after), Found::maybe);
    time_.run_for(2 * kGatherTime);
    EXPECT_EQ(found("after", after), Found::yes);
    engine_.fail(MemoryEngine::Call::commit, 2, ErrorCode::unavailable); // the first is the letter's
    const store::EmailId later = add_letter(letter_about("later")).email;
    time_.run_for(2 * kGatherTime);
    EXPECT_EQ(found("later", later), Found::maybe);
    time_.run_for(2 * kRetryPause);
    EXPECT_EQ(found("later", later), Found::yes) << "it was tried again";
    group.cancel();
    run(group.join());
}

TEST_F(IndexerTest, LetsThosePassWhoBringManyMessagesButNotForEver) {
    const store::EmailId email = add_letter(letter_about("apple")).email;
    std::optional<store::AppendFeed::Bulk> bulk(store_.appends());
    async::TaskGroup group(time_.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    group.spawn("indexer", indexer_.run());
    time_.run_for(kBulkWaitMax / 2);
    EXPECT_EQ(found("apple", email), Found::maybe);
    bulk.reset();
    time_.run_for(kGatherTime);
    EXPECT_EQ(found("apple", email), Found::yes) << "it is over";
    bulk.emplace(store_.appends());
    const store::EmailId later = add_letter(letter_about("pear")).email;
    time_.run_for(2 * kGatherTime + kBulkWaitMax);
    EXPECT_EQ(found("pear", later), Found::yes) << "it does not end";
    bulk.reset();
    group.cancel();
    run(group.join());
}

TEST_F(IndexerTest, MakesAnIndexAnewInTheBackground) {
    const store::EmailId apple = add_letter(letter_about("apple")).email;
    catch_up();
    const auto look = [&] {
        std::vector<Question> questions{{.folded = "apple"}};
        return run(look_up(&store_, &log_, account_->id(), std::move(questions)));
    };
    const auto make_of_other_terms = [&] {
        IndexState state = current().state;
        --state.terms_version;
        put(state_key(), encode_state(state));
    };
    make_of_other_terms(); // as a server with other rules left it
    async::TaskGroup group(time_.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    group.spawn("indexer", indexer_.run());
    time_.run_for(kGatherTime);
    EXPECT_EQ(found("apple", apple), Found::yes) << "at the start";
    make_of_other_terms();
    EXPECT_FALSE(look());
    time_.run_for(2 * kGatherTime);
    EXPECT_EQ(found("apple", apple), Found::yes) << "after a search noticed it";
    damage(rows().back());
    EXPECT_FALSE(look());
    EXPECT_FALSE(current().there);
    time_.run_for(2 * kGatherTime);
    EXPECT_EQ(found("apple", apple), Found::yes) << "after a search found damage";
    group.cancel();
    run(group.join());
}

TEST_F(IndexerTest, SaysHowFarItHasCome) {
    add_letter(letter_about("apple"));
    catch_up();
    add_letter(letter_about("pear"));
    const auto status = run(index_status(&engine_, account_));
    ASSERT_TRUE(status);
    EXPECT_EQ(status->emails, 1U);
    EXPECT_EQ(status->waiting, 1U);
    EXPECT_EQ(status->segments, 1U);
    EXPECT_GT(status->bytes, 0U);
}

TEST_F(IndexerTest, ALargeEmailAndAHugeOne) {
    std::string large = "Subject: large\r\n\r\n";
    for (int line = 0; line < 3000; ++line)
        large += fmt::format("line number{}x of a text that goes on and on and on and on\r\n", line);
    const store::EmailId whole = add_letter(large).email;
    for (int line = 0; line < 60'000; ++line)
        large += fmt::format("w{:x}\r\n", line);
    const store::EmailId huge = add_letter(large).email;
    catch_up();
    EXPECT_EQ(found("number2999x", whole), Found::yes);
    EXPECT_EQ(found("number3000x", whole), Found::no);
    EXPECT_EQ(found("number3000x", huge), Found::maybe) << "with too many words for the index";
}

TEST(AppendFeed, IsBoundedAndTellsWhatIsLost) {
    async::VirtualTime time(1);
    store::AppendFeed feed;
    feed.tell(store::AccountId(1)); // nobody listens
    feed.listen(time.executor());
    EXPECT_TRUE(feed.take().accounts.empty());
    feed.tell(store::AccountId(7));
    feed.tell(store::AccountId(7));
    EXPECT_EQ(feed.take().accounts, std::vector{store::AccountId(7)});
    for (std::uint64_t account = 1; account <= store::kFeedAccountsMax + 1; ++account)
        feed.tell(store::AccountId(account));
    const store::AppendFeed::News news = feed.take();
    EXPECT_EQ(news.accounts.size(), store::kFeedAccountsMax);
    EXPECT_TRUE(news.lost);
    EXPECT_FALSE(feed.take().lost);
}

} // namespace
} // namespace tegami::index
