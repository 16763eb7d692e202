// Changes one account's index: adds a segment of new emails, joins segments, begins anew.
//
// 1. Pages of a segment are written before the record that names it, in batches that the engine takes; what a crash
//    leaves of a segment that no record names is taken away before its number is used.
// 2. Each commit expects the version that the one before made. Errors of all: those of the engine; conflict: somebody
//    else has written (the account is being removed): throw the writer away; damaged: the index is to be made anew.
#pragma once

#include "async/worker_pool.h"
#include "index/merge.h"
#include "index/segment_builder.h"
#include "index/state.h"
#include "store/engine/engine.h"

#include <optional>
#include <string>
#include <vector>

namespace tegami::index {

/// An account's index as it is now.
struct CurrentIndex {
    IndexState state;
    store::Version version; ///< of its domain
    bool there = false;     ///< it was begun
    bool sound = true;      ///< its record can be read, and is of our terms
};

async::Awaitable<store::StoreResult<CurrentIndex>> read_index(store::Engine* engine, store::AccountId account);

/// Forgets everything about the account's words; a server makes the index anew. Nothing is written if there is none.
async::Awaitable<store::StoreResult<>> forget_index(store::Engine* engine, store::AccountId account);

class IndexWriter {
public:
    /// `workers` compute. Both outlive it.
    IndexWriter(store::Engine* engine, async::WorkerPool* workers, store::AccountId account, CurrentIndex current);

    const IndexState& state() const { return current_.state; }

    /// The emails that one segment may span.
    std::uint32_t emails_max() const { return sizes_.emails_max; }

    /// Forgets everything and begins at the first email.
    async::Awaitable<store::StoreResult<>> reset();

    struct NewEmails {
        SegmentBuilder* builder = nullptr;
        Segment segment{};
        std::uint32_t next_email = 0;
        store::Version account_version;
    };

    /// Emails with ids in [first, end), of which the builder has `emails`, numbered from `first`. Afterwards the layer
    /// has come to `next_email`, which is not below `end`. Without emails there is no segment.
    async::Awaitable<store::StoreResult<>> add(Layer layer, NewEmails emails);

    /// The same for attachments of these formats, and the rows with their texts (attachment_texts.h).
    async::Awaitable<store::StoreResult<>> add_attachments(NewEmails emails, std::vector<store::Put> texts,
                                                           extraction::Formats formats);
    /// Deletes rows that no record names, such as texts of attachments.
    async::Awaitable<store::StoreResult<>> delete_rows(std::vector<store::Range> rows);

    /// How many segments at the end of the layer join() should make one.
    std::size_t to_join(Layer layer) const { return segments_to_join(current_.state.of(layer), sizes_.emails_max); }

    /// Makes one segment of `count` neighbours of a layer, the first of which is number `first`. `live` has a bit for each email of
    /// theirs that is still there, from the first on; the words of others go.
    async::Awaitable<store::StoreResult<>> join(Layer layer, std::size_t first, std::size_t count, EmailBits live);

private:
    async::Awaitable<store::StoreResult<>> begin_segment();
    async::Awaitable<store::StoreResult<>> make_room(std::vector<store::Range> rows);
    async::Awaitable<store::StoreResult<>> put(std::vector<store::Put> pages);
    async::Awaitable<store::StoreResult<>> write(store::Operation operation, std::size_t bytes);
    async::Awaitable<store::StoreResult<>> run_merge(Merge* merge, PageWriter* pages, std::vector<Segment> sources,
                                                     Dictionary dictionary, std::vector<std::string>* keys);
    async::Awaitable<store::StoreResult<>> finish(IndexState state, std::vector<store::Operation> afterwards = {});
    async::Awaitable<store::StoreResult<>> commit();

    store::Engine* const engine_;
    async::WorkerPool* const workers_;
    const store::Domain domain_;
    const PageSizes sizes_;
    CurrentIndex current_;
    std::vector<store::Operation> waiting_; ///< for the next commit
    std::size_t waiting_bytes_ = 0;
};

} // namespace tegami::index
