// Tells one reader which accounts have got new emails: for what is made from mail afterwards, such as the word index.
//
// 1. tell() is cheap, never waits and never fails: whoever stores mail is not delayed.
// 2. Memory is bounded: an account that was told is told once until the reader takes it, and beyond kFeedAccountsMax the
//    reader is told to look at all of them.
#pragma once

#include "async/event.h"
#include "async/timer.h"
#include "store/types.h"

#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace tegami::store {

/// Limit: accounts that wait for the reader.
inline constexpr std::size_t kFeedAccountsMax = 4096;

class AppendFeed {
public:
    struct News {
        std::vector<AccountId> accounts;
        bool lost = false; ///< there were more
    };

    /// While it lives somebody brings many messages at once, and what is made from mail afterwards had better wait for a
    /// while. From any thread; the feed outlives it.
    class Bulk {
    public:
        explicit Bulk(AppendFeed& feed) : feed_(feed) { ++feed_.bulks_; }

        Bulk(const Bulk&) = delete;
        Bulk& operator=(const Bulk&) = delete;

        ~Bulk() { --feed_.bulks_; }

    private:
        AppendFeed& feed_;
    };

    /// From any thread.
    bool bulk_under_way() const { return bulks_ != 0; }

    /// From any thread.
    void tell(AccountId account);

    /// The one reader; `executor` is its.
    void listen(async::Executor executor);
    /// Nobody reads any more.
    void stop();
    /// Returns when something is there to take, or at the deadline; listen() was called before.
    async::Awaitable<> wait(async::Timers* timers, Instant deadline);
    /// All that has come, without waiting.
    News take();

    /// Accounts that were told since the last call, for who watches how far the reader has come; some of kFeedAccountsMax, if
    /// there were more.
    std::set<AccountId> told();

private:
    std::atomic<unsigned> bulks_ = 0;
    std::mutex guard_;
    std::set<AccountId> accounts_;
    std::set<AccountId> told_;
    bool lost_ = false;
    std::optional<async::Event> arrived_;
};

} // namespace tegami::store
