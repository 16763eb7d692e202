// What was expunged comes back: once, where it was, as it was, and clients are told the truth about old and new UIDs.
#include "store/account_records.h"
#include "store/page_records.h"
#include "store/recovery/repair.h"
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

/// On a normal engine and on a tiny one, where everything needs several batches.
class UndeleteTest : public ::testing::TestWithParam<bool> {
protected:
    UndeleteTest() : world(GetParam()) { world.make(); }

    ~UndeleteTest() override {
        const VerifyReport report = must(wait(verify(&world.engine, {})));
        EXPECT_THAT(report.findings, IsEmpty());
    }

    MailboxId inbox() const { return world.find("INBOX"); }

    std::vector<ExpungedMessage> listed() { return must(wait(world.account->expunged({}, 10'000))).messages; }

    UndeleteResult bring_back(const std::vector<ExpungedMessage>& messages) {
        std::vector<ExpungedPlace> places;
        for (const ExpungedMessage& message : messages)
            places.push_back(message.place);
        return must(wait(world.account->undelete(std::move(places))));
    }

    void expunge(MailboxId mailbox, UidSet uids) {
        must(wait(world.account->expunge(mailbox, std::move(uids), Account::Expunge::forced)));
    }

    std::vector<std::uint64_t> emails(MailboxId mailbox) {
        std::vector<std::uint64_t> ids;
        const ViewPtr view = world.view(mailbox);
        for (std::uint32_t at = 0; at < view->size(); ++at)
            ids.push_back(view->at(at).email.value);
        return ids;
    }

    World world;
};

INSTANTIATE_TEST_SUITE_P(Limits, UndeleteTest, ::testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "tiny" : "normal"; });

TEST_P(UndeleteTest, a_message_comes_back_as_it_was_under_a_new_uid) {
    NewMessage message = world.message(inbox(), "hello", {Flag::seen, Flag::flagged, Flag::deleted}, {"work"});
    message.thread.message_id = "a@b";
    const Placed before = must(wait(world.account->append({message}))).messages.front().front();
    const EmailRow row = *must(wait(world.account->emails({before.email}))).front();
    expunge(inbox(), {1});
    const Version gone = world.account->mailboxes()->version();
    world.clock.time += std::chrono::hours(3);
    const auto kept = listed();
    ASSERT_EQ(kept.size(), 1u);
    EXPECT_EQ(kept.front().mailbox, "INBOX");
    EXPECT_EQ(kept.front().expunged, world.clock.time - std::chrono::hours(3));
    const UndeleteResult result = bring_back(kept);
    EXPECT_EQ(must(result.front()), (Placed{inbox(), before.uid_validity, Uid(2), before.email}));
    for (const bool again : {false, true}) {
        if (again) world.reopen();
        const ViewPtr view = world.view(inbox());
        ASSERT_EQ(view->size(), 1u);
        const MessageRow back = view->at(0);
        EXPECT_EQ(back.uid, Uid(2));
        EXPECT_EQ(back.flags, (Flags{Flag::seen, Flag::flagged}));
        EXPECT_THAT(view->keyword_names(back.keywords), ElementsAre("work"));
        EXPECT_EQ(back.modseq, gone.next());
        EXPECT_EQ(back.saved,
                  std::chrono::duration_cast<std::chrono::seconds>(world.clock.time.time_since_epoch()).count());
        EXPECT_EQ(*must(wait(world.account->emails({back.email}))).front(), row);
        EXPECT_EQ(world.account->quota().bytes, 5u);
        EXPECT_EQ(world.info(inbox())->messages, 1u);
    }
}

TEST_P(UndeleteTest, nothing_comes_back_twice) {
    world.append(inbox(), 5);
    expunge(inbox(), {2, 4});
    const auto kept = listed();
    ASSERT_EQ(kept.size(), 2u);
    bring_back(kept);
    EXPECT_THAT(listed(), IsEmpty());
    for (const auto& outcome : bring_back(kept))
        EXPECT_EQ(error_of(outcome), ErrorCode::not_found);
    EXPECT_THAT(emails(inbox()), ElementsAre(1, 3, 5, 2, 4));
    expunge(inbox(), UidSet::all());
    EXPECT_EQ(listed().size(), 5u);
}

TEST_P(UndeleteTest, clients_hear_of_the_old_uids_and_the_new_ones) {
    world.append(inbox(), 3);
    const OpenMailboxPtr open = must(wait(world.account->open(inbox())));
    const ListenerPtr listener = open->listen(testing::wait_context().get_executor());
    const Version start = open->view()->version();
    expunge(inbox(), {1, 3});
    bring_back(listed());
    UidSet logged_as_gone;
    UidSet logged_as_new;
    for (const record::LogRow& row : world.log(start)) {
        for (const MailboxChanges& each : row.mailboxes) {
            logged_as_gone.merge(each.expunged);
            logged_as_new.merge(each.appended);
        }
    }
    EXPECT_EQ(logged_as_gone, UidSet({1, 3}));
    EXPECT_EQ(logged_as_new, UidSet({4, 5}));
    UidSet arrived;
    for (const ChangePtr& change : listener->take().items)
        if (const MailboxChange* here = change->find(inbox())) arrived.merge(here->appended);
    EXPECT_EQ(arrived, UidSet({4, 5}));
}

TEST_P(UndeleteTest, what_was_moved_or_taken_back_is_not_missed) {
    world.append(inbox(), 4);
    const MailboxId trash = world.find("Trash");
    must(wait(world.account->move(inbox(), {1, 2}, trash)));
    EXPECT_THAT(listed(), IsEmpty());
    expunge(trash, {1});
    const auto kept = listed();
    ASSERT_EQ(kept.size(), 1u);
    EXPECT_EQ(kept.front().mailbox, "Trash");
    bring_back(kept);
    EXPECT_THAT(emails(trash), ElementsAre(2, 1));
    EXPECT_THAT(emails(inbox()), ElementsAre(3, 4));
    must(wait(world.account->rename_mailbox(inbox(), "Old")));
    EXPECT_THAT(listed(), IsEmpty());
}

TEST_P(UndeleteTest, a_copy_that_was_taken_back_does_not_come_back) {
    if (!GetParam()) return; // one commit holds all: there is nothing to take back
    world.append(inbox(), 20);
    world.engine.fail(MemoryEngine::Call::commit, 3, ErrorCode::no_space);
    EXPECT_EQ(error_of(wait(world.account->copy(inbox(), UidSet::all(), world.find("Archive")))), ErrorCode::no_space);
    world.engine.clear_failures();
    EXPECT_TRUE(emails(world.find("Archive")).empty());
    EXPECT_THAT(listed(), IsEmpty());
}

TEST_P(UndeleteTest, a_removed_mailbox_is_made_again) {
    const MailboxId made = must(wait(world.account->create_mailbox("Work/2026")));
    const UidValidity old_validity = world.info(made)->uid_validity;
    const UidSet uids = world.append(made, 12, {Flag::seen});
    expunge(made, {3});
    must(wait(world.account->remove_mailbox(made)));
    must(wait(world.account->remove_mailbox(world.find("Work"))));
    world.reopen();
    const auto kept = listed();
    EXPECT_EQ(kept.size(), uids.size());
    EXPECT_EQ(kept.front().mailbox, "Work/2026");
    for (const auto& outcome : bring_back(kept))
        EXPECT_TRUE(outcome.has_value());
    const MailboxPtr back = world.account->mailboxes()->find("Work/2026");
    ASSERT_NE(back, nullptr);
    EXPECT_NE(back->id, made);
    EXPECT_GT(back->uid_validity, old_validity);
    EXPECT_TRUE(back->selectable);
    EXPECT_EQ(back->messages, 12u);
    EXPECT_EQ(back->unseen, 0u);
    EXPECT_THAT(listed(), IsEmpty());
}

TEST_P(UndeleteTest, a_removed_mailbox_comes_back_with_its_role_or_into_the_one_of_its_name) {
    const MailboxId sent = world.find("Sent");
    world.append(sent, 2);
    must(wait(world.account->remove_mailbox(sent)));
    bring_back(listed());
    EXPECT_EQ(world.account->mailboxes()->find("Sent")->role, Role::sent);
    const MailboxId junk = world.find("Junk");
    world.append(junk, 1);
    must(wait(world.account->remove_mailbox(junk)));
    const MailboxId other = must(wait(world.account->create_mailbox("Junk")));
    world.append(other, 1);
    bring_back(listed());
    EXPECT_EQ(world.find("Junk"), other);
    EXPECT_EQ(world.info(other)->messages, 2u);
}

TEST_P(UndeleteTest, a_name_that_only_holds_inferiors_becomes_a_mailbox_again) {
    must(wait(world.account->create_mailbox("Work/2026")));
    const MailboxId work = world.find("Work");
    world.append(work, 1);
    must(wait(world.account->remove_mailbox(work)));
    EXPECT_FALSE(world.info(work)->selectable);
    EXPECT_EQ(listed().front().mailbox, "Work");
    EXPECT_TRUE(bring_back(listed()).front().has_value());
    EXPECT_TRUE(world.info(work)->selectable);
    EXPECT_EQ(world.info(work)->messages, 1u);
}

TEST_P(UndeleteTest, past_the_retention_time_nothing_comes_back_and_the_name_is_forgotten) {
    const MailboxId made = must(wait(world.account->create_mailbox("Old")));
    world.append(made, 2);
    const MailboxId empty = must(wait(world.account->create_mailbox("Empty")));
    must(wait(world.account->remove_mailbox(made)));
    must(wait(world.account->remove_mailbox(empty)));
    const auto kept = listed();
    const Domain domain{DomainKind::account, 1};
    must(wait(world.account->sweep()));
    EXPECT_TRUE(must(wait(world.engine.get(domain, record::removed_mailbox_key(made)))).has_value());
    EXPECT_FALSE(must(wait(world.engine.get(domain, record::removed_mailbox_key(empty)))).has_value());
    world.clock.time += world.options.retention + std::chrono::seconds(1);
    EXPECT_THAT(listed(), IsEmpty());
    EXPECT_EQ(error_of(bring_back(kept).front()), ErrorCode::not_found);
    must(wait(world.account->sweep()));
    EXPECT_FALSE(must(wait(world.engine.get(domain, record::removed_mailbox_key(made)))).has_value());
    world.engine.collect();
    EXPECT_EQ(world.engine.blob_count(), 0u);
}

TEST_P(UndeleteTest, what_does_not_fit_the_quota_stays_kept) {
    world.append(inbox(), 4);
    expunge(inbox(), UidSet::all());
    must(wait(world.account->set_quota({.bytes_max = 0, .messages_max = 3})));
    world.append(inbox(), 1);
    const UndeleteResult result = bring_back(listed());
    EXPECT_TRUE(result[0] && result[1]);
    EXPECT_EQ(error_of(result[2]), ErrorCode::over_quota);
    EXPECT_EQ(error_of(result[3]), ErrorCode::over_quota);
    EXPECT_EQ(listed().size(), 2u);
    must(wait(world.account->set_quota({})));
    bring_back(listed());
    EXPECT_EQ(world.info(inbox())->messages, 5u);
}

TEST_P(UndeleteTest, copies_come_back_as_copies) {
    world.append(inbox(), 1);
    must(wait(world.account->copy(inbox(), {1}, world.find("Archive"))));
    expunge(inbox(), {1});
    expunge(world.find("Archive"), {1});
    EXPECT_EQ(bring_back(listed()).size(), 2u);
    EXPECT_EQ(emails(inbox()), emails(world.find("Archive")));
    expunge(inbox(), UidSet::all());
    world.clock.time += world.options.retention + std::chrono::seconds(1);
    must(wait(world.account->sweep()));
    EXPECT_TRUE(must(wait(world.account->emails({EmailId(1)}))).front().has_value());
}

TEST_P(UndeleteTest, the_listing_has_pages) {
    world.append(inbox(), 30);
    expunge(inbox(), UidSet::range(Uid(1), Uid(10)));
    expunge(inbox(), {12, 14});
    world.append(world.find("Sent"), 2);
    expunge(world.find("Sent"), {1, 2});
    std::vector<ExpungedPlace> places;
    std::string from;
    do {
        const ExpungedPage page = must(wait(world.account->expunged(from, 3)));
        EXPECT_LE(page.messages.size(), 3u);
        for (const ExpungedMessage& message : page.messages)
            places.push_back(message.place);
        from = page.next;
        // What was listed may be gone when the listing goes on.
        must(wait(world.account->undelete({places.back()})));
    } while (!from.empty());
    EXPECT_EQ(places.size(), 14u);
    EXPECT_TRUE(std::ranges::is_sorted(places));
}

TEST_P(UndeleteTest, a_record_that_cannot_be_read_is_passed_over) {
    world.append(inbox(), 3);
    expunge(inbox(), {1});
    expunge(inbox(), {3});
    const auto kept = listed();
    ASSERT_EQ(kept.size(), 2u);
    const ExpungedPlace& place = kept.front().place;
    const Domain domain{DomainKind::account, 1};
    const std::string key = record::vanished_key(place.mailbox, place.modseq, place.record.value);
    const auto value = must(wait(world.engine.get(domain, key)));
    const auto put = [&](std::string octets) {
        Batch batch{.domain = domain, .expected = {}, .assertions = {}, .operations = {}};
        batch.operations.emplace_back(Put{key, std::move(octets)});
        must(wait(world.engine.commit(std::move(batch))));
        world.reopen();
    };
    put("\x07garbage");
    EXPECT_EQ(listed().size(), 1u);
    const UndeleteResult result = bring_back(kept);
    EXPECT_EQ(error_of(result[0]), ErrorCode::not_found);
    EXPECT_TRUE(result[1].has_value());
    put(*value);
}

TEST_P(UndeleteTest, messages_of_a_mailbox_without_a_name_come_back_in_recovered) {
    const MailboxId made = must(wait(world.account->create_mailbox("Old")));
    world.append(made, 1);
    must(wait(world.account->remove_mailbox(made)));
    Batch batch{.domain = {DomainKind::account, 1}, .expected = {}, .assertions = {}, .operations = {}};
    batch.operations.emplace_back(Delete{record::removed_mailbox_key(made)});
    must(wait(world.engine.commit(std::move(batch))));
    world.reopen();
    EXPECT_EQ(listed().front().mailbox, kRecoveredMailbox);
    bring_back(listed());
    EXPECT_EQ(world.account->mailboxes()->find(kRecoveredMailbox)->messages, 1u);
}

TEST_P(UndeleteTest, an_account_that_is_hidden_is_kept_for_the_time_it_comes_back) {
    world.append(inbox(), 2);
    expunge(inbox(), {1});
    world.store->hide_account(AccountId(1), true);
    EXPECT_EQ(error_of(wait(world.store->account(AccountId(1)))), ErrorCode::not_found);
    EXPECT_EQ(error_of(wait(world.account->open(inbox()))), ErrorCode::not_found);
    EXPECT_EQ(error_of(wait(world.account->emails({EmailId(2)}))), ErrorCode::not_found);
    EXPECT_EQ(error_of(wait(world.account->append({world.message(inbox())}))), ErrorCode::not_found);
    must(wait(world.store->sweep()));
    world.store->hide_account(AccountId(1), false);
    world.account = must(wait(world.store->account(AccountId(1))));
    EXPECT_THAT(emails(inbox()), ElementsAre(2));
    EXPECT_EQ(listed().size(), 1u);
}

TEST(Vanished, the_reason_is_kept_and_an_unknown_one_is_damage) {
    record::Vanished vanished{.time = Timestamp(std::chrono::seconds(5)), .rows = {.first_uid = 0}};
    vanished.rows.push_back({.uid = Uid(3), .email = EmailId(7), .modseq = Modseq(2), .size_bytes = 9});
    vanished.why = record::Gone::moved;
    std::string value = record::encode(vanished);
    EXPECT_EQ(record::decode_vanished(0, 1024, value)->why, record::Gone::moved);
    value[9] = '\x03';
    EXPECT_FALSE(record::decode_vanished(0, 1024, value).has_value());
    EXPECT_FALSE(record::decode_removed_mailbox(record::encode(record::RemovedMailboxRow{}) + "x").has_value());
    const record::RemovedMailboxRow row{.role = Role::sent, .name = "Work/2026"};
    EXPECT_EQ(record::decode_removed_mailbox(record::encode(row)), row);
}

} // namespace
} // namespace tegami::store
