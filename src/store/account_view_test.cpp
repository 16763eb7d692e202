// The picture of a whole account, and what changed between two of them: against what the mailboxes' views and the emails
// say one by one, after anything that can happen to an account.
#include "store/account_changes.h"
#include "store/email_update.h"
#include "store/store_test_support.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

namespace tegami::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::must;
using testing::wait;
using testing::World;

/// What an account shows, made in the plainest way.
struct Shown {
    struct Email {
        ThreadId thread;
        std::set<MailboxId> mailboxes;
        bool seen = true;
        Flags others;
        std::set<std::string> keywords;

        bool unread() const { return !seen && !others.has(Flag::draft); }

        bool operator==(const Email&) const = default;
    };

    struct Mailbox {
        std::string name;
        Role role;
        bool subscribed;

        bool operator==(const Mailbox&) const = default;
    };

    std::map<EmailId, Email> emails;
    std::map<ThreadId, std::set<EmailId>> threads;
    std::map<MailboxId, Mailbox> mailboxes;

    EmailCounts counts(MailboxId mailbox, MailboxId trash) const {
        EmailCounts counts;
        for (const auto& [id, email] : emails) {
            if (!email.mailboxes.contains(mailbox)) continue;
            ++counts.emails;
            counts.unread_emails += email.unread() ? 1 : 0;
        }
        for (const auto& [id, of_thread] : threads) {
            bool here = false;
            bool unread = false;
            for (const EmailId each : of_thread) {
                const Email& email = emails.at(each);
                here = here || email.mailboxes.contains(mailbox);
                const bool in_trash = email.mailboxes.contains(trash);
                const bool elsewhere = email.mailboxes.size() > (in_trash ? 1u : 0u);
                unread = unread || (email.unread() && (mailbox == trash ? in_trash : elsewhere));
            }
            counts.threads += here ? 1 : 0;
            counts.unread_threads += here && unread ? 1 : 0;
        }
        return counts;
    }
};

/// On a normal engine and on a tiny one, whose pages span 8 UIDs.
class AccountViewTest : public ::testing::TestWithParam<bool> {
protected:
    AccountViewTest() : world(GetParam()) { world.make(); }

    AccountViewPtr view() { return must(wait(view_account(world.account))); }

    MailboxId inbox() const { return world.find("INBOX"); }

    Shown shown() {
        Shown shown;
        for (const MailboxPtr& mailbox : world.account->mailboxes()->all()) {
            shown.mailboxes[mailbox->id] = {mailbox->name, mailbox->role, mailbox->subscribed};
            if (!mailbox->selectable) continue;
            const ViewPtr messages = world.view(mailbox->id);
            for (std::uint32_t at = 0; at < messages->size(); ++at) {
                const MessageRow row = messages->at(at);
                if (row.flags.has(Flag::deleted)) continue;
                Shown::Email& email = shown.emails[row.email];
                email.thread = must(wait(world.account->emails({row.email}))).front()->thread;
                email.mailboxes.insert(mailbox->id);
                email.seen = email.seen && row.flags.has(Flag::seen);
                email.others = email.others | (row.flags - Flags{Flag::seen});
                for (const std::string& keyword : messages->keyword_names(row.keywords))
                    email.keywords.insert(keyword);
                shown.threads[email.thread].insert(row.email);
            }
        }
        return shown;
    }

    void expect_view(const AccountView& view, const Shown& shown) {
        std::set<EmailId> emails;
        for (const auto& page : view.by_email().pages())
            for (const EmailPlace& place : *page)
                if (place.visible()) emails.insert(EmailId(place.email));
        std::set<EmailId> expected;
        for (const auto& [id, email] : shown.emails) {
            expected.insert(id);
            const auto found = view.find(id);
            ASSERT_TRUE(found.has_value());
            EXPECT_EQ(found->thread, email.thread);
            EXPECT_EQ(std::set(found->mailboxes.begin(), found->mailboxes.end()), email.mailboxes);
            EXPECT_EQ(found->flags, email.seen ? email.others | Flags{Flag::seen} : email.others);
            std::set<std::string> keywords;
            for (const std::uint16_t keyword : found->keywords)
                keywords.insert(view.keyword_names().at(keyword));
            EXPECT_EQ(keywords, email.keywords);
        }
        EXPECT_EQ(emails, expected);
        for (const auto& [id, of_thread] : shown.threads) {
            const std::vector<EmailId> found = view.thread(id);
            EXPECT_EQ(std::set(found.begin(), found.end()), of_thread);
        }
        const MailboxPtr trash = view.mailboxes()->find(Role::trash);
        for (const auto& [id, mailbox] : shown.mailboxes)
            EXPECT_EQ(view.counts(id), shown.counts(id, trash ? trash->id : MailboxId())) << mailbox.name;
    }

    NewMessage reply(MailboxId mailbox, const std::string& id, const std::string& to, Flags flags = {}) {
        NewMessage message = world.message(mailbox, "octets", flags);
        message.thread = {.message_id = id, .in_reply_to = {to}, .references = {}};
        return message;
    }

    EmailId append(NewMessage message) {
        const AppendResult result = must(wait(world.account->append({std::move(message)})));
        return result.messages.front().front().email;
    }

    AccountChanges changes(Version since, Version until) {
        const AccountViewPtr now = view();
        return must(wait(changes_between(world.account, now, since, until))).value();
    }

    World world;
};

INSTANTIATE_TEST_SUITE_P(Limits, AccountViewTest, ::testing::Bool(),
                         [](const auto& tiny) { return tiny.param ? "tiny" : "normal"; });

TEST_P(AccountViewTest, an_email_is_the_sum_of_its_messages) {
    const MailboxId archive = world.find("Archive");
    const EmailId email = append(world.message(inbox(), "octets", {Flag::seen}, {"Work"}));
    must(wait(world.account->copy(inbox(), {1}, archive)));
    must(wait(world.account->change_flags(archive, {1}, {FlagChange::Mode::replace, {Flag::flagged}, {"Home"}})));
    const AccountViewPtr both = view();
    const auto sum = both->find(email);
    ASSERT_TRUE(sum.has_value());
    EXPECT_THAT(sum->mailboxes, ElementsAre(inbox(), archive));
    EXPECT_EQ(sum->flags, Flags{Flag::flagged}) << "only one of the two is seen";
    EXPECT_EQ(sum->keywords.size(), 2u);
    EXPECT_EQ(both->counts(inbox()).unread_emails, 1u);
    must(wait(world.account->change_flags(archive, {1}, {FlagChange::Mode::add, {Flag::deleted}, {}})));
    const auto one = view()->find(email);
    ASSERT_TRUE(one.has_value());
    EXPECT_THAT(one->mailboxes, ElementsAre(inbox()));
    EXPECT_EQ(one->flags, Flags{Flag::seen});
    must(wait(world.account->change_flags(inbox(), {1}, {FlagChange::Mode::add, {Flag::deleted}, {}})));
    EXPECT_FALSE(view()->find(email).has_value());
    EXPECT_EQ(view()->counts(inbox()), EmailCounts());
    EXPECT_EQ(both->counts(inbox()).emails, 1u) << "a view never changes";
}

TEST_P(AccountViewTest, unread_letters_elsewhere_count_for_a_thread_but_trash_is_apart) {
    const MailboxId trash = world.find("Trash");
    const MailboxId archive = world.find("Archive");
    append(reply(inbox(), "a@a", "none", {Flag::seen}));
    append(reply(trash, "b@a", "a@a"));
    EXPECT_EQ(view()->counts(inbox()), (EmailCounts{1, 0, 1, 0}));
    EXPECT_EQ(view()->counts(trash), (EmailCounts{1, 1, 1, 1}));
    append(reply(archive, "c@a", "b@a"));
    EXPECT_EQ(view()->counts(inbox()), (EmailCounts{1, 0, 1, 1}));
    const Version then = view()->version();
    must(wait(world.account->change_flags(archive, {1}, {FlagChange::Mode::add, {Flag::seen}, {}})));
    EXPECT_EQ(view()->counts(inbox()), (EmailCounts{1, 0, 1, 0}));
    const AccountChanges read = changes(then, view()->version());
    EXPECT_THAT(read.mailboxes.updated, ElementsAre(inbox(), trash, archive));
    EXPECT_TRUE(read.only_counts);
    EXPECT_THAT(read.threads.updated, IsEmpty());
}

TEST_P(AccountViewTest, a_thread_is_told_in_the_order_of_arrival) {
    const EmailId first = append(reply(inbox(), "a@a", "none"));
    world.clock.time += std::chrono::hours(1);
    const EmailId late = append(reply(inbox(), "b@a", "a@a"));
    world.clock.time -= std::chrono::minutes(30);
    const EmailId middle = append(reply(world.find("Archive"), "c@a", "a@a"));
    EXPECT_THAT(view()->thread(ThreadId(first.value)), ElementsAre(first, middle, late));
}

TEST_P(AccountViewTest, a_letter_that_was_hidden_is_gone_until_it_is_shown_again) {
    const EmailId email = append(world.message(inbox()));
    const Version at_first = view()->version();
    must(wait(world.account->change_flags(inbox(), {1}, {FlagChange::Mode::add, {Flag::deleted}, {}})));
    const Version hidden = view()->version();
    EXPECT_THAT(changes(at_first, hidden).emails.destroyed, ElementsAre(email));
    must(wait(world.account->change_flags(inbox(), {1}, {FlagChange::Mode::remove, {Flag::deleted}, {}})));
    const Version again = view()->version();
    EXPECT_THAT(changes(hidden, again).emails.created, ElementsAre(email));
    EXPECT_THAT(changes(at_first, again).emails.updated, ElementsAre(email));
    must(wait(world.account->expunge(inbox(), {1}, Account::Expunge::forced)));
    EXPECT_THAT(changes(hidden, view()->version()).emails.destroyed, IsEmpty());
    // What was true then is found from now as well.
    EXPECT_THAT(changes(at_first, hidden).emails.destroyed, ElementsAre(email));
    EXPECT_THAT(changes(hidden, again).emails.created, ElementsAre(email));
    EXPECT_THAT(changes(hidden, again).threads.created, ElementsAre(ThreadId(email.value)));
}

TEST_P(AccountViewTest, changes_are_known_for_the_retention_time_and_then_are_not) {
    const Version first = view()->version();
    append(world.message(inbox()));
    must(wait(world.account->expunge(inbox(), {1}, Account::Expunge::forced)));
    const Version second = view()->version();
    world.clock.time += world.options.retention / 2;
    append(world.message(inbox()));
    must(wait(world.account->sweep()));
    world.reopen();
    EXPECT_THAT(changes(first, view()->version()).emails.created, ElementsAre(EmailId(2)));
    world.clock.time += world.options.retention / 2 + std::chrono::seconds(1);
    must(wait(world.account->sweep()));
    const AccountViewPtr now = view();
    EXPECT_FALSE(must(wait(changes_between(world.account, now, first, now->version()))).has_value());
    EXPECT_THAT(changes(second, now->version()).emails.created, ElementsAre(EmailId(2)));
    const Version future = now->version().next();
    EXPECT_FALSE(must(wait(changes_between(world.account, now, future, future))).has_value());
}

TEST_P(AccountViewTest, a_mailbox_that_nothing_left_for_long_still_knows_what_vanished) {
    const MailboxId archive = world.find("Archive");
    world.append(archive, 3);
    world.append(inbox(), 3);
    must(wait(world.account->expunge(archive, {1}, Account::Expunge::forced)));
    const Modseq then = world.info(archive)->highest_modseq;
    must(wait(world.account->expunge(inbox(), {1}, Account::Expunge::forced)));
    const Modseq before_last = Modseq(world.info(inbox())->highest_modseq.value - 1);
    world.append(inbox(), 1);
    world.clock.time += world.options.retention + std::chrono::seconds(1);
    must(wait(world.account->sweep()));
    world.reopen();
    EXPECT_EQ(must(wait(world.account->vanished_since(archive, then))), UidSet());
    EXPECT_EQ(must(wait(world.account->vanished_since(archive, Modseq(then.value - 1)))), std::nullopt);
    EXPECT_EQ(must(wait(world.account->vanished_since(inbox(), before_last))), std::nullopt);
    must(wait(world.account->expunge(archive, {2}, Account::Expunge::forced)));
    EXPECT_EQ(must(wait(world.account->vanished_since(archive, then))), UidSet{2});
}

TEST_P(AccountViewTest, somebody_who_listens_to_the_account_hears_of_every_mailbox) {
    const ListenerPtr listener = world.account->listen(testing::wait_context().get_executor());
    world.append(inbox(), 1);
    const MailboxId made = must(wait(world.account->create_mailbox("New")));
    const std::vector<ChangePtr> heard = listener->take().items;
    ASSERT_EQ(heard.size(), 2u);
    EXPECT_NE(heard[0]->find(inbox()), nullptr);
    ASSERT_NE(heard[1]->find(made), nullptr);
    EXPECT_TRUE(heard[1]->find(made)->mailbox_itself);
}

/// Anything that can happen to an account, at random.
class Life {
public:
    Life(World* world, std::uint64_t seed) : world_(world), random_(seed) {}

    void step() {
        switch (random_.below(16)) {
        case 0:
        case 1:
        case 2:
        case 3: return append();
        case 4:
        case 5: return flags();
        case 6: return transfer(false);
        case 7:
        case 8: return transfer(true);
        case 9: return expunge();
        case 10: return undelete();
        case 11: return mailbox();
        case 12: return housekeeping();
        case 13:
        case 14: return update();
        default: return mark();
        }
    }

    std::set<EmailId> brought_back;
    Version brought_back_at;

private:
    Account& account() { return *world_->account; }

    MailboxId some_mailbox() {
        std::vector<MailboxId> selectable;
        for (const MailboxPtr& mailbox : account().mailboxes()->all())
            if (mailbox->selectable) selectable.push_back(mailbox->id);
        return selectable[random_.below(selectable.size())];
    }

    UidSet some_of(MailboxId mailbox) {
        UidSet some;
        for (const Uid uid : world_->view(mailbox)->uids())
            if (random_.below(3) == 0) some.add(uid);
        return some;
    }

    void append() {
        std::vector<NewMessage> messages;
        for (std::uint64_t count = 1 + random_.below(3); count > 0; --count) {
            NewMessage message = world_->message(some_mailbox());
            message.thread = {.message_id = std::to_string(++last_id_),
                              .in_reply_to = {std::to_string(random_.below(last_id_ * 2))},
                              .references = {}};
            if (random_.below(4) == 0) message.placements.push_back({some_mailbox(), {Flag::seen}, {"Both"}});
            messages.push_back(std::move(message));
        }
        must(wait(account().append(std::move(messages))));
    }

    void flags() {
        const MailboxId mailbox = some_mailbox();
        FlagChange change{.mode = static_cast<FlagChange::Mode>(random_.below(3)),
                          .flags = Flags::from_bits(static_cast<std::uint8_t>(random_.below(32))),
                          .keywords = {}};
        if (random_.below(3) == 0) change.keywords.push_back("Keyword" + std::to_string(random_.below(3)));
        must(wait(account().change_flags(mailbox, some_of(mailbox), std::move(change))));
    }

    void mark() {
        const MailboxId mailbox = some_mailbox();
        const auto mode = random_.below(2) == 0 ? FlagChange::Mode::add : FlagChange::Mode::remove;
        must(wait(account().change_flags(mailbox, some_of(mailbox), {mode, {Flag::deleted}, {}})));
    }

    void transfer(bool move) {
        const MailboxId from = some_mailbox();
        const UidSet some = some_of(from);
        must(wait(move ? account().move(from, some, some_mailbox()) : account().copy(from, some, some_mailbox())));
    }

    void expunge() {
        const MailboxId mailbox = some_mailbox();
        const auto which = random_.below(2) == 0 ? Account::Expunge::forced : Account::Expunge::deleted_only;
        must(wait(account().expunge(mailbox, some_of(mailbox), which)));
    }

    /// Some emails become what they are told to.
    void update() {
        const AccountViewPtr before = must(wait(view_account(world_->account)));
        std::vector<EmailUpdate> updates;
        std::uint32_t last = 0;
        for (const auto& page : before->by_email().pages())
            for (const EmailPlace& place : *page)
                if (place.email != std::exchange(last, place.email) && random_.below(3) == 0)
                    updates.push_back(some_update(EmailId(place.email)));
        const std::vector<StoreResult<>> outcomes =
            wait(update_emails(world_->account, world_->account->id(), updates));
        const AccountViewPtr after = must(wait(view_account(world_->account)));
        for (std::size_t at = 0; at < updates.size(); ++at) {
            const EmailUpdate& asked = updates[at];
            const auto was = before->find(asked.email);
            const auto now = after->find(asked.email);
            ASSERT_TRUE(outcomes[at] || !was || !asked.out_of.empty());
            if (!was) EXPECT_EQ(outcomes[at].error().code, ErrorCode::not_found);
            if (!outcomes[at]) {
                EXPECT_EQ(now.has_value(), was.has_value());
                if (was) EXPECT_EQ(now->flags, was->flags);
            } else if (asked.destroy) {
                EXPECT_TRUE(after->places(asked.email).empty());
            } else {
                ASSERT_TRUE(now.has_value());
                std::set<MailboxId> mailboxes(was->mailboxes.begin(), was->mailboxes.end());
                for (const MailboxId mailbox : asked.out_of)
                    mailboxes.erase(mailbox);
                mailboxes.insert(asked.into.begin(), asked.into.end());
                EXPECT_EQ(std::set(now->mailboxes.begin(), now->mailboxes.end()), mailboxes);
                EXPECT_EQ(now->flags, (was->flags | asked.add) - asked.remove);
                EXPECT_TRUE(std::ranges::includes(now->keywords, was->keywords));
            }
        }
    }

    EmailUpdate some_update(EmailId email) {
        EmailUpdate update{.email = email, .destroy = random_.below(5) == 0};
        const Flags some = Flags::from_bits(static_cast<std::uint8_t>(random_.below(32))) - Flags{Flag::deleted};
        (random_.below(2) == 0 ? update.add : update.remove) = some;
        if (random_.below(3) == 0) update.add_keywords = {"Keyword" + std::to_string(random_.below(3))};
        if (random_.below(2) == 0) update.into = {some_mailbox()};
        if (random_.below(2) == 0) update.out_of = {some_mailbox()};
        if (update.into == update.out_of) update.out_of.clear();
        return update;
    }

    void undelete() {
        std::vector<ExpungedPlace> places;
        for (const ExpungedMessage& kept : must(wait(account().expunged("", 1000))).messages) {
            if (random_.below(4) != 0) continue;
            places.push_back(kept.place);
            brought_back.insert(kept.message.email);
        }
        must(wait(account().undelete(std::move(places))));
        brought_back_at = account().mailboxes()->version();
    }

    void mailbox() {
        const std::string name = "Box" + std::to_string(random_.below(4));
        const MailboxId found = world_->find(name);
        switch (random_.below(4)) {
        case 0:
            if (found.value != 0) must(wait(account().remove_mailbox(found)));
            return;
        case 1: must(wait(account().subscribe(name))); return;
        case 2: must(wait(account().unsubscribe(name))); return;
        default:
            if (found.value == 0) must(wait(account().create_mailbox(name)));
            if (found.value != 0) must(wait(account().rename_mailbox(found, "Box/" + std::to_string(++last_id_))));
            return;
        }
    }

    void housekeeping() {
        world_->clock.time += world_->options.retention / 40;
        must(wait(account().sweep()));
        if (random_.below(2) == 0) world_->reopen();
        if (random_.below(2) == 0) account().trim();
    }

    World* const world_;
    SeededRandom random_;
    std::uint64_t last_id_ = 0;
};

template <class Id, class Of>
void expect_changes(const ChangedIds<Id>& changed, const std::map<Id, Of>& before, const std::map<Id, Of>& after,
                    const std::set<Id>& brought_back, bool exact) {
    std::set<Id> created(changed.created.begin(), changed.created.end());
    std::set<Id> updated(changed.updated.begin(), changed.updated.end());
    std::set<Id> destroyed(changed.destroyed.begin(), changed.destroyed.end());
    EXPECT_TRUE(std::ranges::is_sorted(changed.created) && std::ranges::is_sorted(changed.updated) &&
                std::ranges::is_sorted(changed.destroyed));
    for (const auto& [id, now] : after) {
        const auto was = before.find(id);
        if (was == before.end())
            EXPECT_TRUE(created.erase(id) == 1 || !exact) << "not created: " << id.value;
        else if (was->second != now)
            EXPECT_TRUE(updated.contains(id) || created.erase(id) == 1 || !exact) << "not updated: " << id.value;
    }
    for (const auto& [id, was] : before)
        if (!after.contains(id)) EXPECT_TRUE(destroyed.erase(id) == 1 || brought_back.contains(id)) << id.value;
    std::erase_if(created, [&](const Id& id) { return brought_back.contains(id); });
    EXPECT_THAT(created, IsEmpty());
    EXPECT_THAT(destroyed, IsEmpty());
    for (const Id& id : updated)
        EXPECT_TRUE(before.contains(id) && after.contains(id)) << id.value;
}

TEST_P(AccountViewTest, view_and_changes_are_what_the_mailboxes_say) {
    Life life(&world, GetParam() ? 11 : 12);
    SeededRandom random(7);
    std::map<Version, Shown> history;
    for (int step = 0; step < 80; ++step) {
        life.step();
        const Shown now = shown();
        const AccountViewPtr view = this->view();
        expect_view(*view, now);
        if (HasFailure()) break;
        history.insert_or_assign(view->version(), now);
        for (int pair = 0; pair < 2; ++pair) {
            auto first = std::next(history.begin(), static_cast<std::ptrdiff_t>(random.below(history.size())));
            auto last = std::next(history.begin(), static_cast<std::ptrdiff_t>(random.below(history.size())));
            if (last->first < first->first) std::swap(first, last);
            const auto told = must(wait(changes_between(world.account, view, first->first, last->first)));
            ASSERT_TRUE(told.has_value());
            std::set<ThreadId> threads_back;
            for (const EmailId email : life.brought_back)
                threads_back.insert(must(wait(world.account->emails({email}))).front()->thread);
            // What was brought back since is not found where it was at the end; the next call tells of it as new.
            const bool exact = life.brought_back_at <= last->first;
            expect_changes(told->emails, first->second.emails, last->second.emails, life.brought_back, exact);
            expect_changes(told->threads, first->second.threads, last->second.threads, threads_back, exact);
            expect_changes(told->mailboxes, first->second.mailboxes, last->second.mailboxes, {}, true);
            const std::set<MailboxId> updated(told->mailboxes.updated.begin(), told->mailboxes.updated.end());
            for (const auto& [id, mailbox] : last->second.mailboxes) {
                const auto was = first->second.mailboxes.find(id);
                if (was == first->second.mailboxes.end()) continue;
                if (was->second != mailbox) EXPECT_FALSE(told->only_counts);
                const MailboxId trash = world.find("Trash");
                if (exact && first->second.counts(id, trash) != last->second.counts(id, trash))
                    EXPECT_TRUE(updated.contains(id)) << mailbox.name;
            }
            if (HasFailure())
                FAIL() << "step " << step << " from " << first->first.value << " to " << last->first.value;
        }
    }
}

} // namespace
} // namespace tegami::store
