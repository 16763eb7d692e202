// The memory engine behind another one: what tests that change a single call inherit the others from.
#pragma once

#include "store/engine/memory.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tegami::store::testing {

class ForwardingEngine : public Engine {
public:
    explicit ForwardingEngine(MemoryEngineOptions options = {}) : memory_(options) {}

    MemoryEngine& memory() { return memory_; }

    async::Awaitable<StoreResult<Version>> commit(Batch batch) override { return memory_.commit(std::move(batch)); }

    Limits limits() const override { return memory_.limits(); }

    async::Awaitable<StoreResult<Page>> scan(Domain domain, Range range) override {
        return memory_.scan(domain, std::move(range));
    }

    async::Awaitable<StoreResult<std::vector<std::optional<std::string>>>>
    get_many(Domain domain, std::vector<std::string> keys) override {
        return memory_.get_many(domain, std::move(keys));
    }

    async::Awaitable<StoreResult<std::vector<std::optional<std::string>>>>
    get_first(Domain domain, std::vector<std::string> prefixes) override {
        return memory_.get_first(domain, std::move(prefixes));
    }

    async::Awaitable<StoreResult<std::optional<std::string>>> get(Domain domain, std::string key) override {
        return memory_.get(domain, std::move(key));
    }

    async::Awaitable<StoreResult<std::vector<Domain>>> domains(DomainKind kind, std::uint64_t after,
                                                               std::size_t count_max) override {
        return memory_.domains(kind, after, count_max);
    }

    std::unique_ptr<BlobWriter> new_blob() override { return memory_.new_blob(); }

    async::Awaitable<StoreResult<std::string>> read_blob(BlobId blob, std::uint64_t offset,
                                                         std::uint64_t length) override {
        return memory_.read_blob(blob, offset, length);
    }

    async::Awaitable<StoreResult<BlobStarts>> read_starts(std::vector<BlobId> blobs, StartWanted wanted) override {
        return memory_.read_starts(std::move(blobs), wanted);
    }

    async::Awaitable<StoreResult<EngineReport>> check(ProgressPtr progress) override {
        return memory_.check(std::move(progress));
    }

    async::Awaitable<void> close() override { return memory_.close(); }

private:
    MemoryEngine memory_;
};

} // namespace tegami::store::testing
