// Readers between a commit and its publication: the engine has the new rows, the account's memory the old ones.
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
class PausingEngine final : public Engine {
public:
    using Reader = std::function<async::Awaitable<void>()>;

    Limits limits() const override { return inner_.limits(); }

    async::Awaitable<StoreResult<Version>> commit(Batch batch) override {
        const StoreResult<Version> version = co_await inner_.commit(std::move(batch));
        if (reader) co_await reader();
        co_return version;
    }

    async::Awaitable<StoreResult<Page>> scan(Domain domain, Range range) override {
        return inner_.scan(domain, std::move(range));
    }

    async::Awaitable<StoreResult<std::optional<std::string>>> get(Domain domain, std::string key) override {
        return inner_.get(domain, std::move(key));
    }

    async::Awaitable<StoreResult<std::vector<Domain>>> domains(DomainKind kind, std::uint64_t after,
                                                               std::size_t count_max) override {
        return inner_.domains(kind, after, count_max);
    }

    std::unique_ptr<BlobWriter> new_blob() override { return inner_.new_blob(); }

    async::Awaitable<StoreResult<std::string>> read_blob(BlobId blob, std::uint64_t offset,
                                                         std::uint64_t length) override {
        return inner_.read_blob(blob, offset, length);
    }

    async::Awaitable<StoreResult<std::string>> read_card(BlobId blob) override { return inner_.read_card(blob); }

    async::Awaitable<StoreResult<BlobStart>> read_start(BlobId blob, std::uint64_t length) override {
        return inner_.read_start(blob, length);
    }

    async::Awaitable<StoreResult<EngineReport>> check() override { return inner_.check(); }

    async::Awaitable<void> close() override { return inner_.close(); }

    Reader reader;

private:
    MemoryEngine inner_;
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
