#include "service/pop3d/read_ahead.h"

#include <algorithm>

namespace tegami::pop3d {

namespace {

/// Limit: messages read at once, and octets of them together.
constexpr std::size_t kAheadMessages = 32;
constexpr std::size_t kAheadBytes = 256 * 1024;

} // namespace

async::Awaitable<store::StoreResult<ReadAhead::Start>>
ReadAhead::read(store::Account* account, std::size_t place, std::size_t count,
                std::function<store::EmailId(std::size_t)> email_at) {
    const bool in_order = place == expected_ && place > 0;
    expected_ = place + 1;
    while (!waiting_.empty() && waiting_.front().place != place)
        waiting_.pop_front();
    if (waiting_.empty()) {
        const bool many = in_order && charge_.resize(kAheadBytes);
        std::vector<store::EmailId> ids;
        for (std::size_t at = place; at < std::min(count, place + (many ? kAheadMessages : 1)); ++at)
            ids.push_back(email_at(at));
        CO_TRY(const std::vector<store::StoreResult<store::EmailRow>> emails, co_await account->emails(std::move(ids)));
        std::vector<store::BlobId> blobs;
        for (const store::StoreResult<store::EmailRow>& email : emails) {
            if (!email) break;
            blobs.push_back(email->blob.id);
        }
        if (blobs.empty()) co_return failure(emails.front().error());
        CO_TRY(store::BlobStarts starts,
               co_await store_.read_starts(std::move(blobs), {.length = kChunkBytes, .octets_max = kAheadBytes}));
        if (!starts.front()) co_return failure(starts.front().error());
        for (std::size_t at = 0; at < starts.size() && starts[at]; ++at)
            waiting_.push_back({.place = place + at, .start = {.email = *emails[at], .blob = *std::move(starts[at])}});
    }
    Start start = std::move(waiting_.front().start);
    waiting_.pop_front();
    if (waiting_.empty()) static_cast<void>(charge_.resize(0));
    co_return start;
}

} // namespace tegami::pop3d
