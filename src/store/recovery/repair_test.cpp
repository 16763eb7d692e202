// After repair the store is sound, what could be read is where it was, and what could not is listed.
#include "store/queue.h"
#include "store/recovery/recovery_fixture.h"

namespace tegami::store {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::must;
using testing::queued;
using testing::wait;

class RepairTest : public ::testing::Test, protected testing::RecoveryWorld {
protected:
    RepairTest() {
        for (int number = 1; number <= 5; ++number)
            must(wait(world.account->append({world.message(inbox(), "octets " + std::to_string(number))})));
        must(wait(world.account->change_flags(inbox(), {2}, {FlagChange::Mode::add, {Flag::flagged}, {"$Work"}})));
        must(wait(world.account->copy(inbox(), {1, 2}, world.find("Archive"))));
        must(wait(world.account->expunge(inbox(), {5}, Account::Expunge::forced)));
        references = testing::held_blobs_of(world.engine, account);
    }

    RepairReport repair(bool commits_lost = false) { return RecoveryWorld::repair(references, commits_lost); }

    std::map<std::string, BlobRef> references;
};

TEST_F(RepairTest, a_sound_account_is_left_alone) {
    const Version before = world.view(inbox())->version();
    EXPECT_THAT(repair().accounts, IsEmpty());
    EXPECT_EQ(world.view(inbox())->version(), before);
}

TEST_F(RepairTest, a_message_whose_row_is_lost_comes_back) {
    world.engine.damage_row(account, record::delta_key(inbox(), Uid(3)));
    const RepairReport report = repair();
    ASSERT_EQ(report.accounts.size(), 1u);
    EXPECT_THAT(report.accounts[0].lost, IsEmpty());
    EXPECT_EQ(report.accounts[0].recovered, 1u);
    EXPECT_EQ(world.view(inbox())->uids(), (std::vector{Uid(1), Uid(2), Uid(4)}));
    EXPECT_TRUE(world.view(inbox())->find(Uid(2))->flags.has(Flag::flagged));
    EXPECT_EQ(octets(inbox(), Uid(4)), "octets 4");
    EXPECT_EQ(all_octets("Recovered"), (std::vector<std::string>{"octets 3"}));
    EXPECT_EQ(world.append(inbox(), 1), UidSet({6})) << "the UID of an expunged message was used again";
}

TEST_F(RepairTest, a_message_whose_octets_are_lost_is_listed) {
    world.engine.damage(references.at(record::reference_tag(AccountId(1), 2)).id);
    const RepairReport report = repair();
    ASSERT_EQ(report.accounts.size(), 1u);
    ASSERT_EQ(report.accounts[0].lost.size(), 2u);
    EXPECT_EQ(report.accounts[0].lost[0].mailbox, "INBOX");
    EXPECT_EQ(report.accounts[0].lost[0].uid, 2u);
    EXPECT_EQ(report.accounts[0].lost[1].mailbox, "Archive");
    EXPECT_EQ(all_octets("INBOX"), (std::vector<std::string>{"octets 1", "octets 3", "octets 4"}));
}

TEST_F(RepairTest, a_lost_email_record_is_made_from_its_reference) {
    world.engine.damage_row(account, record::email_key(2));
    erase(account, record::email_key(4));
    EXPECT_THAT(repair().accounts[0].lost, IsEmpty());
    EXPECT_EQ(octets(inbox(), Uid(2)), "octets 2");
    EXPECT_EQ(octets(inbox(), Uid(4)), "octets 4");
    EXPECT_EQ(octets(world.find("Archive"), Uid(2)), "octets 2");
}

TEST_F(RepairTest, lost_records_of_account_and_mailbox_are_made_anew) {
    const UidValidity before = world.info(inbox())->uid_validity;
    world.clock.time += std::chrono::hours(1);
    erase(account, record::account_key());
    erase(account, record::mailbox_key(inbox()));
    erase(account, record::keyword_key(0));
    erase(account, record::name_key(MailboxId(), "Sent"));
    EXPECT_THAT(repair().accounts[0].notes, Contains(HasSubstr("record of mailbox INBOX was lost")));
    EXPECT_EQ(all_octets("INBOX"), (std::vector<std::string>{"octets 1", "octets 2", "octets 3", "octets 4"}));
    EXPECT_GT(world.info(inbox())->uid_validity, before);
    EXPECT_EQ(world.account->mailboxes()->find(Role::inbox)->id, inbox());
    EXPECT_NE(world.find("Sent"), MailboxId());
    EXPECT_EQ(world.account->quota().messages, 6u);
}

TEST_F(RepairTest, an_expunged_message_stays_so_though_its_delta_is_lost) {
    PageColumns columns{.first_uid = 0};
    for (const std::uint32_t uid : {1u, 2u, 3u, 4u, 5u})
        columns.push_back({.uid = Uid(uid), .email = EmailId(uid), .modseq = Version(3), .size_bytes = 8});
    put(account, record::page_key(inbox(), 0), record::encode_page(columns));
    world.engine.damage_row(account, record::delta_key(inbox(), Uid(5)));
    repair();
    EXPECT_EQ(world.view(inbox())->uids(), (std::vector{Uid(1), Uid(2), Uid(3), Uid(4)}));
}

TEST_F(RepairTest, a_moved_message_whose_new_row_is_lost_comes_back) {
    must(wait(world.account->move(inbox(), {4}, world.find("Trash"))));
    world.engine.damage_row(account, record::delta_key(world.find("Trash"), Uid(1)));
    EXPECT_EQ(repair().accounts[0].recovered, 1u);
    EXPECT_EQ(all_octets("Recovered"), (std::vector<std::string>{"octets 4"}));
}

TEST_F(RepairTest, nothing_is_given_out_twice_where_commits_may_be_lost) {
    const Uid before = world.info(inbox())->uid_next;
    const UidValidity validity = world.info(inbox())->uid_validity;
    repair(true);
    EXPECT_GE(world.info(inbox())->uid_next.value, before.value + 1000);
    EXPECT_EQ(world.info(inbox())->uid_validity, validity);
    EXPECT_EQ(all_octets("INBOX").size(), 4u);
}

TEST_F(RepairTest, whole_accounts_come_back_from_references_alone) {
    change(account, {DeleteRange{"", ""}});
    const RepairReport report = repair();
    ASSERT_EQ(report.accounts.size(), 1u);
    EXPECT_EQ(report.accounts[0].recovered, 5u);
    EXPECT_EQ(all_octets("Recovered").size(), 5u);
    EXPECT_NE(world.account->mailboxes()->find(Role::inbox), nullptr);
}

TEST_F(RepairTest, a_queue_entry_is_kept_as_far_as_it_can_be) {
    Queue queue(&world.engine, &world.clock);
    const QueuedMessage message = queued(world.blob("x"), {"b@b.test", "c@c.test"});
    const QueueId first = must(wait(queue.add(message)));
    const QueueId second = must(wait(queue.add(message)));
    world.engine.damage_row(shard, record::queue_item_key({first, 0}));
    world.engine.damage_row(shard, record::queue_message_key(second));
    const RepairReport report = repair();
    EXPECT_THAT(report.notes, Contains(HasSubstr("from a@a.test has lost 1 of its destinations")));
    EXPECT_THAT(report.notes, Contains(HasSubstr("a message in the queue is lost")));
    EXPECT_THAT(report.notes, Contains(HasSubstr("to b@b.test, c@c.test")));
    const QueuePage page = must(wait(queue.list(QueueId(0), 10)));
    ASSERT_EQ(page.messages.size(), 1u);
    ASSERT_EQ(page.messages[0].items.size(), 1u);
    EXPECT_EQ(page.messages[0].items[0].recipients[0].address.to_string(), "c@c.test");
    EXPECT_EQ(page.messages[0].message.items, 1u);
}

} // namespace
} // namespace tegami::store
