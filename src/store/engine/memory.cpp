#include "store/engine/memory.h"

#include "base/bytes.h"
#include "store/engine/batch_check.h"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <set>

namespace tegami::store {

namespace {

struct DomainState {
    Version version;
    std::map<std::string, std::string> rows;
    std::set<std::string> damaged; ///< keys of rows that cannot be read
};

struct Blob {
    std::string card;
    std::string content;
    bool damaged = false;
    std::set<std::string> references;
};

std::unexpected<Error> error(ErrorCode code, std::string_view detail) {
    return failure(Error{code, std::string(detail)});
}

/// Lets everything else that is ready on the caller's executor run first.
async::Awaitable<void> yield() {
    co_await boost::asio::post(boost::asio::use_awaitable);
}

bool holds(const KeyAssertion& assertion, const std::map<std::string, std::string>& rows) {
    const auto row = rows.find(assertion.key);
    if (!assertion.value) return row == rows.end();
    return row != rows.end() && row->second == *assertion.value;
}

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
        TRY_VOID(check_state(batch));
        DomainState& domain = domains_[batch.domain];
        for (const Operation& operation : batch.operations)
            apply(domain, operation);
        return domain.version = domain.version.next();
    }

    StoreResult<Page> scan(Domain id, const Range& range) {
        const std::lock_guard lock(mutex_);
        TRY_VOID(count(Call::scan));
        Page page;
        const auto domain = domains_.find(id);
        if (domain == domains_.end()) return page;
        page.version = domain->second.version;
        if (!range.end.empty() && range.end <= range.begin) return page;
        const auto& rows = domain->second.rows;
        const auto first = rows.lower_bound(range.begin);
        const auto last = range.end.empty() ? rows.end() : rows.lower_bound(range.end);
        const std::size_t rows_max = std::clamp<std::size_t>(range.rows_max, 1, options_.limits.scan_rows_max);
        StoreResult<> readable;
        const auto take = [&](auto from, auto to) {
            for (; from != to && page.rows.size() < rows_max; ++from) {
                if (!domain->second.damaged.contains(from->first))
                    page.rows.push_back({from->first, from->second});
                else if (range.around_damage)
                    page.damaged.push_back({from->first, from->first + '\0'});
                else
                    readable = error(ErrorCode::damaged, "a row");
            }
            page.more = from != to;
        };
        if (range.reverse)
            take(std::make_reverse_iterator(last), std::make_reverse_iterator(first));
        else
            take(first, last);
        TRY_VOID(readable);
        return page;
    }

    StoreResult<std::optional<std::string>> get(Domain id, const std::string& key) {
        const std::lock_guard lock(mutex_);
        TRY_VOID(count(Call::get));
        const auto domain = domains_.find(id);
        if (domain == domains_.end()) return std::nullopt;
        const auto row = domain->second.rows.find(key);
        if (row == domain->second.rows.end()) return std::nullopt;
        if (domain->second.damaged.contains(key)) return error(ErrorCode::damaged, "a row");
        return row->second;
    }

    StoreResult<std::vector<Domain>> domains(DomainKind kind, std::uint64_t after, std::size_t count_max) {
        const std::lock_guard lock(mutex_);
        TRY_VOID(count(Call::domains));
        std::vector<Domain> found;
        for (auto at = domains_.upper_bound(Domain{kind, after});
             at != domains_.end() && at->first.kind == kind && found.size() < count_max; ++at)
            found.push_back(at->first);
        return found;
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

    StoreResult<std::string> read_card(BlobId id) {
        const std::lock_guard lock(mutex_);
        TRY_VOID(count(Call::blob_read));
        const auto blob = blobs_.find(id);
        if (blob == blobs_.end()) return error(ErrorCode::not_found, "blob");
        return blob->second.card;
    }

    StoreResult<EngineReport> check() {
        const std::lock_guard lock(mutex_);
        TRY_VOID(count(Call::check));
        EngineReport report{.blobs = blobs_.size()};
        for (const auto& [id, domain] : domains_)
            report.rows += domain.rows.size();
        for (const auto& [id, blob] : blobs_) {
            report.blob_octets += blob.content.size();
            report.unreferenced += blob.references.empty() ? 1 : 0;
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
        return std::erase_if(blobs_, [](const auto& blob) { return blob.second.references.empty(); });
    }

    std::size_t blob_count() const {
        const std::lock_guard lock(mutex_);
        return blobs_.size();
    }

    void damage_row(Domain domain, std::string key) {
        const std::lock_guard lock(mutex_);
        domains_[domain].damaged.insert(std::move(key));
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

    StoreResult<> check_state(const Batch& batch) const {
        static const DomainState never_written;
        const auto found = domains_.find(batch.domain);
        const DomainState& domain = found == domains_.end() ? never_written : found->second;
        if (batch.expected && *batch.expected != domain.version) return error(ErrorCode::conflict, "version");
        for (const KeyAssertion& assertion : batch.assertions)
            if (!holds(assertion, domain.rows)) return error(ErrorCode::conflict, "key assertion");
        for (const Operation& operation : batch.operations)
            if (const auto* added = std::get_if<AddReference>(&operation); added && !blobs_.contains(added->blob))
                return error(ErrorCode::not_found, "referenced blob");
        return {};
    }

    void apply(DomainState& domain, const Operation& operation) {
        if (const auto* put = std::get_if<Put>(&operation)) {
            domain.rows.insert_or_assign(put->key, put->value);
            domain.damaged.erase(put->key);
        } else if (const auto* erased = std::get_if<Delete>(&operation)) {
            domain.rows.erase(erased->key);
            domain.damaged.erase(erased->key);
        } else if (const auto* range = std::get_if<DeleteRange>(&operation)) {
            if (!range->end.empty() && range->end <= range->begin) return;
            domain.rows.erase(domain.rows.lower_bound(range->begin),
                              range->end.empty() ? domain.rows.end() : domain.rows.lower_bound(range->end));
            std::erase_if(domain.damaged, [&](const std::string& key) { return !domain.rows.contains(key); });
        } else if (const auto* added = std::get_if<AddReference>(&operation)) {
            blobs_.at(added->blob).references.insert(added->tag);
        } else {
            const auto& removed = std::get<RemoveReference>(operation);
            if (const auto blob = blobs_.find(removed.blob); blob != blobs_.end())
                blob->second.references.erase(removed.tag);
        }
    }

    const MemoryEngineOptions options_;
    mutable std::mutex mutex_;
    std::map<Domain, DomainState> domains_;
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

    async::Awaitable<StoreResult<BlobRef>> finish(std::string card) override {
        co_await yield();
        co_return state_->add_blob(std::move(content_), std::move(card));
    }

private:
    std::shared_ptr<State> state_;
    std::string content_;
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
    co_await yield();
    co_return state_->commit(batch);
}

async::Awaitable<StoreResult<Page>> MemoryEngine::scan(Domain domain, Range range) {
    co_await yield();
    co_return state_->scan(domain, range);
}

async::Awaitable<StoreResult<std::optional<std::string>>> MemoryEngine::get(Domain domain, std::string key) {
    co_await yield();
    co_return state_->get(domain, key);
}

async::Awaitable<StoreResult<std::vector<Domain>>> MemoryEngine::domains(DomainKind kind, std::uint64_t after,
                                                                         std::size_t count_max) {
    co_await yield();
    co_return state_->domains(kind, after, count_max);
}

std::unique_ptr<BlobWriter> MemoryEngine::new_blob() {
    return std::make_unique<Writer>(state_);
}

async::Awaitable<StoreResult<std::string>> MemoryEngine::read_blob(BlobId blob, std::uint64_t offset,
                                                                   std::uint64_t length) {
    co_await yield();
    co_return state_->read(blob, offset, length);
}

async::Awaitable<StoreResult<std::string>> MemoryEngine::read_card(BlobId blob) {
    co_await yield();
    co_return state_->read_card(blob);
}

async::Awaitable<StoreResult<EngineReport>> MemoryEngine::check() {
    co_await yield();
    co_return state_->check();
}

async::Awaitable<void> MemoryEngine::close() {
    state_->close();
    co_return;
}

} // namespace tegami::store
