#include "store/engine/logged_memory.h"
#include "store/engine/batched_reads.h"

#include "async/turns.h"
#include "store/engine/batch_check.h"
#include "store/engine/logged_memory_state.h"
#include "store/engine/resume.h"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tegami::store {

class LoggedMemoryEngine::Writer final : public BlobWriter {
public:
    explicit Writer(std::shared_ptr<State> state) : state_(std::move(state)) {}

    async::Awaitable<StoreResult<>> append(std::string octets) override {
        std::string_view rest = octets;
        for (;;) {
            CO_TRY_VOID(builder_.take(rest));
            if (builder_.must_spill()) CO_TRY_VOID(state_->spill(builder_));
            if (rest.empty()) co_return StoreResult<>{};
        }
    }

    StoreResult<> prepare(std::string content, std::string card) override {
        if (content.size() > kSmallBlobBytes) return failure(Error{ErrorCode::invalid, "no small blob"});
        card_ = std::move(card);
        std::string_view rest = content;
        return builder_.take(rest);
    }

    async::Awaitable<StoreResult<BlobRef>> write() override {
        std::string card = std::move(card_);
        co_return co_await finish(std::move(card), {});
    }

    async::Awaitable<StoreResult<BlobRef>> finish(std::string card, std::string front) override {
        co_await async::yield();
        CO_TRY_VOID(state_->usable());
        CO_TRY(const PreparedBlob blob, builder_.finish(state_->next_blob(), card, front));
        if (blob.record_bytes > rocks::kInlineRecordBytesMax) {
            co_await async::sleep(&state_->timers(), state_->step());
        }
        co_return state_->store(blob);
    }

private:
    std::shared_ptr<State> state_;
    BlobBuilder builder_;
    std::string card_;
};

StoreResult<std::unique_ptr<LoggedMemoryEngine>> LoggedMemoryEngine::open(LoggedMemoryOptions options,
                                                                          LoggedMemoryDependencies parts) {
    auto state = std::make_shared<State>(std::move(options), parts);
    TRY_VOID(state->open());
    return std::unique_ptr<LoggedMemoryEngine>(new LoggedMemoryEngine(std::move(state)));
}

LoggedMemoryEngine::LoggedMemoryEngine(std::shared_ptr<State> state) : state_(std::move(state)) {}

LoggedMemoryEngine::~LoggedMemoryEngine() {
    state_->close();
}

std::map<Domain, Version> LoggedMemoryEngine::versions() const {
    return state_->versions();
}

bool LoggedMemoryEngine::failed() const {
    return state_->failed();
}

Limits LoggedMemoryEngine::limits() const {
    return state_->limits();
}

async::Awaitable<StoreResult<Version>> LoggedMemoryEngine::commit(Batch batch) {
    CO_TRY_VOID(check_limits(batch, state_->limits()));
    State* const state = state_.get();
    co_return co_await answered<StoreResult<Version>>(
        [state, given = std::move(batch)](auto done) mutable { state->commit(std::move(given), std::move(done)); });
}

async::Awaitable<StoreResult<Page>> LoggedMemoryEngine::scan(Domain domain, Range range) {
    co_await async::yield();
    co_return state_->scan(domain, range);
}

async::Awaitable<StoreResult<std::vector<std::optional<std::string>>>>
LoggedMemoryEngine::get_many(Domain domain, std::vector<std::string> keys) {
    co_await async::yield();
    co_return collect_values(keys, [&](const std::string& key) { return state_->get(domain, key); });
}

async::Awaitable<StoreResult<std::vector<std::optional<std::string>>>>
LoggedMemoryEngine::get_first(Domain domain, std::vector<std::string> prefixes) {
    co_await async::yield();
    co_return collect_first(prefixes, [&](const Range& range) { return state_->scan(domain, range); });
}

async::Awaitable<StoreResult<std::optional<std::string>>> LoggedMemoryEngine::get(Domain domain, std::string key) {
    co_await async::yield();
    co_return state_->get(domain, key);
}

async::Awaitable<StoreResult<std::vector<Domain>>> LoggedMemoryEngine::domains(DomainKind kind, std::uint64_t after,
                                                                               std::size_t count_max) {
    co_await async::yield();
    co_return state_->domains(kind, after, count_max);
}

std::unique_ptr<BlobWriter> LoggedMemoryEngine::new_blob() {
    return std::make_unique<Writer>(state_);
}

async::Awaitable<StoreResult<std::string>> LoggedMemoryEngine::read_blob(BlobId blob, std::uint64_t offset,
                                                                         std::uint64_t length) {
    co_await async::yield();
    co_return state_->read(blob, offset, length);
}

async::Awaitable<StoreResult<BlobStarts>> LoggedMemoryEngine::read_starts(std::vector<BlobId> blobs,
                                                                          StartWanted wanted) {
    co_await async::yield();
    co_return collect_starts(blobs, wanted, [&](BlobId blob) { return state_->read_start(blob, wanted.length); });
}

async::Awaitable<StoreResult<EngineReport>> LoggedMemoryEngine::check(ProgressPtr) {
    co_await async::yield();
    co_return state_->check();
}

async::Awaitable<void> LoggedMemoryEngine::close() {
    state_->close();
    co_return;
}

} // namespace tegami::store
