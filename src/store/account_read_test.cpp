// Readers between a commit and its publication: the engine has the new rows, the account's memory the old ones.
#include "store/forwarding_engine_fixture.h"
#include "store/store_test_support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace tegami::store {
namespace {

using testing::must;
using testing::wait;
using testing::World;

/// A memory engine that lets a reader run when a batch is committed and its caller does not know yet.
class PausingEngine final : public testing::ForwardingEngine {
public:
    using Reader = std::function<async::Awaitable<void>()>;

    async::Awaitable<StoreResult<Version>> commit(Batch batch) override {
        const StoreResult<Version> version = co_await memory().commit(std::move(batch));
        if (reader) co_await reader();
        co_return version;
    }

    Reader reader;
};

class PausingSubject final : public testing::Subject {
public:
    explicit PausingSubject(std::unique_ptr<PausingEngine> engine) : engine_(std::move(engine)) {}

    Engine& engine() override { return *engine_; }

    bool reopen() override { return false; }

private:
    std::unique_ptr<PausingEngine> engine_;
};

/// How many of the emails are found.
async::Awaitable<void> count_found(AccountPtr account, std::vector<EmailId> ids, std::size_t* found) {
    const auto rows = co_await account->emails(std::move(ids));
    *found = rows ? static_cast<std::size_t>(std::ranges::count_if(*rows, &StoreResult<EmailRow>::has_value)) : 0;
}

TEST(AccountRead, an_email_is_found_while_it_moves_into_its_page) {
    auto made = std::make_unique<PausingEngine>();
    PausingEngine& engine = *made;
    World world(std::make_unique<PausingSubject>(std::move(made)));
    world.make();
    std::vector<EmailId> ids;
    std::size_t found = 0;
    engine.reader = [&] { return count_found(world.account, ids, &found); };
    // Every 64 emails leave their own records for a page of 256, which the reader before has in its cache.
    for (int i = 0; i < 200; ++i) {
        const AppendResult added = must(wait(world.account->append({world.message(world.find("INBOX"))})));
        ASSERT_EQ(found, ids.size()) << "while email " << i << " was added";
        ids.push_back(added.messages.front().front().email);
        wait([](AccountPtr account, std::vector<EmailId> all) -> async::Awaitable<bool> {
            co_return (co_await account->emails(std::move(all))).has_value();
        }(world.account, ids));
    }
}

} // namespace
} // namespace tegami::store
