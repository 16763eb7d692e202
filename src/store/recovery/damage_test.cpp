// A mailbox with records that cannot be read opens without what
// is in them, goes on working, and leaves them as they are.
#include "store/account_changes.h"
#include "store/recovery/recovery_fixture.h"

#include <algorithm>

namespace tegami::store {
namespace {

using testing::must;
using testing::wait;

/// On a normal engine and on a tiny one, whose pages span 8 UIDs.
class DamageTest : public ::testing::TestWithParam<bool>, protected testing::RecoveryWorld {
protected:
    DamageTest() : RecoveryWorld(GetParam()) {}

    StoreResult<std::optional<std::string>> get(std::string key) {
        return wait(world.engine.get(account, std::move(key)));
    }

    /// Puts every row of INBOX into its page, so that no deltas are left.
    void fold() {
        std::vector<Operation> operations;
        for (const ViewPagePtr& page : world.view(inbox())->pages())
            operations.emplace_back(
                Put{record::page_key(inbox(), page->first_uid() / page_uids()), record::encode_page(page->columns())});
        operations.emplace_back(
            DeleteRange{record::delta_key(inbox(), Uid(0)), record::delta_key(MailboxId(inbox().value + 1), Uid(0))});
        change(account, std::move(operations));
        world.reopen();
    }

    std::vector<Uid> shown() { return world.view(inbox())->uids(); }

    std::uint32_t page_uids() { return world.view(inbox())->page_uids(); }
};

std::vector<Uid> uids(std::uint32_t first, std::uint32_t last) {
    std::vector<Uid> numbers;
    for (std::uint32_t uid = first; uid <= last; ++uid)
        numbers.emplace_back(uid);
    return numbers;
}

TEST_P(DamageTest, a_mailbox_opens_without_the_messages_of_a_damaged_page) {
    const std::uint32_t page = page_uids();
    world.append(inbox(), static_cast<int>(page) + 3);
    fold();
    const std::string key = record::page_key(inbox(), 0);
    ASSERT_TRUE(must(get(key)).has_value());
    world.engine.damage_row(account, key);
    world.reopen();
    EXPECT_EQ(shown(), uids(page, page + 3));
    EXPECT_EQ(world.info(inbox())->messages, page + 3);
    must(wait(world.account->change_flags(inbox(), UidSet::all(), {FlagChange::Mode::add, {Flag::seen}, {}})));
    EXPECT_EQ(world.info(inbox())->unseen, page - 1);
    EXPECT_EQ(world.append(inbox(), 1), UidSet({page + 4}));
    must(wait(world.account->expunge(inbox(), UidSet::all(), Account::Expunge::forced)));
    EXPECT_EQ(world.info(inbox())->messages, page - 1);
    must(wait(world.account->sweep()));
    EXPECT_EQ(testing::error_of(get(key)), ErrorCode::damaged) << "something was written over it";
}

TEST_P(DamageTest, a_damaged_last_page_takes_new_mail_for_ever) {
    world.append(inbox(), 3);
    fold();
    const std::string key = record::page_key(inbox(), 0);
    put(account, key, "\x07garbage");
    for (const bool open : {false, true}) {
        world.reopen();
        const OpenMailboxPtr kept = open ? must(wait(world.account->open(inbox()))) : nullptr;
        for (int i = 0; i < (GetParam() ? 2 : 80); ++i)
            world.append(inbox(), 1);
    }
    world.reopen();
    const std::uint32_t last = GetParam() ? 7 : 163;
    EXPECT_EQ(shown(), uids(4, last));
    must(wait(world.account->change_flags(inbox(), UidSet::all(), {FlagChange::Mode::add, {Flag::flagged}, {}})));
    must(wait(world.account->sweep()));
    must(wait(world.account->expunge(inbox(), UidSet::all(), Account::Expunge::forced)));
    EXPECT_TRUE(shown().empty());
    EXPECT_EQ(world.info(inbox())->messages, 3u);
    EXPECT_EQ(must(get(key)), "\x07garbage");
}

TEST_P(DamageTest, a_damaged_delta_hides_one_message) {
    world.append(inbox(), 3);
    fold();
    must(wait(world.account->change_flags(inbox(), {2}, {FlagChange::Mode::add, {Flag::seen}, {}})));
    const std::string key = record::delta_key(inbox(), Uid(2));
    if (!must(get(key))) return; // pages are too small for deltas
    world.engine.damage_row(account, key);
    world.reopen();
    EXPECT_EQ(shown(), (std::vector{Uid(1), Uid(3)}));
    must(wait(world.account->change_flags(inbox(), UidSet::all(), {FlagChange::Mode::add, {Flag::draft}, {}})));
    must(wait(world.account->expunge(inbox(), {1, 2}, Account::Expunge::forced)));
    world.reopen();
    EXPECT_EQ(shown(), (std::vector{Uid(3)}));
    EXPECT_EQ(world.info(inbox())->messages, 2u);
    EXPECT_EQ(testing::error_of(get(key)), ErrorCode::damaged);
}

TEST_P(DamageTest, a_removed_mailbox_keeps_what_cannot_be_read_for_repair) {
    const MailboxId made = must(wait(world.account->create_mailbox("Old")));
    world.append(made, 3);
    must(wait(world.account->change_flags(made, UidSet::all(), {FlagChange::Mode::add, {Flag::seen}, {}})));
    const std::string key = record::delta_key(made, Uid(2));
    const std::string page = record::page_key(made, 0);
    world.engine.damage_row(account, must(get(key)) ? key : page);
    world.reopen();
    must(wait(world.account->remove_mailbox(made)));
    EXPECT_EQ(world.find("Old"), MailboxId());
    EXPECT_TRUE(must(get(record::mailbox_key(made))).has_value());
}

TEST_P(DamageTest, a_damaged_email_page_is_an_error_of_its_emails_alone) {
    const int count = GetParam() ? 40 : 600;
    for (int i = 0; i < count; i += 20) {
        std::vector<NewMessage> messages;
        for (int k = 0; k < 20; ++k)
            messages.push_back(world.message(inbox()));
        must(wait(world.account->append(std::move(messages))));
    }
    const std::string key = record::email_page_key(1);
    ASSERT_TRUE(must(get(key)).has_value());
    world.engine.damage_row(account, key);
    world.reopen();
    const ViewPtr view = world.view(inbox());
    EXPECT_EQ(view->size(), static_cast<std::uint32_t>(count));
    const auto first = view->at(0).email;
    const auto middle = EmailId(GetParam() ? 17 : 300);
    const auto rows = must(wait(world.account->emails({first, middle, EmailId(static_cast<std::uint64_t>(count))})));
    EXPECT_TRUE(rows[0].has_value());
    EXPECT_EQ(testing::error_of(rows[1]), ErrorCode::damaged);
    EXPECT_TRUE(rows[2].has_value());
    const AccountViewPtr whole = must(wait(view_account(world.account)));
    EXPECT_TRUE(whole->find(first).has_value());
    EXPECT_FALSE(whole->find(middle).has_value());
    EXPECT_EQ(whole->counts(inbox()).emails, static_cast<std::uint32_t>(count - (GetParam() ? 16 : 256)));
}

TEST_P(DamageTest, what_changed_is_not_known_across_what_cannot_be_read) {
    for (const bool unreadable : {false, true})
        for (const char letter : {'L', 'X'}) {
            const Version since = world.account->mailboxes()->version();
            must(wait(world.account->expunge(inbox(), world.append(inbox(), 1), Account::Expunge::forced)));
            std::string key;
            for (const Row& row : testing::rows_of(world.engine, account))
                if (row.key.front() == letter) key = row.key; // the last one
            spoil(account, key, unreadable);
            const AccountViewPtr now = must(wait(view_account(world.account)));
            const auto lost = must(wait(changes_between(world.account, now, since, now->version())));
            EXPECT_FALSE(lost.has_value()) << letter;
            world.append(inbox(), 1);
            const AccountViewPtr later = must(wait(view_account(world.account)));
            const auto known = must(wait(changes_between(world.account, later, now->version(), later->version())));
            EXPECT_EQ(known.value().emails.created.size(), 1u);
        }
}

TEST_P(DamageTest, mail_is_taken_while_the_page_of_young_emails_is_damaged) {
    const int group = GetParam() ? 4 : 64;
    for (int i = 0; i < group + 1; ++i)
        world.append(inbox(), 1);
    const std::string key = record::email_page_key(0);
    ASSERT_TRUE(must(get(key)).has_value());
    world.engine.damage_row(account, key);
    world.engine.damage_row(account, record::email_key(static_cast<std::uint32_t>(group)));
    world.reopen();
    world.append(inbox(), group);
    EXPECT_EQ(testing::error_of(get(key)), ErrorCode::damaged);
    EXPECT_EQ(testing::error_of(get(record::email_key(static_cast<std::uint32_t>(group)))), ErrorCode::damaged);
    const ViewPtr view = world.view(inbox());
    const auto last = view->at(view->size() - 1).email;
    const auto next = EmailId(static_cast<std::uint64_t>(group) + 2);
    for (const auto& row : must(wait(world.account->emails({next, last}))))
        EXPECT_TRUE(row.has_value());
}

TEST_P(DamageTest, a_mailbox_whose_record_is_damaged_only_shows_its_name) {
    for (const bool unreadable : {false, true}) {
        const std::string name = unreadable ? "Second" : "First";
        const MailboxId below = must(wait(world.account->create_mailbox(name + "/Below")));
        const MailboxId made = world.find(name);
        world.append(made, 3);
        must(wait(world.account->expunge(made, {1}, Account::Expunge::forced)));
        const std::string key = record::mailbox_key(made);
        spoil(account, key, unreadable);
        const MailboxPtr shown = world.account->mailboxes()->find(name);
        ASSERT_NE(shown, nullptr);
        EXPECT_TRUE(shown->damaged && !shown->selectable);
        EXPECT_EQ(world.info(below)->name, name + "/Below");
        using testing::error_of;
        EXPECT_EQ(error_of(wait(world.account->open(made))), ErrorCode::damaged);
        EXPECT_EQ(error_of(wait(world.account->append({world.message(made)}))), ErrorCode::damaged);
        EXPECT_EQ(error_of(wait(world.account->create_mailbox(name))), ErrorCode::damaged);
        EXPECT_EQ(error_of(wait(world.account->remove_mailbox(made))), ErrorCode::damaged);
        EXPECT_EQ(error_of(wait(world.account->rename_mailbox(made, "Other"))), ErrorCode::damaged);
        EXPECT_EQ(error_of(wait(world.account->subscribe(name))), ErrorCode::damaged);
        EXPECT_EQ(error_of(wait(world.account->claim_recent(made))), ErrorCode::damaged);
        world.append(inbox(), 1);
        world.append(below, 1);
        EXPECT_EQ(error_of(wait(world.account->copy(below, {1}, made))), ErrorCode::damaged);
        must(wait(world.account->create_mailbox(name + "/Another")));
        must(wait(world.account->rename_mailbox(below, name + "/Renamed")));
        const ExpungedPage kept = must(wait(world.account->expunged({}, 10)));
        const auto mine = std::ranges::find(kept.messages, name, &ExpungedMessage::mailbox);
        ASSERT_NE(mine, kept.messages.end());
        EXPECT_EQ(error_of(must(wait(world.account->undelete({mine->place}))).front()), ErrorCode::damaged);
        world.clock.time += world.options.retention + std::chrono::seconds(1);
        must(wait(world.account->sweep()));
        const auto left = get(key);
        EXPECT_TRUE(unreadable ? !left.has_value() : *left == "\x07garbage") << "something was written over it";
    }
}

TEST_P(DamageTest, without_the_record_of_inbox_mail_waits_and_the_rest_goes_on) {
    world.append(inbox(), 2);
    const MailboxId id = inbox();
    spoil(account, record::mailbox_key(id), true);
    EXPECT_EQ(world.account->mailboxes()->find(Role::inbox)->id, id);
    EXPECT_EQ(testing::error_of(wait(world.account->append({world.message(id)}))), ErrorCode::damaged);
    world.append(world.find("Archive"), 1);
    EXPECT_EQ(world.account->quota().messages, 3u);
}

TEST_P(DamageTest, a_damaged_mailbox_without_a_name_gets_one) {
    const MailboxId made = must(wait(world.account->create_mailbox("Work/2026")));
    const MailboxId work = world.find("Work");
    put(account, record::mailbox_key(work), "\x07garbage");
    world.engine.damage_row(account, record::name_key(MailboxId(), "Work"));
    world.reopen();
    EXPECT_EQ(world.info(made)->name, "Damaged " + std::to_string(work.value) + "/2026");
    world.append(made, 1);
}

TEST_P(DamageTest, messages_are_shown_without_a_keyword_that_cannot_be_read) {
    for (const bool unreadable : {false, true}) {
        const std::string lost = unreadable ? "lost2" : "lost1";
        must(wait(world.account->append({world.message(inbox(), "octets", {}, {lost, "kept"})})));
        const ViewPtr before = world.view(inbox());
        const KeywordNames& names = before->keyword_table();
        const auto id = static_cast<std::uint16_t>(std::ranges::find(names, lost) - names.begin());
        const std::size_t known = names.size();
        spoil(account, record::keyword_key(id), unreadable);
        const ViewPtr view = world.view(inbox());
        EXPECT_EQ(view->keyword_names(view->at(view->size() - 1).keywords), std::vector<std::string>{"kept"});
        EXPECT_THAT(view->keywords_used(), ::testing::Contains("kept"));
        EXPECT_THAT(view->keywords_used(), ::testing::Each(::testing::Not(::testing::AnyOf(lost, ""))));
        must(wait(world.account->change_flags(inbox(), UidSet::all(), {FlagChange::Mode::add, {}, {"new" + lost}})));
        const ViewPtr after = world.view(inbox());
        EXPECT_EQ(after->keyword_table().size(), known + 1);
        EXPECT_EQ(after->keyword_table()[known], "new" + lost);
        const auto left = get(record::keyword_key(id));
        EXPECT_TRUE(unreadable ? !left.has_value() : *left == "\x07garbage") << "something was written over it";
    }
}

TEST_P(DamageTest, what_cannot_be_counted_is_never_forgotten) {
    for (const bool unreadable : {false, true}) {
        const UidSet uids = world.append(inbox(), 2);
        const Uid first = uids.ranges().front().first;
        const auto email = static_cast<std::uint32_t>(world.view(inbox())->find(first)->email.value);
        must(wait(world.account->copy(inbox(), uids, world.find("Sent"))));
        const std::string single = record::count_key(email);
        const std::string page = record::count_page_key(GetParam() ? email >> 4 : email >> 8);
        const std::string key = must(get(single)) ? single : page;
        ASSERT_TRUE(must(get(key)).has_value());
        spoil(account, key, unreadable);
        must(wait(world.account->copy(inbox(), {first.value}, world.find("Archive"))));
        must(wait(world.account->move(inbox(), {first.value}, world.find("Trash"))));
        // All places but one go, and their time passes.
        for (const char* name : {"Sent", "Archive"})
            must(wait(world.account->expunge(world.find(name), UidSet::all(), Account::Expunge::forced)));
        world.clock.time += world.options.retention + std::chrono::seconds(1);
        must(wait(world.account->sweep()));
        must(wait(world.account->expunge(world.find("Trash"), UidSet::all(), Account::Expunge::forced)));
        world.clock.time += world.options.retention + std::chrono::seconds(1);
        must(wait(world.account->sweep()));
        EXPECT_TRUE(must(wait(world.account->emails({EmailId(email)}))).front().has_value());
    }
}

TEST_P(DamageTest, a_count_that_can_be_read_again_is_not_believed) {
    world.append(inbox(), 1);
    must(wait(world.account->copy(inbox(), {1}, world.find("Sent"))));
    const std::string key = must(get(record::count_key(1))) ? record::count_key(1) : record::count_page_key(0);
    const auto value = must(get(key));
    ASSERT_TRUE(value);
    spoil(account, key, false);
    must(wait(world.account->copy(inbox(), {1}, world.find("Archive"))));
    if (key == record::count_page_key(0)) put(account, key, *value);
    world.reopen();
    must(wait(world.account->expunge(inbox(), UidSet::all(), Account::Expunge::forced)));
    must(wait(world.account->expunge(world.find("Sent"), UidSet::all(), Account::Expunge::forced)));
    world.clock.time += world.options.retention + std::chrono::seconds(1);
    must(wait(world.account->sweep()));
    EXPECT_EQ(world.info(world.find("Archive"))->messages, 1u);
    EXPECT_TRUE(must(wait(world.account->emails({EmailId(1)}))).front().has_value());
    EXPECT_THAT(findings(), ::testing::Contains(::testing::HasSubstr("it is not known how many rows email 1 has")));
    repair({});
    EXPECT_EQ(world.info(world.find("Archive"))->messages, 1u);
    EXPECT_EQ(world.account->mailboxes()->find(kRecoveredMailbox), nullptr);
}

INSTANTIATE_TEST_SUITE_P(Engines, DamageTest, ::testing::Bool(),
                         [](const auto& tiny) { return tiny.param ? "tiny" : "normal"; });

} // namespace
} // namespace tegami::store
