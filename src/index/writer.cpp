#include "index/writer.h"

#include "index/attachment_texts.h"
#include "store/engine/scan.h"

#include <algorithm>
#include <array>

namespace tegami::index {

namespace {

using store::Error;
using store::ErrorCode;
using store::StoreResult;

/// Pages of each kind read at once from each segment that is joined.
constexpr std::size_t kPagesAtOnce = 4;
/// Terms merged by a worker before it sees to others.
constexpr std::size_t kMergeTerms = 20'000;
/// Segments of more pages are deleted as a range, others page by page, which leaves less behind in the engine.
constexpr std::size_t kPagesDeletedSinglyMax = 256;
/// What the key of a page, twice for a range, takes at most.
constexpr std::size_t kOperationBytes = 2 * (kTermBytesMax + 8);

Error damage(std::string_view what) {
    return {ErrorCode::damaged, "the word index: " + std::string(what)};
}

/// Rows of one kind of page of a segment, in order.
class PageRows {
public:
    PageRows(store::Engine* engine, store::Domain domain, store::Range range)
        : scan_(engine, domain, limited(std::move(range))) {}

    /// So that next() has what there is.
    async::Awaitable<StoreResult<>> fill() {
        while (rows_.empty() && scan_.more()) {
            CO_TRY(store::Page page, co_await scan_.next());
            rows_ = std::move(page.rows);
            std::ranges::reverse(rows_);
        }
        co_return StoreResult<>{};
    }

    const store::Row* next() const { return rows_.empty() ? nullptr : &rows_.back(); }

    store::Row take() {
        store::Row row = std::move(rows_.back());
        rows_.pop_back();
        return row;
    }

private:
    static store::Range limited(store::Range range) {
        range.rows_max = kPagesAtOnce;
        return range;
    }

    store::Scan scan_;
    std::vector<store::Row> rows_; // the next one last
};

/// Reads the pages of a dictionary, those with the same first term together.
class VolumePages {
public:
    VolumePages(store::Engine* engine, store::Domain domain, Volume volume)
        : terms_(engine, domain, term_pages(volume)), postings_(engine, domain, postings_pages(volume)) {}

    struct Pages {
        store::Row terms;
        store::Row postings; ///< an empty key: there is none
    };

    /// Nothing after the last.
    async::Awaitable<StoreResult<std::optional<Pages>>> next() {
        CO_TRY_VOID(co_await terms_.fill());
        CO_TRY_VOID(co_await postings_.fill());
        std::optional<Pages> pages;
        if (terms_.next() == nullptr) {
            if (postings_.next()) co_return failure(damage("a page of terms is missing"));
            co_return pages;
        }
        pages.emplace(Pages{.terms = terms_.take(), .postings = {}});
        const std::string_view first = first_term_of(pages->terms.key);
        if (postings_.next() && first_term_of(postings_.next()->key) == first) pages->postings = postings_.take();
        co_return pages;
    }

private:
    PageRows terms_;
    PageRows postings_;
};

bool is_deleted_singly(const Segment& segment) {
    return segment.pages_with(kAllFields) <= kPagesDeletedSinglyMax;
}

} // namespace

async::Awaitable<StoreResult<CurrentIndex>> read_index(store::Engine* engine, store::AccountId account) {
    store::Range range{.begin = state_key(), .end = state_key() + '\0', .rows_max = 1};
    const auto page = co_await engine->scan(index_domain(account), std::move(range));
    CurrentIndex current{.state = {.terms_version = terms_version()}};
    if (!page && page.error().code != ErrorCode::damaged) co_return failure(page.error());
    if (!page) {
        // Which version the domain is at, another row or none tells.
        CO_TRY(const store::Page other, co_await engine->scan(index_domain(account), {.begin = "~", .end = "~"}));
        current.version = other.version;
        current.there = true;
        current.sound = false;
        co_return current;
    }
    current.version = page->version;
    if (page->rows.empty()) co_return current;
    current.there = true;
    const auto state = decode_state(page->rows.front().value);
    current.sound = state && state->terms_version == terms_version();
    if (current.sound) current.state = *state;
    co_return current;
}

async::Awaitable<StoreResult<>> forget_index(store::Engine* engine, store::AccountId account) {
    CO_TRY(const CurrentIndex current, co_await read_index(engine, account));
    if (!current.there) co_return StoreResult<>{};
    store::Batch batch{
        .domain = index_domain(account), .expected = {}, .assertions = {}, .operations = {store::DeleteRange{"", ""}}};
    CO_TRY_VOID(co_await engine->commit(std::move(batch)));
    co_return StoreResult<>{};
}

IndexWriter::IndexWriter(store::Engine* engine, async::WorkerPool* workers, store::AccountId account,
                         CurrentIndex current)
    : engine_(engine), workers_(workers), domain_(index_domain(account)), sizes_(page_sizes(engine->limits())),
      current_(std::move(current)) {}

async::Awaitable<StoreResult<>> IndexWriter::commit() {
    if (waiting_.empty()) co_return StoreResult<>{};
    store::Batch batch{
        .domain = domain_, .expected = current_.version, .assertions = {}, .operations = std::exchange(waiting_, {})};
    waiting_bytes_ = 0;
    CO_TRY(current_.version, co_await engine_->commit(std::move(batch)));
    co_return StoreResult<>{};
}

/// Adds it to the next commit, before which others are made as the engine's limits ask for.
async::Awaitable<StoreResult<>> IndexWriter::write(store::Operation operation, std::size_t bytes) {
    const store::Limits limits = engine_->limits();
    const bool full =
        waiting_bytes_ + bytes > limits.batch_bytes_max || waiting_.size() + 1 > limits.batch_operations_max;
    if (full) {
        CO_TRY_VOID(co_await commit());
    }
    waiting_bytes_ += bytes;
    waiting_.push_back(std::move(operation));
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> IndexWriter::put(std::vector<store::Put> pages) {
    for (store::Put& page : pages) {
        const std::size_t bytes = page.key.size() + page.value.size();
        store::Operation operation = std::move(page);
        CO_TRY_VOID(co_await write(std::move(operation), bytes));
    }
    co_return StoreResult<>{};
}

/// Makes room for the pages of the next segment.
async::Awaitable<StoreResult<>> IndexWriter::begin_segment() {
    const auto pages = pages_of(current_.state.next_segment);
    std::vector<store::Range> rows(pages.begin(), pages.end());
    co_return co_await make_room(std::move(rows));
}

/// Takes away what a crash left; if there is anything, there is some in the first of them.
async::Awaitable<StoreResult<>> IndexWriter::make_room(std::vector<store::Range> rows) {
    store::Range one = rows.front();
    one.rows_max = 1;
    const auto left = co_await engine_->scan(domain_, std::move(one));
    if (left && left->rows.empty()) co_return StoreResult<>{};
    if (!left && left.error().code != ErrorCode::damaged) co_return failure(left.error());
    co_return co_await delete_rows(std::move(rows));
}

async::Awaitable<StoreResult<>> IndexWriter::delete_rows(std::vector<store::Range> rows) {
    for (store::Range& range : rows) {
        store::Operation operation = store::DeleteRange{std::move(range.begin), std::move(range.end)};
        CO_TRY_VOID(co_await write(std::move(operation), kOperationBytes));
    }
    co_return co_await commit();
}

/// Writes what waits, then the record that makes it count, then `afterwards`: in one commit if that is not too large.
async::Awaitable<StoreResult<>> IndexWriter::finish(IndexState state, std::vector<store::Operation> afterwards) {
    std::vector<store::Put> record{{state_key(), encode_state(state)}};
    CO_TRY_VOID(co_await put(std::move(record)));
    for (store::Operation& operation : afterwards) {
        const std::size_t bytes = kOperationBytes;
        store::Operation moved = std::move(operation);
        CO_TRY_VOID(co_await write(std::move(moved), bytes));
    }
    CO_TRY_VOID(co_await commit());
    current_.state = std::move(state);
    current_.there = true;
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> IndexWriter::reset() {
    waiting_.clear();
    waiting_bytes_ = 0;
    IndexState empty{.terms_version = terms_version(), .next_segment = current_.state.next_segment};
    waiting_.emplace_back(store::DeleteRange{"", ""});
    co_return co_await finish(std::move(empty));
}

async::Awaitable<StoreResult<>> IndexWriter::add_attachments(NewEmails emails, std::vector<store::Put> texts,
                                                             extraction::Formats formats) {
    LayerState& layer = current_.state.attachments;
    std::vector<store::Range> rows{attachment_texts({.first = layer.next_email, .end = emails.next_email})};
    CO_TRY_VOID(co_await make_room(std::move(rows)));
    CO_TRY_VOID(co_await put(std::move(texts)));
    current_.state.formats = layer.next_email == 0 ? formats : current_.state.formats & formats;
    co_return co_await add(Layer::attachments, emails);
}

async::Awaitable<StoreResult<>> IndexWriter::add(Layer layer, NewEmails emails) {
    IndexState state = current_.state;
    SegmentBuilder* const builder = emails.builder;
    Segment segment = emails.segment;
    state.of(layer).next_email = emails.next_email;
    state.account_version = std::max(state.account_version, emails.account_version);
    if (segment.emails > 0) {
        CO_TRY_VOID(co_await begin_segment());
        segment.id = state.next_segment;
        PageWriter pages(segment.id, sizes_);
        const auto write = [builder, &pages] { builder->write(pages); };
        co_await async::run(workers_, write);
        segment.terms = pages.terms();
        if (segment.terms > 0) {
            CO_TRY_VOID(co_await put(pages.take()));
        }
        segment.pages = pages.pages();
        segment.bytes = pages.bytes();
        if (segment.terms > 0) state.of(layer).segments.push_back(segment);
        state.next_segment = state.next_segment.next();
    }
    co_return co_await finish(std::move(state));
}

async::Awaitable<StoreResult<>> IndexWriter::run_merge(Merge* merge, PageWriter* pages, std::vector<Segment> sources,
                                                       Dictionary dictionary, std::vector<std::string>* keys) {
    std::vector<VolumePages> readers;
    readers.reserve(sources.size());
    for (const Segment& source : sources)
        readers.emplace_back(engine_, domain_, Volume{source.id, dictionary});
    for (;;) {
        const std::optional<std::size_t> wanted = merge->wanted();
        bool sound = true;
        if (wanted) {
            CO_TRY(auto read, co_await readers[*wanted].next());
            if (read && is_deleted_singly(sources[*wanted]))
                for (const store::Row* const page : {&read->terms, &read->postings})
                    if (!page->key.empty()) keys->push_back(page->key);
            sound = read ? merge->feed(std::move(read->terms), std::move(read->postings)) : merge->end();
        } else if (merge->running()) {
            const auto step = [merge] { return merge->run(kMergeTerms); };
            sound = co_await async::run(workers_, step);
            CO_TRY_VOID(co_await put(pages->take()));
        } else {
            break;
        }
        if (!sound) co_return failure(damage("a page is damaged"));
    }
    pages->finish();
    co_return co_await put(pages->take());
}

async::Awaitable<StoreResult<>> IndexWriter::join(Layer layer, std::size_t first, std::size_t count, EmailBits live) {
    IndexState state = current_.state;
    std::vector<Segment>& segments = state.of(layer).segments;
    const auto begin = segments.begin() + static_cast<std::ptrdiff_t>(first);
    const std::vector<Segment> sources(begin, begin + static_cast<std::ptrdiff_t>(count));
    Segment joined{.id = state.next_segment, .first = sources.front().first, .end = sources.back().end};
    std::vector<MergeSource> parts;
    for (const Segment& source : sources)
        parts.push_back({.emails = source.span(), .offset = source.first - joined.first});
    joined.emails = static_cast<std::uint32_t>(live.count());
    CO_TRY_VOID(co_await begin_segment());
    PageWriter pages(joined.id, sizes_);
    std::vector<std::string> keys;
    for (const Dictionary dictionary : kDictionaries) {
        pages.begin(dictionary);
        Merge merge(dictionary, parts, &live, &pages);
        CO_TRY_VOID(co_await run_merge(&merge, &pages, sources, dictionary, &keys));
    }
    joined.terms = pages.terms();
    joined.pages = pages.pages();
    joined.bytes = pages.bytes();
    state.next_segment = state.next_segment.next();
    segments.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
    if (joined.terms > 0) segments.insert(segments.begin() + static_cast<std::ptrdiff_t>(first), joined);
    std::vector<store::Operation> old;
    for (std::string& key : keys)
        old.emplace_back(store::Delete{std::move(key)});
    if (joined.terms == 0)
        for (const store::Range& range : pages_of(joined.id))
            old.emplace_back(store::DeleteRange{range.begin, range.end});
    for (const Segment& source : sources) {
        if (is_deleted_singly(source)) continue;
        for (const store::Range& range : pages_of(source.id))
            old.emplace_back(store::DeleteRange{range.begin, range.end});
    }
    co_return co_await finish(std::move(state), std::move(old));
}

} // namespace tegami::index
