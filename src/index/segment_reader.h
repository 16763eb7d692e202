// Reads the pages of one segment for who looks for terms in it. Work is cut into turns.
#pragma once

#include "async/awaitable.h"
#include "index/state.h"
#include "index/terms.h"
#include "store/engine/engine.h"

#include <string>
#include <string_view>
#include <vector>

namespace tegami::index {

/// Takes the terms that fit.
class HitSink {
public:
    virtual ~HitSink() = default;

    /// True if its postings are wanted.
    virtual bool wants(std::string_view) { return true; }

    /// What saying so costs, in octets of postings decoded.
    virtual std::size_t work_per_term() const { return 16; }

    /// Its postings; good for the call. False if they are none of this segment's.
    virtual bool take(std::string_view term, const EncodedPostings& postings) = 0;
};

class SegmentReader {
public:
    /// The engine outlives it.
    SegmentReader(store::Engine* engine, store::AccountId account) : engine_(engine), domain_(index_domain(account)) {}

    /// From now on it reads this one.
    void open(const Segment& segment) { segment_ = segment; }

    const Segment& segment() const { return segment_; }

    /// What is looked for, in which fields.
    struct Search {
        Piece piece;
        FieldMask fields = 0;
        HitSink* sink = nullptr; ///< outlives the call
    };

    /// The terms that the piece is, or that begin with it. Errors: damaged; those of the engine.
    async::Awaitable<store::StoreResult<>> find(Search search);
    /// Looks at every term. Errors: as above.
    async::Awaitable<store::StoreResult<>> look_at_all(const std::vector<Search>* searches);
    /// Notes work, in octets of postings decoded. True: the turn was long, and is to end.
    bool note_work(std::size_t bytes);
    /// Ends the turn.
    async::Awaitable<> give_way();

private:
    async::Awaitable<store::StoreResult<>> find_in(Dictionary dictionary, const Search* search);
    async::Awaitable<store::StoreResult<>> look_at_all_of(Dictionary dictionary, std::vector<Search> searches);
    async::Awaitable<store::StoreResult<bool>> look_at_page(Dictionary dictionary, const store::Row* row,
                                                            const Search* search, std::string* next_term);
    async::Awaitable<store::StoreResult<>> pass_hits(Dictionary dictionary, std::string first_term,
                                                     const TermPage* terms, std::vector<TermPage::Hit> hits,
                                                     const Search* search);
    async::Awaitable<store::StoreResult<>> read_postings_page(std::string key);

    store::Engine* const engine_;
    const store::Domain domain_;
    Segment segment_;
    std::string postings_key_; ///< of the page that was read last
    std::string postings_page_;
    std::string_view postings_; ///< in it
    std::size_t work_ = 0;      ///< octets since others had their turn
};

/// What a segment whose pages cannot be read ends with.
store::Error page_damage();

} // namespace tegami::index
