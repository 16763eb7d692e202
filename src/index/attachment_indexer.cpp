#include "index/attachment_indexer.h"

#include "index/attachment_texts.h"
#include "index/email_words.h"
#include "index/feed_listening.h"
#include "index/live_emails.h"
#include "message/card.h"
#include "message/utf8.h"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <chrono>
#include <deque>

namespace tegami::index {

namespace {

using store::ErrorCode;
using store::StoreResult;

constexpr std::size_t kAccountsTold = 500;
/// Octets of an attachment, encoded, that go to the helper at once.
constexpr std::uint64_t kAttachmentPieceBytes = 8 * store::kReadPieceBytes;
constexpr auto kAttachmentRestMax = std::chrono::seconds(1);
constexpr auto kAttachmentRetryPause = std::chrono::minutes(1);
constexpr auto kNoPause = std::chrono::hours(24);
/// So many helpers may end over one attachment; then it has no text.
constexpr int kHelpersPerAttachment = 2;
/// Ids without an email that are looked at again each time.
constexpr std::uint64_t kPassedIdsMax = 1024;

/// As a search reads it: what an extractor says may be no UTF-8, and its lines are those of the page.
std::string readable(std::string_view text) {
    std::string joined;
    message::LineJoiner joiner;
    joiner.feed(message::repair_utf8(text), joined);
    joiner.finish(joined);
    return joined;
}

} // namespace

struct AttachmentIndexer::Gathered {
    SegmentBuilder builder;
    std::uint32_t first = 0;  ///< the email that has the number 0 in the builder; 0: none has
    std::uint32_t end = 0;    ///< behind the last that is there
    std::uint32_t emails = 0; ///< from the first on
    std::vector<store::Put> texts;
    std::size_t text_bytes = 0;
    std::size_t attachments = 0;
    std::uint32_t next_email = 0; ///< how far it has come
    store::Version version;       ///< of the account

    bool full() const {
        return attachments >= kTurnAttachmentsMax || text_bytes >= kTurnTextBytesMax ||
               builder.memory_bytes() >= kTurnWordsMemoryMax;
    }
};

async::Awaitable<> AttachmentIndexer::run() {
    async::Timers& timers = dependencies_.timers;
    const async::Executor executor = co_await boost::asio::this_coro::executor;
    const Listening listening(feed_, executor);
    std::set<store::AccountId> accounts;
    while (!gone_) {
        co_await work_through(std::move(accounts));
        accounts = failed_;
        const Duration pause = failed_.empty() ? Duration(kNoPause) : Duration(kAttachmentRetryPause);
        co_await feed_.wait(&timers, timers.instant() + pause);
        store::AppendFeed::News news = feed_.take();
        accounts.insert(news.accounts.begin(), news.accounts.end());
        while (news.lost) {
            const auto some = co_await dependencies_.store.accounts(
                accounts.empty() ? store::AccountId() : *accounts.rbegin(), kAccountsTold);
            if (!some || some->empty()) break;
            accounts.insert(some->begin(), some->end());
        }
    }
    if (!stopping_) dependencies_.log.warning("attachments are not read any more until the server is started again");
    for (;;)
        co_await async::sleep(&timers, kNoPause);
}

/// Takes the accounts in turns until all are up to date, or have failed.
async::Awaitable<> AttachmentIndexer::work_through(std::set<store::AccountId> accounts) {
    std::deque<store::AccountId> line(accounts.begin(), accounts.end());
    while (!line.empty() && !gone_) {
        const store::AccountId account = line.front();
        const Instant began = dependencies_.timers.instant();
        line.pop_front();
        failed_.erase(account);
        const StoreResult<Progress> progress = co_await turn(account);
        if (progress && *progress == Progress::more) line.push_back(account);
        if (!progress) {
            failed_.insert(account);
            dependencies_.log.warning(
                "attachments were not read; it is tried again",
                {{"account", std::to_string(account.value)}, {"reason", progress.error().detail}});
        }
        // Who has told it meanwhile has its turn, too, before an account with many attachments is done.
        for (const store::AccountId told : feed_.take().accounts)
            if (std::ranges::find(line, told) == line.end()) line.push_back(told);
        const Duration rest = std::min<Duration>(dependencies_.timers.instant() - began, kAttachmentRestMax);
        co_await async::sleep(&dependencies_.timers, rest);
    }
}

async::Awaitable<StoreResult<>> AttachmentIndexer::catch_up(store::AccountId account) {
    for (;;) {
        CO_TRY(const Progress progress, co_await turn(account));
        if (progress == Progress::done) co_return StoreResult<>{};
    }
}

async::Awaitable<StoreResult<AttachmentIndexer::Progress>> AttachmentIndexer::turn(store::AccountId id) {
    StoreResult<store::AccountPtr> account = co_await dependencies_.store.account(id);
    if (!account && account.error().code == ErrorCode::not_found) co_return Progress::done;
    CO_TRY_VOID(account);
    const StoreResult<Progress> looked = co_await look(*account);
    if (looked) co_return looked;
    switch (looked.error().code) {
    case ErrorCode::not_found: co_return Progress::done;
    case ErrorCode::conflict: co_return Progress::done; // forgotten meanwhile; the Indexer tells when it is there again
    case ErrorCode::damaged: {
        CO_TRY_VOID(co_await forget_index(&dependencies_.store.engine(), id));
        dependencies_.store.appends().tell(id);
        co_return Progress::done;
    }
    default: co_return looked;
    }
}

async::Awaitable<StoreResult<AttachmentIndexer::Progress>> AttachmentIndexer::look(store::AccountPtr account) {
    store::Engine* const engine = &dependencies_.store.engine();
    CO_TRY(const CurrentIndex current, co_await read_index(engine, account->id()));
    if (!current.there || !current.sound) co_return Progress::done; // the Indexer sees to it first
    const std::uint32_t from = current.state.attachments.next_email;
    const auto more_formats = dependencies_.helper.formats() & ~current.state.formats;
    if (from > 0 && more_formats != 0) {
        CO_TRY_VOID(co_await forget_index(engine, account->id()));
        dependencies_.store.appends().tell(account->id());
        co_return Progress::done;
    }
    CO_TRY(const store::EmailWalk walk, co_await account->walk_emails(store::EmailId(from), kAttachmentTurnEmailsMax));
    Gathered gathered;
    gathered.next_email = from;
    gathered.version = walk.version;
    CO_TRY_VOID(co_await gather(account, &walk, &gathered));
    if (gone_) co_return Progress::done;
    const bool is_first = current.state.formats == 0;
    const bool passed_many = walk.emails.size() >= kPassedOverMax || walk.end.value - from > kPassedIdsMax;
    if (!gathered.texts.empty() || passed_many || is_first) co_return co_await write(account, from, &gathered);
    co_return co_await join(std::move(account));
}

/// Reads the attachments of the emails, one after the other, as far as a turn goes.
async::Awaitable<StoreResult<>> AttachmentIndexer::gather(store::AccountPtr account, const store::EmailWalk* walk,
                                                          Gathered* gathered) {
    std::vector<store::EmailId> ids;
    for (const store::EmailRow& email : walk->emails)
        ids.push_back(email.id);
    CO_TRY(const store::Cards cards, co_await account->cards(std::move(ids)));
    const store::Limits limits = dependencies_.store.engine().limits();
    const std::uint32_t span_max = page_sizes(limits).emails_max;
    for (std::size_t at = 0; at < walk->emails.size(); ++at) {
        const store::EmailRow& email = walk->emails[at];
        const auto id = static_cast<std::uint32_t>(email.id.value);
        const bool spans_too_much = gathered->first > 0 && id - gathered->first >= span_max;
        if (gathered->full() || spans_too_much) co_return StoreResult<>{};
        std::vector<Attachment> attachments;
        if (cards.each[at]) {
            const auto card = message::decode_card(*cards.each[at]);
            if (card) attachments = attachments_of(card->root, dependencies_.helper.formats());
        }
        std::vector<std::string> texts;
        for (const Attachment& attachment : attachments) {
            std::string text = co_await read_attachment(email.blob.id, attachment);
            if (gone_) co_return StoreResult<>{};
            ++gathered->attachments;
            if (!text.empty()) texts.push_back(std::move(text));
        }
        if (!texts.empty()) {
            if (gathered->first == 0) gathered->first = id;
            co_await add_words(gathered, id - gathered->first, &texts);
            for (store::Put& row : attachment_text_rows(email.id, texts, limits)) {
                gathered->text_bytes += row.value.size();
                gathered->texts.push_back(std::move(row));
            }
        }
        if (gathered->first > 0) {
            ++gathered->emails;
            gathered->end = id + 1;
        }
        gathered->next_email = id + 1;
    }
    gathered->next_email = static_cast<std::uint32_t>(walk->end.value);
    co_return StoreResult<>{};
}

/// Its text; empty if it has none, cannot be read, or the helper is gone for good.
async::Awaitable<std::string> AttachmentIndexer::read_attachment(store::BlobId blob, Attachment attachment) {
    for (int attempt = 0; attempt < kHelpersPerAttachment && !stopping_; ++attempt) {
        auto text = co_await try_attachment(blob, attachment);
        if (text) co_return *std::move(text);
        gone_ = text.error() == extraction::HelperEnd::gone;
        if (gone_) co_return std::string();
        dependencies_.log.warning("the process that reads attachments has ended; there is another one");
    }
    gone_ = stopping_;
    co_return std::string();
}

async::Awaitable<Result<std::string, extraction::HelperEnd>> AttachmentIndexer::try_attachment(store::BlobId blob,
                                                                                               Attachment attachment) {
    extraction::Helper* const helper = &dependencies_.helper;
    message::TransferDecoder decoder(attachment.encoding);
    bool begun = false;
    for (std::uint64_t offset = 0; offset < attachment.length;) {
        const std::uint64_t size = std::min(kAttachmentPieceBytes, attachment.length - offset);
        const StoreResult<std::string> octets =
            co_await dependencies_.store.read_blob(blob, attachment.offset + offset, size);
        if (!octets || octets->empty()) co_return std::string();
        offset += octets->size();
        const auto pass_on = [&] {
            if (!std::exchange(begun, true)) helper->begin(attachment.format);
            std::string decoded;
            decoder.feed(*octets, decoded);
            helper->feed(decoded);
        };
        co_await async::run(&dependencies_.waiting, pass_on);
    }
    const auto end = [&] {
        std::string rest;
        decoder.finish(rest);
        helper->feed(rest);
        auto text = helper->finish();
        if (text) *text = readable(*text);
        return text;
    };
    co_return co_await async::run(&dependencies_.waiting, end);
}

async::Awaitable<> AttachmentIndexer::add_words(Gathered* gathered, std::uint32_t number,
                                                const std::vector<std::string>* texts) {
    const auto add = [gathered, number, texts] {
        gathered->builder.begin_email(number);
        add_attachment_words(*texts, &gathered->builder);
    };
    co_await async::run(&dependencies_.workers, add);
}

async::Awaitable<StoreResult<AttachmentIndexer::Progress>>
AttachmentIndexer::write(store::AccountPtr account, std::uint32_t from, Gathered* gathered) {
    store::Engine* const engine = &dependencies_.store.engine();
    const async::Mutex::Lock lock = co_await writing_.lock();
    CO_TRY(CurrentIndex current, co_await read_index(engine, account->id()));
    const bool same = current.sound && current.state.attachments.next_email == from;
    if (!same) co_return Progress::more; // begun anew meanwhile
    IndexWriter writer(engine, &dependencies_.workers, account->id(), std::move(current));
    IndexWriter::NewEmails emails{.builder = &gathered->builder,
                                  .segment = {},
                                  .next_email = gathered->next_email,
                                  .account_version = gathered->version};
    emails.segment.first = gathered->first;
    emails.segment.end = gathered->end;
    emails.segment.emails = gathered->emails;
    CO_TRY_VOID(co_await writer.add_attachments(emails, std::move(gathered->texts), dependencies_.helper.formats()));
    co_return Progress::more;
}

async::Awaitable<StoreResult<AttachmentIndexer::Progress>> AttachmentIndexer::join(store::AccountPtr account) {
    store::Engine* const engine = &dependencies_.store.engine();
    const async::Mutex::Lock lock = co_await writing_.lock();
    CO_TRY(CurrentIndex current, co_await read_index(engine, account->id()));
    if (!current.sound) co_return Progress::done;
    IndexWriter writer(engine, &dependencies_.workers, account->id(), std::move(current));
    const std::size_t count = writer.to_join(Layer::attachments);
    if (count == 0) co_return Progress::done;
    const std::vector<Segment>& segments = writer.state().attachments.segments;
    const std::size_t first = segments.size() - count;
    const std::uint32_t begin = segments[first].first;
    const std::uint32_t end = segments.back().end;
    CO_TRY(EmailBits live, co_await live_emails(std::move(account), begin, end));
    CO_TRY_VOID(co_await writer.join(Layer::attachments, first, count, std::move(live)));
    co_return Progress::more;
}

} // namespace tegami::index
