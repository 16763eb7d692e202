// Several threads on one account and on the store's cache; run under ThreadSanitizer too. And who waits for whom:
// accounts not for each other, writers not for housekeeping.
#include "store/account_cache.h"
#include "store/recovery/verify.h"
#include "store/store_test_support.h"
#include "store/uncertain_engine_fixture.h"

#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gmock/gmock.h>

#include <atomic>
#include <set>

namespace tegami::store {
namespace {

using testing::Crowd;
using testing::must;
using testing::UncertainEngine;
using testing::wait;
using testing::World;

constexpr int kThreads = 4;
constexpr int kDeliveries = 40;

async::Awaitable<> deliver(Store* store, BlobRef blob, int count, std::atomic<int>* delivered) {
    for (int i = 0; i < count; ++i) {
        const StoreResult<AccountPtr> account = co_await store->account(AccountId(1));
        if (!account) continue;
        const AccountPtr held = *account;
        const MailboxId inbox = held->mailboxes()->find("INBOX")->id;
        std::vector<NewMessage> messages{
            {.blob = blob, .placements = {{inbox, {}, {}}}, .internal_date = {}, .thread = {}}};
        const auto appended = co_await held->append(std::move(messages));
        if (appended) ++*delivered;
    }
}

async::Awaitable<> read_and_flag(Store* store, int count) {
    for (int i = 0; i < count; ++i) {
        const StoreResult<AccountPtr> account = co_await store->account(AccountId(1));
        if (!account) continue;
        const AccountPtr held = *account;
        const MailboxId inbox = held->mailboxes()->find("INBOX")->id;
        const auto open = co_await held->open(inbox);
        if (!open) continue;
        const OpenMailboxPtr mailbox = *open;
        const auto executor = co_await boost::asio::this_coro::executor;
        const ListenerPtr listener = mailbox->listen(executor);
        const ViewPtr view = mailbox->view();
        std::vector<EmailId> emails;
        for (std::uint32_t at = 0; at < std::min<std::uint32_t>(view->size(), 20); ++at)
            emails.push_back(view->at(at).email);
        const auto rows = co_await held->emails(std::move(emails));
        FlagChange change{.mode = i % 2 == 0 ? FlagChange::Mode::add : FlagChange::Mode::remove,
                          .flags = {Flag::seen},
                          .keywords = {"Work"}};
        const auto flagged = co_await held->change_flags(inbox, UidSet::all(), std::move(change));
        EXPECT_TRUE(rows.has_value() && flagged.has_value());
        listener->take();
    }
}

async::Awaitable<> trim_and_sweep(Store* store, int count) {
    for (int i = 0; i < count; ++i) {
        store->trim(0);
        const StoreResult<> swept = co_await store->sweep();
        EXPECT_TRUE(swept.has_value());
        co_await boost::asio::post(boost::asio::use_awaitable);
    }
}

async::Awaitable<> make_and_remove(Store* store, AccountId id, BlobRef blob, int count) {
    for (int i = 0; i < count; ++i) {
        const auto made = co_await store->create_account(id, {});
        if (!made) continue; // the other one made it
        const AccountPtr held = *made;
        const MailboxId inbox = held->mailboxes()->find("INBOX")->id;
        std::vector<NewMessage> messages{
            {.blob = blob, .placements = {{inbox, {}, {}}}, .internal_date = {}, .thread = {}}};
        const auto appended = co_await held->append(std::move(messages));
        store->hide_account(id, i % 2 == 0);
        const auto removed = co_await store->remove_account(id);
        EXPECT_TRUE(appended || appended.error().code == ErrorCode::not_found);
        EXPECT_TRUE(removed || removed.error().code == ErrorCode::not_found);
    }
}

TEST(StoreThreadsTest, accounts_are_used_loaded_trimmed_and_removed_at_once) {
    World world;
    world.make();
    const BlobRef blob = world.blob("octets");
    std::atomic<int> delivered = 0;
    Crowd crowd;
    for (int i = 0; i < kThreads; ++i) {
        crowd.add(deliver(world.store.get(), blob, kDeliveries, &delivered));
        crowd.add(read_and_flag(world.store.get(), kDeliveries));
    }
    crowd.add(trim_and_sweep(world.store.get(), kDeliveries));
    crowd.add(make_and_remove(world.store.get(), AccountId(2), blob, kDeliveries));
    crowd.add(make_and_remove(world.store.get(), AccountId(2), blob, kDeliveries));
    crowd.run(kThreads);
    EXPECT_EQ(delivered, kThreads * kDeliveries);
    world.reopen();
    EXPECT_EQ(world.info(world.find("INBOX"))->messages, static_cast<std::uint32_t>(delivered));
    const ViewPtr view = world.view(world.find("INBOX"));
    EXPECT_EQ(view->size(), static_cast<std::uint32_t>(delivered));
    const VerifyReport report = must(wait(verify(&world.engine, {})));
    EXPECT_THAT(report.findings, ::testing::IsEmpty());
}

/// Holds every commit of account 1 until release().
class Dam {
public:
    async::Awaitable<> wait_for(const Batch* batch) {
        if (released_ || batch->domain.id != 1) co_return;
        ++held_;
        while (!released_)
            co_await boost::asio::post(boost::asio::use_awaitable);
    }

    void release() { released_ = true; }

    int held() const { return held_; }

private:
    bool released_ = false;
    int held_ = 0;
};

TEST(StoreWaitingTest, the_removal_of_one_account_holds_up_no_other) {
    UncertainEngine engine(false);
    testing::ManualClock clock;
    Store store(&engine, &clock);
    for (const std::uint64_t id : {1, 2})
        must(wait(store.create_account(AccountId(id), {})));
    store.trim(0); // so that both must be read
    Dam dam;
    engine.set_hook([&](const Batch* batch) { return dam.wait_for(batch); });
    bool removed = false;
    boost::asio::co_spawn(testing::wait_context(), store.remove_account(AccountId(1)),
                          [&](std::exception_ptr, StoreResult<> outcome) { removed = outcome.has_value(); });
    testing::wait_context().restart();
    while (dam.held() == 0)
        testing::wait_context().poll_one();
    EXPECT_TRUE(wait(store.account(AccountId(2))).has_value());
    EXPECT_TRUE(wait(store.create_account(AccountId(3), {})).has_value());
    EXPECT_FALSE(removed);
    dam.release();
    testing::wait_context().restart();
    while (!removed)
        testing::wait_context().poll_one();
    EXPECT_EQ(testing::error_of(wait(store.account(AccountId(1)))), ErrorCode::not_found);
}

/// Sees what a sweep commits, and delivers a message as soon as it has begun.
class SweepTest : public ::testing::Test {
protected:
    static constexpr int kMessages = 5000;

    SweepTest() {
        made_ = must(wait(store_.create_account(AccountId(1), {})));
        inbox_ = made_->mailboxes()->find("INBOX")->id;
        const std::unique_ptr<BlobWriter> writer = engine_.new_blob();
        must(wait(writer->append("octets")));
        blob_ = must(wait(writer->finish("card", "")));
        std::vector<NewMessage> messages(kMessages, message());
        must(wait(made_->append(std::move(messages))));
    }

    NewMessage message() const {
        return {.blob = blob_, .placements = {{inbox_, {}, {}}}, .internal_date = {}, .thread = {}};
    }

    void expunge_all() { must(wait(made_->expunge(inbox_, UidSet::all(), Account::Expunge::forced))); }

    UncertainEngine engine_{false};
    testing::ManualClock clock_;
    StoreOptions options_;
    Store store_{&engine_, &clock_, options_};
    AccountPtr made_;
    MailboxId inbox_;
    BlobRef blob_;
};

async::Awaitable<> nothing() {
    co_return;
}

TEST_F(SweepTest, writes_a_page_of_emails_once_in_a_commit) {
    expunge_all();
    clock_.time += options_.retention + std::chrono::hours(1);
    std::size_t puts = 0;
    engine_.set_hook([&](const Batch* batch) {
        std::multiset<std::string> pages;
        for (const Operation& operation : batch->operations) {
            if (const auto* put = std::get_if<Put>(&operation); put && put->key.starts_with('E'))
                pages.insert(put->key);
            if (const auto* gone = std::get_if<Delete>(&operation); gone && gone->key.starts_with('E'))
                pages.insert(gone->key);
        }
        for (const std::string& page : pages)
            EXPECT_EQ(pages.count(page), 1u);
        puts += pages.size();
        return nothing();
    });
    must(wait(made_->sweep()));
    EXPECT_GT(puts, 0u);
    // 5,000 emails lie in 20 pages of 256; a commit's border may cut one.
    EXPECT_LT(puts, 40u);
    EXPECT_EQ(engine_.memory().collect(), 1u);
}

TEST_F(SweepTest, and_the_removal_of_a_mailbox_let_deliveries_run_in_between) {
    for (const bool sweep : {true, false}) {
        if (sweep) {
            expunge_all();
            clock_.time += options_.retention + std::chrono::hours(1);
        } else {
            inbox_ = must(wait(made_->create_mailbox("Large")));
            std::vector<NewMessage> messages(kMessages, message());
            must(wait(made_->append(std::move(messages))));
            must(wait(made_->copy(inbox_, UidSet::all(), inbox_)));
            must(wait(made_->copy(inbox_, UidSet::all(), inbox_)));
            must(wait(made_->copy(inbox_, UidSet::all(), inbox_)));
        }
        const MailboxId target = made_->mailboxes()->find("Sent")->id;
        NewMessage letter = message();
        letter.placements.front().mailbox = target;
        std::optional<Version> delivered;
        bool begun = false;
        engine_.set_hook([&](const Batch*) {
            if (!std::exchange(begun, true)) {
                std::vector<NewMessage> letters{letter};
                boost::asio::co_spawn(testing::wait_context(), made_->append(std::move(letters)),
                                      [&](std::exception_ptr, StoreResult<AppendResult> result) {
                                          if (result) delivered = result->version;
                                      });
            }
            return nothing();
        });
        if (sweep)
            must(wait(made_->sweep()));
        else
            must(wait(made_->remove_mailbox(inbox_)));
        engine_.set_hook({});
        ASSERT_TRUE(delivered.has_value());
        EXPECT_LT(*delivered, made_->mailboxes()->version());
    }
}

TEST(AccountCacheTest, the_least_recently_used_go_first_and_those_in_use_stay) {
    UncertainEngine engine(false);
    testing::ManualClock clock;
    Store store(&engine, &clock);
    for (std::uint64_t id = 1; id <= 2000; ++id)
        must(wait(store.create_account(AccountId(id), {})));
    const std::weak_ptr<Account> used_late = must(wait(store.account(AccountId(1))));
    const std::weak_ptr<Account> used_early = must(wait(store.account(AccountId(2))));
    must(wait(store.account(AccountId(1))));
    const AccountPtr held = must(wait(store.account(AccountId(1000))));
    store.trim(2 * 9000); // room for two
    EXPECT_FALSE(used_early.expired()) << "one call only looks at so many";
    store.trim(2 * 9000);
    EXPECT_TRUE(used_early.expired());
    EXPECT_FALSE(used_late.expired());
    EXPECT_EQ(must(wait(store.account(AccountId(1000)))), held);
    store.trim(0);
    store.trim(0);
    EXPECT_TRUE(used_late.expired());
    EXPECT_EQ(must(wait(store.account(AccountId(1000)))), held);
}

} // namespace
} // namespace tegami::store
