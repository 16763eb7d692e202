// Whom mailboxes are shared with (RFC 4314), and what others see of an account.
#include "store/access.h"

#include "store/account_changes.h"
#include "store/account_view.h"
#include "store/email_update.h"
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

constexpr AccountId kReader{7};
constexpr AccountId kStranger{8};

TEST(Access, rights_are_letters) {
    EXPECT_EQ(letters_of(Rights::all()), "lrswikxtea");
    EXPECT_EQ(parse_rights("aetxkiwsrl"), Rights::all());
    EXPECT_EQ(parse_rights("cd"), (Rights{Right::create, Right::remove, Right::mark, Right::expunge}));
    EXPECT_EQ(parse_rights("lrp"), kReading);
    EXPECT_FALSE(parse_rights("lrz").has_value());
    EXPECT_EQ(letters_of(*parse_rights("")), "");
}

TEST(Access, a_list_is_changed_account_by_account) {
    const AccessList list{{AccountId(2), kReading}, {AccountId(4), Rights::all()}};
    const auto after = changed(list, {{.grantee = AccountId(3), .add = kReading, .remove = {}},
                                      {.grantee = AccountId(2), .add = {Right::seen}, .remove = {Right::read}},
                                      {.grantee = AccountId(4), .add = {}, .remove = Rights::all()}});
    EXPECT_EQ(after, (AccessList{{AccountId(2), {Right::lookup, Right::seen}}, {AccountId(3), kReading}}));
    std::vector<GrantChange> many;
    for (std::uint64_t id = 1; id <= kGrantsMax; ++id)
        many.push_back({.grantee = AccountId(id), .add = kReading, .remove = {}});
    EXPECT_TRUE(changed({}, many).has_value());
    many.push_back({.grantee = AccountId(kGrantsMax + 1), .add = kReading, .remove = {}});
    EXPECT_FALSE(changed({}, many).has_value());
}

class SharedAccountTest : public ::testing::Test {
protected:
    SharedAccountTest() {
        world.make();
        inbox = world.find("INBOX");
        team = must(wait(world.account->create_mailbox("Work/Team")));
    }

    ~SharedAccountTest() override {
        const VerifyReport report = must(wait(verify(&world.engine, {})));
        EXPECT_THAT(report.findings, IsEmpty());
    }

    void grant(MailboxId mailbox, Rights rights, AccountId who = kReader) {
        must(wait(world.account->update_mailbox(mailbox, {.grants = {{who, rights, Rights::all()}}})));
    }

    EmailId append(std::vector<Placement> placements, std::vector<std::string> refers_to = {}) {
        NewMessage message = world.message(inbox);
        message.placements = std::move(placements);
        message.thread = {
            .message_id = std::to_string(++written) + "@test", .in_reply_to = {}, .references = std::move(refers_to)};
        return must(wait(world.account->append({std::move(message)}))).messages.front().front().email;
    }

    AccountViewPtr part(AccountId who = kReader) { return must(wait(view_account(world.account, who))); }

    std::vector<std::string> names(const MailboxList& list) {
        std::vector<std::string> all;
        for (const MailboxPtr& mailbox : list.all())
            all.push_back(mailbox->name);
        return all;
    }

    World world;
    MailboxId inbox;
    MailboxId team;
    int written = 0;
};

TEST_F(SharedAccountTest, the_list_lasts_and_goes_with_its_mailbox) {
    grant(team, kReading);
    world.reopen();
    EXPECT_EQ(world.info(team)->access, (AccessList{{kReader, kReading}}));
    const MailboxId below = must(wait(world.account->create_mailbox("Work/Team/2026")));
    EXPECT_EQ(world.info(below)->access, (AccessList{{kReader, kReading}}));
    must(wait(world.account->remove_mailbox(team)));
    EXPECT_THAT(world.info(team)->access, IsEmpty());
    EXPECT_EQ(must(wait(world.account->create_mailbox("Work/Team"))), team);
    EXPECT_THAT(world.info(team)->access, IsEmpty());
}

TEST_F(SharedAccountTest, a_list_that_is_too_long_or_of_a_mere_name_is_refused) {
    std::vector<GrantChange> many;
    for (std::uint64_t id = 10; id <= 10 + kGrantsMax; ++id)
        many.push_back({.grantee = AccountId(id), .add = kReading, .remove = {}});
    EXPECT_EQ(error_of(wait(world.account->update_mailbox(team, {.grants = many}))), ErrorCode::invalid);
    must(wait(world.account->remove_mailbox(world.find("Work"))));
    EXPECT_EQ(error_of(wait(world.account->update_mailbox(world.find("Work"), {.grants = {{kReader, kReading, {}}}}))),
              ErrorCode::invalid);
    EXPECT_THAT(world.info(team)->access, IsEmpty());
}

TEST_F(SharedAccountTest, others_see_what_they_may_look_up_and_the_names_above) {
    const MailboxList before = part_of(*world.account->mailboxes(), kReader);
    EXPECT_THAT(before.all(), IsEmpty());
    EXPECT_FALSE(shares_with(*world.account->mailboxes(), kReader));
    grant(team, kReading);
    EXPECT_TRUE(shares_with(*world.account->mailboxes(), kReader));
    const MailboxList after = part_of(*world.account->mailboxes(), kReader);
    EXPECT_THAT(names(after), ElementsAre("Work", "Work/Team"));
    EXPECT_FALSE(after.find("Work")->selectable);
    EXPECT_TRUE(after.find("Work/Team")->selectable);
    EXPECT_NE(after.part(), before.part());
    grant(team, {Right::lookup});
    EXPECT_FALSE(part_of(*world.account->mailboxes(), kReader).find("Work/Team")->selectable);
    EXPECT_THAT(part_of(*world.account->mailboxes(), kStranger).all(), IsEmpty());
}

TEST_F(SharedAccountTest, a_part_knows_nothing_of_hidden_mailboxes) {
    grant(team, kReading);
    const EmailId hidden = append({{inbox, {}, {}}});
    const EmailId shared = append({{team, {}, {}}, {inbox, {Flag::seen}, {"secret"}}}, {"1@test"});
    const AccountViewPtr view = part();
    EXPECT_FALSE(view->find(hidden).has_value());
    const EmailState state = view->find(shared).value();
    EXPECT_THAT(state.mailboxes, ElementsAre(team));
    EXPECT_THAT(state.keywords, IsEmpty());
    EXPECT_TRUE(state.unread());
    EXPECT_THAT(view->thread(state.thread), ElementsAre(shared));
    EXPECT_EQ(view->counts(team), (EmailCounts{.emails = 1, .unread_emails = 1, .threads = 1, .unread_threads = 1}));
    EXPECT_EQ(view->counts(inbox), EmailCounts());
    EXPECT_EQ(view->messages(inbox), nullptr);

    // What happens elsewhere shows nowhere.
    append({{inbox, {}, {}}});
    EXPECT_EQ(part()->version(), view->version());
    EXPECT_EQ(part()->mailboxes()->part(), view->mailboxes()->part());
    const EmailId later = append({{team, {}, {}}});
    const AccountViewPtr now = part();
    EXPECT_GT(now->version(), view->version());
    const auto changes = must(wait(changes_between(world.account, now, view->version(), now->version()))).value();
    EXPECT_THAT(changes.emails.created, ElementsAre(later));
    EXPECT_THAT(changes.mailboxes.updated, ElementsAre(team));
    EXPECT_THAT(changes.emails.updated, IsEmpty());

    grant(team, {});
    EXPECT_FALSE(part()->find(shared).has_value());
    EXPECT_NE(part()->mailboxes()->part(), view->mailboxes()->part());
    EXPECT_THAT(must(wait(view_account(world.account)))->find(shared)->mailboxes, ElementsAre(inbox, team));
}

TEST_F(SharedAccountTest, emails_are_changed_where_they_are_seen) {
    grant(team, Rights::all());
    const EmailId both = append({{inbox, {}, {}}, {team, {}, {}}});
    const EmailId hidden = append({{inbox, {}, {}}});
    const auto outcomes = wait(update_emails(
        world.account, kReader, {{.email = both, .add = {Flag::flagged}}, {.email = hidden, .destroy = true}}));
    EXPECT_TRUE(outcomes[0].has_value());
    EXPECT_EQ(error_of(outcomes[1]), ErrorCode::not_found);
    EXPECT_TRUE(world.view(team)->find(Uid(1))->flags.has(Flag::flagged));
    EXPECT_FALSE(world.view(inbox)->find(Uid(1))->flags.has(Flag::flagged));
    must(wait(update_emails(world.account, kReader, {{.email = both, .destroy = true}})).front());
    EXPECT_EQ(world.info(team)->messages, 0u);
    EXPECT_EQ(world.info(inbox)->messages, 2u);
}

TEST_F(SharedAccountTest, parts_of_many_readers_are_made_anew) {
    append({{team, {}, {}}});
    for (std::uint64_t id = 20; id < 20 + kPartsKeptMax + 2; ++id)
        grant(team, kReading, AccountId(id));
    for (int round = 0; round < 2; ++round)
        for (std::uint64_t id = 20; id < 20 + kPartsKeptMax + 2; ++id)
            EXPECT_EQ(part(AccountId(id))->counts(team).emails, 1u);
    world.account->trim();
    EXPECT_EQ(part(AccountId(20))->counts(team).emails, 1u);
}

} // namespace
} // namespace tegami::store
