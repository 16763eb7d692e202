// A commit has three outcomes: done, refused, unknown. Every operation, with each of its commits ending in each way:
// no message is lost or doubled, no UID is given twice, and what is in memory is what is on disk.
#include "store/email_update.h"
#include "store/recovery/verify.h"
#include "store/store_test_support.h"
#include "store/uncertain_engine_fixture.h"
#include "testing/turns.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

namespace tegami::store {
namespace {

using testing::error_of;
using testing::must;
using testing::UncertainEngine;
using testing::UncertainSubject;
using testing::wait;
using testing::World;
using Fault = UncertainEngine::Fault;

/// How many runs of the tests have done all.
constexpr std::uint64_t kOutcomesOneIn = 5;

/// What a client sees of an account.
using Picture = std::map<std::string, std::vector<std::string>>;

std::string line_of(const MailboxView& view, const MessageRow& row) {
    std::string line = "uid " + std::to_string(row.uid.value) + " email " + std::to_string(row.email.value) +
                       " flags " + std::to_string(row.flags.bits());
    for (const std::string& keyword : view.keyword_names(row.keywords))
        line += " " + keyword;
    return line;
}

Picture picture_of(AccountPtr account) {
    Picture picture;
    for (const MailboxPtr& mailbox : account->mailboxes()->all()) {
        std::vector<std::string>& lines = picture[mailbox->name];
        lines.push_back(std::string(mailbox->selectable ? "mailbox" : "name") +
                        (mailbox->subscribed ? " subscribed" : "") + " unseen " + std::to_string(mailbox->unseen));
        if (!mailbox->selectable) continue;
        const ViewPtr view = must(wait(account->open(mailbox->id)))->view();
        for (std::uint32_t at = 0; at < view->size(); ++at)
            lines.push_back(line_of(*view, view->at(at)));
    }
    picture["quota"] = {std::to_string(account->quota().messages), std::to_string(account->quota().limit.messages_max)};
    for (const std::string& name : account->mailboxes()->subscribed_names())
        picture["subscribed"].push_back(name);
    return picture;
}

StoreResult<> without_value(const auto& result) {
    if (!result) return failure(result.error());
    return {};
}

/// The first error of some.
StoreResult<> outcome_of(const std::vector<StoreResult<>>& outcomes) {
    for (const StoreResult<>& outcome : outcomes)
        if (!outcome) return outcome;
    return {};
}

/// A world in which every operation has something to do, always the same one.
struct Stage {
    explicit Stage(bool tiny) : world(std::make_unique<UncertainSubject>(tiny)) {
        world.make();
        inbox = world.find("INBOX");
        archive = world.find("Archive");
        world.append(inbox, 30);
        must(wait(world.account->create_mailbox("Old/Older")));
        world.append(world.find("Old/Older"), 12);
        world.append(archive, 6);
        must(wait(world.account->expunge(archive, UidSet::range(Uid(1), Uid(4)), Account::Expunge::forced)));
        open = must(wait(world.account->open(inbox)));
        listener = open->listen(testing::wait_context().get_executor());
    }

    UncertainEngine& engine() { return static_cast<UncertainEngine&>(world.used()); }

    std::vector<NewMessage> messages(int count) {
        std::vector<NewMessage> messages;
        for (int i = 0; i < count; ++i)
            messages.push_back(world.message(inbox, "new"));
        return messages;
    }

    /// Some emails of the inbox are marked; some go to the archive, some come into it beside.
    std::vector<EmailUpdate> mixed_updates() const {
        std::vector<EmailUpdate> updates;
        for (std::uint64_t email = 1; email <= 9; ++email) {
            EmailUpdate update{.email = EmailId(email), .add = {Flag::seen}, .add_keywords = {"Work"}};
            if (email % 3 != 0) update.into = {archive};
            if (email % 3 == 1) update.out_of = {inbox};
            updates.push_back(std::move(update));
        }
        return updates;
    }

    /// The account as another process would read it.
    Picture on_disk() {
        Store other(&engine().memory(), &world.clock, world.options);
        return picture_of(must(wait(other.account(AccountId(1)))));
    }

    void expect_sound() {
        const VerifyReport report = must(wait(verify(&engine().memory(), {})));
        EXPECT_THAT(report.findings, ::testing::IsEmpty());
    }

    World world;
    MailboxId inbox;
    MailboxId archive;
    OpenMailboxPtr open;
    ListenerPtr listener;
};

struct TriedOperation {
    const char* name;
    StoreResult<> (*run)(Stage&);
    bool repeatable; ///< done twice is the same as once
};

const TriedOperation kOperations[] = {
    {"append", [](Stage& s) { return without_value(wait(s.world.account->append(s.messages(1)))); }, false},
    {"append_tagged", [](Stage& s) { return without_value(wait(s.world.account->append(s.messages(1), "tag"))); },
     true},
    {"append_many", [](Stage& s) { return without_value(wait(s.world.account->append(s.messages(20)))); }, false},
    {"flags",
     [](Stage& s) {
         const FlagChange change{
             .mode = FlagChange::Mode::add, .flags = {Flag::seen}, .keywords = {"$Forwarded", "Work"}};
         const auto result = wait(s.world.account->change_flags(s.inbox, UidSet::all(), change));
         return without_value(result);
     },
     true},
    {"expunge",
     [](Stage& s) {
         const auto result =
             wait(s.world.account->expunge(s.inbox, UidSet::range(Uid(3), Uid(25)), Account::Expunge::forced));
         return without_value(result);
     },
     true},
    {"copy", [](Stage& s) { return without_value(wait(s.world.account->copy(s.inbox, UidSet::all(), s.archive))); },
     false},
    {"copy_into_itself",
     [](Stage& s) { return without_value(wait(s.world.account->copy(s.inbox, UidSet::all(), s.inbox))); }, false},
    {"move", [](Stage& s) { return without_value(wait(s.world.account->move(s.inbox, UidSet::all(), s.archive))); },
     true},
    {"update_emails",
     [](Stage& s) {
         return outcome_of(wait(update_emails(s.world.account, s.world.account->id(), s.mixed_updates())));
     },
     true},
    {"destroy_emails",
     [](Stage& s) {
         std::vector<EmailUpdate> updates;
         for (std::uint64_t email = 1; email <= 5; ++email)
             updates.push_back({.email = EmailId(email), .destroy = true});
         return outcome_of(wait(update_emails(s.world.account, s.world.account->id(), std::move(updates))));
     },
     false},
    {"create", [](Stage& s) { return without_value(wait(s.world.account->create_mailbox("a/b/c/d"))); }, false},
    {"rename", [](Stage& s) { return wait(s.world.account->rename_mailbox(s.world.find("Old"), "x/y")); }, false},
    {"rename_inbox", [](Stage& s) { return wait(s.world.account->rename_mailbox(s.inbox, "Before/2026")); }, false},
    {"remove", [](Stage& s) { return wait(s.world.account->remove_mailbox(s.world.find("Old/Older"))); }, false},
    {"subscribe", [](Stage& s) { return wait(s.world.account->subscribe("Not/There")); }, true},
    {"claim_recent", [](Stage& s) { return without_value(wait(s.world.account->claim_recent(s.inbox))); }, true},
    {"set_quota", [](Stage& s) { return wait(s.world.account->set_quota({.bytes_max = 0, .messages_max = 999})); },
     true},
    {"undelete",
     [](Stage& s) {
         std::vector<ExpungedPlace> places;
         for (const ExpungedMessage& each : must(wait(s.world.account->expunged("", 100))).messages)
             places.push_back(each.place);
         return without_value(wait(s.world.account->undelete(std::move(places))));
     },
     true},
    {"sweep",
     [](Stage& s) {
         s.world.clock.time += s.world.options.retention + std::chrono::hours(1);
         return wait(s.world.account->sweep());
     },
     true},
};

/// Another node's delivery, before the commit with this number.
async::Awaitable<> append_at(UncertainEngine* engine, std::uint64_t number, Store* store, NewMessage message) {
    if (engine->commits() != number) co_return;
    const StoreResult<AccountPtr> account = co_await store->account(AccountId(1));
    const AccountPtr held = must(account);
    std::vector<NewMessage> messages{std::move(message)};
    const StoreResult<AppendResult> appended = co_await held->append(std::move(messages));
    EXPECT_TRUE(appended.has_value());
}

class OutcomesTest : public ::testing::TestWithParam<std::tuple<TriedOperation, bool>> {
protected:
    const TriedOperation& operation() const { return std::get<0>(GetParam()); }

    bool tiny() const { return std::get<1>(GetParam()); }

    /// How the account looks after the operation if nothing happens, and how many commits that takes.
    std::pair<Picture, std::uint64_t> expected() {
        Stage stage(tiny());
        const std::uint64_t before = stage.engine().commits();
        must(operation().run(stage));
        return {picture_of(stage.world.account), stage.engine().commits() - before};
    }
};

TEST_P(OutcomesTest, a_refused_commit_is_made_again) {
    const auto [picture, commits] = expected();
    for (std::uint64_t nth = 1; nth <= commits; ++nth) {
        if (!tegami::testing::is_due(nth, kOutcomesOneIn)) continue;
        for (const std::uint64_t times : {1, 3}) {
            Stage stage(tiny());
            stage.engine().fail(nth, Fault::conflict, times);
            must(operation().run(stage));
            EXPECT_TRUE(stage.engine().failed());
            EXPECT_EQ(picture_of(stage.world.account), picture) << "commit " << nth << ", " << times << " times";
            EXPECT_EQ(stage.on_disk(), picture);
            stage.expect_sound();
        }
    }
}

TEST_P(OutcomesTest, what_another_node_does_meanwhile_is_kept) {
    const auto [picture, commits] = expected();
    for (std::uint64_t nth = 1; nth <= commits; ++nth) {
        if (!tegami::testing::is_due(nth, kOutcomesOneIn)) continue;
        Stage stage(tiny());
        Store other(&stage.engine().memory(), &stage.world.clock, stage.world.options);
        const std::uint64_t at = stage.engine().commits() + nth;
        NewMessage message = stage.world.message(stage.world.find("Sent"), "theirs");
        const auto deliver = [&](const Batch*) { return append_at(&stage.engine(), at, &other, message); };
        stage.engine().set_hook(deliver);
        must(operation().run(stage));
        stage.engine().set_hook({});
        const Picture now = picture_of(stage.world.account);
        EXPECT_EQ(now, stage.on_disk());
        EXPECT_EQ(now.at("Sent").size(), 2u) << "commit " << nth;
        for (const auto& [name, lines] : picture)
            if (name != "Sent" && name != "quota") EXPECT_EQ(now.at(name).size(), lines.size()) << name;
        stage.expect_sound();
    }
}

TEST_P(OutcomesTest, after_an_unknown_outcome_memory_is_what_is_on_disk) {
    const auto [picture, commits] = expected();
    for (const Fault fault : {Fault::done_unknown, Fault::lost_unknown}) {
        for (std::uint64_t nth = 1; nth <= commits; ++nth) {
            if (!tegami::testing::is_due(nth, kOutcomesOneIn)) continue;
            Stage stage(tiny());
            const Uid next = stage.world.info(stage.inbox)->uid_next;
            stage.engine().fail(nth, fault);
            const StoreResult<> outcome = operation().run(stage);
            EXPECT_TRUE(stage.engine().failed());
            if (!outcome) EXPECT_EQ(outcome.error().code, ErrorCode::unknown);
            bool told = false;
            for (const ChangePtr& change : stage.listener->take().items)
                told |= change->everything;
            EXPECT_TRUE(told) << "commit " << nth;
            EXPECT_EQ(picture_of(stage.world.account), stage.on_disk());
            EXPECT_EQ(stage.open->view()->uids(), stage.world.view(stage.inbox)->uids());
            stage.expect_sound();
            // A client that tries again.
            const StoreResult<> again = operation().run(stage);
            if (operation().repeatable) {
                must(again);
                EXPECT_EQ(picture_of(stage.world.account), picture) << "commit " << nth;
            }
            EXPECT_GE(stage.world.info(stage.inbox)->uid_next, next);
            EXPECT_EQ(picture_of(stage.world.account), stage.on_disk());
            stage.expect_sound();
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Operations, OutcomesTest,
                         ::testing::Combine(::testing::ValuesIn(kOperations), ::testing::Bool()),
                         [](const auto& parameter) {
                             return std::string(std::get<0>(parameter.param).name) +
                                    (std::get<1>(parameter.param) ? "_tiny" : "_normal");
                         });

/// However often it begins again, the answer tells all that was done, once.
TEST(OutcomesTest, answers_are_whole_after_refused_commits) {
    for (const std::uint64_t nth : {1, 2, 3}) {
        Stage stage(true);
        Account& account = *stage.world.account;
        stage.engine().fail(nth, Fault::conflict);
        const AppendResult appended = must(wait(account.append(stage.messages(20))));
        std::set<Uid> uids;
        for (const std::vector<Placed>& message : appended.messages)
            uids.insert(message.front().uid);
        EXPECT_EQ(uids.size(), 20u);
        stage.engine().fail(nth, Fault::conflict);
        const FlagChange change{.mode = FlagChange::Mode::add, .flags = {Flag::seen}, .keywords = {}};
        const Modseq now = stage.open->view()->version();
        const FlagResult flagged = must(wait(account.change_flags(stage.inbox, UidSet::all(), change, now)));
        EXPECT_EQ(flagged.changed, UidSet::range(Uid(1), Uid(50)));
        EXPECT_TRUE(flagged.failed.empty());
        stage.engine().fail(nth, Fault::conflict);
        const CopyResult copied = must(wait(account.copy(stage.inbox, UidSet::all(), stage.archive)));
        EXPECT_EQ(copied.source, UidSet::range(Uid(1), Uid(50)));
        EXPECT_EQ(copied.target.size(), 50u);
        stage.engine().fail(nth, Fault::conflict);
        const ExpungeResult expunged =
            must(wait(account.expunge(stage.inbox, UidSet::all(), Account::Expunge::forced)));
        EXPECT_EQ(expunged.expunged, UidSet::range(Uid(1), Uid(50)));
    }
}

TEST(OutcomesTest, an_account_is_removed_whatever_its_commits_answer) {
    for (const Fault fault : {Fault::conflict, Fault::done_unknown, Fault::lost_unknown}) {
        for (const std::uint64_t nth : {1, 2, 3, 4, 5, 6}) {
            Stage stage(true);
            stage.world.account.reset();
            stage.engine().fail(nth, fault);
            const StoreResult<> removed = wait(stage.world.store->remove_account(AccountId(1)));
            if (fault == Fault::conflict) {
                must(removed);
            } else if (!removed) {
                EXPECT_EQ(removed.error().code, ErrorCode::unknown);
                const StoreResult<> again = wait(stage.world.store->remove_account(AccountId(1)));
                EXPECT_TRUE(again || again.error().code == ErrorCode::not_found);
            }
            EXPECT_EQ(error_of(wait(stage.world.store->account(AccountId(1)))), ErrorCode::not_found);
            EXPECT_THAT(must(wait(stage.engine().scan({DomainKind::account, 1}, {}))).rows, ::testing::IsEmpty());
            stage.engine().memory().collect();
            EXPECT_EQ(stage.engine().memory().blob_count(), 0u);
            must(wait(stage.world.store->create_account(AccountId(1), {})));
        }
    }
}

TEST(OutcomesTest, others_that_are_quicker_for_ever_end_an_operation) {
    Stage stage(false);
    stage.engine().fail(1, Fault::conflict, 1000);
    const Picture before = stage.on_disk();
    EXPECT_EQ(error_of(wait(stage.world.account->append(stage.messages(1)))), ErrorCode::conflict);
    EXPECT_EQ(picture_of(stage.world.account), before);
}

} // namespace
} // namespace tegami::store
