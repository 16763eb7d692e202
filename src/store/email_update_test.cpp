// Emails changed as JMAP does (RFC 8621 §4.6): all messages of one at once, whole or not at all.
#include "store/email_update.h"

#include "store/account_view.h"
#include "store/recovery/verify.h"
#include "store/store_test_support.h"

#include <gmock/gmock.h>

namespace tegami::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::must;
using testing::wait;
using testing::World;

/// On a normal engine and on a tiny one, in which few emails fit one commit.
class EmailUpdateTest : public ::testing::TestWithParam<bool> {
protected:
    EmailUpdateTest() : world(GetParam()) {
        world.make();
        inbox = world.find("INBOX");
        archive = world.find("Archive");
    }

    ~EmailUpdateTest() override {
        const VerifyReport report = must(wait(verify(&world.engine, {})));
        EXPECT_THAT(report.findings, IsEmpty());
    }

    EmailId append(Flags flags = {}, std::vector<std::string> keywords = {}) {
        NewMessage message = world.message(inbox, "octets", flags, std::move(keywords));
        return must(wait(world.account->append({std::move(message)}))).messages.front().front().email;
    }

    EmailState find(EmailId email) {
        return must(wait(view_account(world.account)))->find(email).value_or(EmailState());
    }

    std::vector<std::string> keywords(EmailId email) {
        std::vector<std::string> names;
        const AccountViewPtr view = must(wait(view_account(world.account)));
        const EmailState state = view->find(email).value();
        for (const std::uint16_t id : state.keywords)
            names.push_back(view->keyword_names()[id]);
        return names;
    }

    /// "done", or the error.
    std::vector<std::string> update(std::vector<EmailUpdate> updates) {
        std::vector<std::string> outcomes;
        for (const StoreResult<>& each : wait(update_emails(world.account, world.account->id(), std::move(updates))))
            outcomes.push_back(each ? "done" : each.error().detail);
        return outcomes;
    }

    void flag(MailboxId mailbox, Uid uid, Flags flags) {
        must(wait(world.account->change_flags(mailbox, UidSet::range(uid, uid), {FlagChange::Mode::add, flags, {}})));
    }

    World world;
    MailboxId inbox;
    MailboxId archive;
};

INSTANTIATE_TEST_SUITE_P(Limits, EmailUpdateTest, ::testing::Bool(),
                         [](const auto& tiny) { return tiny.param ? "tiny" : "normal"; });

TEST_P(EmailUpdateTest, a_keyword_is_set_on_all_messages_and_others_stay) {
    const EmailId email = append({Flag::seen}, {"Work"});
    must(wait(world.account->copy(inbox, {1}, archive)));
    must(wait(world.account->change_flags(archive, {1}, {FlagChange::Mode::replace, {}, {}})));
    EXPECT_THAT(update({{.email = email, .add = {Flag::flagged}, .add_keywords = {"New"}}}), ElementsAre("done"));
    for (const MailboxId mailbox : {inbox, archive})
        EXPECT_TRUE(world.view(mailbox)->at(0).flags.has(Flag::flagged));
    EXPECT_EQ(world.view(inbox)->at(0).flags, (Flags{Flag::seen, Flag::flagged}));
    EXPECT_FALSE(find(email).flags.has(Flag::seen)) << "nobody asked for that";
    EXPECT_THAT(update({{.email = email, .add = {Flag::seen}, .remove_keywords = {"work", "never"}}}),
                ElementsAre("done"));
    EXPECT_TRUE(find(email).flags.has(Flag::seen));
    EXPECT_THAT(keywords(email), ElementsAre("New"));
}

TEST_P(EmailUpdateTest, an_email_keeps_its_keywords_when_it_leaves_a_mailbox) {
    const EmailId email = append({Flag::flagged}, {"Work"});
    must(wait(world.account->copy(inbox, {1}, archive)));
    must(wait(world.account->change_flags(archive, {1}, {FlagChange::Mode::replace, {Flag::seen}, {}})));
    EXPECT_THAT(update({{.email = email, .out_of = {inbox}}}), ElementsAre("done"));
    EXPECT_THAT(find(email).mailboxes, ElementsAre(archive));
    EXPECT_EQ(find(email).flags, Flags{Flag::flagged});
    EXPECT_THAT(keywords(email), ElementsAre("Work"));
    EXPECT_EQ(world.info(inbox)->messages, 0u);
    // It was taken out of one: there it can be brought back.
    EXPECT_EQ(must(wait(world.account->expunged("", 10))).messages.size(), 1u);
}

TEST_P(EmailUpdateTest, what_moves_is_not_deleted) {
    const EmailId email = append({Flag::seen}, {"Work"});
    EXPECT_THAT(update({{.email = email, .into = {archive}, .out_of = {inbox}}}), ElementsAre("done"));
    EXPECT_THAT(find(email).mailboxes, ElementsAre(archive));
    EXPECT_EQ(find(email).flags, Flags{Flag::seen});
    EXPECT_THAT(keywords(email), ElementsAre("Work"));
    EXPECT_THAT(must(wait(world.account->expunged("", 10))).messages, IsEmpty());
    EXPECT_EQ(world.account->quota().messages, 1u);
}

TEST_P(EmailUpdateTest, the_last_mailbox_cannot_be_left_and_others_go_on) {
    const EmailId first = append();
    const EmailId second = append();
    const EmailId third = append();
    EXPECT_THAT(update({{.email = first, .add = {Flag::seen}},
                        {.email = second, .add = {Flag::seen}, .out_of = {inbox}},
                        {.email = EmailId(99), .add = {Flag::seen}},
                        {.email = third, .add = {Flag::seen}, .into = {MailboxId(77)}},
                        {.email = EmailId(98), .destroy = true}}),
                ElementsAre("done", "an email has a mailbox", "email", "mailbox", "email"));
    EXPECT_TRUE(find(first).flags.has(Flag::seen));
    for (const EmailId refused : {second, third}) {
        EXPECT_EQ(find(refused).flags, Flags()) << "whole, or not at all";
        EXPECT_THAT(find(refused).mailboxes, ElementsAre(inbox));
    }
}

TEST_P(EmailUpdateTest, hidden_messages_stay_hidden_and_go_with_their_email) {
    const EmailId email = append();
    must(wait(world.account->copy(inbox, {1}, archive)));
    flag(archive, Uid(1), {Flag::deleted});
    EXPECT_THAT(update({{.email = email, .add = {Flag::seen}, .into = {archive}}}), ElementsAre("done"));
    EXPECT_EQ(world.view(archive)->find(Uid(1))->flags, Flags{Flag::deleted});
    EXPECT_EQ(world.view(archive)->find(Uid(2))->flags, Flags{Flag::seen});
    EXPECT_THAT(find(email).mailboxes, ElementsAre(inbox, archive));
    EXPECT_THAT(update({{.email = email, .destroy = true}}), ElementsAre("done"));
    EXPECT_EQ(world.info(inbox)->messages + world.info(archive)->messages, 0u);
    EXPECT_THAT(update({{.email = email, .destroy = true}}), ElementsAre("email"));
}

TEST_P(EmailUpdateTest, nothing_is_written_where_nothing_changes) {
    const EmailId email = append({Flag::seen}, {"Work"});
    const Version before = world.account->mailboxes()->version();
    EXPECT_THAT(update({{.email = email,
                         .add = {Flag::seen},
                         .remove = {Flag::flagged},
                         .add_keywords = {"WORK"},
                         .remove_keywords = {"other"},
                         .into = {inbox},
                         .out_of = {archive}}}),
                ElementsAre("done"));
    EXPECT_EQ(world.account->mailboxes()->version(), before);
    EXPECT_THAT(update({}), IsEmpty());
}

TEST_P(EmailUpdateTest, many_emails_are_few_commits) {
    const std::size_t emails = GetParam() ? 40 : 1000;
    std::vector<NewMessage> messages;
    for (std::size_t count = 0; count < emails; ++count)
        messages.push_back(world.message(count % 2 == 0 ? inbox : archive));
    must(wait(world.account->append(std::move(messages))));
    std::vector<EmailUpdate> updates;
    for (std::size_t email = emails; email > 0; --email)
        updates.push_back({.email = EmailId(email), .add = {Flag::seen}, .add_keywords = {"Read"}});
    const std::uint64_t before = world.account->mailboxes()->version().value;
    EXPECT_THAT(update(updates), ::testing::Each("done"));
    if (!GetParam()) EXPECT_EQ(world.account->mailboxes()->version().value, before + 1);
    EXPECT_EQ(world.info(inbox)->unseen + world.info(archive)->unseen, 0u);
    for (EmailUpdate& each : updates)
        each = {.email = each.email, .into = {world.find("Trash")}, .out_of = {inbox, archive}};
    EXPECT_THAT(update(updates), ::testing::Each("done"));
    if (!GetParam()) EXPECT_EQ(world.account->mailboxes()->version().value, before + 2);
    EXPECT_EQ(world.info(world.find("Trash"))->messages, emails);
    for (EmailUpdate& each : updates)
        each = {.email = each.email, .destroy = true};
    EXPECT_THAT(update(updates), ::testing::Each("done"));
    if (!GetParam()) EXPECT_EQ(world.account->mailboxes()->version().value, before + 3);
    EXPECT_EQ(world.account->quota().messages, 0u);
}

TEST_P(EmailUpdateTest, limits_are_those_of_one_email) {
    const EmailId first = append();
    const EmailId second = append();
    must(wait(world.account->set_quota({.bytes_max = 0, .messages_max = 3})));
    EXPECT_THAT(update({{.email = first, .into = {archive}}, {.email = second, .into = {archive}}}),
                ElementsAre("done", "the account is full"));
    EXPECT_THAT(update({{.email = second, .into = {archive}, .out_of = {inbox}}}), ElementsAre("done"))
        << "moving takes no room";
    EmailUpdate many{.email = first};
    for (std::size_t count = 0; count <= kKeywordsPerMessageMax; ++count)
        many.add_keywords.push_back("k" + std::to_string(count));
    EXPECT_THAT(update({many, {.email = second, .add = {Flag::seen}}, {.email = first, .add_keywords = {"a b"}}}),
                ElementsAre("too many keywords", "done", "not a keyword"));
}

} // namespace
} // namespace tegami::store
