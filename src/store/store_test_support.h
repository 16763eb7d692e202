// What the store's tests share: a store on a memory engine, normal or tiny, that can be reopened.
#pragma once

#include "store/account_records.h"
#include "store/engine/engine_fixture.h"
#include "store/engine/memory.h"
#include "store/engine/scan.h"
#include "store/queue.h"
#include "store/store.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tegami::store::testing {

class ManualClock final : public Clock {
public:
    Timestamp now() const override { return time; }

    Instant instant() const override { return Instant(time.time_since_epoch()); }

    Timestamp time{std::chrono::seconds(1'800'000'000)};
};

/// One for the whole run, never out of work: an engine's threads may let go of an executor a moment after their answer,
/// and a context that is then without work stops, even if it was just started again.
inline boost::asio::io_context& wait_context() {
    static boost::asio::io_context context(1);
    static const auto busy = boost::asio::make_work_guard(context);
    return context;
}

/// Runs a coroutine to its end.
template <class T>
T wait(async::Awaitable<T> work) {
    std::optional<T> result;
    wait_context().restart();
    boost::asio::co_spawn(wait_context(), std::move(work), [&](std::exception_ptr thrown, T value) {
        if (thrown) std::rethrow_exception(thrown);
        result.emplace(std::move(value));
        wait_context().stop();
    });
    wait_context().run();
    return *std::move(result);
}

/// The value; fails the test if there is none.
template <class T>
T must(StoreResult<T> result) {
    if (!result) {
        ADD_FAILURE() << "error " << static_cast<int>(result.error().code) << ": " << result.error().detail;
        if constexpr (!std::is_void_v<T>) return T();
    }
    if constexpr (!std::is_void_v<T>) return *std::move(result);
}

template <class T>
ErrorCode error_of(const StoreResult<T>& result) {
    if (result) {
        ADD_FAILURE() << "no error";
        return ErrorCode::unavailable;
    }
    return result.error().code;
}

/// A message from a@a.test to these addresses of other servers, due since 1970.
inline QueuedMessage queued(BlobRef blob, const std::vector<std::string>& to) {
    std::vector<QueueRecipient> recipients;
    for (const std::string& address : to)
        recipients.push_back({.address = message::parse_email_address(address).value()});
    return {.message = {.reverse_path = message::parse_email_address("a@a.test").value(), .blob = blob},
            .items = remote_items(std::move(recipients), Timestamp())};
}

struct World {
    explicit World(bool tiny = false) : engine(tiny ? MemoryEngineOptions{tiny_limits()} : MemoryEngineOptions{}) {
        reopen();
    }

    /// On another engine than the memory one, which then stays empty.
    explicit World(std::unique_ptr<Subject> other) : subject(std::move(other)) { reopen(); }

    Engine& used() { return subject ? subject->engine() : engine; }

    /// As after a restart: nothing in memory.
    void reopen() {
        account.reset();
        store.reset();
        if (subject) subject->reopen();
        store = std::make_unique<Store>(&used(), &clock, options);
        if (made) account = must(wait(store->account(AccountId(1))));
    }

    void make(Quota quota = {}) {
        account = must(wait(store->create_account(AccountId(1), quota)));
        made = true;
    }

    BlobRef blob(std::string octets) {
        const std::unique_ptr<BlobWriter> writer = used().new_blob();
        must(wait(writer->append(std::move(octets))));
        return must(wait(writer->finish("card", {})));
    }

    MailboxId find(std::string_view name) const {
        const MailboxPtr found = account->mailboxes()->find(name);
        return found ? found->id : MailboxId();
    }

    MailboxPtr info(MailboxId mailbox) const { return account->mailboxes()->find(mailbox); }

    NewMessage message(MailboxId mailbox, std::string octets = "octets", Flags flags = {},
                       std::vector<std::string> keywords = {}) {
        return {.blob = blob(std::move(octets)),
                .placements = {{mailbox, flags, std::move(keywords)}},
                .internal_date = clock.time,
                .thread = {}};
    }

    /// Appends `count` messages, one call each; their UIDs.
    UidSet append(MailboxId mailbox, int count, Flags flags = {}) {
        UidSet uids;
        for (int i = 0; i < count; ++i) {
            const AppendResult result = must(wait(account->append({message(mailbox, "octets", flags)})));
            if (result.messages.size() == 1) uids.add(result.messages.front().front().uid);
        }
        return uids;
    }

    /// What the change log on disk says about the commits after `since`, commit by commit.
    std::vector<record::LogRow> log(Version since) {
        std::vector<record::LogRow> rows;
        Scan scan(&used(), {DomainKind::account, 1}, {record::log_key(since.next()), "M"});
        while (scan.more()) {
            const Page page = must(wait(scan.next()));
            for (const Row& row : page.rows)
                if (auto log = record::decode_log(row.value)) rows.push_back(*std::move(log));
        }
        return rows;
    }

    ViewPtr view(MailboxId mailbox) { return must(wait(account->open(mailbox)))->view(); }

    StoreOptions options;
    MemoryEngine engine;
    std::unique_ptr<Subject> subject;
    ManualClock clock;
    SeededRandom random{1};
    std::unique_ptr<Store> store;
    AccountPtr account;
    bool made = false;
};

} // namespace tegami::store::testing
