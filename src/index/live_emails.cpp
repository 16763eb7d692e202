#include "index/live_emails.h"

#include "async/turns.h"

namespace tegami::index {

namespace {

/// Emails looked at at once.
constexpr std::size_t kLiveEmailsAtOnce = 4096;

} // namespace

async::Awaitable<store::StoreResult<EmailBits>> live_emails(store::AccountPtr account, std::uint32_t first,
                                                            std::uint32_t end) {
    EmailBits live(end - first);
    for (store::EmailId from(first); from.value < end;) {
        CO_TRY(const store::EmailWalk walk, co_await account->walk_emails(from, kLiveEmailsAtOnce));
        if (walk.damaged) co_return EmailBits(end - first, true);
        for (const store::EmailRow& email : walk.emails)
            if (email.id.value < end) live.add(email.id.value - first);
        if (walk.end <= from) break;
        from = walk.end;
        co_await async::give_way();
    }
    co_return live;
}

} // namespace tegami::index
