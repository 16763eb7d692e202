#include "store/engine/blob_stage.h"

#include "async/thread_priority.h"
#include <future>

namespace tegami::store::rocks {

namespace {

constexpr std::uint64_t kBlobGroupBytesMax = 32u << 20;

} // namespace

BlobStage::BlobStage(Segments& segments, CommitStage& commit_stage)
    : segments_(segments), commit_stage_(commit_stage), thread_([this] { run(); }) {}

BlobStage::~BlobStage() {
    stop();
}

void BlobStage::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    woken_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void BlobStage::store(PreparedBlob blob, Done done) {
    if (auto space = commit_stage_.check_space(); !space) {
        done(failure(std::move(space).error()));
        return;
    }
    const BlobRef ref = blob.ref;
    auto stored = [ref, done = std::move(done)](StoreResult<Location> at) mutable {
        if (at)
            done(ref);
        else
            done(failure(std::move(at).error()));
    };
    enqueue({.blob = std::move(blob), .done = std::move(stored), .is_new = true});
}

StoreResult<std::vector<Location>> BlobStage::copy(std::vector<PreparedBlob> records) {
    std::vector<std::future<StoreResult<Location>>> answers;
    for (PreparedBlob& record : records) {
        std::promise<StoreResult<Location>> promise;
        answers.push_back(promise.get_future());
        enqueue({.blob = std::move(record),
                 .done = [promise = std::move(promise)](
                             StoreResult<Location> at) mutable { promise.set_value(std::move(at)); },
                 .is_new = false});
    }
    std::vector<Location> places;
    StoreResult<> failed;
    for (auto& answer : answers) {
        StoreResult<Location> at = answer.get();
        if (at)
            places.push_back(*at);
        else
            failed = failure(std::move(at).error());
    }
    TRY_VOID(failed);
    return places;
}

void BlobStage::settle() {
    const std::lock_guard lock(group_);
}

void BlobStage::enqueue(Waiting waiting) {
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_) {
            waiting_.push_back(std::move(waiting));
            woken_.notify_one();
            return;
        }
    }
    waiting.done(failure(Error{ErrorCode::unavailable, "engine is closed"}));
}

void BlobStage::run() {
    async::expect_short_work();
    for (;;) {
        std::vector<Waiting> group;
        std::vector<std::function<void()>> asked;
        {
            std::unique_lock lock(mutex_);
            woken_.wait(lock, [this] { return stopping_ || !waiting_.empty() || !asked_.empty(); });
            if (stopping_ && waiting_.empty()) return;
            asked.swap(asked_);
            std::uint64_t bytes = 0;
            while (!waiting_.empty() && bytes < kBlobGroupBytesMax) {
                bytes += waiting_.front().blob.record_bytes;
                group.push_back(std::move(waiting_.front()));
                waiting_.pop_front();
            }
        }
        if (!group.empty()) write_group(std::move(group));
        for (const std::function<void()>& answered : asked)
            answered();
    }
}

void BlobStage::ask(std::function<void()> answered) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    asked_.push_back(std::move(answered));
    woken_.notify_one();
}

void BlobStage::write_group(std::vector<Waiting> group) {
    const std::lock_guard lock(group_);
    std::vector<const PreparedBlob*> blobs;
    for (const Waiting& waiting : group)
        blobs.push_back(&waiting.blob);
    const StoreResult<std::vector<Location>> places = segments_.append(blobs);
    for (std::size_t i = 0; i < group.size(); ++i) {
        if (!places) {
            group[i].done(failure(places.error()));
            continue;
        }
        const Location at = (*places)[i];
        if (!group[i].is_new) {
            group[i].done(at);
            continue;
        }
        auto added = [at, done = std::move(group[i].done)](StoreResult<> known) mutable {
            if (known)
                done(at);
            else
                done(failure(std::move(known).error()));
        };
        commit_stage_.add_blob({.ref = group[i].blob.ref, .at = at, .record = {}}, std::move(added));
    }
}

} // namespace tegami::store::rocks
