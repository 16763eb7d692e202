#include "store/engine/commit_stage.h"

#include "async/thread_priority.h"
#include "base/sabotage.h"
#include "store/engine/batch_check.h"
#include "store/engine/group_rows.h"
#include "store/engine/key_order.h"

#include <algorithm>
#include <set>

namespace tegami::store::rocks {

namespace {

constexpr std::size_t kCommitGroupBytesMax = 16u << 20;
constexpr std::size_t kGroupCommitsMax = 4096;
/// Up to so many keys a range is deleted key by key.
constexpr std::size_t kRangeKeysMax = 1000;
constexpr std::size_t kPendingBytesWake = 4u << 20;
/// Limit: blobs that wait for a row; their senders are held back above it.
constexpr std::size_t kPendingBytesMax = 32u << 20;
/// What may still be written when the reserve is touched: enough to delete and to mark, too little for mail.
constexpr std::size_t kSmallBatchBytes = 16 * 1024;
/// What a row of a blob costs in memory beside an inline record.
constexpr std::size_t kPendingOverheadBytes = 256;

std::unexpected<Error> error(ErrorCode code, std::string_view detail) {
    return failure(Error{code, std::string(detail)});
}

std::size_t pending_bytes(const IndexRecord& record) {
    return kPendingOverheadBytes + (record.record ? record.record->size() : 0);
}

} // namespace

/// What one write is made of while it is put together.
struct CommitStage::Group {
    rocksdb::WriteBatch write;
    std::map<Domain, Version> versions; ///< of the domains that this group writes to

    struct DomainBatches {
        std::vector<const Batch*> all;
        GroupRows rows; ///< as the first `looked_at` of them leave them
        std::size_t looked_at = 0;
    };

    std::map<Domain, DomainBatches> batches;
    std::set<BlobId> unreferenced; ///< of the new blobs: those that no batch so far has touched
    std::map<std::uint64_t, SegmentUse> uses;
    std::string now;         ///< encoded
    std::uint64_t space = 0; ///< free on the disk
};

CommitStage::CommitStage(Database& database, disk::FileSystem& disk, const Clock& clock, CommitStageOptions options,
                         std::map<std::uint64_t, SegmentUse> uses)
    : database_(database), disk_(disk), clock_(clock), options_(std::move(options)), uses_(std::move(uses)),
      thread_([this] { run(); }) {}

CommitStage::~CommitStage() {
    stop();
}

void CommitStage::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    woken_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void CommitStage::commit(Batch batch, Done done) {
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_) {
            commits_.push_back({.batch = std::move(batch), .done = std::move(done), .since = clock_.instant()});
            woken_.notify_one();
            return;
        }
    }
    done(error(ErrorCode::unavailable, "engine is closed"));
}

void CommitStage::add_blob(IndexRecord record, BlobDone done) {
    StoreResult<> taken;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) {
            taken = error(ErrorCode::unavailable, "engine is closed");
        } else {
            pending_.emplace(record.ref.id, record);
            if (new_blobs_bytes_ >= kPendingBytesMax) {
                held_blobs_.push_back({std::move(record), std::move(done)});
                return;
            }
            take_blob(std::move(record));
        }
    }
    done(std::move(taken));
}

/// With the lock held.
void CommitStage::take_blob(IndexRecord record) {
    new_blobs_bytes_ += pending_bytes(record);
    new_blobs_.push_back(std::move(record));
    if (new_blobs_bytes_ >= kPendingBytesWake) woken_.notify_one();
}

/// Lets in those that were held back, as far as there is room again.
void CommitStage::let_in_held_blobs() {
    std::vector<BlobDone> let_in;
    {
        const std::lock_guard lock(mutex_);
        while (!held_blobs_.empty() && new_blobs_bytes_ < kPendingBytesMax) {
            take_blob(std::move(held_blobs_.front().record));
            let_in.push_back(std::move(held_blobs_.front().done));
            held_blobs_.pop_front();
        }
    }
    for (BlobDone& done : let_in)
        done({});
}

/// Writing fails: nobody waits for room that may never come.
void CommitStage::refuse_held_blobs(const Error& why) {
    std::deque<HeldBlob> refused;
    {
        const std::lock_guard lock(mutex_);
        refused.swap(held_blobs_);
        for (const HeldBlob& held : refused)
            pending_.erase(held.record.ref.id);
    }
    for (HeldBlob& held : refused)
        held.done(failure(why));
}

std::optional<IndexRecord> CommitStage::pending(BlobId blob) const {
    const std::lock_guard lock(mutex_);
    const auto found = pending_.find(blob);
    if (found == pending_.end()) return std::nullopt;
    return found->second;
}

bool CommitStage::has_pending_in(std::uint64_t segment) const {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(
        pending_, [&](const auto& blob) { return !blob.second.record && blob.second.at.segment == segment; });
}

void CommitStage::ask(std::function<void()> answered) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    asked_.push_back(std::move(answered));
    woken_.notify_one();
}

StoreResult<> CommitStage::maintain(Maintenance maintenance) {
    MaintenanceRequest request{std::move(maintenance), {}};
    std::future<StoreResult<>> done = request.done.get_future();
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return error(ErrorCode::unavailable, "engine is closed");
        maintenance_.push_back(std::move(request));
        woken_.notify_one();
    }
    return done.get();
}

std::map<std::uint64_t, SegmentUse> CommitStage::uses() const {
    const std::lock_guard lock(mutex_);
    return uses_;
}

std::uint64_t CommitStage::free_bytes() const {
    // A disk that cannot say is taken to have room: the write itself will tell.
    return disk_.free_bytes(options_.directory).value_or(~std::uint64_t{0});
}

StoreResult<> CommitStage::check_space() const {
    if (free_bytes() < options_.reserve_bytes) return error(ErrorCode::no_space, "the disk is nearly full");
    return {};
}

void CommitStage::run() {
    async::expect_short_work();
    for (;;) {
        std::vector<IndexRecord> blobs;
        std::vector<Waiting> commits;
        std::vector<std::function<void()>> asked;
        std::optional<MaintenanceRequest> request;
        {
            std::unique_lock lock(mutex_);
            woken_.wait(lock, [this] {
                return stopping_ || !commits_.empty() || !maintenance_.empty() || !asked_.empty() ||
                       new_blobs_bytes_ >= kPendingBytesWake;
            });
            if (stopping_ && commits_.empty() && maintenance_.empty() && new_blobs_.empty()) return;
            asked.swap(asked_);
            blobs.swap(new_blobs_);
            new_blobs_bytes_ = 0;
            std::size_t bytes = 0;
            while (!commits_.empty() && commits.size() < kGroupCommitsMax && bytes < kCommitGroupBytesMax) {
                bytes += batch_bytes(commits_.front().batch);
                commits.push_back(std::move(commits_.front()));
                commits_.pop_front();
            }
            if (!maintenance_.empty()) {
                request = std::move(maintenance_.front());
                maintenance_.pop_front();
            }
        }
        let_in_held_blobs();
        if (!blobs.empty() || !commits.empty()) write_group(std::move(blobs), std::move(commits));
        if (request) run_maintenance(*std::move(request));
        for (const std::function<void()>& answered : asked)
            answered();
    }
}

void CommitStage::write_group(std::vector<IndexRecord> blobs, std::vector<Waiting> commits) {
    Group group;
    group.now = encode_number(static_cast<std::uint64_t>(clock_.now().time_since_epoch().count()));
    group.space = free_bytes();
    for (const IndexRecord& record : blobs)
        add_blob_row(group, record);
    std::vector<StoreResult<Version>> results;
    results.reserve(commits.size());
    for (const Waiting& waiting : commits) // the group points into them
        results.push_back(add_to_group(group, waiting.batch));
    for (const BlobId blob : group.unreferenced)
        group.write.Put(candidate_key(blob), group.now);
    StoreResult<> written;
    if (group.write.Count() > 0) {
        for (const auto& [number, use] : group.uses)
            group.write.Put(segment_key(number), encode_use(use));
        const Instant begun = clock_.instant();
        written = write(group.write);
        counts_.writes.add();
        counts_.synced.add(clock_.instant() - begun);
    }
    if (!written) {
        const std::lock_guard lock(mutex_);
        if (!stopping_) {
            for (const IndexRecord& record : blobs)
                new_blobs_bytes_ += pending_bytes(record);
            new_blobs_.insert(new_blobs_.begin(), std::make_move_iterator(blobs.begin()),
                              std::make_move_iterator(blobs.end()));
            blobs.clear();
        }
    }
    if (written)
        settle(group, blobs);
    else
        refuse_held_blobs(written.error());
    const Instant end = clock_.instant();
    for (std::size_t i = 0; i < commits.size(); ++i) {
        if (!written && results[i]) results[i] = failure(written.error());
        if (results[i])
            counts_.taken.add(end - commits[i].since);
        else
            counts_.failed.add();
        commits[i].done(std::move(results[i]));
    }
}

/// After a good write: what it said is now so.
void CommitStage::settle(Group& group, const std::vector<IndexRecord>& blobs) {
    if (versions_.size() + group.versions.size() > options_.versions_cached_max) versions_.clear();
    for (const auto& [domain, version] : group.versions)
        versions_[domain] = version;
    const std::lock_guard lock(mutex_);
    for (const auto& [number, use] : group.uses)
        uses_[number] = use;
    for (const IndexRecord& record : blobs)
        pending_.erase(record.ref.id);
}

void CommitStage::add_blob_row(Group& group, const IndexRecord& record) {
    group.write.Put(blob_key(record.ref.id), encode_index(record));
    group.unreferenced.insert(record.ref.id);
    if (record.record) return;
    if (!group.uses.contains(record.at.segment)) {
        const std::lock_guard lock(mutex_);
        group.uses[record.at.segment] = uses_[record.at.segment];
    }
    SegmentUse& use = group.uses[record.at.segment];
    use.end = std::max(use.end, record.at.offset + record.at.record_bytes);
    use.live += record.at.record_bytes;
}

StoreResult<Version> CommitStage::add_to_group(Group& group, const Batch& batch) {
    TRY_VOID(check_batch(group, batch));
    TRY(const Version before, version_in(group, batch.domain));
    add_operations(group, batch);
    group.batches[batch.domain].all.push_back(&batch);
    const Version after = before.next();
    group.versions[batch.domain] = after;
    group.write.Put(version_key(batch.domain), encode_number(after.value));
    return after;
}

StoreResult<> CommitStage::check_batch(Group& group, const Batch& batch) {
    if (group.space < options_.reserve_bytes &&
        (batch_bytes(batch) > kSmallBatchBytes || group.space < options_.reserve_bytes / 4))
        return error(ErrorCode::no_space, "the disk is nearly full");
    if (batch.expected) {
        TRY(const Version version, version_in(group, batch.domain));
        if (version != *batch.expected) return error(ErrorCode::conflict, "version");
    }
    for (const KeyAssertion& assertion : batch.assertions) {
        TRY(const auto value, value_in(group, batch.domain, assertion.key));
        if (value != assertion.value) return error(ErrorCode::conflict, "key assertion");
    }
    for (const Operation& operation : batch.operations) {
        const auto* added = std::get_if<AddReference>(&operation);
        if (added == nullptr || pending(added->blob)) continue;
        TRY_VOID(*database_.find_blob(added->blob, Database::Reach::disk));
    }
    return {};
}

/// The value as the group so far leaves it. A domain's rows are looked at only when an assertion asks for them.
StoreResult<std::optional<std::string>> CommitStage::value_in(Group& group, Domain domain, const std::string& key) {
    if (const auto found = group.batches.find(domain); found != group.batches.end()) {
        Group::DomainBatches& batches = found->second;
        while (batches.looked_at < batches.all.size())
            batches.rows.apply(*batches.all[batches.looked_at++]);
        if (const auto* value = batches.rows.find(key)) return std::optional<std::string>(*value);
    }
    return *database_.get(row_key(domain, key), Database::Reach::disk);
}

StoreResult<Version> CommitStage::version_in(Group& group, Domain domain) {
    if (const auto found = group.versions.find(domain); found != group.versions.end()) return found->second;
    if (const auto found = versions_.find(domain); found != versions_.end()) return found->second;
    TRY(const Version version, database_.version(domain));
    if (versions_.size() >= options_.versions_cached_max) versions_.clear();
    versions_[domain] = version;
    return version;
}

void CommitStage::add_operations(Group& group, const Batch& batch) {
    if (batch.operations.size() < kOrderedOperationsMin) {
        for (const Operation& operation : batch.operations)
            add_operation(group, batch, operation);
        return;
    }
    const InKeyOrder ordered(batch.operations);
    for (const DeleteRange* const range : ordered.ranges)
        add_delete_range(group, batch.domain, *range, {});
    for (const Operation* const operation : ordered.others)
        add_operation(group, batch, *operation);
}

void CommitStage::add_operation(Group& group, const Batch& batch, const Operation& operation) {
    if (const auto* put = std::get_if<Put>(&operation)) {
        group.write.Put(row_key(batch.domain, put->key), put->value);
    } else if (const auto* erased = std::get_if<Delete>(&operation)) {
        group.write.Delete(row_key(batch.domain, erased->key));
    } else if (const auto* range = std::get_if<DeleteRange>(&operation)) {
        add_delete_range(group, batch.domain, *range, batch.operations);
    } else if (const auto* added = std::get_if<AddReference>(&operation)) {
        group.write.Put(reference_key(added->blob, added->tag), "");
        // The blob's own row has not made it a candidate yet: then there is nothing to take back.
        if (group.unreferenced.erase(added->blob) == 0) group.write.Delete(candidate_key(added->blob));
    } else {
        const auto& removed = std::get<RemoveReference>(operation);
        group.unreferenced.erase(removed.blob);
        group.write.Delete(reference_key(removed.blob, removed.tag));
        group.write.Put(candidate_key(removed.blob), group.now);
    }
}

/// Deletes a small range key by key: RocksDB keeps a range as a tombstone that every later read must look at, and
/// a queue would make thousands of them. The keys are those in the database, and those that this group has put, `puts` of
/// its own batch among them.
void CommitStage::add_delete_range(Group& group, Domain domain, const DeleteRange& range,
                                   std::span<const Operation> puts) {
    const std::string begin = row_key(domain, range.begin);
    const std::string end = range.end.empty() ? domain_end(domain) : row_key(domain, range.end);
    if (begin >= end) return;
    std::vector<std::string> keys;
    const auto collect_puts = [&](std::span<const Operation> earlier) {
        for (const Operation& operation : earlier) {
            const auto* put = std::get_if<Put>(&operation);
            if (put == nullptr || put->key < range.begin || (!range.end.empty() && put->key >= range.end)) continue;
            keys.push_back(row_key(domain, put->key));
        }
    };
    if (const auto found = group.batches.find(domain); found != group.batches.end())
        for (const Batch* earlier : found->second.all)
            collect_puts(earlier->operations);
    collect_puts(puts); // those behind the range in the batch are put again after this
    const rocksdb::Slice upper(end);
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &upper;
    const std::unique_ptr<rocksdb::Iterator> at(database_.rocks().NewIterator(options));
    for (at->Seek(begin); at->Valid() && keys.size() <= kRangeKeysMax; at->Next())
        keys.push_back(at->key().ToString());
    if (!at->status().ok() || keys.size() > kRangeKeysMax) {
        group.write.DeleteRange(begin, end);
        return;
    }
    for (const std::string& key : keys)
        group.write.Delete(key);
}

StoreResult<> CommitStage::write(rocksdb::WriteBatch& batch) {
    if (must_resume_) TRY_VOID(resume());
    rocksdb::WriteOptions options;
    options.sync = kSabotage != Sabotage::skip_sync;
    const rocksdb::Status status = database_.rocks().Write(options, &batch);
    if (status.ok()) return {};
    must_resume_ = true;
    failed_log_ = database_.log_number();
    Error failed = from_status(status, "write");
    // Unless the disk was full, the log may have the group, whole, when it is read the next time.
    if (failed.code == ErrorCode::unavailable) failed.code = ErrorCode::unknown;
    return failure(std::move(failed));
}

/// RocksDB leaves a failed log behind by flushing what is in memory; if nothing is there it goes on with the failed
/// one, which must never be written to again. So after resuming something is put there, without the log; and if the log
/// is still the failed one nothing is written until the store is opened again.
StoreResult<> CommitStage::resume() {
    const rocksdb::Status resumed = database_.rocks().Resume();
    if (!resumed.ok()) return failure(from_status(resumed, "resume after a failed write"));
    if (database_.log_number() == failed_log_)
        return error(ErrorCode::unavailable, "the write-ahead log failed: open the store again");
    TRY_VOID(database_.put_without_log());
    must_resume_ = false;
    return {};
}

void CommitStage::run_maintenance(MaintenanceRequest request) {
    rocksdb::WriteBatch batch;
    std::map<std::uint64_t, SegmentUse> before = uses();
    std::map<std::uint64_t, SegmentUse> after = before;
    StoreResult<> result = request.maintenance(batch, after);
    if (result) {
        for (const auto& [number, use] : after)
            if (!before.contains(number) || before[number].live != use.live || before[number].end != use.end)
                batch.Put(segment_key(number), encode_use(use));
        for (const auto& [number, use] : before)
            if (!after.contains(number)) batch.Delete(segment_key(number));
        if (batch.Count() > 0) result = write(batch);
    }
    if (result) {
        const std::lock_guard lock(mutex_);
        uses_ = std::move(after);
    }
    request.done.set_value(std::move(result));
}

} // namespace tegami::store::rocks
