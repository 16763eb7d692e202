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
/// So many octets are searched, unpacked or checked in the time that one is decoded.
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
    for (const Dictionary dictionary : kDictionaries) {
        if ((fields_of(dictionary) & search.fields) == 0) continue;
        CO_TRY_VOID(co_await find_in(dictionary, &search));
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> SegmentReader::find_in(Dictionary dictionary, const Search* search) {
    const Volume volume{segment_.id, dictionary};
    const store::Range all = term_pages(volume);
    store::Range last{.begin = all.begin, // the key of the first page
                      .end = term_page_key(volume, search->piece.text) + '\0',
                      .rows_max = 1,
                      .reverse = true};
    CO_TRY(const store::Page page, co_await engine_->scan(domain_, std::move(last)));
    if (page.rows.empty()) co_return failure(page_damage());
    const store::Row& first = page.rows.front();
    std::string next_term(first_term_of(first.key));
    CO_TRY(bool more, co_await look_at_page(dictionary, &first, search, &next_term));
    store::Scan scan(engine_, domain_, {.begin = first.key + '\0', .end = all.end, .rows_max = kPagesPerScan});
    while (more && scan.more()) {
        CO_TRY(const store::Page pages, co_await scan.next());
        for (std::size_t at = 0; more && at < pages.rows.size(); ++at) {
            CO_TRY(more, co_await look_at_page(dictionary, &pages.rows[at], search, &next_term));
        }
    }
    if (more) co_return failure(page_damage()); // there should be another page
    co_return StoreResult<>{};
}

/// True if the next page may have something that fits, too; the piece is whole or prefix, `next_term` the first term of
/// this page and then of the next.
async::Awaitable<StoreResult<bool>> SegmentReader::look_at_page(Dictionary dictionary, const store::Row* row,
                                                                const Search* search, std::string* next_term) {
    const auto terms = TermPage::decode(row->key, row->value);
    if (!terms || *next_term != first_term_of(row->key)) co_return failure(page_damage());
    if (note_work(terms->bytes() / kCheapFactor)) {
        co_await give_way();
    }
    std::vector<TermPage::Hit> hits = terms->find(search->piece);
    if (!hits.empty()) {
        CO_TRY_VOID(co_await pass_hits(dictionary, *next_term, &*terms, std::move(hits), search));
    }
    *next_term = terms->next_term();
    co_return !ends_before(*terms, search->piece);
}

/// Passes terms of the page with this first term on.
async::Awaitable<StoreResult<>> SegmentReader::pass_hits(Dictionary dictionary, std::string first_term,
                                                         const TermPage* terms, std::vector<TermPage::Hit> hits,
                                                         const Search* search) {
    std::vector<TermPage::Hit> wanted;
    for (const TermPage::Hit& hit : hits) {
        if (search->sink->wants(hit.term)) wanted.push_back(hit);
        if (note_work(search->sink->work_per_term())) {
            co_await give_way();
        }
    }
    if (wanted.empty()) co_return StoreResult<>{};
    const auto places = terms->places(wanted);
    if (!places) co_return failure(page_damage());
    CO_TRY_VOID(co_await read_postings_page(postings_page_key({segment_.id, dictionary}, first_term)));
    for (std::size_t at = 0; at < wanted.size(); ++at) {
        const auto octets = (*places)[at].in(postings_);
        if (!octets) co_return failure(page_damage());
        const EncodedPostings postings{.dictionary = dictionary, .octets = *octets};
        if (!search->sink->take(wanted[at].term, postings)) co_return failure(page_damage());
        if (note_work(octets->size())) {
            co_await give_way();
        }
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> SegmentReader::read_postings_page(std::string key) {
    if (key == postings_key_) co_return StoreResult<>{};
    postings_key_.clear();
    CO_TRY(std::optional<std::string> value, co_await engine_->get(domain_, key));
    if (!value) co_return failure(page_damage());
    postings_page_ = *std::move(value);
    const auto lists = decode_postings_page(key, postings_page_);
    if (!lists) co_return failure(page_damage());
    postings_ = *lists;
    postings_key_ = std::move(key);
    if (note_work(postings_page_.size() / kCheapFactor)) {
        co_await give_way();
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> SegmentReader::look_at_all(const std::vector<Search>* searches) {
    for (const Dictionary dictionary : kDictionaries) {
        std::vector<Search> here;
        for (const Search& search : *searches)
            if ((fields_of(dictionary) & search.fields) != 0) here.push_back(search);
        if (here.empty()) continue;
        CO_TRY_VOID(co_await look_at_all_of(dictionary, std::move(here)));
    }
    co_return StoreResult<>{};
}

async::Awaitable<StoreResult<>> SegmentReader::look_at_all_of(Dictionary dictionary, std::vector<Search> searches) {
    store::Range range = term_pages({segment_.id, dictionary});
    range.rows_max = kPagesPerScan;
    store::Scan scan(engine_, domain_, std::move(range));
    std::string next_term;
    bool more = true;
    while (scan.more()) {
        CO_TRY(const store::Page page, co_await scan.next());
        for (const store::Row& row : page.rows) {
            const auto terms = TermPage::decode(row.key, row.value);
            if (!terms || !more || next_term != first_term_of(row.key)) co_return failure(page_damage());
            for (const Search& search : searches) {
                if (note_work(terms->bytes() / kCheapFactor)) {
                    co_await give_way();
                }
                std::vector<TermPage::Hit> hits = terms->find(search.piece);
                if (!hits.empty()) {
                    CO_TRY_VOID(co_await pass_hits(dictionary, next_term, &*terms, std::move(hits), &search));
                }
            }
            next_term = terms->next_term();
            more = !next_term.empty();
        }
    }
    if (more) co_return failure(page_damage()); // there should be another page
    co_return StoreResult<>{};
}

} // namespace tegami::index
