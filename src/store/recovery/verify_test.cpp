// verify() names what is wrong, in plain words, and goes on.
#include "async/turns.h"
#include "store/queue.h"
#include "store/recovery/recovery_fixture.h"

#include <boost/asio/detached.hpp>

namespace tegami::store {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::must;
using testing::queued;
using testing::wait;

class VerifyTest : public ::testing::Test, protected testing::RecoveryWorld {
protected:
    VerifyTest() { world.append(inbox(), 5); }
};

TEST_F(VerifyTest, a_sound_store_is_counted) {
    Queue queue(&world.engine, &world.clock);
    must(wait(queue.add(queued(world.blob("x"), {"b@b.test"}))));
    const auto progress = std::make_shared<Progress>();
    const VerifyReport report =
        must(wait(verify(&world.engine, {.read_blobs = true, .names = {}, .progress = progress})));
    EXPECT_EQ(progress->step(), (Progress::Step{1, Progress::Unit::messages, 5, 5}));
    EXPECT_TRUE(report.sound());
    EXPECT_EQ(report.accounts, 1u);
    EXPECT_EQ(report.mailboxes, 6u);
    EXPECT_EQ(report.messages, 5u);
    EXPECT_EQ(report.emails, 5u);
    EXPECT_EQ(report.queue_entries, 1u);
}

TEST_F(VerifyTest, a_damaged_record_is_named_by_its_key_and_the_rest_is_read) {
    put(account, record::delta_key(MailboxId(1), Uid(2)), "\x07garbage");
    EXPECT_THAT(findings(), Contains(HasSubstr("record a/1 440000000100000002 cannot be read")));
    EXPECT_EQ(must(wait(verify(&world.engine, {}))).messages, 4u);
    world.reopen();
    EXPECT_EQ(world.view(MailboxId(1))->size(), 4u);
    EXPECT_EQ(world.view(world.find("Sent"))->size(), 0u);
}

TEST_F(VerifyTest, wrong_counts_are_found) {
    const auto row = must(wait(world.engine.get(account, record::mailbox_key(MailboxId(1)))));
    auto mailbox = *record::decode_mailbox(MailboxId(1), *row);
    mailbox.messages = 9;
    mailbox.uid_next = Uid(3);
    put(account, record::mailbox_key(MailboxId(1)), record::encode(mailbox));
    EXPECT_THAT(findings(), Contains(HasSubstr("5 messages, but its row says 9")));
    EXPECT_THAT(findings(), Contains(HasSubstr("has a UID that is not given out yet")));
}

async::Awaitable<> append_each(AccountPtr account, std::vector<NewMessage> messages, bool* done) {
    for (const NewMessage& message : messages) {
        const StoreResult<AppendResult> appended = co_await account->append({message});
        EXPECT_TRUE(appended.has_value());
    }
    *done = true;
}

async::Awaitable<bool> until(const bool* done) {
    while (!*done)
        co_await async::give_way();
    co_return true;
}

TEST_F(VerifyTest, what_changes_during_the_walk_is_no_finding) {
    world.reopen();
    for (int i = 0; i < 600; ++i) // more than one page of records
        world.append(world.find("INBOX"), 1);
    std::vector<NewMessage> messages;
    for (int i = 0; i < 30; ++i)
        messages.push_back(world.message(world.find("INBOX")));
    bool done = false;
    boost::asio::co_spawn(testing::wait_context(), append_each(world.account, messages, &done), boost::asio::detached);
    EXPECT_THAT(findings(), IsEmpty());
    wait(until(&done));
}

TEST_F(VerifyTest, missing_records_are_found) {
    erase(account, record::email_key(2));
    EXPECT_THAT(findings(), Contains(HasSubstr("email 2 (message 2 of INBOX) has no record")));
    erase(account, record::name_key(MailboxId(), "Sent"));
    EXPECT_THAT(findings(), Contains(HasSubstr("the name index does not lead to it")));
    erase(account, record::delta_key(MailboxId(1), Uid(4)));
    EXPECT_THAT(findings(), Contains(HasSubstr("email 4 has 0 rows, but its count says 1")));
    erase(account, record::account_key());
    EXPECT_THAT(findings(), Contains(HasSubstr("belongs to no account")));
}

TEST_F(VerifyTest, missing_octets_are_found) {
    Batch batch{.domain = account, .expected = {}, .assertions = {}, .operations = {}};
    const auto details = must(wait(world.account->details(MailboxId(1), {Uid(3)})));
    batch.operations.emplace_back(RemoveReference{details.at(0).email.blob.id, record::reference_tag(AccountId(1), 3)});
    must(wait(world.engine.commit(std::move(batch))));
    world.engine.collect();
    EXPECT_THAT(findings(),
                Contains(HasSubstr("a/1 email 3 (message 3 of INBOX): its octets or their card cannot be read")));
}

TEST_F(VerifyTest, a_damaged_queue_entry_does_not_stop_the_others) {
    Queue queue(&world.engine, &world.clock);
    const QueuedMessage message = queued(world.blob("x"), {"b@b.test"});
    const QueueId first = must(wait(queue.add(message)));
    const QueueId second = must(wait(queue.add(message)));
    put(shard, record::queue_item_key({first, 0}), "\x01");
    EXPECT_THAT(findings(), Contains(HasSubstr("record q/0 49")));
    const std::set<QueueItemId> none;
    const QueueDestination there = message.items[0].destination;
    const auto due = must(wait(queue.due_items(there, world.clock.time, 10, &none)));
    ASSERT_EQ(due.size(), 1u);
    EXPECT_EQ(due[0].message.id, second);
    EXPECT_EQ(must(wait(queue.list(QueueId(0), 10))).messages.size(), 1u);
    must(wait(queue.remove(second)));
    EXPECT_THAT(must(wait(queue.due_items(there, world.clock.time, 10, &none))), ::testing::IsEmpty());
    must(wait(queue.remove(first)));
    const QueueId third = must(wait(queue.add(message)));
    erase(shard, record::queue_due_key(message.items[0].next_due, {third, 0}));
    EXPECT_THAT(findings(), Contains(HasSubstr("it would never be due")));
    must(wait(queue.remove(third)));
    const QueueId fourth = must(wait(queue.add(message)));
    erase(shard, record::queue_destination_key(there, message.items[0].next_due, {fourth, 0}));
    EXPECT_THAT(findings(), Contains(HasSubstr("it would never be due")));
}

TEST_F(VerifyTest, a_damaged_journey_record_is_found) {
    put({DomainKind::journey, 20'000}, record::journey_prefix("j"), "?");
    EXPECT_THAT(findings(), Contains(HasSubstr("record j/20000 4a6a00 cannot be read")));
}

} // namespace
} // namespace tegami::store
