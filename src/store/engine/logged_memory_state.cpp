#include "store/engine/logged_memory_state.h"

#include "base/bytes.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>

namespace tegami::store {

namespace {

// Kinds of log records.
constexpr char kOpened = 'O';
constexpr char kBlob = 'B';
constexpr char kBatch = 'C';

std::string_view octets_of(const BlobId& blob) {
    return {reinterpret_cast<const char*>(blob.octets.data()), blob.octets.size()};
}

BlobId read_id(bytes::Reader& reader) {
    BlobId blob;
    std::ranges::copy(reader.take(blob.octets.size()), blob.octets.begin());
    return blob;
}

std::string encode_blob(BlobId blob, const rocks::IndexRecord& record) {
    return kBlob + std::string(octets_of(blob)) + rocks::encode_index(record);
}

void encode_operation(std::string& out, const Operation& operation) {
    bytes::append_big_endian(out, static_cast<std::uint8_t>(operation.index()));
    if (const auto* put = std::get_if<Put>(&operation)) {
        bytes::append_string(out, put->key);
        bytes::append_string(out, put->value);
    } else if (const auto* erased = std::get_if<Delete>(&operation)) {
        bytes::append_string(out, erased->key);
    } else if (const auto* range = std::get_if<DeleteRange>(&operation)) {
        bytes::append_string(out, range->begin);
        bytes::append_string(out, range->end);
    } else if (const auto* added = std::get_if<AddReference>(&operation)) {
        out += octets_of(added->blob);
        bytes::append_string(out, added->tag);
    } else {
        const auto& removed = std::get<RemoveReference>(operation);
        out += octets_of(removed.blob);
        bytes::append_string(out, removed.tag);
    }
}

Operation decode_operation(bytes::Reader& reader) {
    const auto text = [&reader] { return std::string(reader.string()); };
    switch (reader.big_endian<std::uint8_t>()) {
    case 0: {
        std::string key = text();
        return Put{std::move(key), text()};
    }
    case 1: return Delete{text()};
    case 2: {
        std::string begin = text();
        return DeleteRange{std::move(begin), text()};
    }
    case 3: {
        const BlobId blob = read_id(reader);
        return AddReference{blob, text()};
    }
    case 4: {
        const BlobId blob = read_id(reader);
        return RemoveReference{blob, text()};
    }
    default: reader.fail(); return Delete{};
    }
}

/// Without its checks: they held when it was written.
std::string encode_batch(const Batch& batch) {
    std::string out(1, kBatch);
    bytes::append_big_endian(out, static_cast<std::uint8_t>(batch.domain.kind));
    bytes::append_varint(out, batch.domain.id);
    bytes::append_varint(out, batch.operations.size());
    for (const Operation& operation : batch.operations)
        encode_operation(out, operation);
    return out;
}

StoreResult<Batch> decode_batch(bytes::Reader& reader) {
    Batch batch{.domain = {static_cast<DomainKind>(reader.big_endian<std::uint8_t>()), reader.varint()}};
    for (std::uint64_t left = reader.varint(); left > 0 && !reader.failed(); --left)
        batch.operations.push_back(decode_operation(reader));
    if (!reader.complete()) return error(ErrorCode::damaged, "a batch in the log");
    return batch;
}

} // namespace

LoggedMemoryEngine::State::State(LoggedMemoryOptions options, LoggedMemoryDependencies parts)
    : options_(std::move(options)), parts_(parts), alarm_(parts_.timers.make_timer(parts_.executor)) {}

StoreResult<> LoggedMemoryEngine::State::open() {
    if (const auto made = parts_.disk.make_directory(options_.directory); !made)
        return failure(from_disk(made.error()));
    TRY(log_,
        CommitLog::open(parts_.disk, options_.directory, [this](std::string_view octets) { return replay(octets); }));
    std::map<std::uint64_t, std::uint64_t> ends;
    for (const auto& [blob, record] : index_)
        if (!record.record)
            ends[record.at.segment] = std::max(ends[record.at.segment], record.at.offset + record.at.record_bytes);
    TRY(segments_, Segments::open(parts_.disk, options_.directory + "/segments",
                                  {.segment_bytes_max = options_.segment_bytes_max}, ends));
    log_->add(std::string(1, kOpened));
    ++opened_;
    TRY_VOID(log_->write());
    return log_->sync();
}

StoreResult<> LoggedMemoryEngine::State::replay(std::string_view octets) {
    bytes::Reader reader(octets);
    switch (static_cast<char>(reader.big_endian<std::uint8_t>())) {
    case kOpened: ++opened_; return {};
    case kBlob: {
        const BlobId blob = read_id(reader);
        const auto record = rocks::decode_index(blob, reader.rest());
        if (reader.failed() || !record) return error(ErrorCode::damaged, "a blob in the log");
        index_.insert_or_assign(blob, *record);
        rows_.add_blob(blob);
        return {};
    }
    case kBatch: {
        TRY(const Batch batch, decode_batch(reader));
        TRY_VOID(rows_.check_blobs(batch));
        rows_.apply(batch);
        return {};
    }
    default: return error(ErrorCode::damaged, "a record in the log of an unknown kind");
    }
}

void LoggedMemoryEngine::State::close() {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    while (next_ != Step::idle)
        run_step();
    alarm_->disarm();
    closed_ = true;
}

void LoggedMemoryEngine::State::commit(Batch batch, Done done) {
    const std::lock_guard lock(mutex_);
    if (closed_) return done(error(ErrorCode::unavailable, "engine is closed"));
    waiting_.push_back({std::move(batch), std::move(done)});
    if (next_ != Step::idle) return;
    next_ = Step::write;
    // The alarm belongs to the committer's executor, and this may be any thread.
    boost::asio::post(parts_.executor, [self = shared_from_this()] {
        const std::lock_guard on_executor(self->mutex_);
        if (!self->closed_) self->plan(Step::write);
    });
}

Duration LoggedMemoryEngine::State::step() const {
    const auto span = static_cast<std::uint64_t>((options_.step_max - options_.step_min).count());
    return options_.step_min + Duration(static_cast<Duration::rep>(parts_.random.below(span + 1)));
}

void LoggedMemoryEngine::State::plan(Step step_to_do) {
    next_ = step_to_do;
    if (next_ == Step::idle || closed_) return;
    alarm_->arm(parts_.timers.instant() + step(), [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (!self) return;
        const std::lock_guard lock(self->mutex_);
        if (!self->closed_) self->run_step();
    });
}

void LoggedMemoryEngine::State::run_step() {
    switch (next_) {
    case Step::idle: return;
    case Step::write: return write_group();
    case Step::sync: return sync_group();
    case Step::answer: return answer_group();
    }
}

/// Moves what waits into the group, checked as CommitStage checks it: against what is durable and what the group itself
/// is about to change.
void LoggedMemoryEngine::State::take_group(std::set<Domain>& touched) {
    std::map<Domain, Version> versions;
    std::deque<Waiting> deferred;
    for (Waiting& waiting : waiting_) {
        const Domain domain = waiting.batch.domain;
        // An assertion looks at what is written: wait for the next group if this one changes the same domain.
        if (!waiting.batch.assertions.empty() && touched.contains(domain)) {
            deferred.push_back(std::move(waiting));
            continue;
        }
        const auto [version, first] = versions.try_emplace(domain, rows_.version(domain));
        StoreResult<> allowed = rows_.check_assertions(waiting.batch);
        if (allowed && waiting.batch.expected && *waiting.batch.expected != version->second)
            allowed = error(ErrorCode::conflict, "version");
        if (allowed) allowed = rows_.check_blobs(waiting.batch);
        if (!allowed) {
            waiting.result = failure(allowed.error());
        } else {
            version->second = version->second.next();
            touched.insert(domain);
            log_->add(encode_batch(waiting.batch));
        }
        group_.push_back(std::move(waiting));
    }
    waiting_ = std::move(deferred);
}

void LoggedMemoryEngine::State::write_group() {
    group_blobs_ = std::exchange(new_blobs_, {});
    for (const BlobId blob : group_blobs_)
        log_->add(encode_blob(blob, index_.at(blob)));
    std::set<Domain> touched;
    take_group(touched);
    if (touched.empty() && group_blobs_.empty()) return plan(Step::answer);
    if (const auto written = log_->write(); !written) {
        fail_group(written.error());
        return plan(Step::answer);
    }
    plan(Step::sync);
}

void LoggedMemoryEngine::State::fail_group(const Error& reason) {
    for (Waiting& waiting : group_)
        if (waiting.result) waiting.result = failure(reason);
    // The blobs are still only in memory: the next group tries again.
    new_blobs_.insert(new_blobs_.begin(), group_blobs_.begin(), group_blobs_.end());
    group_blobs_.clear();
}

void LoggedMemoryEngine::State::sync_group() {
    if (const auto synced = log_->sync(); !synced) {
        fail_group(synced.error());
    } else {
        group_blobs_.clear();
        for (Waiting& waiting : group_)
            if (waiting.result) waiting.result = rows_.apply(waiting.batch);
    }
    plan(Step::answer);
}

void LoggedMemoryEngine::State::answer_group() {
    for (Waiting& waiting : std::exchange(group_, {}))
        waiting.done(std::move(waiting.result));
    plan(waiting_.empty() ? Step::idle : Step::write);
}

StoreResult<> LoggedMemoryEngine::State::open_usable() const {
    if (closed_) return error(ErrorCode::unavailable, "engine is closed");
    return {};
}

StoreResult<> LoggedMemoryEngine::State::usable() const {
    const std::lock_guard lock(mutex_);
    TRY_VOID(open_usable());
    if (log_->failed()) return error(ErrorCode::unavailable, "the log has failed: open the store again");
    return {};
}

bool LoggedMemoryEngine::State::failed() const {
    const std::lock_guard lock(mutex_);
    return log_->failed();
}

StoreResult<> LoggedMemoryEngine::State::spill(BlobBuilder& builder) {
    return builder.spill(parts_.disk, segments_->directory());
}

BlobId LoggedMemoryEngine::State::next_blob() {
    const std::lock_guard lock(mutex_);
    std::string octets;
    bytes::append_big_endian(octets, opened_);
    bytes::append_big_endian(octets, ++last_blob_);
    BlobId blob;
    std::ranges::copy(octets, blob.octets.begin());
    return blob;
}

StoreResult<BlobRef> LoggedMemoryEngine::State::store(const PreparedBlob& blob) {
    const std::lock_guard lock(mutex_);
    TRY_VOID(open_usable());
    rocks::IndexRecord record{.ref = blob.ref};
    if (blob.record_bytes <= rocks::kInlineRecordBytesMax) {
        record.record = std::make_shared<const std::string>(blob.joined());
    } else {
        const std::array<const PreparedBlob*, 1> one{&blob};
        TRY(const auto places, segments_->append(one));
        record.at = places.front();
    }
    index_.emplace(blob.ref.id, std::move(record));
    rows_.add_blob(blob.ref.id);
    new_blobs_.push_back(blob.ref.id);
    return blob.ref;
}

StoreResult<Page> LoggedMemoryEngine::State::scan(Domain domain, const Range& range) const {
    const std::lock_guard lock(mutex_);
    TRY_VOID(open_usable());
    return rows_.scan(domain, range, std::clamp<std::size_t>(range.rows_max, 1, options_.limits.scan_rows_max));
}

StoreResult<std::optional<std::string>> LoggedMemoryEngine::State::get(Domain domain, const std::string& key) const {
    const std::lock_guard lock(mutex_);
    TRY_VOID(open_usable());
    return rows_.get(domain, key);
}

StoreResult<std::vector<Domain>> LoggedMemoryEngine::State::domains(DomainKind kind, std::uint64_t after,
                                                                    std::size_t count_max) const {
    const std::lock_guard lock(mutex_);
    TRY_VOID(open_usable());
    return rows_.domains(kind, after, count_max);
}

StoreResult<rocks::IndexRecord> LoggedMemoryEngine::State::find(BlobId blob) const {
    const std::lock_guard lock(mutex_);
    TRY_VOID(open_usable());
    const auto found = index_.find(blob);
    if (found == index_.end()) return error(ErrorCode::not_found, "blob");
    return found->second;
}

StoreResult<std::string> LoggedMemoryEngine::State::read(BlobId blob, std::uint64_t offset,
                                                         std::uint64_t length) const {
    TRY(const rocks::IndexRecord record, find(blob));
    if (record.record) return content_of_record(*record.record, blob, offset, length);
    return segments_->read_content(record.at, blob, offset, length);
}

StoreResult<BlobStart> LoggedMemoryEngine::State::read_start(BlobId blob, std::uint64_t length) const {
    TRY(const rocks::IndexRecord record, find(blob));
    if (record.record) return start_of_record(*record.record, blob, length);
    return segments_->read_start(record.at, blob, length);
}

StoreResult<EngineReport> LoggedMemoryEngine::State::check() const {
    const std::lock_guard lock(mutex_);
    TRY_VOID(open_usable());
    EngineReport report{.rows = rows_.row_count(), .blobs = index_.size()};
    for (const auto& [blob, record] : index_) {
        report.blob_octets += record.ref.size;
        report.unreferenced += rows_.is_referenced(blob) ? 0 : 1;
        const auto read =
            record.record ? card_of_record(*record.record, blob) : segments_->read_record(record.at, blob);
        if (!read) report.add_damage("blob " + rocks::text_of(blob) + ": " + read.error().detail);
    }
    return report;
}

std::map<Domain, Version> LoggedMemoryEngine::State::versions() const {
    const std::lock_guard lock(mutex_);
    return rows_.versions();
}

} // namespace tegami::store
