// From an accepted message to mailboxes and the queue, also when the store fails in between.
#include "delivery/delivery.h"

#include "async/virtual_time.h"
#include "store/engine/memory.h"

#include <gtest/gtest.h>

#include <numeric>

namespace tegami::delivery {
namespace {

constexpr std::string_view kMessage = "Return-Path: <a@a.test>\r\nMessage-ID: <1@a.test>\r\nSubject: x\r\n\r\nbody\r\n";

class DeliveryTest : public ::testing::Test {
protected:
    DeliveryTest() {
        for (const std::uint64_t id : {1, 2, 3})
            EXPECT_TRUE(run(store_.create_account(store::AccountId(id), {})).has_value());
    }

    template <class T>
    T run(async::Awaitable<T> work) {
        return time_.run(std::move(work));
    }

    Transaction transaction(std::vector<reception::AcceptedRecipient> recipients) {
        ingest::Intake intake(engine_);
        EXPECT_TRUE(run(intake.append(std::string(kMessage))).has_value());
        EXPECT_TRUE(run(intake.complete()).has_value());
        return {.reverse_path = message::parse_email_address("a@a.test").value(),
                .recipients = std::move(recipients),
                .arrival = run(intake.store({}, {})).value(),
                .content_from = 25,
                .submitter = {},
                .origin = "192.0.2.9",
                .journey = journeys_.new_journey()};
    }

    /// What a client is told that has one reply for all recipients.
    Outcome accept(Transaction message) {
        const std::size_t recipients = message.recipients.size();
        const std::vector<Outcome> outcomes = run(delivery_.accept(std::move(message)));
        EXPECT_EQ(outcomes.size(), recipients);
        for (const Outcome& outcome : outcomes)
            EXPECT_EQ(outcome.has_value(), outcomes.front().has_value());
        return outcomes.front();
    }

    static reception::AcceptedRecipient local(std::string_view address, std::vector<std::uint64_t> accounts) {
        reception::AcceptedRecipient made{
            .address = *message::parse_email_address(address), .accounts = {}, .remote = {}};
        for (const std::uint64_t account : accounts)
            made.accounts.push_back({.account = store::AccountId(account), .address = made.address, .detail = {}});
        return made;
    }

    static reception::AcceptedRecipient remote(std::string_view address) {
        const auto parsed = *message::parse_email_address(address);
        return {.address = parsed, .accounts = {}, .remote = {parsed}};
    }

    std::uint64_t copies(std::uint64_t account) {
        return run(store_.account(store::AccountId(account))).value()->quota().messages;
    }

    std::vector<store::QueuedMessage> queued() { return run(queue_.list(store::QueueId(), 100)).value().messages; }

    async::VirtualTime time_{1};
    store::MemoryEngine engine_;
    store::Store store_{&engine_, &time_};
    store::Queue queue_{&engine_, &time_};
    store::Journeys journeys_{&engine_, &time_, &time_.random()};
    int woken_ = 0;
    Delivery delivery_{store_, queue_, journeys_, time_, {}, [this] { ++woken_; }};
};

TEST_F(DeliveryTest, OneAccountGoesPastTheQueue) {
    EXPECT_TRUE(accept(transaction({local("b@b.test", {1})})).has_value());
    EXPECT_EQ(copies(1), 1U);
    EXPECT_TRUE(queued().empty());
    EXPECT_EQ(woken_, 0);
}

TEST_F(DeliveryTest, AnAccountThatSeveralRecipientsLeadToGetsOneCopy) {
    EXPECT_TRUE(accept(transaction({local("b@b.test", {1}), local("b+x@b.test", {1}), local("all@b.test", {1, 2})}))
                    .has_value());
    EXPECT_EQ(copies(1), 1U);
    EXPECT_EQ(copies(2), 1U);
    EXPECT_EQ(copies(3), 0U);
    EXPECT_TRUE(queued().empty()) << "nothing is left to happen";
}

TEST_F(DeliveryTest, RemoteRecipientsWaitInTheQueueOnce) {
    EXPECT_TRUE(
        accept(transaction({remote("x@c.test"), remote("x@c.test"), remote("y@d.test"), local("b@b.test", {2})}))
            .has_value());
    EXPECT_EQ(copies(2), 1U);
    const auto entries = queued();
    ASSERT_EQ(entries.size(), 1U);
    const store::QueuedMessage& entry = entries.front();
    EXPECT_EQ(entry.message.reverse_path->to_string(), "a@a.test");
    EXPECT_EQ(entry.message.content_from, 25U);
    EXPECT_EQ(entry.message.expires - entry.message.created, std::chrono::days(5));
    ASSERT_EQ(entry.items.size(), 2U) << "the local copy is there";
    for (const store::QueueItem& item : entry.items) {
        EXPECT_LE(item.next_due, time_.now());
        EXPECT_EQ(item.recipients.at(0).state, store::RecipientState::pending);
    }
    EXPECT_EQ(entry.items[0].recipients[0].address.to_string(), "x@c.test");
    EXPECT_EQ(entry.items[1].recipients[0].address.to_string(), "y@d.test");
    EXPECT_EQ(woken_, 1);
}

TEST_F(DeliveryTest, FullMailboxAloneIsRefusedAndAmongOthersDeferred) {
    const auto full = run(store_.account(store::AccountId(1))).value();
    EXPECT_TRUE(run(full->set_quota({.bytes_max = 10})).has_value());
    const auto alone = accept(transaction({local("b@b.test", {1})}));
    ASSERT_FALSE(alone.has_value());
    EXPECT_FALSE(alone.error().permanent);
    EXPECT_EQ(alone.error().status, "4.2.2");

    EXPECT_TRUE(accept(transaction({local("b@b.test", {1}), local("c@b.test", {2})})).has_value());
    EXPECT_EQ(copies(1), 0U);
    EXPECT_EQ(copies(2), 1U);
    const auto entries = queued();
    ASSERT_EQ(entries.size(), 1U);
    ASSERT_EQ(entries.front().items.size(), 1U);
    const store::QueueItem& item = entries.front().items[0];
    EXPECT_EQ(item.destination, store::QueueDestination(store::AccountId(1)));
    EXPECT_EQ(item.recipients[0].state, store::RecipientState::deferred);
    EXPECT_EQ(item.recipients[0].last_reply, "4.2.2 the mailbox is full");

    EXPECT_TRUE(run(full->set_quota({})).has_value());
    for (int time = 0; time < 2; ++time)
        EXPECT_TRUE(run(delivery_.deliver_queued(entries.front().message, item)).has_value());
    EXPECT_EQ(copies(1), 1U) << "the tag keeps the copy single";
}

TEST_F(DeliveryTest, ThePlanChoosesTheMailbox) {
    const auto account = run(store_.account(store::AccountId(1))).value();
    Transaction suspicious = transaction({local("b@b.test", {1})});
    suspicious.junk = true;
    EXPECT_TRUE(accept(suspicious).has_value());
    EXPECT_EQ(account->mailboxes()->find(store::Role::junk)->messages, 1U);
    EXPECT_EQ(account->mailboxes()->find(store::Role::inbox)->messages, 0U);
    // Whoever has no such mailbox finds it in INBOX.
    EXPECT_TRUE(run(account->remove_mailbox(account->mailboxes()->find(store::Role::junk)->id)).has_value());
    EXPECT_TRUE(accept(suspicious).has_value());
    EXPECT_EQ(account->mailboxes()->find(store::Role::inbox)->messages, 1U);
}

TEST_F(DeliveryTest, WhatIsJunkStaysSoWhileItWaitsInTheQueue) {
    const auto full = run(store_.account(store::AccountId(2))).value();
    EXPECT_TRUE(run(full->set_quota({.bytes_max = 10})).has_value());
    Transaction suspicious = transaction({local("all@b.test", {1, 2})});
    suspicious.junk = true;
    EXPECT_TRUE(accept(std::move(suspicious)).has_value());
    const auto entries = queued();
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_TRUE(run(full->set_quota({})).has_value());
    EXPECT_TRUE(run(delivery_.deliver_queued(entries.front().message, entries.front().items.at(0))).has_value());
    EXPECT_EQ(full->mailboxes()->find(store::Role::junk)->messages, 1U);
}

TEST_F(DeliveryTest, TooManyCopiesAreRefusedBeforeAnythingIsDone) {
    std::vector<std::uint64_t> many(kCopiesMax);
    std::iota(many.begin(), many.end(), 1);
    const auto refused = accept(transaction({local("b@b.test", {1}), local("all@b.test", many)}));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().status, "4.5.3");
    EXPECT_EQ(copies(1), 0U);
    EXPECT_TRUE(queued().empty());
}

TEST_F(DeliveryTest, RemovedAccountIsPermanent) {
    EXPECT_TRUE(run(store_.remove_account(store::AccountId(3))).has_value());
    const auto refused = accept(transaction({local("b@b.test", {3})}));
    ASSERT_FALSE(refused.has_value());
    EXPECT_TRUE(refused.error().permanent);
    EXPECT_EQ(refused.error().status, "5.1.1");
}

TEST_F(DeliveryTest, FailingAtEveryStepLosesAndDoublesNothing) {
    std::uint64_t before = 0;
    for (int step = 1; step < 60; ++step) {
        SCOPED_TRACE("call " + std::to_string(step));
        Transaction incoming =
            transaction({local("b@b.test", {1}), local("c@b.test", {2}), remote("x@c.test"), remote("y@d.test")});
        engine_.fail(store::MemoryEngine::Call::any, static_cast<std::uint64_t>(step), store::ErrorCode::unavailable);
        const auto outcome = accept(std::move(incoming));
        engine_.clear_failures();
        const auto entries = queued();
        if (!outcome) {
            EXPECT_FALSE(outcome.error().permanent);
            EXPECT_TRUE(entries.empty());
            EXPECT_EQ(copies(1), before);
            continue;
        }
        ASSERT_EQ(entries.size(), 1U) << "those elsewhere wait";
        const store::QueuedMessage& entry = entries.front();
        std::vector<std::string> elsewhere;
        for (const store::QueueItem& item : entry.items) {
            if (std::holds_alternative<store::AccountId>(item.destination))
                EXPECT_TRUE(run(delivery_.deliver_queued(entry.message, item)).has_value());
            else
                elsewhere.push_back(item.recipients.at(0).address.to_string());
        }
        EXPECT_EQ(elsewhere, (std::vector<std::string>{"x@c.test", "y@d.test"}));
        EXPECT_TRUE(run(queue_.remove(entry.message.id)).has_value());
        ++before;
        EXPECT_EQ(copies(1), before);
        EXPECT_EQ(copies(2), before);
    }
    EXPECT_GT(before, 10U);
}

} // namespace
} // namespace tegami::delivery
