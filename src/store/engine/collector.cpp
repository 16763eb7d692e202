#include "store/engine/collector.h"

#include <algorithm>

namespace tegami::store::rocks {

namespace {

constexpr std::size_t kCandidatesAtOnce = 256;
constexpr std::size_t kWalkAtOnce = 1024;
constexpr std::uint64_t kMoveBytesAtOnce = 4u << 20;

/// Whether any reference to the blob is left. Only the writing thread may rely on the answer.
StoreResult<bool> is_referenced(rocksdb::DB& db, BlobId blob) {
    const std::string prefix = reference_key(blob, "");
    const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator({}));
    at->Seek(prefix);
    if (!at->status().ok()) return failure(from_status(at->status(), "look for references"));
    return at->Valid() && at->key().starts_with(prefix);
}

} // namespace

Collector::Collector(Database& database, Segments& segments, CommitStage& commit_stage, BlobStage& blob_stage,
                     const Clock& clock, Log& log, CollectorOptions options)
    : database_(database), segments_(segments), commit_stage_(commit_stage), blob_stage_(blob_stage), clock_(clock),
      log_(log), options_(options), thread_([this] { run(); }) {}

Collector::~Collector() {
    stop();
}

void Collector::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    woken_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool Collector::is_stopping() {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

void Collector::run() {
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            if (woken_.wait_for(lock, options_.interval, [this] { return stopping_; })) return;
        }
        if (const auto done = collect(); !done)
            log_.warning("collecting the store's free space failed", {{"reason", done.error().detail}});
    }
}

StoreResult<Collected> Collector::collect() {
    const std::lock_guard lock(round_);
    Collected collected;
    TRY(collected.blobs, forget_blobs());
    for (const auto& [number, use] : commit_stage_.uses()) {
        if (is_stopping()) break;
        if (number == segments_.open_number() || damaged_.contains(number) || use.live * 2 >= use.end) continue;
        TRY(const bool emptied, empty_segment(number));
        collected.segments += emptied ? 1 : 0;
    }
    return collected;
}

StoreResult<std::size_t> Collector::forget_blobs() {
    const auto age = std::chrono::duration_cast<std::chrono::microseconds>(options_.unreferenced_for);
    const auto before = static_cast<std::uint64_t>((clock_.now().time_since_epoch() - age).count());
    const std::string end = prefix_end(std::string(1, kCandidatePrefix));
    const rocksdb::Slice upper(end);
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &upper;
    std::size_t forgotten = 0;
    std::string begin(1, kCandidatePrefix);
    while (!is_stopping()) {
        std::vector<BlobId> candidates;
        {
            const std::unique_ptr<rocksdb::Iterator> at(database_.rocks().NewIterator(options));
            for (at->Seek(begin); at->Valid() && candidates.size() < kCandidatesAtOnce; at->Next()) {
                begin = at->key().ToString() + '\0';
                const auto since = decode_number(at->value().ToStringView());
                const auto blob = blob_of_key(at->key().ToStringView());
                if (blob && (!since || *since <= before)) candidates.push_back(*blob);
            }
            if (!at->status().ok()) return failure(from_status(at->status(), "look for unreferenced blobs"));
        }
        if (candidates.empty()) break;
        TRY(const std::size_t count, forget(std::move(candidates), before));
        forgotten += count;
    }
    return forgotten;
}

StoreResult<std::size_t> Collector::forget(std::vector<BlobId> candidates, std::uint64_t before) {
    std::size_t forgotten = 0;
    const auto decide = [&](rocksdb::WriteBatch& write, std::map<std::uint64_t, SegmentUse>& uses) -> StoreResult<> {
        for (const BlobId blob : candidates) {
            TRY(const auto since, *database_.get(candidate_key(blob), Database::Reach::disk));
            if (!since || decode_number(*since).value_or(0) > before) continue; // in use again meanwhile
            TRY(const bool referenced, is_referenced(database_.rocks(), blob));
            write.Delete(candidate_key(blob));
            if (referenced) continue;
            const auto record = *database_.find_blob(blob, Database::Reach::disk);
            if (!record) {
                if (record.error().code == ErrorCode::not_found) continue;
                return failure(record.error());
            }
            write.Delete(blob_key(blob));
            if (!record->record)
                if (const auto use = uses.find(record->at.segment); use != uses.end())
                    use->second.live -= std::min(use->second.live, record->at.record_bytes);
            ++forgotten;
        }
        return {};
    };
    TRY_VOID(commit_stage_.maintain(decide));
    return forgotten;
}

StoreResult<bool> Collector::empty_segment(std::uint64_t number) {
    // The segment is closed, so after this every record in it has a row, or one pending, or is dead for good.
    blob_stage_.settle();
    if (commit_stage_.has_pending_in(number)) return false; // another round
    const std::uint64_t end = commit_stage_.uses()[number].end;
    std::uint64_t at = 0;
    for (;;) {
        if (is_stopping()) return false;
        auto entries = segments_.walk(number, at, end, kWalkAtOnce);
        if (!entries && entries.error().code == ErrorCode::damaged) {
            log_.error("a segment is damaged and is kept as it is",
                       {{"segment", number}, {"offset", at}, {"reason", entries.error().detail}});
            damaged_.insert(number);
            return false;
        }
        if (!entries && entries.error().code == ErrorCode::not_found) break; // only its row is left
        if (!entries) return failure(entries.error());
        if (entries->empty()) break;
        at = entries->back().at.offset + entries->back().at.record_bytes;
        std::vector<Segments::Entry> alive;
        for (const Segments::Entry& entry : *entries) {
            const auto record = *database_.find_blob(entry.id, Database::Reach::disk);
            if (record && !record->record && record->at == entry.at) alive.push_back(entry);
        }
        const auto moved = move_records(alive);
        if (!moved && moved.error().code == ErrorCode::damaged) {
            log_.error("a blob is damaged; its segment is kept as it is",
                       {{"segment", number}, {"reason", moved.error().detail}});
            damaged_.insert(number);
            return false;
        }
        TRY_VOID(moved);
    }
    TRY_VOID(commit_stage_.maintain([number](rocksdb::WriteBatch&, std::map<std::uint64_t, SegmentUse>& uses) {
        uses.erase(number);
        return StoreResult<>{};
    }));
    const auto removed = segments_.remove(number);
    if (!removed && removed.error().code != ErrorCode::not_found) return failure(removed.error());
    return true;
}

/// Copies the records to the open segment and switches the rows that still name the old places.
StoreResult<> Collector::move_records(const std::vector<Segments::Entry>& entries) {
    for (std::size_t begin = 0; begin < entries.size();) {
        std::vector<PreparedBlob> records;
        std::uint64_t bytes = 0;
        std::size_t end = begin;
        for (; end < entries.size() && bytes < kMoveBytesAtOnce; ++end) {
            TRY(std::string octets, segments_.read_record(entries[end].at, entries[end].id));
            PreparedBlob record{.ref = {.id = entries[end].id}};
            record.record_bytes = octets.size();
            record.head = std::move(octets);
            bytes += record.record_bytes;
            records.push_back(std::move(record));
        }
        TRY(const std::vector<Location> places, blob_stage_.copy(std::move(records)));
        const auto change_rows = [&](rocksdb::WriteBatch& write,
                                     std::map<std::uint64_t, SegmentUse>& uses) -> StoreResult<> {
            for (std::size_t i = begin; i < end; ++i) {
                const Location& place = places[i - begin];
                SegmentUse& use = uses[place.segment];
                use.end = std::max(use.end, place.offset + place.record_bytes);
                auto record = *database_.find_blob(entries[i].id, Database::Reach::disk);
                if (!record || record->record || record->at != entries[i].at) continue; // forgotten meanwhile
                record->at = place;
                write.Put(blob_key(entries[i].id), encode_index(*record));
                use.live += place.record_bytes;
                SegmentUse& old = uses[entries[i].at.segment];
                old.live -= std::min(old.live, place.record_bytes);
            }
            return {};
        };
        TRY_VOID(commit_stage_.maintain(change_rows));
        begin = end;
    }
    return {};
}

} // namespace tegami::store::rocks
