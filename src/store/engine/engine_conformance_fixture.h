// Every engine there is, and what tests of the contract of engine.h ask of one.
#pragma once

#include "base/random.h"
#include "disk/faulty.h"
#include "store/engine/engine_fixture.h"
#include "store/engine/logged_memory.h"
#include "store/engine/memory.h"
#include "store/engine/rocks_fixture.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tegami::store::testing {

inline constexpr Domain kNeighbour{DomainKind::account, 8};

class MemorySubject final : public Subject {
public:
    explicit MemorySubject(Limits limits) : engine_({.limits = limits}) {}

    Engine& engine() override { return engine_; }

    bool reopen() override { return false; }

private:
    MemoryEngine engine_;
};

class LoggedMemorySubject final : public Subject {
public:
    explicit LoggedMemorySubject(LoggedMemoryOptions options) : options_(std::move(options)) {
        options_.directory = "/store";
        options_.step_max = std::chrono::microseconds(200);
        open();
    }

    Engine& engine() override { return *engine_; }

    bool reopen() override {
        engine_.reset();
        disk_.crash(); // what was acknowledged needs no goodbye
        open();
        return true;
    }

private:
    void open() { engine_ = LoggedMemoryEngine::open(options_, {disk_, timers_, executor_, random_}).value(); }

    LoggedMemoryOptions options_;
    disk::FaultyFileSystem disk_{1};
    async::RealTimers timers_;
    const async::Executor executor_ = boost::asio::make_strand(test_context());
    SystemRandom random_;
    std::unique_ptr<LoggedMemoryEngine> engine_;
};

class EngineConformance : public ::testing::TestWithParam<SubjectKind> {
protected:
    EngineConformance() : subject_(GetParam().make()) {}

    Engine& engine() { return subject_->engine(); }

    StoreResult<Version> commit(std::vector<Operation> operations, std::optional<Version> expected = {},
                                std::vector<KeyAssertion> assertions = {}, Domain domain = kAccount) {
        return wait_for(engine().commit({domain, expected, std::move(assertions), std::move(operations)}));
    }

    ErrorCode commit_error(std::vector<Operation> operations, std::optional<Version> expected = {},
                           std::vector<KeyAssertion> assertions = {}) {
        const auto result = commit(std::move(operations), expected, std::move(assertions));
        EXPECT_FALSE(result.has_value());
        return result ? ErrorCode::exists : result.error().code;
    }

    std::optional<std::string> get(std::string key, Domain domain = kAccount) {
        auto value = wait_for(engine().get(domain, std::move(key)));
        EXPECT_TRUE(value.has_value());
        return value ? *value : std::nullopt;
    }

    Page scan(Range range, Domain domain = kAccount) {
        auto page = wait_for(engine().scan(domain, std::move(range)));
        EXPECT_TRUE(page.has_value());
        return page ? *page : Page{};
    }

    /// The keys of a whole range, page by page.
    std::vector<std::string> keys(Range range) {
        std::vector<std::string> found;
        for (;;) {
            const Page page = scan(range);
            for (const Row& row : page.rows)
                found.push_back(row.key);
            if (!page.more) return found;
            EXPECT_FALSE(page.rows.empty()) << "a page with more to come must make progress";
            if (page.rows.empty()) return found;
            (range.reverse ? range.end : range.begin) = page.rows.back().key + (range.reverse ? "" : std::string(1, 0));
        }
    }

    /// Puts key00 … in batches within the limits.
    void put_rows(int count) {
        std::vector<Operation> operations;
        for (int i = 0; i < count; ++i) {
            operations.emplace_back(Put{row_key(i), std::to_string(i)});
            if (operations.size() == engine().limits().batch_operations_max || i + 1 == count) {
                ASSERT_TRUE(commit(std::move(operations)).has_value());
                operations.clear();
            }
        }
    }

    static std::string row_key(int i) { return "key" + std::to_string(10000 + i); }

    StoreResult<BlobRef> write_blob(std::string_view content, std::string card, std::size_t piece,
                                    std::string front = {}) {
        const auto writer = engine().new_blob();
        for (std::size_t at = 0; at < content.size(); at += piece)
            TRY_VOID(wait_for(writer->append(std::string(content.substr(at, piece)))));
        return wait_for(writer->finish(std::move(card), std::move(front)));
    }

    StoreResult<BlobRef> write_prepared(std::string content, std::string card) {
        const auto writer = engine().new_blob();
        TRY_VOID(writer->prepare(std::move(content), std::move(card)));
        return wait_for(writer->write());
    }

    StoreResult<std::string> read(BlobId blob, std::uint64_t offset, std::uint64_t length) {
        return wait_for(engine().read_blob(blob, offset, length));
    }

    std::unique_ptr<Subject> subject_;
};

/// Text that compresses, or noise that does not.
inline std::string content_of(std::size_t size, bool compressible) {
    SeededRandom random(size);
    std::string noise(size, '\0');
    random.fill(noise.data(), noise.size());
    if (!compressible) return noise;
    std::string text;
    while (text.size() < size)
        text += "Line " + std::to_string(text.size()) + " of a letter that says little and repeats itself.\r\n";
    text.resize(size);
    return text;
}

inline const SubjectKind kSubjects[] = {
    {"memory", [] { return std::make_unique<MemorySubject>(MemoryEngineOptions{}.limits); }},
    {"memory_tiny", [] { return std::make_unique<MemorySubject>(tiny_limits()); }},
    {"logged", [] { return std::make_unique<LoggedMemorySubject>(LoggedMemoryOptions{}); }},
    {"logged_tiny",
     [] {
         return std::make_unique<LoggedMemorySubject>(
             LoggedMemoryOptions{.segment_bytes_max = 100000, .limits = tiny_limits()});
     }},
    {"rocks", [] { return std::make_unique<RocksSubject>(); }},
    {"rocks_small_segments",
     [] { return std::make_unique<RocksSubject>(RocksEngineOptions{.segment_bytes_max = 100000}); }},
};

} // namespace tegami::store::testing
