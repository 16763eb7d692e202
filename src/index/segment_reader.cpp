#include "index/segment_reader.h"

#include "async/turns.h"
#include "store/engine/scan.h"

#include <algorithm>
#include <utility>

namespace tegami::index {

namespace {

using store::ErrorCode;
using store::StoreResult;

/// Work before others get their turn, in octets of postings decoded: well below a millisecond.
constexpr std::size_t kTurnBytes = 32 * 1024;
/// So many octets are searched or checked in the time that one is decoded.
constexpr std::size_t kCheapFactor = 8;
/// Pages read at once when many of a segment are looked at.
constexpr std::size_t kPagesPerScan = 16;

/// True if the pages behind this one have nothing that fits; `piece` is whole or prefix.
bool ends_before(const TermPage& page, const Piece& piece) {
    const std::string_view next = page.next_term();
    if (next.empty()) return true;
    if (piece.fit == Piece::Fit::whole) return piece.text < next;
    return next > piece.text && !next.starts_with(piece.text);
}

} // namespace

store::Error page_damage() {
    return {ErrorCode::damaged, "a page of the word index is damaged or missing"};
}

bool SegmentReader::note_work(std::size_t bytes) {
    work_ += bytes;
    return work_ >= kTurnBytes;
}

async::Awaitable<> SegmentReader::give_way() {
    work_ = 0;
    co_await async::give_way();
}

async::Awaitable<StoreResult<>> SegmentReader::find(Search search) {
    const store::Range all = term_pages(segment_.id);
    store::Range last{.begin = all.begin, // the key of the first page
                      .end = term_page_key(segment_.id, search.piece.text) + '\0',
                      .rows_max = 1,
                      .reverse = true};
    CO_TRY(const store::Page page, co_await engine_->scan(domain_, std::move(last)));
    if (page.rows.empty()) co_return failure(page_damage());
    const store::Row& first = page.rows.front();
    std::string next_term(first_term_of(first.key));
    CO_TRY(bool more, co_await look_at_page(&first, &search, &next_term));
    store::Scan scan(engine_, domain_, {.begin = first.key + '\0', .end = all.end, .rows_max = kPagesPerScan});
    while (more && scan.more()) {
        CO_TRY(const store::Page pages, co_await scan.next());
        for (std::size_t at = 0; more && at < pages.rows.size(); ++at) {
            CO_TRY(more, co_await look_at_page(&pages.rows[at], &search, &next_term));
        }
    }
    if (more) co_return failure(page_damage()); // there should be another page
    co_return StoreResult<>{};
}

/// True if the next page may have something that fits, too; the piece is whole or prefix, `next_term` the first term of
/// this page and then of the next.
async::Awaitable<StoreResult<bool>> SegmentReader::look_at_page(const store::Row* row, const Search* search,
                                                                std::string* next_term) {
    const auto terms = TermPage::decode(row->key, row->value);
    if (!terms || *next_term != first_term_of(row->key)) co_return failure(page_damage());
    if (note_work(row->value.size() / kCheapFactor)) {
        co_await give_way();
    }
    std::vector<TermPage::Hit> hits = terms->find(search->piece);
    if (!hits.empty()) {
        CO_TRY_VOID(co_await pass_hits(row->key, &*terms, std::move(hits), search));
    }
    *next_term = terms->next_term();
    co_return !ends_before(*terms, search->piece);
}

/// Passes terms of the page with this key on.
async::Awaitable<StoreResult<>> SegmentReader::pass_hits(std::string terms_key, const TermPage* terms,
                                                         std::vector<TermPage::Hit> hits, const Search* search) {
    std::vector<TermPage::Hit> wanted;
    for (const TermPage::Hit& hit : hits) {
        if (search->sink->wants(hit.term)) wanted.push_back(hit);
        if (note_work(search->sink->work_per_term())) {
            co_await give_way();
        }
    }
    hits = std::move(wanted);
    const auto places = terms->places(hits);
    if (!places) co_return failure(page_damage());
    FieldMask had = 0;
    for (const PostingsPlace& place : *places)
        had |= place.fields & search->fields;
    if (had == 0) co_return StoreResult<>{};
    const std::string_view first = first_term_of(terms_key);
    std::string header_key = (had & kHeaderFields) != 0 ? header_page_key(segment_.id, first) : std::string();
    std::string body_key = (had & kBodyField) != 0 ? body_page_key(segment_.id, first) : std::string();
    CO_TRY_VOID(co_await read_postings_page(std::move(header_key), &header_));
    CO_TRY_VOID(co_await read_postings_page(std::move(body_key), &body_));
    for (std::size_t at = 0; at < hits.size(); ++at) {
        const auto octets = (*places)[at].in(header_.lists, body_.lists, search->fields);
        if (!octets || !search->sink->take(hits[at].term, *octets)) co_return failure(page_damage());
        if (note_work(octets->header.size() + octets->body.size())) {
            co_await give_way();
        }
    }
    co_return StoreResult<>{};
}

/// Without a key nothing is needed.
async::Awaitable<StoreResult<>> SegmentReader::read_postings_page(std::string key, PostingsPage* page) {
    if (key.empty() || key == page->key) co_return StoreResult<>{};
    page->key.clear();
    CO_TRY(std::optional<std::string> value, co_await engine_->get(domain_, key));
    if (!value) co_return failure(page_damage());
    page->value = *std::move(value);
    const auto lists = decode_postings_page(key, page->value);
    if (!lists) co_return failure(page_damage());
    page->lists = *lists;
    page->key = std::move(key);
    if (note_work(page->value.size() / kCheapFactor)) {
        co_await give_way();
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> SegmentReader::look_at_all(const std::vector<Search>* searches) {
    if (searches->empty()) co_return StoreResult<>{};
    store::Range range = term_pages(segment_.id);
    range.rows_max = kPagesPerScan;
    store::Scan scan(engine_, domain_, std::move(range));
    std::uint64_t pages = 0;
    while (scan.more()) {
        CO_TRY(const store::Page page, co_await scan.next());
        for (const store::Row& row : page.rows) {
            const auto terms = TermPage::decode(row.key, row.value);
            if (!terms) co_return failure(page_damage());
            for (const Search& search : *searches) {
                if (note_work(row.value.size() / kCheapFactor)) {
                    co_await give_way();
                }
                std::vector<TermPage::Hit> hits = terms->find(search.piece);
                if (!hits.empty()) {
                    CO_TRY_VOID(co_await pass_hits(row.key, &*terms, std::move(hits), &search));
                }
            }
            ++pages;
        }
    }
    if (pages != segment_.pages) co_return failure(page_damage());
    co_return StoreResult<>{};
}

} // namespace tegami::index
