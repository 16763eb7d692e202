#include "app/server/slow_figures.h"

#include "index/indexer.h"

#include <algorithm>
#include <filesystem>

namespace tegami::app {

namespace {

constexpr auto kFiguresInterval = std::chrono::seconds(20);
/// After a look it rests so many times as long as that took.
constexpr int kRestAfterLook = 100;
/// Limit: accounts whose index one look asks for.
constexpr std::size_t kAccountsOfLookMax = 100;

/// What cannot be read counts for nothing: files come and go meanwhile. Blocks.
std::uint64_t bytes_in(const std::string& folder) {
    std::uint64_t bytes = 0;
    std::error_code error;
    std::filesystem::recursive_directory_iterator file(folder, error);
    for (; !error && file != std::filesystem::recursive_directory_iterator(); file.increment(error)) {
        std::error_code gone;
        const bool is_file = file->is_regular_file(gone);
        const std::uint64_t size = is_file ? file->file_size(gone) : 0;
        if (!gone) bytes += size;
    }
    return bytes;
}

} // namespace

async::Awaitable<std::uint64_t> SlowFigures::emails_waiting() {
    behind_.merge(dependencies_.store.appends().told());
    std::uint64_t waiting = 0;
    std::set<store::AccountId> still_behind;
    std::size_t left = kAccountsOfLookMax;
    while (!behind_.empty() && left-- > 0) {
        const store::AccountId id = *behind_.begin();
        behind_.erase(behind_.begin());
        const auto account = co_await dependencies_.store.account(id);
        if (!account) continue; // removed meanwhile
        const auto status = co_await index::index_status(&dependencies_.engine, *account);
        if (!status || status->waiting == 0) continue;
        waiting += status->waiting;
        still_behind.insert(id);
    }
    behind_.merge(std::move(still_behind));
    co_return waiting;
}

async::Awaitable<> SlowFigures::look() {
    const auto depth = co_await dependencies_.queue.depth();
    if (depth) figures_.queue = *depth;
    const auto measure = [folder = dependencies_.data_directory] { return bytes_in(folder); };
    figures_.store_bytes = co_await async::run(&dependencies_.workers, measure);
    figures_.index_waiting = co_await emails_waiting();
}

async::Awaitable<> SlowFigures::run() {
    for (;;) {
        const Instant begin = dependencies_.timers.instant();
        co_await look();
        const Duration taken = dependencies_.timers.instant() - begin;
        co_await async::sleep(&dependencies_.timers, std::max<Duration>(kFiguresInterval, taken * kRestAfterLook));
    }
}

} // namespace tegami::app
