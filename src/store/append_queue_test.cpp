// Many who append to one account at once: they share commits, and each gets the answer it would get alone.
#include "store/recovery/verify.h"
#include "store/store_test_support.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>

#include <gmock/gmock.h>

namespace tegami::store {
namespace {

using testing::error_of;
using ::testing::IsEmpty;
using testing::must;
using testing::wait;
using testing::World;

/// Appends that begin at the same time; each can be cancelled.
class Appends {
public:
    void append(NewMessage message, std::optional<std::string> tag = {}) { append_many({std::move(message)}, tag); }

    void append_many(std::vector<NewMessage> messages, std::optional<std::string> tag = {}) {
        requests_.push_back({std::move(messages), std::move(tag)});
    }

    /// Runs all of them to their ends; `cancelled` is cancelled once all have begun.
    void run(Account& account, std::optional<std::size_t> cancelled = {}) {
        boost::asio::io_context& context = testing::wait_context();
        results.resize(requests_.size());
        std::vector<boost::asio::cancellation_signal> signals(requests_.size());
        std::size_t ended = 0;
        context.restart();
        for (std::size_t number = 0; number < requests_.size(); ++number) {
            const auto done = [&, number](std::exception_ptr thrown, StoreResult<AppendResult> result) {
                if (!thrown) results[number] = std::move(result);
                if (++ended == results.size()) context.stop();
            };
            auto& [messages, tag] = requests_[number];
            boost::asio::co_spawn(context, account.append(std::move(messages), std::move(tag)),
                                  boost::asio::bind_cancellation_slot(signals[number].slot(), done));
        }
        if (cancelled)
            boost::asio::post(context, [&] { signals[*cancelled].emit(boost::asio::cancellation_type::terminal); });
        context.run();
    }

    /// Nothing for what was cancelled.
    std::vector<std::optional<StoreResult<AppendResult>>> results;

private:
    std::vector<std::pair<std::vector<NewMessage>, std::optional<std::string>>> requests_;
};

class AppendQueueTest : public ::testing::TestWithParam<bool> {
protected:
    AppendQueueTest() : world(GetParam()) {
        world.make();
        inbox = world.find("INBOX");
    }

    ~AppendQueueTest() override {
        const VerifyReport report = must(wait(verify(&world.engine, {})));
        EXPECT_THAT(report.findings, IsEmpty());
    }

    World world;
    MailboxId inbox;
    Appends crowd;
};

INSTANTIATE_TEST_SUITE_P(Limits, AppendQueueTest, ::testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "tiny" : "normal"; });

TEST_P(AppendQueueTest, those_who_wait_share_a_commit) {
    const std::uint64_t before = world.engine.calls(MemoryEngine::Call::commit);
    for (int i = 0; i < 50; ++i)
        crowd.append(world.message(inbox));
    crowd.run(*world.account);
    std::uint32_t uid = 1;
    for (const auto& result : crowd.results)
        EXPECT_EQ(must(*result).messages.front().front().uid, Uid(uid++));
    if (!GetParam()) EXPECT_EQ(world.engine.calls(MemoryEngine::Call::commit) - before, 2u);
    world.reopen();
    EXPECT_EQ(world.info(inbox)->messages, 50u);
}

TEST_P(AppendQueueTest, what_must_be_whole_is_one_commit_or_nothing) {
    std::vector<NewMessage> messages;
    for (int i = 0; i < 20; ++i)
        messages.push_back(world.message(inbox));
    const std::uint64_t before = world.engine.calls(MemoryEngine::Call::commit);
    const auto appended = wait(world.account->append(std::move(messages), {}, Commits::one));
    const bool fits = !GetParam();
    EXPECT_EQ(world.engine.calls(MemoryEngine::Call::commit) - before, fits ? 1u : 0u);
    EXPECT_EQ(world.info(inbox)->messages, fits ? 20u : 0u);
    if (!fits) EXPECT_EQ(error_of(appended), ErrorCode::invalid);
}

TEST_P(AppendQueueTest, each_gets_its_own_answer) {
    must(wait(world.account->set_quota({.bytes_max = 0, .messages_max = 4})));
    crowd.append(world.message(inbox));
    crowd.append(world.message(inbox, "octets", {}, {"not a keyword"}));
    crowd.append(world.message(inbox), "tag");
    crowd.append(world.message(inbox), "tag");
    crowd.append(world.message(MailboxId(999)));
    crowd.append_many({world.message(inbox), world.message(inbox)});
    crowd.append(world.message(inbox));
    crowd.run(*world.account);
    EXPECT_TRUE(crowd.results[0]->has_value());
    EXPECT_EQ(error_of(*crowd.results[1]), ErrorCode::invalid);
    EXPECT_FALSE(must(*crowd.results[2]).already_there);
    EXPECT_TRUE(must(*crowd.results[3]).already_there);
    EXPECT_EQ(must(*crowd.results[2]).messages, must(*crowd.results[3]).messages);
    EXPECT_EQ(error_of(*crowd.results[4]), ErrorCode::not_found);
    EXPECT_EQ(must(*crowd.results[5]).messages.size(), 2u);
    EXPECT_EQ(error_of(*crowd.results[6]), ErrorCode::over_quota);
    EXPECT_EQ(world.info(inbox)->messages, 4u);
}

TEST_P(AppendQueueTest, a_failed_commit_is_told_to_all_it_was_for) {
    for (int i = 0; i < 10; ++i)
        crowd.append(world.message(inbox));
    world.engine.fail(MemoryEngine::Call::commit, 2, ErrorCode::no_space);
    crowd.run(*world.account);
    std::uint32_t stored = 0;
    for (const auto& result : crowd.results) {
        if (*result)
            ++stored;
        else
            EXPECT_EQ(error_of(*result), ErrorCode::no_space);
    }
    EXPECT_GE(stored, 1u);
    EXPECT_LT(stored, 10u);
    EXPECT_EQ(world.info(inbox)->messages, stored);
}

TEST_P(AppendQueueTest, whoever_is_cancelled_holds_nobody_up) {
    for (std::size_t cancelled = 0; cancelled < 6; ++cancelled) {
        Appends with_cancelled;
        for (int i = 0; i < 6; ++i)
            with_cancelled.append(world.message(inbox));
        with_cancelled.run(*world.account, cancelled);
        for (std::size_t number = 0; number < 6; ++number) {
            const auto& result = with_cancelled.results[number];
            if (result) EXPECT_TRUE(result->has_value());  // nobody is told that a message is not there which may be
            const bool led = cancelled == 1 && number > 1; // the second leads all behind it
            if (number != cancelled && !led) EXPECT_TRUE(result.has_value());
        }
    }
    world.append(inbox, 1);
}

} // namespace
} // namespace tegami::store
