// Bringing messages back: exactly once, whatever happens on the way; and making a store that was restored whole new to
// clients. The backup is an engine here; folders are engine/backup_test.cpp's.
#include "message/card.h"
#include "store/engine/rocks_fixture.h"
#include "store/recovery/renew.h"
#include "store/recovery/restore.h"
#include "store/recovery/verify.h"
#include "store/store_test_support.h"

#include <gmock/gmock.h>

namespace tegami::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::must;
using testing::RocksSubject;
using ::testing::SizeIs;
using testing::wait;
using testing::World;

/// What can be seen of a message, without its numbers.
struct Seen {
    std::string octets;
    std::uint8_t flags;
    std::vector<std::string> keywords;
    Timestamp date;
    auto operator<=>(const Seen&) const = default;
};

/// A world whose blobs keep their ids.
struct Place {
    Place() : world(std::make_unique<RocksSubject>()) { world.make(); }

    RocksEngine& rocks() { return static_cast<RocksSubject&>(*world.subject).rocks(); }

    MailboxId mailbox(std::string name) {
        if (world.find(name).value == 0) must(wait(world.account->create_mailbox(name)));
        return world.find(name);
    }

    BlobRef blob(std::string octets, std::string message_id) {
        message::Card card;
        card.size = octets.size();
        card.message_id = std::move(message_id);
        const std::unique_ptr<BlobWriter> writer = world.used().new_blob();
        must(wait(writer->append(std::move(octets))));
        return must(wait(writer->finish(message::encode_card(card), {})));
    }

    void add(std::string mailbox_name, int number, Flags flags = {}) {
        const std::string text = std::to_string(number);
        NewMessage message{.blob = blob("octets of " + text, text + "@x"),
                           .placements = {{mailbox(std::move(mailbox_name)), flags, {"K" + text}}},
                           .internal_date = Timestamp(std::chrono::seconds(1'600'000'000 + number)),
                           .thread = {}};
        std::vector<NewMessage> messages{std::move(message)};
        must(wait(world.account->append(std::move(messages))));
    }

    std::vector<Seen> seen(std::string_view name) {
        std::vector<Seen> all;
        const MailboxId id = world.find(name);
        if (id.value == 0) return all;
        const ViewPtr view = world.view(id);
        for (const MessageDetails& one : must(wait(world.account->details(id, view->uids()))))
            all.push_back({must(wait(world.used().read_blob(one.email.blob.id, 0, 1000))), one.message.flags.bits(),
                           view->keyword_names(one.message.keywords), one.email.internal_date});
        std::ranges::sort(all);
        return all;
    }

    StoreResult<RestoreReport> restore_from(Place& backup, RestoreWish wish = {}) {
        return wait(restore_messages({.backup = &backup.world.used(),
                                      .from = backup.world.account,
                                      .store = world.store.get(),
                                      .to = world.account,
                                      .restored_blob = [this](BlobId id) { return rocks().restored_blob(id); },
                                      .progress = progress},
                                     std::move(wish)));
    }

    void expect_sound() {
        EXPECT_THAT(must(wait(verify(&world.used(), VerifyOptions{.read_blobs = true}))).findings, IsEmpty());
    }

    World world;
    const ProgressPtr progress = std::make_shared<Progress>();
};

std::uint64_t restored(const RestoreReport& report) {
    std::uint64_t sum = 0;
    for (const RestoredMailbox& mailbox : report.mailboxes)
        sum += mailbox.restored;
    return sum;
}

class RestoreTest : public ::testing::Test {
protected:
    RestoreTest() {
        for (int number = 0; number < 5; ++number)
            backup.add("INBOX", number, {Flag::seen, Flag::answered});
        backup.add("Work/2020", 10, {Flag::flagged});
        must(wait(backup.world.account->subscribe("Work/2020")));
    }

    Place backup;
    Place here;
};

TEST_F(RestoreTest, AMailboxComesBackIntoOneOfItsOwn) {
    here.add("INBOX", 1);
    const RestoreWish wish{.mailbox = "INBOX", .message_id = {}, .into = "Restored 2026"};
    EXPECT_EQ(restored(must(here.restore_from(backup, wish))), 5U);
    EXPECT_EQ(here.seen("Restored 2026"), backup.seen("INBOX"));
    EXPECT_THAT(here.seen("INBOX"), SizeIs(1)) << "what is there stays as it is";
    EXPECT_EQ(restored(must(here.restore_from(backup, wish))), 0U) << "once";
    const RestoreWish one{.mailbox = {}, .message_id = "10@x", .into = "Restored 2026"};
    EXPECT_EQ(restored(must(here.restore_from(backup, one))), 1U);
    EXPECT_THAT(here.seen("Restored 2026"), SizeIs(6));
    EXPECT_EQ(here.world.find("Work/2020").value, 0U);
    here.expect_sound();
}

TEST_F(RestoreTest, EverythingComesBackOnceWithFlagsKeywordsAndDates) {
    const RestoreReport report = must(here.restore_from(backup));
    EXPECT_EQ(restored(report), 6U);
    EXPECT_EQ(here.progress->step(), (Progress::Step{1, Progress::Unit::messages, 6, 6}));
    EXPECT_THAT(report.problems, IsEmpty());
    EXPECT_EQ(here.seen("INBOX"), backup.seen("INBOX"));
    EXPECT_EQ(here.seen("Work/2020"), backup.seen("Work/2020"));
    EXPECT_TRUE(here.world.info(here.world.find("Work/2020"))->subscribed);
    EXPECT_EQ(restored(must(here.restore_from(backup))), 0U);
    here.world.reopen();
    EXPECT_EQ(restored(must(here.restore_from(backup))), 0U);
    EXPECT_THAT(here.seen("INBOX"), SizeIs(5));
    here.expect_sound();
}

TEST_F(RestoreTest, TwoMessagesOfOneBlobInOneMailboxAreTwo) {
    const MailboxId inbox = backup.world.find("INBOX");
    UidSet first;
    first.add(Uid(1));
    must(wait(backup.world.account->copy(inbox, first, inbox)));
    EXPECT_EQ(restored(must(here.restore_from(backup, {.mailbox = "INBOX", .message_id = {}}))), 6U);
    EXPECT_EQ(here.seen("INBOX"), backup.seen("INBOX"));
    UidSet one;
    one.add(Uid(1));
    must(wait(here.world.account->expunge(here.world.find("INBOX"), one, Account::Expunge::forced)));
    EXPECT_EQ(restored(must(here.restore_from(backup))), 2U); // the message of Work/2020 too
    EXPECT_EQ(here.seen("INBOX"), backup.seen("INBOX"));
    here.expect_sound();
}

TEST_F(RestoreTest, WhatIsThereIsLeftAsItIs) {
    must(here.restore_from(backup));
    UidSet uids;
    uids.add(Uid(1));
    const MailboxId inbox = here.world.find("INBOX");
    must(wait(here.world.account->change_flags(inbox, uids, {FlagChange::Mode::replace, {Flag::draft}, {}})));
    here.add("INBOX", 77);
    const std::vector<Seen> before = here.seen("INBOX");
    must(here.restore_from(backup));
    EXPECT_EQ(here.seen("INBOX"), before);
}

TEST_F(RestoreTest, OneMessageIsFoundByItsId) {
    const RestoreReport report = must(here.restore_from(backup, {.mailbox = {}, .message_id = "10@x"}));
    ASSERT_THAT(report.mailboxes, SizeIs(1));
    EXPECT_EQ(report.mailboxes.front().name, "Work/2020");
    EXPECT_EQ(here.seen("Work/2020"), backup.seen("Work/2020"));
    EXPECT_THAT(here.seen("INBOX"), IsEmpty());
    EXPECT_THAT(must(here.restore_from(backup, {.mailbox = {}, .message_id = "11@x"})).mailboxes, IsEmpty());
    const auto nowhere = here.restore_from(backup, {.mailbox = "Nowhere", .message_id = {}});
    EXPECT_EQ(nowhere.error().code, ErrorCode::not_found);
}

TEST_F(RestoreTest, AFullAccountEndsItAndTheNextRunGoesOn) {
    must(wait(here.world.account->set_quota({.bytes_max = 0, .messages_max = 3})));
    const RestoreReport first = must(here.restore_from(backup));
    EXPECT_TRUE(first.over_quota);
    EXPECT_EQ(restored(first), 3U);
    must(wait(here.world.account->set_quota({})));
    const RestoreReport second = must(here.restore_from(backup));
    EXPECT_FALSE(second.over_quota);
    EXPECT_EQ(restored(second), 3U);
    EXPECT_EQ(here.seen("INBOX"), backup.seen("INBOX"));
    here.expect_sound();
}

TEST_F(RestoreTest, ARestoredStoreGivesNothingOutAgain) {
    for (int number = 100; number < 200; ++number)
        backup.add("INBOX", number);
    const std::vector<Seen> before = backup.seen("INBOX");
    const MailboxInfo inbox = *backup.world.info(backup.world.find("INBOX"));
    EXPECT_EQ(must(wait(renew_accounts(&backup.world.used(), &backup.world.clock))), 1U);
    backup.world.reopen();
    const MailboxInfo now = *backup.world.info(backup.world.find("INBOX"));
    EXPECT_GT(now.uid_validity, inbox.uid_validity);
    EXPECT_EQ(now.uid_next, inbox.uid_next);
    std::set<UidValidity> validities;
    for (const MailboxPtr& mailbox : backup.world.account->mailboxes()->all())
        validities.insert(mailbox->uid_validity);
    EXPECT_EQ(validities.size(), backup.world.account->mailboxes()->all().size());
    EXPECT_EQ(backup.seen("INBOX"), before);
    backup.expect_sound();
    backup.add("INBOX", 1000);
    const MailboxId id = backup.world.find("INBOX");
    const auto details = must(wait(backup.world.account->details(id, {Uid(106)})));
    ASSERT_THAT(details, SizeIs(1));
    EXPECT_GT(details.front().email.id.value, 1'000'000U);
    EXPECT_GT(backup.mailbox("New").value, 10'000U);
    // Again, and with messages on both sides of the gap.
    must(wait(renew_accounts(&backup.world.used(), &backup.world.clock)));
    backup.world.reopen();
    EXPECT_THAT(backup.seen("INBOX"), SizeIs(106));
    backup.expect_sound();
}

} // namespace
} // namespace tegami::store
