#include "store/engine/memory.h"
#include "store/engine/batched_reads.h"

#include "async/turns.h"
#include "base/bytes.h"
#include "store/engine/batch_check.h"
#include "store/engine/memory_rows.h"
#include "store/engine/segment_format.h"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>

namespace tegami::store {

namespace {

struct Blob {
    std::string card;
    std::string content;
    bool damaged = false;
};

} // namespace

Limits tiny_limits() {
    return {.batch_bytes_max = 4096, .batch_operations_max = 16, .value_bytes_max = 1024, .scan_rows_max = 3};
}

class MemoryEngine::State {
public:
    explicit State(MemoryEngineOptions options) : options_(options) {}

    const MemoryEngineOptions& options() const { return options_; }

    StoreResult<Version> commit(const Batch& batch) {
        const std::lock_guard lock(mutex_);
        TRY_VOID(count(Call::commit));
        TRY_VOID(check_limits(batch, options_.limits));
        TRY_VOID(rows_.check(batch));
        return rows_.apply(batch);
    }

    StoreResult<Page> scan(Domain id, const Range& range) {
        const std::lock_guard lock(mutex_);
        TRY_VOID(count(Call::scan));
        return rows_.scan(id, range, std::clamp<std::size_t>(range.rows_max, 1, options_.limits.scan_rows_max));
    }

    StoreResult<std::optional<std::string>> get(Domain id, const std::string& key) {
        const std::lock_guard lock(mutex_);
        TRY_VOID(count(Call::get));
        return rows_.get(id, key);
    }

    StoreResult<std::vector<Domain>> domains(DomainKind kind, std::uint64_t after, std::size_t count_max) {
        const std::lock_guard lock(mutex_);
        TRY_VOID(count(Call::domains));
        return rows_.domains(kind, after, count_max);
    }

    StoreResult<> append_allowed() {
        const std::lock_guard lock(mutex_);
        return count(Call::blob_write);
    }

    StoreResult<BlobRef> add_blob(std::string content, std::string card) {
        const std::lock_guard lock(mutex_);
        TRY_VOID(count(Call::blob_write));
        std::string octets;
        bytes::append_big_endian(octets, std::uint64_t{0});
        bytes::append_big_endian(octets, ++last_blob_);
        BlobRef made{.size = content.size(), .card_size = static_cast<std::uint32_t>(card.size())};
        std::ranges::copy(octets, made.id.octets.begin());
        blobs_.emplace(made.id, Blob{.card = std::move(card), .content = std::move(content)});
        rows_.add_blob(made.id);
        return made;
    }

    StoreResult<std::string> read(BlobId id, std::uint64_t offset, std::uint64_t length) {
        const std::lock_guard lock(mutex_);
        TRY_VOID(count(Call::blob_read));
        const auto blob = blobs_.find(id);
        if (blob == blobs_.end()) return error(ErrorCode::not_found, "blob");
        if (blob->second.damaged) return error(ErrorCode::damaged, "blob");
        if (offset >= blob->second.content.size()) return std::string{};
        return blob->second.content.substr(offset, length);
    }

    StoreResult<BlobStart> read_start(BlobId id, std::uint64_t length) {
        const std::lock_guard lock(mutex_);
        TRY_VOID(count(Call::blob_read));
        const auto blob = blobs_.find(id);
        if (blob == blobs_.end()) return error(ErrorCode::not_found, "blob");
        if (blob->second.damaged && length > 0) return error(ErrorCode::damaged, "blob");
        return BlobStart{.card = blob->second.card, .octets = blob->second.content.substr(0, length)};
    }

    StoreResult<EngineReport> check() {
        const std::lock_guard lock(mutex_);
        TRY_VOID(count(Call::check));
        EngineReport report{.rows = rows_.row_count(), .blobs = blobs_.size()};
        for (const auto& [id, blob] : blobs_) {
            report.blob_octets += blob.content.size();
            report.unreferenced += rows_.is_referenced(id) ? 0 : 1;
            if (blob.damaged) report.add_damage("a blob's content fails its checksum");
        }
        return report;
    }

    void fail(Call call, std::uint64_t nth, ErrorCode code) {
        const std::lock_guard lock(mutex_);
        failures_.emplace(std::pair{call, counts_[index(call)] + nth}, code);
    }

    void clear_failures() {
        const std::lock_guard lock(mutex_);
        failures_.clear();
    }

    std::uint64_t calls(Call call) const {
        const std::lock_guard lock(mutex_);
        return counts_[index(call)];
    }

    std::size_t collect() {
        const std::lock_guard lock(mutex_);
        const std::vector<BlobId> gone = rows_.unreferenced();
        for (const BlobId blob : gone) {
            blobs_.erase(blob);
            rows_.remove_blob(blob);
        }
        return gone.size();
    }

    std::size_t blob_count() const {
        const std::lock_guard lock(mutex_);
        return blobs_.size();
    }

    void damage_row(Domain domain, std::string key) {
        const std::lock_guard lock(mutex_);
        rows_.damage_row(domain, std::move(key));
    }

    void damage(BlobId id) {
        const std::lock_guard lock(mutex_);
        if (const auto blob = blobs_.find(id); blob != blobs_.end()) blob->second.damaged = true;
    }

    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }

private:
    static std::size_t index(Call call) { return static_cast<std::size_t>(call); }

    /// Counts one call; the error if this is the call that was told to fail.
    StoreResult<> count(Call call) {
        if (closed_) return error(ErrorCode::unavailable, "engine is closed");
        for (const Call counted : {Call::any, call}) {
            const auto found = failures_.find({counted, ++counts_[index(counted)]});
            if (found != failures_.end()) return error(found->second, "injected");
        }
        return {};
    }

    const MemoryEngineOptions options_;
    mutable std::mutex mutex_;
    MemoryRows rows_;
    std::map<BlobId, Blob> blobs_;
    std::uint64_t last_blob_ = 0;
    std::array<std::uint64_t, static_cast<std::size_t>(Call::check) + 1> counts_{};
    std::map<std::pair<Call, std::uint64_t>, ErrorCode> failures_;
    bool closed_ = false;
};

class MemoryEngine::Writer final : public BlobWriter {
public:
    explicit Writer(std::shared_ptr<State> state) : state_(std::move(state)) {}

    async::Awaitable<StoreResult<>> append(std::string octets) override {
        CO_TRY_VOID(state_->append_allowed());
        content_ += octets;
        co_return StoreResult<>{};
    }

    async::Awaitable<StoreResult<BlobRef>> finish(std::string card, std::string front) override {
        co_await async::yield();
        if (front.size() > segment::kFrontBytesMax) co_return error(ErrorCode::invalid, "front matter is too large");
        co_return state_->add_blob(std::move(front) + content_, std::move(card));
    }

    StoreResult<> prepare(std::string content, std::string card) override {
        TRY_VOID(state_->append_allowed());
        if (content.size() > kSmallBlobBytes) return error(ErrorCode::invalid, "no small blob");
        content_ = std::move(content);
        card_ = std::move(card);
        return {};
    }

    async::Awaitable<StoreResult<BlobRef>> write() override {
        std::string card = std::move(card_);
        co_return co_await finish(std::move(card), {});
    }

private:
    std::shared_ptr<State> state_;
    std::string content_;
    std::string card_;
};

MemoryEngine::MemoryEngine(MemoryEngineOptions options) : state_(std::make_shared<State>(options)) {}

MemoryEngine::~MemoryEngine() = default;

void MemoryEngine::fail(Call call, std::uint64_t nth, ErrorCode code) {
    state_->fail(call, nth, code);
}

void MemoryEngine::clear_failures() {
    state_->clear_failures();
}

std::uint64_t MemoryEngine::calls(Call call) const {
    return state_->calls(call);
}

std::size_t MemoryEngine::collect() {
    return state_->collect();
}

std::size_t MemoryEngine::blob_count() const {
    return state_->blob_count();
}

void MemoryEngine::damage(BlobId blob) {
    state_->damage(blob);
}

void MemoryEngine::damage_row(Domain domain, std::string key) {
    state_->damage_row(domain, std::move(key));
}

Limits MemoryEngine::limits() const {
    return state_->options().limits;
}

async::Awaitable<StoreResult<Version>> MemoryEngine::commit(Batch batch) {
    co_await async::yield();
    co_return state_->commit(batch);
}

async::Awaitable<StoreResult<Page>> MemoryEngine::scan(Domain domain, Range range) {
    co_await async::yield();
    co_return state_->scan(domain, range);
}

async::Awaitable<StoreResult<std::vector<std::optional<std::string>>>>
MemoryEngine::get_many(Domain domain, std::vector<std::string> keys) {
    co_await async::yield();
    co_return collect_values(keys, [&](const std::string& key) { return state_->get(domain, key); });
}

async::Awaitable<StoreResult<std::vector<std::optional<std::string>>>>
MemoryEngine::get_first(Domain domain, std::vector<std::string> prefixes) {
    co_await async::yield();
    co_return collect_first(prefixes, [&](const Range& range) { return state_->scan(domain, range); });
}

async::Awaitable<StoreResult<std::optional<std::string>>> MemoryEngine::get(Domain domain, std::string key) {
    co_await async::yield();
    co_return state_->get(domain, key);
}

async::Awaitable<StoreResult<std::vector<Domain>>> MemoryEngine::domains(DomainKind kind, std::uint64_t after,
                                                                         std::size_t count_max) {
    co_await async::yield();
    co_return state_->domains(kind, after, count_max);
}

std::unique_ptr<BlobWriter> MemoryEngine::new_blob() {
    return std::make_unique<Writer>(state_);
}

async::Awaitable<StoreResult<std::string>> MemoryEngine::read_blob(BlobId blob, std::uint64_t offset,
                                                                   std::uint64_t length) {
    co_await async::yield();
    co_return state_->read(blob, offset, length);
}

async::Awaitable<StoreResult<BlobStarts>> MemoryEngine::read_starts(std::vector<BlobId> blobs, StartWanted wanted) {
    co_await async::yield();
    co_return collect_starts(blobs, wanted, [&](BlobId blob) { return state_->read_start(blob, wanted.length); });
}

async::Awaitable<StoreResult<EngineReport>> MemoryEngine::check(ProgressPtr) {
    co_await async::yield();
    co_return state_->check();
}

async::Awaitable<void> MemoryEngine::close() {
    state_->close();
    co_return;
}

} // namespace tegami::store
