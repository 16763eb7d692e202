// Accounts on the memory engine, once as it is and once so tiny that everything needs several batches.
#include "store/recovery/verify.h"
#include "store/store_test_support.h"

#include <gmock/gmock.h>

namespace tegami::store {
namespace {

using ::testing::ElementsAre;
using testing::error_of;
using ::testing::IsEmpty;
using testing::must;
using testing::wait;
using testing::World;

class AccountTest : public ::testing::TestWithParam<bool> {
protected:
    AccountTest() : world(GetParam()) { world.make(); }

    ~AccountTest() override {
        const VerifyReport report = must(wait(verify(&world.engine, {})));
        EXPECT_THAT(report.findings, IsEmpty());
    }

    MailboxId inbox() const { return world.find("INBOX"); }

    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const MailboxPtr& mailbox : world.account->mailboxes()->all())
            names.push_back(mailbox->name);
        return names;
    }

    World world;
};

INSTANTIATE_TEST_SUITE_P(Limits, AccountTest, ::testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "tiny" : "normal"; });

TEST_P(AccountTest, a_new_account_has_the_usual_mailboxes) {
    EXPECT_THAT(names(), ElementsAre("Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash"));
    const auto list = world.account->mailboxes();
    EXPECT_EQ(list->find("inbox")->name, "INBOX");
    EXPECT_EQ(list->find(Role::sent)->name, "Sent");
    EXPECT_TRUE(list->find("Trash")->subscribed);
    EXPECT_EQ(error_of(wait(world.store->create_account(AccountId(1), {}))), ErrorCode::exists);
    EXPECT_EQ(error_of(wait(world.store->account(AccountId(2)))), ErrorCode::not_found);
}

TEST_P(AccountTest, messages_are_there_after_a_restart) {
    const UidSet uids = world.append(inbox(), 9);
    EXPECT_EQ(uids, UidSet::range(Uid(1), Uid(9)));
    const auto before = world.view(inbox())->uids();
    world.reopen();
    const ViewPtr view = world.view(inbox());
    EXPECT_EQ(view->uids(), before);
    EXPECT_EQ(view->uid_next(), Uid(10));
    const MailboxPtr info = world.info(inbox());
    EXPECT_EQ(info->messages, 9u);
    EXPECT_EQ(info->unseen, 9u);
    EXPECT_EQ(info->size_bytes, 9u * 6);
    EXPECT_EQ(world.account->quota().messages, 9u);
}

TEST_P(AccountTest, one_message_in_two_mailboxes_is_one_email) {
    NewMessage message = world.message(inbox(), "hello", {Flag::seen}, {"$Label1"});
    message.placements.push_back({world.find("Archive"), {}, {"work"}});
    const AppendResult result = must(wait(world.account->append({message})));
    ASSERT_EQ(result.messages.front().size(), 2u);
    EXPECT_EQ(result.messages.front()[0].email, result.messages.front()[1].email);
    const ViewPtr view = world.view(world.find("Archive"));
    EXPECT_THAT(view->keyword_names(view->at(0).keywords), ElementsAre("work"));
    EXPECT_EQ(world.account->quota().bytes, 10u);
}

TEST_P(AccountTest, a_delivery_tag_makes_a_second_delivery_harmless) {
    const NewMessage message = world.message(inbox());
    const AppendResult first = must(wait(world.account->append({message}, "q0/1/0")));
    world.reopen();
    const AppendResult second = must(wait(world.account->append({message}, "q0/1/0")));
    EXPECT_FALSE(first.already_there);
    EXPECT_TRUE(second.already_there);
    EXPECT_EQ(first.messages, second.messages);
    EXPECT_EQ(world.info(inbox())->messages, 1u);
}

TEST_P(AccountTest, a_full_account_takes_nothing) {
    must(wait(world.account->set_quota({.bytes_max = 0, .messages_max = 2})));
    world.append(inbox(), 2);
    EXPECT_EQ(error_of(wait(world.account->append({world.message(inbox())}))), ErrorCode::over_quota);
    EXPECT_EQ(error_of(wait(world.account->copy(inbox(), {1}, world.find("Trash")))), ErrorCode::over_quota);
    must(wait(world.account->move(inbox(), {1}, world.find("Trash"))));
    must(wait(world.account->set_quota({.bytes_max = 11, .messages_max = 0})));
    EXPECT_EQ(error_of(wait(world.account->append({world.message(inbox())}))), ErrorCode::over_quota);
}

TEST_P(AccountTest, flags_change_and_carry_the_modseq) {
    world.append(inbox(), 5);
    const FlagResult result = must(wait(world.account->change_flags(
        inbox(), {2, 3, 77}, {.mode = FlagChange::Mode::add, .flags = {Flag::seen}, .keywords = {"Work", "home"}})));
    EXPECT_EQ(result.changed, (UidSet{2, 3}));
    const ViewPtr view = world.view(inbox());
    EXPECT_TRUE(view->find(Uid(2))->flags.has(Flag::seen));
    EXPECT_FALSE(view->find(Uid(1))->flags.has(Flag::seen));
    EXPECT_LE(view->find(Uid(3))->modseq, result.modseq);
    EXPECT_GT(view->find(Uid(3))->modseq, view->find(Uid(5))->modseq);
    EXPECT_EQ(world.info(inbox())->unseen, 3u);
    EXPECT_THAT(view->keywords_used(), ElementsAre("Work", "home"));
    // Keywords are the same in any case; a change that changes nothing makes no modseq.
    const FlagResult again = must(wait(world.account->change_flags(
        inbox(), {2, 3}, {.mode = FlagChange::Mode::add, .flags = {Flag::seen}, .keywords = {"WORK"}})));
    EXPECT_TRUE(again.changed.empty());
    EXPECT_EQ(again.modseq, result.modseq);
    const FlagResult replaced = must(wait(world.account->change_flags(
        inbox(), {3}, {.mode = FlagChange::Mode::replace, .flags = {Flag::draft}, .keywords = {}})));
    EXPECT_EQ(replaced.changed, UidSet{3});
    EXPECT_EQ(world.view(inbox())->find(Uid(3))->flags, Flags{Flag::draft});
    EXPECT_TRUE(world.view(inbox())->find(Uid(3))->keywords.empty());
}

TEST_P(AccountTest, unchanged_since_leaves_newer_messages_alone) {
    world.append(inbox(), 3);
    const Modseq then = world.view(inbox())->find(Uid(2))->modseq;
    const FlagResult result = must(wait(world.account->change_flags(
        inbox(), UidSet::all(), {.mode = FlagChange::Mode::add, .flags = {Flag::flagged}, .keywords = {}}, then)));
    EXPECT_EQ(result.changed, (UidSet{1, 2}));
    EXPECT_EQ(result.failed, UidSet{3});
}

TEST_P(AccountTest, bad_keywords_are_refused) {
    world.append(inbox(), 1);
    for (const char* keyword : {"", "two words", "a(b", "\\Seen", "a]", "caf\xc3\xa9"})
        EXPECT_EQ(error_of(wait(world.account->change_flags(
                      inbox(), {1}, {.mode = FlagChange::Mode::add, .flags = {}, .keywords = {keyword}}))),
                  ErrorCode::invalid)
            << keyword;
}

TEST_P(AccountTest, expunge_takes_deleted_messages_only) {
    world.append(inbox(), 10);
    must(wait(world.account->change_flags(inbox(), {2, 4, 6, 8},
                                          {.mode = FlagChange::Mode::add, .flags = {Flag::deleted}, .keywords = {}})));
    EXPECT_EQ(world.info(inbox())->deleted, 4u);
    const ExpungeResult result = must(wait(world.account->expunge(inbox(), UidSet::range(Uid(1), Uid(6)))));
    EXPECT_EQ(result.expunged, (UidSet{2, 4, 6}));
    EXPECT_EQ(world.info(inbox())->messages, 7u);
    EXPECT_EQ(world.info(inbox())->deleted, 1u);
    const ExpungeResult rest = must(wait(world.account->expunge(inbox(), UidSet::all(), Account::Expunge::forced)));
    EXPECT_EQ(rest.expunged.size(), 7u);
    EXPECT_EQ(world.view(inbox())->size(), 0u);
    EXPECT_EQ(world.append(inbox(), 1), UidSet{11});
}

TEST_P(AccountTest, copy_and_move_give_new_uids_in_order) {
    world.append(inbox(), 12, {Flag::answered});
    const MailboxId archive = world.find("Archive");
    const CopyResult copied = must(wait(world.account->copy(inbox(), UidSet::range(Uid(3), Uid(9)), archive)));
    EXPECT_EQ(copied.source, UidSet::range(Uid(3), Uid(9)));
    EXPECT_EQ(copied.target, UidSet::range(Uid(1), Uid(7)));
    EXPECT_EQ(world.info(inbox())->messages, 12u);
    EXPECT_EQ(world.view(archive)->find(Uid(1))->email, world.view(inbox())->find(Uid(3))->email);
    const CopyResult moved = must(wait(world.account->move(inbox(), {1, 12}, archive)));
    EXPECT_EQ(moved.source, (UidSet{1, 12}));
    EXPECT_EQ(moved.target, (UidSet{8, 9}));
    EXPECT_EQ(world.info(inbox())->messages, 10u);
    EXPECT_EQ(world.info(archive)->messages, 9u);
    EXPECT_EQ(world.view(archive)->find(Uid(9))->flags, Flags{Flag::answered});
    const CopyResult within = must(wait(world.account->move(inbox(), UidSet::all(), inbox())));
    EXPECT_EQ(within.source.size(), 10u);
    EXPECT_EQ(within.target, UidSet::range(Uid(13), Uid(22)));
    EXPECT_EQ(world.info(inbox())->messages, 10u);
}

TEST_P(AccountTest, details_lead_to_the_octets_even_after_expunge) {
    world.append(inbox(), 6);
    const auto details = must(wait(world.account->details(inbox(), {Uid(5), Uid(2), Uid(99)})));
    ASSERT_EQ(details.size(), 2u);
    EXPECT_EQ(details[0].message.uid, Uid(5));
    EXPECT_EQ(must(wait(world.store->read_blob(details[0].email.blob.id, 0, 100))), "octets");
    must(wait(world.account->expunge(inbox(), {5}, Account::Expunge::forced)));
    const auto rows = must(wait(world.account->emails({details[0].email.id, EmailId(1000)})));
    EXPECT_EQ(rows[0], details[0].email);
    EXPECT_FALSE(rows[1].has_value());
}

TEST_P(AccountTest, conversations_are_joined_by_message_ids) {
    NewMessage root = world.message(inbox());
    root.thread.message_id = "root@a.test";
    NewMessage reply = world.message(inbox());
    reply.thread = {.message_id = "reply@a.test", .in_reply_to = {"root@a.test"}, .references = {}};
    NewMessage other = world.message(inbox());
    other.thread.message_id = "other@a.test";
    NewMessage late = world.message(inbox());
    late.thread = {.message_id = "late@a.test", .in_reply_to = {}, .references = {"root@a.test", "reply@a.test"}};
    must(wait(world.account->append({root, reply})));
    must(wait(world.account->append({other})));
    must(wait(world.account->append({late})));
    std::vector<std::uint64_t> threads;
    for (const auto& email : must(wait(world.account->emails({EmailId(1), EmailId(2), EmailId(3), EmailId(4)}))))
        threads.push_back(email->thread.value);
    EXPECT_THAT(threads, ElementsAre(1, 1, 3, 1));
}

TEST_P(AccountTest, the_change_log_tells_what_happened) {
    world.append(inbox(), 4);
    const Version then = world.account->mailboxes()->version();
    world.append(inbox(), 2);
    must(wait(world.account->change_flags(inbox(), {1, 2, 5},
                                          {.mode = FlagChange::Mode::add, .flags = {Flag::seen}, .keywords = {}})));
    must(wait(world.account->expunge(inbox(), {2, 6}, Account::Expunge::forced)));
    UidSet appended;
    UidSet changed;
    UidSet expunged;
    for (const record::LogRow& row : world.log(then)) {
        ASSERT_EQ(row.mailboxes.size(), 1u);
        appended.merge(row.mailboxes[0].appended);
        changed.merge(row.mailboxes[0].changed);
        expunged.merge(row.mailboxes[0].expunged);
    }
    EXPECT_EQ(appended, (UidSet{5, 6}));
    EXPECT_EQ(changed, (UidSet{1, 2, 5}));
    EXPECT_EQ(expunged, (UidSet{2, 6}));
}

TEST_P(AccountTest, recent_messages_are_claimed_once) {
    world.append(inbox(), 2);
    EXPECT_EQ(world.info(inbox())->recent, 2u);
    EXPECT_EQ(must(wait(world.account->claim_recent(inbox()))), (UidSet{1, 2}));
    EXPECT_EQ(must(wait(world.account->claim_recent(inbox()))), UidSet());
    world.append(inbox(), 1);
    EXPECT_EQ(must(wait(world.account->claim_recent(inbox()))), UidSet{3});
    EXPECT_EQ(world.info(inbox())->recent, 0u);
}

TEST_P(AccountTest, listeners_hear_every_commit_in_order) {
    boost::asio::io_context context;
    const OpenMailboxPtr open = must(wait(world.account->open(inbox())));
    const ListenerPtr mailbox = open->listen(context.get_executor());
    world.append(inbox(), 2);
    world.append(world.find("Sent"), 1);
    must(wait(world.account->expunge(inbox(), {1}, Account::Expunge::forced)));
    must(wait(world.account->create_mailbox("New")));
    const auto heard = mailbox->take();
    ASSERT_EQ(heard.items.size(), 3u);
    EXPECT_EQ(heard.items[0]->find(inbox())->appended, UidSet{1});
    EXPECT_EQ(heard.items[2]->find(inbox())->expunged, UidSet{1});
    EXPECT_EQ(heard.items[2]->find(inbox())->view->uids(), std::vector<Uid>{Uid(2)});
    EXPECT_EQ(heard.items[2]->find(inbox())->info->messages, 1u);
}

TEST_P(AccountTest, mailboxes_are_made_with_their_parents) {
    must(wait(world.account->create_mailbox("a/b/c")));
    EXPECT_EQ(error_of(wait(world.account->create_mailbox("a/b"))), ErrorCode::exists);
    EXPECT_EQ(error_of(wait(world.account->create_mailbox("inbox"))), ErrorCode::exists);
    for (const char* name : {"", "/a", "a/", "a//b", "a\nb", "\xff"})
        EXPECT_EQ(error_of(wait(world.account->create_mailbox(name))), ErrorCode::invalid) << name;
    must(wait(world.account->create_mailbox("Inbox/sub")));
    world.reopen();
    EXPECT_THAT(names(),
                ElementsAre("Archive", "Drafts", "INBOX", "INBOX/sub", "Junk", "Sent", "Trash", "a", "a/b", "a/b/c"));
    EXPECT_TRUE(world.account->mailboxes()->has_children(world.find("a")));
}

TEST_P(AccountTest, renaming_takes_inferiors_along) {
    const MailboxId child = must(wait(world.account->create_mailbox("a/b/c")));
    must(wait(world.account->subscribe("a/b/c")));
    world.append(child, 1);
    must(wait(world.account->rename_mailbox(world.find("a/b"), "x/y")));
    EXPECT_EQ(world.info(child)->name, "x/y/c");
    EXPECT_TRUE(world.info(child)->subscribed);
    EXPECT_EQ(world.find("a/b"), MailboxId());
    EXPECT_EQ(error_of(wait(world.account->rename_mailbox(world.find("x"), "x/y/z"))), ErrorCode::invalid);
    EXPECT_EQ(error_of(wait(world.account->rename_mailbox(world.find("x"), "Sent"))), ErrorCode::exists);
    world.reopen();
    EXPECT_EQ(world.view(world.find("x/y/c"))->size(), 1u);
}

TEST_P(AccountTest, renaming_inbox_moves_its_messages) {
    must(wait(world.account->create_mailbox("INBOX/sub")));
    world.append(inbox(), 7);
    const MailboxId old = inbox();
    must(wait(world.account->rename_mailbox(inbox(), "old")));
    EXPECT_EQ(inbox(), old);
    EXPECT_EQ(world.info(inbox())->messages, 0u);
    EXPECT_EQ(world.info(world.find("old"))->messages, 7u);
    EXPECT_NE(world.find("INBOX/sub"), MailboxId());
}

TEST_P(AccountTest, removing_leaves_the_name_while_it_has_inferiors) {
    must(wait(world.account->create_mailbox("a/b")));
    const MailboxId a = world.find("a");
    const UidValidity before = world.info(a)->uid_validity;
    world.append(a, 6);
    must(wait(world.account->remove_mailbox(a)));
    EXPECT_FALSE(world.info(a)->selectable);
    EXPECT_EQ(world.info(a)->messages, 0u);
    EXPECT_EQ(error_of(wait(world.account->open(a))), ErrorCode::invalid);
    EXPECT_EQ(error_of(wait(world.account->append({world.message(a)}))), ErrorCode::invalid);
    EXPECT_EQ(error_of(wait(world.account->remove_mailbox(a))), ErrorCode::invalid);
    EXPECT_EQ(must(wait(world.account->create_mailbox("a"))), a);
    EXPECT_GT(world.info(a)->uid_validity, before);
    must(wait(world.account->remove_mailbox(world.find("a/b"))));
    must(wait(world.account->remove_mailbox(a)));
    EXPECT_EQ(world.find("a"), MailboxId());
    EXPECT_EQ(error_of(wait(world.account->remove_mailbox(inbox()))), ErrorCode::invalid);
    EXPECT_EQ(world.account->quota().messages, 0u);
}

TEST_P(AccountTest, a_mailbox_made_again_has_another_uid_validity) {
    const MailboxId first = must(wait(world.account->create_mailbox("a")));
    const UidValidity before = world.info(first)->uid_validity;
    must(wait(world.account->subscribe("a")));
    must(wait(world.account->remove_mailbox(first)));
    EXPECT_THAT(world.account->mailboxes()->subscribed_names(), ElementsAre("a"));
    const MailboxId second = must(wait(world.account->create_mailbox("a")));
    EXPECT_NE(first, second);
    EXPECT_GT(world.info(second)->uid_validity, before);
    EXPECT_TRUE(world.info(second)->subscribed);
    EXPECT_THAT(world.account->mailboxes()->subscribed_names(), IsEmpty());
}

TEST_P(AccountTest, names_that_are_no_mailboxes_can_be_subscribed) {
    must(wait(world.account->subscribe("not/there")));
    must(wait(world.account->unsubscribe("Trash")));
    world.reopen();
    EXPECT_THAT(world.account->mailboxes()->subscribed_names(), ElementsAre("not/there"));
    EXPECT_FALSE(world.account->mailboxes()->find("Trash")->subscribed);
    must(wait(world.account->unsubscribe("not/there")));
    EXPECT_THAT(world.account->mailboxes()->subscribed_names(), IsEmpty());
}

TEST_P(AccountTest, expunged_messages_are_kept_for_the_retention_time) {
    world.append(inbox(), 9);
    must(wait(world.account->copy(inbox(), {1, 2}, world.find("Archive"))));
    must(wait(world.account->move(inbox(), {3}, world.find("Archive"))));
    must(wait(world.account->expunge(inbox(), UidSet::all(), Account::Expunge::forced)));
    must(wait(world.account->sweep()));
    EXPECT_EQ(world.engine.collect(), 0u);
    world.clock.time += world.options.retention + std::chrono::hours(1);
    must(wait(world.account->sweep()));
    // 1 and 2 live on as copies, 3 was moved.
    EXPECT_EQ(world.engine.collect(), 6u);
    EXPECT_EQ(world.engine.blob_count(), 3u);
    EXPECT_THAT(world.log(Version(1)), IsEmpty());
    must(wait(world.account->expunge(world.find("Archive"), UidSet::all(), Account::Expunge::forced)));
    world.clock.time += world.options.retention + std::chrono::hours(1);
    world.reopen();
    must(wait(world.account->sweep()));
    world.engine.collect();
    EXPECT_EQ(world.engine.blob_count(), 0u);
}

TEST_P(AccountTest, delivery_tags_are_forgotten_in_time) {
    must(wait(world.account->append({world.message(inbox())}, "tag")));
    world.clock.time += world.options.delivery_tag_retention + std::chrono::hours(1);
    must(wait(world.account->sweep()));
    EXPECT_FALSE(must(wait(world.account->append({world.message(inbox())}, "tag"))).already_there);
}

TEST_P(AccountTest, a_removed_account_leaves_nothing) {
    world.append(inbox(), 20);
    must(wait(world.store->remove_account(AccountId(1))));
    EXPECT_EQ(error_of(wait(world.account->append({world.message(inbox())}))), ErrorCode::not_found);
    EXPECT_EQ(error_of(wait(world.store->account(AccountId(1)))), ErrorCode::not_found);
    EXPECT_EQ(error_of(wait(world.store->remove_account(AccountId(1)))), ErrorCode::not_found);
    world.engine.collect();
    EXPECT_EQ(world.engine.blob_count(), 0u);
    EXPECT_THAT(must(wait(world.store->accounts(AccountId(0), 10))), IsEmpty());
    world.make();
    EXPECT_EQ(world.info(inbox())->messages, 0u);
    EXPECT_THAT(must(wait(world.store->accounts(AccountId(0), 10))), ElementsAre(AccountId(1)));
}

TEST_P(AccountTest, a_large_append_either_is_there_or_is_not) {
    std::vector<NewMessage> messages;
    for (int i = 0; i < 40; ++i)
        messages.push_back(world.message(inbox()));
    const AppendResult result = must(wait(world.account->append(messages)));
    EXPECT_EQ(result.messages.size(), 40u);
    EXPECT_EQ(world.info(inbox())->messages, 40u);
    messages.back().placements.front().mailbox = MailboxId(999);
    EXPECT_EQ(error_of(wait(world.account->append(messages))), ErrorCode::not_found);
    EXPECT_EQ(world.info(inbox())->messages, 40u);
    world.reopen();
    EXPECT_EQ(world.view(inbox())->size(), 40u);
}

TEST_P(AccountTest, deltas_are_folded_by_the_sweep) {
    std::vector<NewMessage> messages;
    for (int i = 0; i < 1200; ++i)
        messages.push_back(world.message(inbox()));
    must(wait(world.account->append(messages)));
    for (std::uint32_t uid = 4; uid < 1200; uid += 4)
        must(wait(world.account->change_flags(inbox(), {uid},
                                              {.mode = FlagChange::Mode::add, .flags = {Flag::seen}, .keywords = {}})));
    const auto deltas = [&] {
        std::uint32_t sum = 0;
        for (const ViewPagePtr& page : world.view(inbox())->pages())
            sum += page->deltas();
        return sum;
    };
    if (GetParam()) EXPECT_GT(deltas(), 256u);
    must(wait(world.account->sweep()));
    EXPECT_LT(deltas(), 256u);
    world.reopen();
    EXPECT_LT(deltas(), 256u);
    EXPECT_EQ(world.view(inbox())->size(), 1200u);
    EXPECT_EQ(world.info(inbox())->unseen, 1200u - 299u);
    EXPECT_TRUE(world.view(inbox())->find(Uid(400))->flags.has(Flag::seen));
}

TEST_P(AccountTest, a_page_that_is_full_has_no_deltas) {
    for (const bool watched : {false, true}) {
        const MailboxId mailbox = world.find(watched ? "Sent" : "Archive");
        OpenMailboxPtr open;
        if (watched) open = must(wait(world.account->open(mailbox)));
        for (int i = 0; i < 1100; ++i)
            must(wait(world.account->append({world.message(mailbox)})));
        open.reset();
        world.reopen();
        const ViewPtr view = world.view(mailbox);
        ASSERT_EQ(view->size(), 1100u);
        for (const ViewPagePtr& page : view->pages())
            if (page->first_uid() + view->page_uids() <= view->uid_next().value) EXPECT_EQ(page->deltas(), 0u);
    }
}

/// Several threads write, read and listen at once.
async::Awaitable<void> work_on(World* world, NewMessage message, MailboxId other, std::uint32_t seed) {
    const MailboxId mailbox = message.placements.front().mailbox;
    const auto opened = co_await world->account->open(mailbox);
    EXPECT_TRUE(opened.has_value());
    const OpenMailboxPtr& open = *opened;
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    const ListenerPtr listener = open->listen(executor);
    Version seen;
    for (std::uint32_t i = 0; i < 60; ++i) {
        message.placements.front().keywords = {"k" + std::to_string(i % 7)};
        std::vector<NewMessage> messages{message};
        const auto appended = co_await world->account->append(std::move(messages));
        EXPECT_TRUE(appended.has_value());
        UidSet uids = UidSet::range(Uid(1 + i), Uid(3 + i + seed));
        FlagChange change{.mode = FlagChange::Mode::add, .flags = {Flag::seen}, .keywords = {}};
        const auto flagged = co_await world->account->change_flags(mailbox, uids, std::move(change));
        EXPECT_TRUE(flagged.has_value());
        if (i % 5 == seed % 5) {
            const auto moved = co_await world->account->move(mailbox, std::move(uids), other);
            EXPECT_TRUE(moved.has_value());
        }
        std::vector<Uid> asked = open->view()->uids();
        asked.resize(std::min<std::size_t>(asked.size(), 5));
        const auto details = co_await world->account->details(mailbox, std::move(asked));
        EXPECT_TRUE(details.has_value());
        world->account->trim();
        auto news = listener->take();
        for (const ChangePtr& told : news.items) {
            EXPECT_GT(told->version, seen);
            seen = told->version;
        }
    }
}

// RFC 7162 §3.2.6: while the log reaches back, what went is known; after that nobody guesses.
TEST_P(AccountTest, what_vanished_is_known_as_far_as_the_log_reaches) {
    world.append(inbox(), 6);
    const MailboxId archive = world.find("Archive");
    const Modseq before = world.info(inbox())->highest_modseq;
    must(wait(world.account->expunge(inbox(), UidSet{2, 3}, Account::Expunge::forced)));
    const Modseq between = world.info(inbox())->highest_modseq;
    must(wait(world.account->move(inbox(), UidSet{5}, archive)));
    EXPECT_EQ(must(wait(world.account->vanished_since(inbox(), before))), (UidSet{2, 3, 5}));
    EXPECT_EQ(must(wait(world.account->vanished_since(inbox(), between))), UidSet{5});
    EXPECT_EQ(must(wait(world.account->vanished_since(archive, before))), UidSet{});
    const Modseq now = world.info(inbox())->highest_modseq;
    EXPECT_EQ(must(wait(world.account->vanished_since(inbox(), now))), UidSet{});
    EXPECT_EQ(must(wait(world.account->vanished_since(inbox(), Modseq(now.value + 1000)))), std::nullopt);
    world.clock.time += world.options.retention + std::chrono::hours(1);
    must(wait(world.account->sweep()));
    EXPECT_EQ(must(wait(world.account->vanished_since(inbox(), between))), std::nullopt);
    EXPECT_EQ(must(wait(world.account->vanished_since(inbox(), world.account->mailboxes()->version()))), UidSet{});
}

TEST_P(AccountTest, threads_share_an_account) {
    testing::Crowd crowd;
    const MailboxId archive = world.find("Archive");
    for (std::uint32_t i = 0; i < 6; ++i)
        crowd.add(work_on(&world, world.message(i % 2 == 0 ? inbox() : archive), i % 2 == 0 ? archive : inbox(), i));
    crowd.run(3);
    EXPECT_EQ(world.account->quota().messages, 360u);
    EXPECT_EQ(world.view(inbox())->size() + world.view(archive)->size(), 360u);
}

TEST_P(AccountTest, the_cache_keeps_its_budget_and_open_views) {
    world.append(inbox(), 3);
    const OpenMailboxPtr open = must(wait(world.account->open(inbox())));
    EXPECT_GT(world.account->trim(), 0u);
    world.append(inbox(), 1);
    EXPECT_EQ(open->view()->size(), 4u);
}

} // namespace
} // namespace tegami::store
