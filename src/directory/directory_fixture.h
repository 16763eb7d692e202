// A directory and its store on the in-memory engine for tests: cheap passwords, a clock that stands still.
#pragma once

#include "async/run.h"
#include "async/worker_pool.h"
#include "directory/directory.h"
#include "directory/engine_access.h"
#include "store/engine/memory.h"
#include "store/store.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

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

/// Works at once and counts the jobs: each is one password hashed.
class CountingPool final : public async::WorkerPool {
public:
    void submit(Job job) override {
        ++jobs;
        job();
    }

    int jobs = 0;
};

class DirectoryTest : public testing::Test {
protected:
    explicit DirectoryTest(store::MemoryEngineOptions options = {}) : engine_(options) { reopen(); }

    template <class T>
    T run(async::Awaitable<T> work) {
        return async::run_on(context_, std::move(work));
    }

    /// As a restart does.
    void reopen(Duration retention = std::chrono::days(14)) {
        directory_.reset();
        store_.emplace(&engine_, &clock_);
        auto opened = run(Directory::open(
            dependencies(workers_), {.default_domain = domain("a.test"), .cost = kCheap, .retention = retention}));
        ASSERT_TRUE(opened) << opened.error().message;
        directory_ = *std::move(opened);
    }

    Directory::Dependencies dependencies(async::WorkerPool& workers) {
        return {.store = *store_, .workers = workers, .clock = clock_, .random = random_};
    }

    Administration& administration() { return directory_->administration(); }

    bool is_local(std::string_view name) { return administration().domains()->contains(domain(name)); }

    std::optional<Account> account(AccountId id) {
        const auto of = run(get_row(&engine_, records::id_key(id), &records::decode_address)).value();
        return of ? run(administration().account_at(*of)).value() : std::nullopt;
    }

    std::optional<StoredCredentials> credentials(AccountId id) {
        return run(get_row(&engine_, records::credentials_key(id), &records::decode_credentials)).value();
    }

    /// Who logs in with this name.
    std::optional<AccountId> login(std::string name) {
        const auto found = run(directory_->credentials().find(std::move(name))).value();
        return found ? std::optional(found->account) : std::nullopt;
    }

    /// Accounts that the store has, hidden or not.
    std::vector<AccountId> stored() { return run(store_->accounts(AccountId(), 1000)).value(); }

    /// True if somebody who knows the id gets at the mail.
    bool is_open(AccountId id) { return run(store_->account(id)).has_value(); }

    /// Adds the domain of the address too, if it is missing.
    AccountId add(std::string_view text, std::string password = "secret") {
        const EmailAddress wanted = address(text);
        if (!administration().domains()->contains(wanted.domain))
            EXPECT_TRUE(run(administration().add_domain({.name = wanted.domain})));
        const auto added = run(administration().add_account({.address = wanted, .password = std::move(password)}));
        EXPECT_TRUE(added) << added.error().message;
        return added ? added->id : AccountId();
    }

    DirectoryResult<> alias(std::string_view from, std::initializer_list<std::string_view> to) {
        Alias wanted{.address = address(from)};
        for (const std::string_view target : to)
            wanted.targets.push_back(address(target));
        return run(administration().add_alias(std::move(wanted)));
    }

    Resolution resolve(std::string_view text) { return run(directory_->lookup().resolve(address(text))).value(); }

    static constexpr PasswordCost kCheap{.memory_kib = 16, .passes = 1, .lanes = 1, .scram_iterations = 4096};

    boost::asio::io_context context_{1};
    store::MemoryEngine engine_;
    CountingPool workers_;
    ManualClock clock_;
    SeededRandom random_{1};
    std::optional<store::Store> store_;
    std::unique_ptr<Directory> directory_;
};

} // namespace tegami::directory
