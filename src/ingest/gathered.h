// Messages of one request on their way into blobs: some are taken apart and compressed together, by a worker, and written
// together, so that whoever reads them off the network only reads, and the disk is waited for once for all of them.
//
// 1. What waits is held in memory, and charged to the budget: small messages as they came, others as Intake holds them.
// 2. A batch is bounded (is_full), and so is the worker's job: another client's waits for it a few milliseconds.
// 3. A message that is alone is not worth a hop: its own thread takes it apart.
#pragma once

#include "async/worker_pool.h"
#include "base/memory_budget.h"
#include "ingest/intake.h"

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace tegami::ingest {

/// Limit: octets of a message that is held whole until it is taken apart. Larger ones go into their blobs as they come.
inline constexpr std::uint64_t kHeldWholeBytesMax = 128 * 1024;

/// All of them outlive what gathers. Without `memory` nothing is counted, and the caller's thread does everything.
struct GatheredDependencies {
    store::Engine* engine = nullptr;
    MemoryBudget* memory = nullptr;
    async::WorkerPool* workers = nullptr;
};

/// Takes messages one after the other (begin, append, complete), and gives them back stored, in their order.
class Gathered {
public:
    explicit Gathered(GatheredDependencies dependencies);
    ~Gathered();

    /// A message of so many octets is to come; one that has not come whole is forgotten.
    void begin(std::uint64_t octets);
    /// The next octets of it. Errors of Intake::append().
    async::Awaitable<store::StoreResult<>> append(std::string octets);
    /// It has come whole. Errors of Intake::complete().
    async::Awaitable<store::StoreResult<>> complete();

    /// Whether advance() is due: what has come is held in memory, as much as two large messages.
    bool is_full() const;
    /// Whether advance() has nothing left to do.
    bool empty() const;

    /// One step of all that are under way: `more` takes further messages, those that came before are made into records, and
    /// those made before are stored, all at the same time. Returns those that are stored now; `more` has ended whatever
    /// the answer. After an error nothing is to be done but to drop this. Errors of Intake.
    async::Awaitable<store::StoreResult<std::vector<Arrival>>> advance(async::Awaitable<> more);

private:
    class Batch;
    struct Small;
    using Message = std::variant<Small, std::unique_ptr<Intake>>;

    const GatheredDependencies dependencies_;
    std::unique_ptr<Message> coming_;
    std::uint64_t octets_coming_ = 0;
    std::vector<Message> whole_;
    std::uint64_t octets_whole_ = 0;
    std::unique_ptr<Batch> making_;  ///< came with the last step
    std::unique_ptr<Batch> writing_; ///< was made in the last step
};

} // namespace tegami::ingest
