// A directory on the in-memory engine for this room's tests: cheap passwords, a clock that stands still, stores that
// only note what was asked of them.
#pragma once

#include "async/run.h"
#include "async/worker_pool.h"
#include "directory/directory.h"
#include "store/engine/memory.h"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

namespace tegami::directory {

inline EmailAddress address(std::string_view text) {
    return message::parse_email_address(text).value();
}

inline message::Domain domain(std::string_view text) {
    return message::Domain::parse(text).value();
}

class ManualClock final : public Clock {
public:
    Timestamp now() const override { return Timestamp(std::chrono::seconds(1'700'000'000) + passed); }

    Instant instant() const override { return Instant(passed); }

    Duration passed{};
};

/// Knows which accounts have a store; fails while `broken`.
class RecordingStores final : public AccountStores {
public:
    async::Awaitable<store::StoreResult<>> create(AccountId account, std::uint64_t) override {
        if (broken) co_return failure(store::Error{store::ErrorCode::unavailable, "broken"});
        existing.insert(account);
        co_return store::StoreResult<>();
    }

    void hide(AccountId account, bool now) override {
        if (now)
            hidden.insert(account);
        else
            hidden.erase(account);
    }

    async::Awaitable<store::StoreResult<>> erase(AccountId account) override {
        if (broken) co_return failure(store::Error{store::ErrorCode::unavailable, "broken"});
        existing.erase(account);
        hidden.erase(account);
        co_return store::StoreResult<>();
    }

    std::set<AccountId> existing;
    std::set<AccountId> hidden;
    bool broken = false;
};

class DirectoryTest : public testing::Test {
protected:
    explicit DirectoryTest(store::MemoryEngineOptions options = {}) : engine_(options) { reopen(); }

    template <class T>
    T run(async::Awaitable<T> work) {
        return async::run_on(context_, std::move(work));
    }

    void reopen() {
        auto opened = run(Directory::open(dependencies(), {.default_domain = domain("a.test"), .cost = kCheap}));
        ASSERT_TRUE(opened) << opened.error().message;
        directory_ = *std::move(opened);
    }

    Directory::Dependencies dependencies() {
        return {.engine = engine_, .workers = workers_, .clock = clock_, .random = random_, .stores = stores_};
    }

    /// Adds the domain of the address too, if it is missing.
    AccountId add(std::string_view text, std::string password = "secret") {
        const EmailAddress wanted = address(text);
        if (!directory_->is_local(wanted.domain)) EXPECT_TRUE(run(directory_->add_domain({.name = wanted.domain})));
        const auto added = run(directory_->add_account({.address = wanted, .password = std::move(password)}));
        EXPECT_TRUE(added) << added.error().message;
        return added ? added->id : AccountId();
    }

    DirectoryResult<> alias(std::string_view from, std::initializer_list<std::string_view> to) {
        Alias wanted{.address = address(from)};
        for (const std::string_view target : to)
            wanted.targets.push_back(address(target));
        return run(directory_->add_alias(std::move(wanted)));
    }

    Resolution resolve(std::string_view text) { return run(directory_->resolve(address(text))).value(); }

    static constexpr PasswordCost kCheap{.memory_kib = 16, .passes = 1, .lanes = 1, .scram_iterations = 4096};

    boost::asio::io_context context_{1};
    store::MemoryEngine engine_;
    async::InlinePool workers_;
    ManualClock clock_;
    SeededRandom random_{1};
    RecordingStores stores_;
    std::unique_ptr<Directory> directory_;
};

} // namespace tegami::directory
