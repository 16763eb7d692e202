// What people set of a mailbox changes in one commit, or not at all.
#include "store/store_test_support.h"

namespace tegami::store {
namespace {

using testing::error_of;
using testing::must;
using testing::wait;
using testing::World;

TEST(MailboxUpdate, everything_changes_at_once_and_lasts) {
    World world;
    world.make();
    const MailboxSettings settings{.role = Role::none, .subscribed = true, .sort_order = 7};
    const MailboxId made = must(wait(world.account->create_mailbox("Work", settings)));
    EXPECT_TRUE(world.info(made)->subscribed);
    EXPECT_EQ(world.info(made)->sort_order, 7u);
    const Version before = world.account->mailboxes()->version();
    MailboxUpdate update{.name = "Old/Work", .role = Role::none, .subscribed = false, .sort_order = 9};
    must(wait(world.account->create_mailbox("Old")));
    must(wait(world.account->update_mailbox(made, update)));
    EXPECT_EQ(world.account->mailboxes()->version().value, before.value + 2);
    world.reopen();
    const MailboxPtr now = world.info(made);
    EXPECT_EQ(now->name, "Old/Work");
    EXPECT_FALSE(now->subscribed);
    EXPECT_EQ(now->sort_order, 9u);
    must(wait(world.account->update_mailbox(made, update)));
    EXPECT_EQ(world.account->mailboxes()->version().value, before.value + 2)
        << "nothing is written for what is so already";
}

TEST(MailboxUpdate, roles_move_but_inbox_stays) {
    World world;
    world.make();
    const MailboxId junk = world.find("Junk");
    const MailboxId made = must(wait(world.account->create_mailbox("Spam")));
    EXPECT_EQ(error_of(wait(world.account->update_mailbox(made, {.name = "Other", .role = Role::junk}))),
              ErrorCode::exists);
    EXPECT_EQ(world.info(made)->name, "Spam") << "a refused update changes nothing";
    must(wait(world.account->update_mailbox(junk, {.role = Role::none})));
    must(wait(world.account->update_mailbox(made, {.role = Role::junk})));
    EXPECT_EQ(world.account->mailboxes()->find(Role::junk)->id, made);
    const MailboxId inbox = world.find("INBOX");
    EXPECT_EQ(error_of(wait(world.account->update_mailbox(inbox, {.role = Role::none}))), ErrorCode::invalid);
    EXPECT_EQ(error_of(wait(world.account->update_mailbox(inbox, {.name = "Mail"}))), ErrorCode::invalid);
    EXPECT_EQ(error_of(wait(world.account->update_mailbox(made, {.role = Role::inbox}))), ErrorCode::invalid);
    EXPECT_EQ(error_of(wait(world.account->update_mailbox(made, {.name = "Junk"}))), ErrorCode::exists);
}

} // namespace
} // namespace tegami::store
