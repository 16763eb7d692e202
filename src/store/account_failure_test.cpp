// Engine calls failing one after the other: what was answered has happened, what was refused has not.
#include "store/email_update.h"
#include "store/recovery/verify.h"
#include "store/store_test_support.h"

#include <gmock/gmock.h>

namespace tegami::store {
namespace {

using ::testing::IsEmpty;
using testing::must;
using testing::wait;
using testing::World;

class AccountFailure : public ::testing::TestWithParam<bool> {};

INSTANTIATE_TEST_SUITE_P(Limits, AccountFailure, ::testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "tiny" : "normal"; });

bool has_email(const MailboxView& view, EmailId email) {
    for (std::uint32_t at = 0; at < view.size(); ++at)
        if (view.at(at).email == email) return true;
    return false;
}

/// True if everything that was expunged is back.
bool bring_all_back(World& world) {
    const auto listed = wait(world.account->expunged({}, 100));
    if (!listed) return false;
    std::vector<ExpungedPlace> places;
    for (const ExpungedMessage& message : listed->messages)
        places.push_back(message.place);
    return wait(world.account->undelete(std::move(places))).has_value();
}

/// One message at a time fits one batch even in the tiny engine: it is there, or it is not, whichever call fails.
TEST_P(AccountFailure, each_engine_call_failing_in_turn) {
    for (std::uint64_t nth = 1; nth < 200; ++nth) {
        SCOPED_TRACE("call " + std::to_string(nth));
        World world(GetParam());
        world.make();
        const MailboxId inbox = world.find("INBOX");
        const MailboxId trash = world.find("Trash");
        world.append(inbox, 3);
        NewMessage message = world.message(inbox);
        message.thread.message_id = "a@b";
        world.engine.fail(MemoryEngine::Call::any, nth, ErrorCode::no_space);
        const auto appended = wait(world.account->append({message}, "tag"));
        const auto flagged = wait(world.account->change_flags(
            inbox, {1}, {.mode = FlagChange::Mode::add, .flags = {Flag::seen}, .keywords = {"new"}}));
        const auto moved = wait(world.account->move(inbox, {2}, trash));
        const auto expunged = wait(world.account->expunge(inbox, {3}, Account::Expunge::forced));
        const auto renamed = wait(world.account->rename_mailbox(trash, "Bin"));
        const auto marked =
            wait(update_emails(world.account, world.account->id(),
                               {{.email = EmailId(1), .add = {Flag::flagged}, .into = {world.find("Archive")}}}));
        const auto removed = wait(world.account->remove_mailbox(world.find("Sent")));
        const auto back = bring_all_back(world);
        const auto swept = wait(world.account->sweep());
        const bool all =
            appended && flagged && moved && expunged && marked.front() && renamed && removed && back && swept;
        world.engine.clear_failures();
        world.reopen();
        must(wait(world.account->sweep()));
        EXPECT_EQ(has_email(*world.view(inbox), EmailId(4)), appended.has_value());
        EXPECT_EQ(world.view(inbox)->find(Uid(1))->flags.has(Flag::seen), flagged.has_value());
        EXPECT_EQ(world.view(inbox)->position_of(Uid(2)).has_value(), !moved);
        EXPECT_EQ(world.view(trash)->size(), moved ? 1u : 0u);
        EXPECT_EQ(world.view(inbox)->position_of(Uid(3)).has_value(), !expunged);
        EXPECT_EQ(world.view(inbox)->size(),
                  3u + (appended ? 1u : 0u) - (moved ? 1u : 0u) - (expunged && !back ? 1u : 0u));
        const MessageRow first = *world.view(inbox)->find(Uid(1));
        EXPECT_EQ(first.flags.has(Flag::flagged), marked.front().has_value());
        EXPECT_EQ(has_email(*world.view(world.find("Archive")), EmailId(1)), marked.front().has_value());
        EXPECT_EQ(world.find("Bin") == trash, renamed.has_value());
        const AppendResult again = must(wait(world.account->append({message}, "tag")));
        EXPECT_EQ(again.already_there, appended.has_value());
        const VerifyReport report = must(wait(verify(&world.engine, {})));
        EXPECT_THAT(report.findings, IsEmpty());
        if (all) return;
        if (::testing::Test::HasFailure()) return;
    }
    FAIL() << "the dialogue never came to its end";
}

} // namespace
} // namespace tegami::store
