#include "index/indexer.h"

#include "async/turns.h"
#include "index/attachment_texts.h"
#include "index/email_reader.h"
#include "index/feed_listening.h"
#include "index/live_emails.h"
#include "store/engine/scan.h"

#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace tegami::index {

namespace {

using store::ErrorCode;
using store::StoreResult;

/// Accounts asked for at once.
constexpr std::size_t kAccountsAtOnce = 500;
/// Limit: a rest between two turns.
constexpr auto kRestMax = std::chrono::seconds(1);
/// How often it is looked whether somebody still brings many messages.
constexpr auto kBulkLookInterval = std::chrono::milliseconds(100);
/// Limit: emails of a turn when some cannot be read.
constexpr std::uint32_t kDamagedTurnEmailsMax = 8192;
/// Ids without an email that are looked at again each time.
constexpr std::uint64_t kEmptyIdsMax = 1024;

} // namespace

async::Awaitable<> Indexer::run() {
    store::AppendFeed& feed = dependencies_.store.appends();
    async::Timers& timers = dependencies_.timers;
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    const Listening listening(feed, executor);
    Instant tidied = timers.instant();
    std::set<store::AccountId> accounts = co_await all_accounts();
    for (;;) {
        co_await work_through(std::move(accounts), false);
        accounts = failed_;
        Instant deadline = tidied + kTidyInterval;
        if (!failed_.empty()) deadline = std::min(deadline, timers.instant() + kRetryPause);
        co_await feed.wait(&timers, deadline);
        if (timers.instant() >= tidied + kTidyInterval) {
            tidied = timers.instant();
            std::set<store::AccountId> all = co_await all_accounts();
            co_await work_through(std::move(all), true);
        }
        co_await async::sleep(&timers, kGatherTime);
        const store::AppendFeed::News news = feed.take();
        accounts.insert(news.accounts.begin(), news.accounts.end());
        if (news.lost) accounts = co_await all_accounts();
    }
}

async::Awaitable<std::set<store::AccountId>> Indexer::all_accounts() {
    std::set<store::AccountId> all;
    for (;;) {
        const auto some =
            co_await dependencies_.store.accounts(all.empty() ? store::AccountId() : *all.rbegin(), kAccountsAtOnce);
        if (!some) dependencies_.log.warning("accounts cannot be listed", {{"reason", some.error().detail}});
        if (!some || some->empty()) co_return all;
        all.insert(some->begin(), some->end());
    }
}

/// Takes the accounts in turns until all are up to date, or have failed.
async::Awaitable<> Indexer::work_through(std::set<store::AccountId> accounts, bool tidies) {
    std::deque<store::AccountId> line(accounts.begin(), accounts.end());
    while (!line.empty()) {
        co_await let_bulk_pass();
        const store::AccountId account = line.front();
        const Instant began = dependencies_.timers.instant();
        line.pop_front();
        failed_.erase(account);
        StoreResult<Progress> progress = Progress::done;
        if (tidies) {
            const StoreResult<> tidied = co_await tidy(account);
            if (!tidied) progress = failure(tidied.error());
        } else {
            progress = co_await turn(account);
        }
        if (progress && *progress == Progress::more) line.push_back(account);
        const bool up_to_date = progress && *progress == Progress::done && !tidies;
        if (up_to_date && dependencies_.attachments != nullptr) dependencies_.attachments->tell(account);
        if (!progress) {
            failed_.insert(account);
            dependencies_.log.warning(
                "the word index was not brought up to date; it is tried again",
                {{"account", std::to_string(account.value)}, {"reason", progress.error().detail}});
            const bool of_all =
                progress.error().code == ErrorCode::no_space || progress.error().code == ErrorCode::unavailable;
            if (of_all) {
                // The others would fare no better, and each would have a line in the log.
                failed_.insert(line.begin(), line.end());
                co_return;
            }
        }
        // Whoever receives and reads mail goes first: it rests as long as it has worked.
        const Duration rest = std::min<Duration>(dependencies_.timers.instant() - began, kRestMax);
        co_await async::sleep(&dependencies_.timers, rest);
    }
}

async::Awaitable<> Indexer::let_bulk_pass() {
    async::Timers& timers = dependencies_.timers;
    const Instant deadline = timers.instant() + kBulkWaitMax;
    while (dependencies_.store.appends().bulk_under_way() && timers.instant() < deadline)
        co_await async::sleep(&timers, kBulkLookInterval);
}

/// Nobody else writes indexes as long as it is held.
async::Awaitable<async::Mutex::Lock> Indexer::lock() {
    if (dependencies_.attachments == nullptr) co_return async::Mutex::Lock();
    co_return co_await dependencies_.attachments->writing().lock();
}

async::Awaitable<StoreResult<>> Indexer::catch_up(store::AccountId account) {
    for (;;) {
        CO_TRY(const Progress progress, co_await turn(account));
        if (progress == Progress::done) co_return StoreResult<>{};
    }
}

async::Awaitable<StoreResult<Indexer::Progress>> Indexer::turn(store::AccountId id) {
    StoreResult<store::AccountPtr> account = co_await dependencies_.store.account(id);
    // One that is removed, or kept hidden for the case that it comes back, has no searches.
    if (!account && account.error().code == ErrorCode::not_found) co_return Progress::done;
    CO_TRY_VOID(account);
    const StoreResult<Progress> looked = co_await look(*account);
    if (looked) co_return looked;
    switch (looked.error().code) {
    case ErrorCode::not_found: co_return Progress::done;
    case ErrorCode::damaged: {
        dependencies_.log.warning("a word index is damaged and is made anew",
                                  {{"account", std::to_string(id.value)}, {"reason", looked.error().detail}});
        CO_TRY_VOID(co_await forget_index(&dependencies_.store.engine(), id));
        co_return Progress::more;
    }
    case ErrorCode::conflict: co_return Progress::more; // forgotten by a search, or the account is being removed
    default: co_return looked;
    }
}

async::Awaitable<StoreResult<Indexer::Progress>> Indexer::look(store::AccountPtr account) {
    store::Engine* const engine = &dependencies_.store.engine();
    const async::Mutex::Lock writing = co_await lock();
    CO_TRY(CurrentIndex current, co_await read_index(engine, account->id()));
    const store::EmailId from(current.state.messages.next_email);
    CO_TRY(store::EmailWalk walk, co_await account->walk_emails(from, kTurnEmailsMax));
    // An account that has gone back (an older disk was mounted) may give the same ids to other emails.
    const bool older = walk.version < current.state.account_version || walk.end < from;
    const bool anew = current.there && (!current.sound || older);
    IndexWriter writer(engine, &dependencies_.workers, account->id(), std::move(current));
    if (anew) {
        CO_TRY_VOID(co_await writer.reset());
        co_return Progress::more;
    }
    // Ids that no email has are passed over together with the next email, unless they are many.
    const bool news = !walk.emails.empty() || walk.damaged || walk.end.value - from.value > kEmptyIdsMax;
    if (news) {
        CO_TRY_VOID(co_await add(&writer, std::move(walk)));
        co_return Progress::more;
    }
    const std::size_t join = writer.to_join(Layer::messages);
    if (join == 0) co_return Progress::done;
    const std::vector<Segment>& segments = writer.state().messages.segments;
    const std::size_t first = segments.size() - join;
    const std::uint32_t begin = segments[first].first;
    const std::uint32_t end = segments.back().end;
    CO_TRY(EmailBits live, co_await live_emails(account, begin, end));
    CO_TRY_VOID(co_await writer.join(Layer::messages, first, join, std::move(live)));
    co_return Progress::more;
}

async::Awaitable<StoreResult<>> Indexer::add(IndexWriter* writer, store::EmailWalk walk) {
    const std::uint32_t from = writer->state().messages.next_email;
    const bool all_known = !walk.damaged;
    SegmentBuilder builder;
    IndexWriter::NewEmails emails{.builder = &builder,
                                  .segment = {},
                                  .next_email = static_cast<std::uint32_t>(walk.end.value),
                                  .account_version = walk.version};
    if (walk.emails.empty() && all_known) co_return co_await writer->add(Layer::messages, emails);
    EmailReader reader(&dependencies_.store, &dependencies_.workers, &builder);
    Segment& segment = emails.segment;
    segment.first = all_known ? static_cast<std::uint32_t>(walk.emails.front().id.value) : from;
    segment.end = segment.first;
    const std::uint32_t span_max =
        all_known ? writer->emails_max() : std::min(writer->emails_max(), kDamagedTurnEmailsMax);
    const std::uint64_t end_max = std::min<std::uint64_t>(walk.end.value, std::uint64_t{segment.first} + span_max);
    auto email = walk.emails.begin();
    while (segment.end < end_max && builder.memory_bytes() < kTurnMemoryMax) {
        if (all_known && email == walk.emails.end()) break;
        const bool here = email != walk.emails.end() && email->id.value == segment.end;
        if (here) {
            CO_TRY_VOID(co_await reader.add(segment.end - segment.first, email->blob));
            ++email;
            ++segment.emails;
        } else if (!all_known) {
            // Whether it is there at all is not known.
            reader.add_unreadable(segment.end - segment.first);
            ++segment.emails;
        }
        ++segment.end;
    }
    co_await reader.flush();
    const bool all_done = all_known && email == walk.emails.end();
    if (!all_done) emails.next_email = segment.end;
    co_return co_await writer->add(Layer::messages, emails);
}

async::Awaitable<StoreResult<>> Indexer::tidy(store::AccountId id) {
    StoreResult<store::AccountPtr> account = co_await dependencies_.store.account(id);
    if (!account && account.error().code == ErrorCode::not_found) co_return StoreResult<>{};
    CO_TRY_VOID(account);
    store::Engine* const engine = &dependencies_.store.engine();
    const async::Mutex::Lock writing = co_await lock();
    CO_TRY(CurrentIndex current, co_await read_index(engine, id));
    if (!current.there || !current.sound) co_return StoreResult<>{};
    IndexWriter writer(engine, &dependencies_.workers, id, std::move(current));
    for (const Layer layer : kLayers)
        CO_TRY_VOID(co_await tidy_layer(*account, &writer, layer));
    co_return co_await tidy_texts(*account, &writer);
}

async::Awaitable<StoreResult<>> Indexer::tidy_layer(store::AccountPtr account, IndexWriter* writer, Layer layer) {
    for (std::size_t at = writer->state().of(layer).segments.size(); at > 0; --at) {
        const Segment segment = writer->state().of(layer).segments[at - 1];
        CO_TRY(EmailBits live, co_await live_emails(account, segment.first, segment.end));
        if (live.count() + segment.emails / 8 >= segment.emails) continue;
        CO_TRY_VOID(co_await writer->join(layer, at - 1, 1, std::move(live)));
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> Indexer::tidy_texts(store::AccountPtr account, IndexWriter* writer) {
    constexpr std::uint32_t kBehindAll = std::numeric_limits<std::uint32_t>::max();
    store::Range all = attachment_texts({.first = 0, .end = kBehindAll});
    all.rows_max = 1;
    store::Scan scan(&dependencies_.store.engine(), index_domain(account->id()), std::move(all));
    std::vector<store::Range> gone;
    while (scan.more()) {
        CO_TRY(const store::Page page, co_await scan.next());
        if (page.rows.empty()) break;
        const store::EmailId email = email_of_text(page.rows.front().key);
        const auto number = static_cast<std::uint32_t>(email.value);
        store::Range texts = attachment_texts({.first = number, .end = number + 1});
        if (scan.more()) scan.skip_to(texts.end);
        std::vector<store::EmailId> ids{email};
        CO_TRY(const auto found, co_await account->emails(std::move(ids)));
        const bool is_gone = !found.front() && found.front().error().code == ErrorCode::not_found;
        if (is_gone) gone.push_back(std::move(texts));
        co_await async::give_way();
    }
    co_return co_await writer->delete_rows(std::move(gone));
}

async::Awaitable<StoreResult<IndexStatus>> index_status(store::Engine* engine, store::AccountPtr account) {
    CO_TRY(const CurrentIndex current, co_await read_index(engine, account->id()));
    constexpr store::EmailId kBehindAll(std::numeric_limits<std::uint32_t>::max());
    CO_TRY(const store::EmailWalk walk, co_await account->walk_emails(kBehindAll, 0));
    IndexStatus status{.attachments_waiting = {},
                       .segments = current.state.messages.segments.size() + current.state.attachments.segments.size(),
                       .bytes = current.state.bytes(),
                       .sound = current.sound};
    for (const Segment& segment : current.state.messages.segments)
        status.emails += segment.emails;
    const auto behind = [&walk](const LayerState& layer) {
        const std::uint64_t mark = std::max<std::uint64_t>(1, layer.next_email); // the first email is number 1
        return walk.end.value - std::min(walk.end.value, mark);
    };
    status.waiting = behind(current.state.messages);
    if (current.state.formats != 0) {
        // A few are looked at again rather than noted.
        const std::uint64_t waiting = behind(current.state.attachments);
        status.attachments_waiting = waiting < kPassedOverMax ? 0 : waiting;
    }
    co_return status;
}

} // namespace tegami::index
